"""Whose turn it is: the order in which approved replies leave, and which of them may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_
from sqlalchemy import case as either
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from socialdesk import clock, replies
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.messages import Message, Visibility
from socialdesk.replies import Reply, State
from socialdesk.replying import allowances


def due(account_id: int) -> Any:
    """The account's replies that may leave now, as they leave, with what they answer and its author."""
    now = clock.now()
    public = col(Reply.visibility) == Visibility.PUBLIC
    paused_until = either((public, col(Account.public_not_before)), else_=col(Account.private_not_before))
    return (
        with_people()
        .join(Account, col(Account.id) == Reply.account_id)
        .join(Case, col(Case.id) == Reply.case_id)
        .where(
            Reply.account_id == account_id,
            Reply.state == State.APPROVED,
            col(Reply.due_at) <= now,
            paused_until.is_(None) | (paused_until <= now),
            ~allowances.used_up(Reply.account_id, Reply.visibility),
            ~_unwanted(),
            ~_behind_another(),
        )
        .order_by(*in_turn())
    )


def with_people() -> Any:
    """Replies with the message they answer and with its author."""
    return (
        select(Reply, Message, Customer)
        .join(Message, col(Message.id) == Reply.answers_id)
        .join(Customer, col(Customer.id) == Message.customer_id)
    )


def in_turn() -> Sequence[Any]:
    """The order of leaving, for a query that has the cases, too: threads that have begun, what people wrote
    before what is automated, then the customer who has waited longest."""
    waiting = func.coalesce(col(Case.waiting_since), col(Reply.approved_at))
    return col(Reply.x_id).is_(None), col(Reply.automated), waiting, col(Reply.id)


def _unwanted() -> Any:
    """Something automated is for somebody who wants to hear nothing more: the rules take it back."""
    return and_(col(Reply.automated), col(Customer.opted_out_at).is_not(None))


def _behind_another() -> Any:
    """An earlier reply of the case is on its way still; one that is held holds those behind it as well
    (second_looks.py), save those that somebody has let go since."""
    earlier = aliased(Reply)
    return (
        select(earlier.id)
        .where(
            earlier.case_id == Reply.case_id,
            col(earlier.id) < col(Reply.id),
            col(earlier.state).in_(replies.UNDER_WAY),
        )
        .exists()
    )
