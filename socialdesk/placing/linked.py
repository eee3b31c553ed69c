"""The cases that one hangs together with: of the same conversation, or before and after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Integer, bindparam
from sqlmodel import Session, col, func, select

from socialdesk.cases import Case
from socialdesk.customers import Customer


def ids(session: Session, case: Case, *, most: int = 20) -> list[int]:
    """Of the older and the later case of a customer who came back, and of other people's in the same
    conversation."""
    alike = col(Case.follows_id) == case.id
    if case.conversation_id:
        alike |= col(Case.conversation_id) == case.conversation_id
    found = session.exec(
        select(Case.id).where(alike, Case.id != case.id).order_by(col(Case.id)).limit(most)
    ).all()
    some = {case_id for case_id in found if case_id is not None}
    return sorted(some | ({case.follows_id} if case.follows_id else set()))


def with_customers(session: Session, case: Case, *, most: int = 20) -> Sequence[tuple[Case, Customer]]:
    """The same cases, with the people they are about."""
    asked = {
        "case_id": case.id,
        "follows_id": case.follows_id,
        "conversation_id": case.conversation_id,
        "most": most,
    }
    found: Sequence[tuple[Case, Customer]] = session.exec(_LINKED, params=asked).all()
    return found


def handles(session: Session, cases: Collection[Case], among: Collection[str]) -> dict[int, set[str]]:
    """By case, those of the handles, told in small letters, whose owners a linked case is about."""
    if not among:
        return {}
    follows, conversations = ({getattr(each, name) for each in cases} for name in _HANGING_TOGETHER)
    alike = col(Case.follows_id).in_({each.id for each in cases}) | col(Case.id).in_(follows - {None})
    handle = func.lower(col(Customer.handle))
    rows = session.exec(
        select(Case.id, Case.follows_id, Case.conversation_id, handle)
        .join(Customer, col(Customer.id) == Case.customer_id)
        .where(alike | col(Case.conversation_id).in_(conversations - {None}), handle.in_(among))
    ).all()
    return {case.id or 0: {row[3] for row in rows if _hang_together(case, *row[:3])} for case in cases}


def _hang_together(case: Case, other: int, follows: int | None, conversation: str | None) -> bool:
    if other == case.id:
        return False
    same = conversation is not None and conversation == case.conversation_id
    return same or follows == case.id or other == case.follows_id


_HANGING_TOGETHER = ("follows_id", "conversation_id")
# Made once: every case's page asks this, and making it would take as long as running it.
_LINKED: Any = (
    select(Case, Customer)
    .join(Customer, col(Customer.id) == Case.customer_id)
    .where(
        (col(Case.follows_id) == bindparam("case_id"))
        | (col(Case.conversation_id) == bindparam("conversation_id"))
        | (col(Case.id) == bindparam("follows_id")),
        col(Case.id) != bindparam("case_id"),
    )
    .order_by(col(Case.id))
    .limit(bindparam("most", type_=Integer))
)
