"""Due times reckoned anew after their settings have changed: of open cases, some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import targets
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.settings.promises import Targets

BATCH = 500


def is_needed(session: Session, wanted: Targets) -> bool:
    """Whether an open case is timed by other targets than those."""
    return session.exec(_other_than(targets.fingerprint(wanted)).limit(1)).first() is not None


def apply(database: Database, wanted: Targets, *, batch: int = BATCH) -> Iterator[int]:
    """Time every open case by those targets; yields how many each transaction did.

    Stopped halfway, it goes on there the next time: each case keeps what it was timed by.
    """
    behind: int | None = 0
    while behind is not None:
        with database.transaction() as session:
            targets.use(session, wanted)
            done = _some(session, behind, batch)
        behind = done[-1] if done else None
        if done:
            yield len(done)


def _some(session: Session, behind: int, batch: int) -> list[int]:
    given = targets.in_force(session)
    query = _other_than(given.fingerprint).where(col(Case.id) > behind).order_by(col(Case.id)).limit(batch)
    held = session.exec(query.with_for_update().execution_options(populate_existing=True)).all()
    for case in held:
        targets.retime(session, case)
    return [case.id or 0 for case in held]


def _other_than(fingerprint: str | None) -> Any:
    open_ = col(Case.status).in_((Status.WAITING, Status.ANSWERED))
    return select(Case).where(open_, col(Case.timed_by).is_distinct_from(fingerprint))
