"""How many messages usually come in at this time of the week, and whether so few can be chance.

The usual number is that of the same hours in each of the last eight weeks. Fewer came than should have when,
if nothing had changed, so few would come by chance less than once in a thousand times. With `before` messages
in `weeks` weeks, each of all the messages falls into the present hours with a chance of 1 in weeks + 1, so
that their number is binomial (Przyborowski and Wilenski 1940): few weeks of history make the rule careful.
A desk that gets little is judged by longer hours: the first of `WINDOWS` in which nothing at all would tell.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma, log

from sqlalchemy import literal, union_all
from sqlmodel import Session, col, func, select

from socialdesk import clock
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.polling.cursors import Channel, Cursor

WEEK = timedelta(weeks=1)
MOST_WEEKS, LEAST_WEEKS = 8, 2
WINDOWS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
BY_CHANCE = 0.001
MEASURED_EVERY = timedelta(minutes=5)
_KINDS = {Channel.MENTIONS: Visibility.PUBLIC, Channel.DIRECT_MESSAGES: Visibility.PRIVATE}


@dataclass(frozen=True, slots=True)
class Rate:
    """`came` messages within `window` until now, `before` in the same hours of `weeks` weeks together."""

    window: timedelta
    came: int
    before: int
    weeks: int

    @property
    def usual(self) -> float:
        """How many come in so long a time, at this time of the week."""
        return self.before / self.weeks

    @property
    def chance(self) -> float:
        """How likely so few, or fewer, are if nothing has changed."""
        share, number = 1 / (self.weeks + 1), self.came + self.before
        return sum(binomial(k, number, share) for k in range(self.came + 1))

    @property
    def too_few(self) -> bool:
        return self.came < self.usual and self.chance < BY_CHANCE

    @property
    def would_tell(self) -> bool:
        """Whether nothing at all would be too few."""
        return Rate(self.window, 0, self.before, self.weeks).too_few


def binomial(k: int, number: int, share: float) -> float:
    """By logarithms: the numbers themselves are too large for a busy desk."""
    ways = lgamma(number + 1) - lgamma(k + 1) - lgamma(number - k + 1)
    return exp(ways + k * log(share) + (number - k) * log(1 - share))


def kept(cursor: Cursor) -> Rate | None:
    """As it was when last measured; None when there are less than two weeks of history, or none is due."""
    window, came, before, weeks = (
        cursor.rate_hours,
        cursor.rate_came,
        cursor.rate_before,
        cursor.rate_weeks,
    )
    if window is None or came is None or before is None or weeks is None:
        return None
    return Rate(timedelta(hours=window), came, before, weeks)


def measure(session: Session, cursor: Cursor) -> None:
    """Count anew what comes in by this channel, if the last count is some minutes old."""
    kind, now = _KINDS.get(Channel(cursor.channel)), clock.now()
    fresh = cursor.measured_at and timedelta(0) <= now - cursor.measured_at < MEASURED_EVERY
    if kind is None or fresh:
        return
    rate = of(session, cursor.account_id, kind)
    cursor.measured_at = now
    cursor.rate_hours = rate.window // timedelta(hours=1) if rate else None
    cursor.rate_came, cursor.rate_before, cursor.rate_weeks = (
        (rate.came, rate.before, rate.weeks) if rate else (None, None, None)
    )


def of(session: Session, account_id: int, visibility: Visibility) -> Rate | None:
    """Every count is one short stretch of an index."""
    now = clock.now()
    weeks = _weeks_of_history(session, account_id, visibility, now)
    if weeks < LEAST_WEEKS:
        return None
    for window in WINDOWS:
        came, *before = _counts(session, account_id, visibility, now, window, weeks)
        rate = Rate(window, came, sum(before), weeks)
        if rate.would_tell:
            break
    return rate


def _weeks_of_history(session: Session, account_id: int, visibility: Visibility, now: datetime) -> int:
    first = session.exec(select(func.min(Message.sent_at)).where(*_kind(account_id, visibility))).one()
    return min(MOST_WEEKS, (now - first) // WEEK) if first else 0


def _counts(
    session: Session,
    account_id: int,
    visibility: Visibility,
    now: datetime,
    window: timedelta,
    weeks: int,
) -> list[int]:
    """In the window that ends now, and in those that ended one, two, … weeks ago."""
    ends = [now - back * WEEK for back in range(weeks + 1)]
    queries = [
        select(literal(number), func.count())
        .select_from(Message)
        .where(
            *_kind(account_id, visibility), col(Message.sent_at) > end - window, col(Message.sent_at) <= end
        )
        for number, end in enumerate(ends)
    ]
    counted = {row[0]: row[1] for row in session.connection().execute(union_all(*queries))}
    return [counted[number] for number in range(len(ends))]


def _kind(account_id: int, visibility: Visibility) -> tuple[bool, ...]:
    return (
        Message.account_id == account_id,
        Message.direction == Direction.INBOUND,
        Message.visibility == visibility,
    )
