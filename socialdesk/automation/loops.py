"""Whom no rule writes to: robots, brands, our own accounts, and whom our answers only make answer again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from sqlmodel import Session, col, select

from socialdesk import accounts, clock
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.folding import fold
from socialdesk.messages import Message
from socialdesk.phrases import mark
from socialdesk.settings.restraint import Automation

LATELY = timedelta(days=2)
AT_ONCE = timedelta(seconds=10)  # nobody reads and answers faster
OFTEN = 2
SAME_AGAIN = 3  # counting the message itself
_MOST = 60


def against(session: Session, customer: Customer, message: Message, automation: Automation) -> str | None:
    """Why the customer looks like one that no rule may write to; None when nothing does."""
    if (customer.handle or "").lower() in automation.never:
        return mark("The settings say that no rule writes to this account.")
    if customer.business:
        return mark("X says that this account is a brand's.")
    if customer.x_id in accounts.others(session, 0):
        return mark("This account is one of ours.")
    said = _lately(session, customer)
    if _says_the_same(said, message.text):
        same = mark("This account has written the same %(number)s times lately: it looks automated.")
        return same % {"number": SAME_AGAIN}
    if answers_at_once(said) >= OFTEN:
        return mark("This account has answered us within seconds again and again: it looks automated.")
    return None


def answers_at_once(said: Sequence[Message]) -> int:
    """How often the customer's words came within seconds after ours; `said` is in the order of writing."""
    return sum(
        before.ours and not after.ours and after.sent_at - before.sent_at <= AT_ONCE
        for before, after in pairwise(said)
    )


def _says_the_same(said: Sequence[Message], text: str) -> bool:
    words = fold(text)
    return sum(fold(each.text) == words for each in said if not each.ours) >= SAME_AGAIN


def _lately(session: Session, customer: Customer) -> list[Message]:
    query = select(Message).where(
        col(Message.case_id).in_(select(Case.id).where(Case.customer_id == customer.id)),
        col(Message.sent_at) >= clock.now() - LATELY,
    )
    newest = session.exec(query.order_by(col(Message.sent_at).desc(), col(Message.id).desc()).limit(_MOST))
    return list(newest)[::-1]
