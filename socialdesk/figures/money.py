"""What X charges, by account, day and kind: what left by its kept costs, what was read by its record.

Each thing is charged once a day of UTC, however often it is read. Of days before there was a record it is
reckoned: what is stored has been read at least once, on the day on which it was written or soon after.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from socialdesk import clock, prices
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.figures import charges
from socialdesk.figures.asking import Asked
from socialdesk.figures.buckets import DAILY, hour_of, moment
from socialdesk.figures.charges import ReadCharge
from socialdesk.figures.counting import MICRO
from socialdesk.figures.rollups import FigureCount
from socialdesk.messages import Visibility

RECENT_DAYS = 7  # whole ones, by which the rest of the month is forecast


class Kind(StrEnum):
    ANSWERS = "answers"
    POSTS = "posts"
    LINKS = "links"
    MESSAGES = "messages"
    MENTION_READS = "mention_reads"
    OWN_READS = "own_reads"
    POST_READS = "post_reads"
    MESSAGE_READS = "message_reads"
    USER_READS = "user_reads"


WRITES = {
    Kind.ANSWERS: prices.ANSWER,
    Kind.POSTS: prices.POST,
    Kind.LINKS: prices.WITH_LINK,
    Kind.MESSAGES: prices.DIRECT_MESSAGE,
}


@dataclass(frozen=True, slots=True)
class Charge:
    """So many things of a kind on a day of UTC, and what they cost together, in dollars. `reckoned` is what
    nobody wrote down when it was read."""

    account_id: int
    day: date
    kind: Kind
    number: int
    dollars: Decimal
    reckoned: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """An account's calendar month of UTC in dollars: so far, by its end if it goes on as of late, and what it
    may cost, None for as much as it does."""

    account_id: int
    so_far: Decimal
    forecast: Decimal
    budget: Decimal | None = None

    @property
    def exceeded(self) -> bool:
        return self.budget is not None and self.forecast > self.budget


@dataclass(frozen=True, slots=True)
class Savings:
    """What the same would have cost less, in dollars: public links left out of `links` posts, and our own
    mentions read by the app of the account itself."""

    links: int
    without_links: Decimal
    as_owner: Decimal


def charged(session: Session, asked: Asked, *, owned: bool) -> list[Charge]:
    """Everything in the period's whole days of UTC, by day, account and kind."""
    begun = charges.recorded_from(session)
    reckoned = _reckoned(session, asked, owned=owned)
    told = [
        each for each in reckoned if not each.reckoned or _is_before(each.day, begun.get(each.account_id))
    ]
    read = [each for each in _recorded(session, asked) if not _is_before(each.day, begun[each.account_id])]
    return sorted((*told, *read), key=lambda each: (each.day, each.account_id, each.kind))


def _is_before(day: date, begun: date | None) -> bool:
    return begun is None or day < begun


def _recorded(session: Session, asked: Asked) -> Iterator[Charge]:
    table: Any = ReadCharge
    query = select(table.account_id, table.day, table.kind, table.number, table.micro_dollars)
    since, until = asked.since or moment(0), asked.until or clock.now() + timedelta(days=1)
    of_days = query.where(table.day >= since.astimezone(UTC).date(), table.day < until.astimezone(UTC).date())
    for account_id, day, kind, number, micro in session.connection().execute(
        of_days.where(asked.whose(table))
    ):
        yield Charge(account_id, day, Kind(kind), number, charges.dollars(micro))


def _reckoned(session: Session, asked: Asked, *, owned: bool) -> list[Charge]:
    """What left, and what must have been read of what is stored."""
    found: Counter[tuple[date, int, Kind]] = Counter()
    for row in _days(session, asked):
        found.update({(_day(row.start), row.account_id, kind): number for kind, number in _things(row)})
    for account_id, met_at in _met(session, asked):
        found[met_at.astimezone(UTC).date(), account_id, Kind.USER_READS] += 1
    return [
        Charge(account_id, day, kind, number, number * price_of(kind, owned=owned), kind not in WRITES)
        for (day, account_id, kind), number in found.items()
        if number
    ]


def price_of(kind: Kind, *, owned: bool) -> Decimal:
    return WRITES[kind] if kind in WRITES else prices.of_read(kind, owned=owned)


def this_month(now: datetime) -> Asked:
    first = datetime.combine(now.astimezone(UTC).date().replace(day=1), time(), UTC)
    return Asked(first, first + timedelta(days=_length(first.date())))


def months(
    month: Iterable[Charge], recent: Iterable[Charge], budgets: Mapping[int, Decimal], now: datetime
) -> list[Month]:
    """Of each account that has cost anything: `month` is what it cost so far, `recent` those of the last
    whole days, by whose average the days to come are reckoned."""
    so_far, of_late = _sums(month), _sums(recent)
    today = now.astimezone(UTC).date()
    left = _length(today) - today.day
    return [
        Month(each, so_far[each], so_far[each] + of_late[each] / RECENT_DAYS * left, budgets.get(each))
        for each in sorted({*so_far, *of_late, *budgets})
    ]


def recent(now: datetime) -> Asked:
    """The last whole days before today."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Asked(today - timedelta(days=RECENT_DAYS), today)


def savings(month: Iterable[Charge], *, owned: bool) -> Savings:
    month = list(month)
    links = sum(each.number for each in month if each.kind == Kind.LINKS)
    reads = sum(each.number for each in month if each.kind in (Kind.MENTION_READS, Kind.OWN_READS))
    dearer = Decimal() if owned else reads * (prices.POST_READ - prices.OWNED_READ)
    return Savings(links, links * (prices.WITH_LINK - prices.ANSWER), dearer)


def _sums(spent: Iterable[Charge]) -> Mapping[int, Decimal]:
    found: defaultdict[int, Decimal] = defaultdict(Decimal)
    for each in spent:
        found[each.account_id] += each.dollars
    return found


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _day(hour: int) -> date:
    return moment(hour).date()


def _days(session: Session, asked: Asked) -> Any:
    """The kept sums of each day, account and channel."""
    table: Any = FigureCount
    since, until = asked.since or moment(0), asked.until or clock.now()
    names = ("received", "elsewhere", "replied", "automated", *(f"cost_{kind}" for kind in WRITES))
    summed = (func.sum(getattr(table, name)).label(name) for name in names)
    key = (table.start, table.account_id, table.visibility)
    query = select(*key, *summed).where(
        table.grain == DAILY, table.start >= hour_of(since), table.start < hour_of(until), asked.whose(table)
    )
    return session.connection().execute(query.group_by(*key))


def _things(row: Any) -> Iterator[tuple[Kind, int]]:
    """What was written, and what was read of what was written by anybody: X shows us our own words too."""
    written = {kind: int(getattr(row, f"cost_{kind}")) // int(WRITES[kind] * MICRO) for kind in WRITES}
    yield from written.items()
    ours = sum(written.values()) + int(row.elsewhere)
    if row.visibility == Visibility.PRIVATE:
        yield Kind.MESSAGE_READS, int(row.received) + ours
        return
    yield Kind.MENTION_READS, int(row.received)
    yield Kind.OWN_READS, ours


def _met(session: Session, asked: Asked) -> Iterator[tuple[int, datetime]]:
    """Who was looked up, and by which account: that of the customer's first case."""
    case: Any = Case
    first = (
        select(func.min(case.id)).where(case.customer_id == Customer.id).correlate(Customer).scalar_subquery()
    )
    met_at: Any = Customer.first_seen_at
    query = (
        select(case.account_id, met_at)
        .join(case, case.id == first)
        .where(asked.when(met_at), asked.whose(case))
    )
    for row in session.connection().execute(query):
        yield row[0], row[1]
