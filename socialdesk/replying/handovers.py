"""From public to direct message: how many of those we asked came, and how fast, by template and language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.replies import Reply, State
from socialdesk.templating.library import Library

WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Handover:
    """`sent` public replies asked for a direct message, and after `came` of them one came within a week;
    `minutes` is the median of how long that took, None when none did.

    A direct message is that of the last public reply before it: who had to be asked twice came once.
    """

    template: str
    language: str
    sent: int
    came: int
    minutes: float | None


class _Asked(NamedTuple):
    template: str
    language: str
    customer_id: int
    account_id: int
    at: datetime
    came_at: datetime | None


def templates(library: Library) -> list[str]:
    """The ids of those that ask for a direct message."""
    return [entry.id for entry in library.templates if entry.handover]


def measure(
    session: Session,
    template_ids: Collection[str],
    *,
    since: datetime,
    until: datetime,
    accounts: Collection[int] | None = None,
    visibility: str | None = None,
) -> list[Handover]:
    """What became of the handovers sent from `since` until before `until`, by template and language.

    The language is the case's. What was sent in the last week may still be answered. `accounts` are row ids,
    None for all. Nobody is asked for a direct message in one, so of that channel alone there are none.
    """
    if visibility == Visibility.PRIVATE:
        return []
    waits: dict[tuple[str, str], list[timedelta | None]] = defaultdict(list)
    for asked, wait in _waits(_asked(session, template_ids, since, until, accounts)):
        if asked.at < until:
            waits[asked.template, asked.language].append(wait)
    return [_counted(*key, waits[key]) for key in sorted(waits)]


def _asked(
    session: Session,
    template_ids: Collection[str],
    since: datetime,
    until: datetime,
    accounts: Collection[int] | None,
) -> list[_Asked]:
    """By customer and account, the oldest first; each with his first direct message after it. With them those
    of the week after: a message is that of whoever asked last before it."""
    other: Any = aliased(Case)
    came_at = (
        select(func.min(Message.sent_at))
        .join(other, other.id == Message.case_id)
        .where(
            other.customer_id == Case.customer_id,
            other.account_id == Case.account_id,
            Message.visibility == Visibility.PRIVATE,
            Message.direction == Direction.INBOUND,
            col(Message.sent_at) > col(Reply.sent_at),
        )
        .correlate(Reply, Case)
        .scalar_subquery()
    )
    told: Any = (Reply.template_id, Case.language, Case.customer_id, Case.account_id, Reply.sent_at, came_at)
    query = (
        select(*told)
        .join(Case, col(Case.id) == Reply.case_id)
        .where(
            Reply.state == State.SENT,
            Reply.visibility == Visibility.PUBLIC,
            col(Reply.template_id).in_(template_ids),
            col(Reply.sent_at) >= since,
        )
        .order_by(col(Case.account_id), col(Case.customer_id), col(Reply.sent_at), col(Reply.id))
    )
    if until < clock.now():  # else there is nothing after it
        query = query.where(col(Reply.sent_at) < until + WITHIN)
    if accounts is not None:
        query = query.where(col(Reply.account_id).in_(sorted(accounts)))
    return [_Asked(*row) for row in session.connection().execute(query)]


def _waits(asked: Iterable[_Asked]) -> Iterator[tuple[_Asked, timedelta | None]]:
    """How long each took, None where nothing came in time or the customer was asked again before."""
    for each, following in pairwise([*asked, None]):
        assert each is not None
        wait = each.came_at - each.at if each.came_at else None
        if wait is None or wait > WITHIN or _asked_again(each, following):
            yield each, None
        else:
            yield each, wait


def _asked_again(asked: _Asked, following: _Asked | None) -> bool:
    if following is None or asked.came_at is None:
        return False
    same = (following.customer_id, following.account_id) == (asked.customer_id, asked.account_id)
    return same and following.at < asked.came_at


def _counted(template: str, language: str, waits: list[timedelta | None]) -> Handover:
    came = [wait for wait in waits if wait is not None]
    minutes = median(wait.total_seconds() / 60 for wait in came) if came else None
    return Handover(template, language, len(waits), len(came), minutes)
