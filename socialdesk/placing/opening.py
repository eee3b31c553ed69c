"""New cases stored as plain rows: as objects of the session they would take a third of the intake's time.

They are objects all the same, with everything that a case does by itself; what the session's listeners do
with those that it stores is done here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session

from socialdesk import counts, targets
from socialdesk.bulk import insert_rows, new_ids
from socialdesk.cases import Case
from socialdesk.figures import counting

_COLUMNS = frozenset(Case.model_fields)


def store(session: Session, opened: Sequence[Case]) -> None:
    """Store cases that were opened `as_row`, once their first words are told. They get their ids here.

    What changes them afterwards is not stored any more: whoever wants to has to read them first.
    """
    for case, its_id in zip(opened, new_ids(session, Case, len(opened)), strict=True):
        case.id = its_id
        targets.retime(session, case)
    counting.note_cases(session, opened)
    counts.note_new(session, opened)
    insert_rows(session, Case, _rows(opened))


def _rows(opened: Iterable[Case]) -> list[dict[str, Any]]:
    """With the columns in which any of them has something."""
    values = [case.__dict__ for case in opened]
    named = {name for each in values for name, value in each.items() if value is not None} & _COLUMNS
    columns = sorted(named)
    return [dict(zip(columns, map(each.get, columns), strict=True)) for each in values]
