"""What the desk keeps of a person outside all cases: found for an export, emptied when they are erased."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import regex
from sqlmodel import Session, col, func, or_, select

from socialdesk.customers import Customer
from socialdesk.polling.quarantine import QuarantinedItem
from socialdesk.polling.walks import WalkPage
from socialdesk.unplaced import UnplacedMessage

ERASED = "erased"


def unplaced(session: Session, customer: Customer) -> Sequence[UnplacedMessage]:
    """Posts that are theirs or name them: retweets repeat what they wrote."""
    query = select(UnplacedMessage).where(
        (col(UnplacedMessage.customer_x_id) == customer.x_id) | _perhaps(UnplacedMessage.told, customer)
    )
    names = _naming(customer)
    return [each for each in session.exec(query) if each.customer_x_id == customer.x_id or names(each.told)]


def set_aside(session: Session, customer: Customer) -> Sequence[QuarantinedItem]:
    """What X told of them and nobody could read."""
    query = select(QuarantinedItem).where(_perhaps(QuarantinedItem.raw, customer))
    names = _naming(customer)
    return [each for each in session.exec(query) if names(each.raw)]


def erase(session: Session, customer: Customer) -> None:
    """What is theirs goes; what others wrote, or nobody could read, keeps its place without its words, so
    that it does not come in again."""
    for post in unplaced(session, customer):
        _empty(session, post, customer)
    for item in set_aside(session, customer):
        item.raw = item.reason = ERASED
        session.add(item)
    for page in session.exec(select(WalkPage).where(_perhaps(WalkPage.items, customer))):
        page.items = json.dumps([each for each in json.loads(page.items) if not _is_theirs(each, customer)])
        session.add(page)


def _empty(session: Session, post: UnplacedMessage, customer: Customer) -> None:
    told = json.loads(post.told)
    if _is_theirs(told, customer):
        session.delete(post)
        return
    post.told = json.dumps(told | {"text": ""})
    session.add(post)


def _is_theirs(told: dict[str, Any], customer: Customer) -> bool:
    return customer.x_id in (told["author_x_id"], told["customer_x_id"])


def _perhaps(column: Any, customer: Customer) -> Any:
    """Whether the id or the handle is anywhere in it, for the database to leave out most rows."""
    words = [word.lower() for word in (customer.x_id, customer.handle) if word]
    return or_(*(func.lower(column).contains(word, autoescape=True) for word in words))


def _naming(customer: Customer) -> Callable[[str], bool]:
    words = "|".join(regex.escape(word) for word in (customer.x_id, customer.handle) if word)
    pattern = regex.compile(rf"(?<![A-Za-z0-9_])(?:{words})(?![A-Za-z0-9_])", regex.IGNORECASE)
    return lambda text: pattern.search(text) is not None
