"""What else is known of a case's customer: the other cases, and everything on one page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, tuple_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from socialdesk.cases import Case, Status
from socialdesk.casework.notes import Note
from socialdesk.casework.tagging import suggested
from socialdesk.customers import Customer
from socialdesk.errors import NotFound
from socialdesk.placing.muting import MutedConversation

PAGE = 20
_MOST = 20  # of each kind beside a case
SHOWN = 5
NOTED = 3  # of the customer's other cases, with the last note of each


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside a case: those it hangs together with, the customer's last ones, and those that it
    could be merged with, oldest first; `noted` are his other cases whose last notes are the newest.

    `own` are those of the customer's that were read, newest first and this one among them; he may have
    `more`.
    """

    linked: Sequence[tuple[Case, Customer]]
    last: Sequence[Case]
    candidates: Sequence[Case]
    own: Sequence[Case]
    noted: Sequence[tuple[Case, Note]]
    more: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a customer's cases ended."""

    at: datetime
    case_id: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """A customer with a page of his cases, each with whoever muted its conversation and how many notes it
    has; `first_at` and `last_at` are of all that the reader may see."""

    customer: Customer
    rows: Sequence[tuple[Case, MutedConversation | None, int]]
    cases: int
    first_at: datetime | None
    last_at: datetime | None
    next: Place | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with its customer, whoever muted its conversation, and what stands beside it; `known_tags` are
    those that most cases have."""

    case: Case
    customer: Customer
    mute: MutedConversation | None
    beside: Around
    known_tags: Sequence[str]


def opened(session: Session, case_id: int, accounts: Collection[int] | None = None) -> Opened:
    """In one statement. Raises NotFound."""
    rows = session.exec(_OPENED, params={"case_id": case_id, "most": _MOST}).all()
    this = next((row for row in rows if row[0].id == case_id), None)
    if this is None:
        raise NotFound(f"There is no case {case_id}.")
    others = [(row[0], row[1], row[4]) for row in rows if row[0].id != case_id]
    case, customer, mute, known, _note = this
    return Opened(case, customer, mute, _around(case, others, accounts), (known or "").splitlines())


def _around(
    case: Case, rows: Sequence[tuple[Case, Customer, Note | None]], accounts: Collection[int] | None
) -> Around:
    seen = [row for row in rows if accounts is None or row[0].account_id in accounts]
    linked = [(other, person) for other, person, _ in seen if _is_linked(other, case)]
    theirs = [row for row in seen if row[0].customer_id == case.customer_id]
    last = sorted((other for other, *_ in theirs), key=_newest_last, reverse=True)
    return Around(
        linked[:_MOST],
        last[:SHOWN],
        [other for other, *_ in theirs if _may_merge(other, case)],
        sorted([case, *last], key=_newest_last, reverse=True),
        _noted(theirs),
        len(theirs) >= _MOST - 1,
    )


def _newest_last(case: Case) -> tuple[datetime, int]:
    return case.last_message_at, case.id or 0


def _noted(rows: Sequence[tuple[Case, Customer, Note | None]]) -> list[tuple[Case, Note]]:
    found = [(case, note) for case, _, note in rows if note]
    return sorted(found, key=lambda row: row[1].id or 0, reverse=True)[:NOTED]


def of_customer(
    session: Session,
    customer_id: int,
    *,
    accounts: Collection[int] | None = None,
    after: Place | None = None,
    size: int = PAGE,
) -> Dossier:
    """Raises NotFound for somebody who has no case that the reader may see."""
    customer = session.get(Customer, customer_id)
    whole = _told(session, customer_id, accounts)
    if customer is None or not whole[0]:
        raise NotFound("There is no such customer.")
    query = _seen(select(Case, MutedConversation, _NOTES), customer_id, accounts).outerjoin(
        MutedConversation, _MUTED
    )
    if after:
        query = query.where(tuple_(col(Case.last_message_at), col(Case.id)) < (after.at, after.case_id))
    query = query.order_by(col(Case.last_message_at).desc(), col(Case.id).desc())
    rows = session.exec(query.limit(size + 1)).all()
    end = rows[size - 1][0] if len(rows) > size else None
    place = Place(end.last_message_at, end.id or 0) if end else None
    return Dossier(customer, [tuple(row) for row in rows[:size]], *whole, place)


def _told(
    session: Session, customer_id: int, accounts: Collection[int] | None
) -> tuple[int, datetime | None, datetime | None]:
    columns = func.count(), func.min(Case.opened_at), func.max(Case.last_message_at)
    row = session.exec(_seen(select(*columns), customer_id, accounts)).one()
    return row[0], row[1], row[2]


def _seen(query: Any, customer_id: int, accounts: Collection[int] | None) -> Any:
    query = query.select_from(Case).where(
        col(Case.customer_id) == customer_id, col(Case.merged_into_id).is_(None)
    )
    return query if accounts is None else query.where(col(Case.account_id).in_(sorted(accounts)))


def _is_linked(other: Case, case: Case) -> bool:
    same = case.conversation_id is not None and other.conversation_id == case.conversation_id
    return same or other.follows_id == case.id or other.id == case.follows_id


def _may_merge(other: Case, case: Case) -> bool:
    open_ = other.status != Status.RESOLVED and other.merged_into_id is None
    return open_ and other.account_id == case.account_id and case.merged_into_id is None


_MUTED = (col(MutedConversation.account_id) == Case.account_id) & (
    col(MutedConversation.conversation_id) == Case.conversation_id
)
_NOTES = (
    select(func.count())
    .select_from(Note)
    .where(col(Note.case_id) == Case.id, col(Note.deleted_at).is_(None))
    .correlate(Case)
    .scalar_subquery()
)
_THIS = aliased(Case)
_LAST_NOTE = (
    select(func.max(Note.id))
    .where(col(Note.case_id) == Case.id, col(Note.deleted_at).is_(None))
    .correlate(Case)
    .scalar_subquery()
)


def _of_this(column: Any) -> Any:
    return select(column).where(col(_THIS.id) == bindparam("case_id")).scalar_subquery()


def _some(condition: Any, *, newest: bool = False) -> Any:
    order = col(Case.last_message_at).desc() if newest else col(Case.id)
    found = select(Case.id).where(condition).order_by(order).limit(bindparam("most", type_=Integer))
    return select(found.subquery().c.id)


# Made once: every case's page asks this, and making it would take as long as running it.
_OPENED: Any = (
    select(Case, Customer, MutedConversation, suggested())
    .add_columns(Note)
    .join(Customer, col(Customer.id) == Case.customer_id)
    .outerjoin(MutedConversation, _MUTED)
    .outerjoin(Note, col(Note.id) == _LAST_NOTE)
    .where(
        col(Case.id).in_(
            union_all(
                select(bindparam("case_id", type_=Integer)),
                _some(col(Case.follows_id) == bindparam("case_id")),
                _some(col(Case.conversation_id) == _of_this(_THIS.conversation_id)),
                _some(col(Case.customer_id) == _of_this(_THIS.customer_id), newest=True),
                _some(col(Case.id) == _of_this(_THIS.follows_id)),
            )
        )
    )
    .order_by(col(Case.id))
)
