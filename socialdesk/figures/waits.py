"""Who waited for a first answer and how long: from the opening of a case, and anew from each reopening.

An answer is a reply that a person wrote, when all of it is on X, or what one of us wrote elsewhere; it
answers the newest wait that had begun by then, if nothing has yet. What is automated answers nothing. A
reopening is written down at once, an opening only with its answer: until then the case itself says since when
it waits.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, text
from sqlmodel import Field, Index, Session, SQLModel, col, select

from socialdesk import hours, targets
from socialdesk.cases import Case, Status
from socialdesk.figures import durations
from socialdesk.figures.buckets import GRAINS, HOURLY, Bucket


class Wait(SQLModel, table=True):
    """A customer's wait for a first answer; language and channel are those of its case.

    That of an opening (`reopened` is False) begins when its case does. A wait without `answered_at` goes on
    as long as the case waits for us and no newer wait has begun. `open_seconds` are those of an answered one
    that lay in business hours, as they were set then; None where none were.
    """

    __tablename__ = "waits"
    __table_args__ = (
        Index("ix_waits_case_id_began_at", "case_id", "began_at"),
        Index("ix_waits_began_at", "began_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    account_id: int = Field(foreign_key="accounts.id")
    language: str
    visibility: str
    reopened: bool
    began_at: datetime
    answered_at: datetime | None = None
    open_seconds: float | None = None

    @property
    def length(self) -> timedelta | None:
        return length(self.began_at, self.answered_at)


class WaitLength(SQLModel, table=True):
    """How long the waits took that began on that day of UTC or in those four weeks, packed by durations.py;
    `grain` and `start` are in hours."""

    __tablename__ = "wait_lengths"

    grain: int = Field(primary_key=True)
    start: int = Field(primary_key=True)
    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    language: str = Field(primary_key=True)
    visibility: str = Field(primary_key=True)
    steps: bytes = Field(sa_type=LargeBinary)


@dataclass(frozen=True, slots=True)
class Happened:
    """In a case: a wait began anew (`reopens`), or somebody answered."""

    case: Case
    at: datetime
    reopens: bool = False


Lengths = Counter[tuple[Bucket, int]]


class _Key(NamedTuple):
    """Of one row of `wait_lengths`."""

    grain: int
    start: int
    account_id: int
    language: str
    visibility: str


def length(began_at: datetime, answered_at: datetime | None) -> timedelta | None:
    """A word that came late may have moved the beginning behind the answer."""
    return max(timedelta(), answered_at - began_at) if answered_at else None


def follow(
    session: Session, happened: Iterable[Happened], moved: Mapping[int, Case], doubtful: Mapping[int, Case]
) -> None:
    """Bring the waits up to date with what happened, in that order, and with cases that have changed; those
    and the doubtful ones are then told anew since when they are unanswered."""
    happened = list(happened)
    concerned = {**doubtful, **moved, **{each.case.id or 0: each.case for each in happened}}
    kept = _of_cases(session, concerned)
    for case_id, case in moved.items():
        for wait in kept.get(case_id, []):
            _as_case(wait, case)
    for each in happened:
        new = tell(kept.setdefault(each.case.id or 0, []), each)
        if new:
            session.add(new)
    measure(session, (wait for case_id in concerned for wait in kept.get(case_id, ())))
    for case_id, case in concerned.items():
        case.unanswered_since = unanswered_since(case, kept.get(case_id, ()))


def measure(session: Session, waits: Iterable[Wait]) -> None:
    """Of those that were answered: how much of each lay in business hours."""
    given = targets.in_force(session)
    for wait in waits:
        opened = given.business_hours(wait.account_id, wait.language, wait.visibility)
        if opened and wait.answered_at and wait.open_seconds is None:
            wait.open_seconds = hours.open_seconds(opened, wait.began_at, wait.answered_at)


def unanswered_since(case: Case, waits: Collection[Wait]) -> datetime | None:
    """When the wait of a case began that nobody has answered and that goes on; None when there is none."""
    if case.status != Status.WAITING:
        return None
    newest = max(waits, key=lambda wait: wait.began_at, default=None)
    if newest is None:
        return case.opened_at
    return None if newest.answered_at else newest.began_at


def tell(waits: list[Wait], happened: Happened) -> Wait | None:
    """What becomes of a case's waits; returns the one that is new, if there is one."""
    if happened.reopens:
        return _begin(waits, happened, reopened=True)
    begun = [wait for wait in waits if wait.began_at <= happened.at]
    newest = max(begun, key=lambda wait: wait.began_at, default=None)
    if newest is None and happened.at >= happened.case.opened_at:
        new = _begin(waits, happened, reopened=False)
        new.answered_at = happened.at
        return new
    if newest and newest.answered_at is None:
        newest.answered_at = happened.at
    return None


def _begin(waits: list[Wait], happened: Happened, *, reopened: bool) -> Wait:
    case = happened.case
    new = Wait(
        case_id=case.id or 0,
        account_id=case.account_id,
        language=case.language,
        visibility=case.visibility,
        reopened=reopened,
        began_at=happened.at if reopened else case.opened_at,
    )
    waits.append(new)
    return new


def _as_case(wait: Wait, case: Case) -> None:
    before = wait.language, wait.visibility, wait.began_at
    wait.language, wait.visibility = case.language, case.visibility
    if not wait.reopened:
        wait.began_at = case.opened_at
    if before != (wait.language, wait.visibility, wait.began_at):
        wait.open_seconds = None


def _of_cases(session: Session, case_ids: Collection[int]) -> dict[int, list[Wait]]:
    query = select(Wait).where(col(Wait.case_id).in_(sorted(case_ids))).order_by(col(Wait.id))
    found: dict[int, list[Wait]] = {}
    for wait in session.exec(query):
        found.setdefault(wait.case_id, []).append(wait)
    return found


def add_lengths(session: Session, lengths: Lengths) -> None:
    """Add so many waits of each step to what is kept of their days, in one order for everybody."""
    changes = _by_row(lengths)
    if not changes:
        return
    session.connection().execute(_NONE_YET, [_row(key) for key in changes])
    for key, row in _held(session, list(changes)).items():
        steps = durations.unpacked(durations.from_bytes(row.steps))
        steps.update(changes[key])
        row.steps = durations.to_bytes(durations.packed(steps))


def _by_row(lengths: Lengths) -> dict[_Key, Counter[int]]:
    """The steps that have changed of each row."""
    found: dict[_Key, Counter[int]] = {}
    for (bucket, step), number in lengths.items():
        for key in _keys(bucket) if number else ():
            found.setdefault(key, Counter())[step] += number
    return dict(sorted(found.items()))


def _keys(bucket: Bucket) -> Iterator[_Key]:
    for grain in GRAINS:
        if grain != HOURLY:
            yield _Key(grain, bucket.hour // grain * grain, *bucket[1:])


# Two may come first at once.
_NONE_YET = text(
    "INSERT INTO wait_lengths (grain, start, account_id, language, visibility, steps)"
    " VALUES (:grain, :start, :account_id, :language, :visibility, :steps) ON CONFLICT DO NOTHING"
)


def _row(key: _Key) -> dict[str, Any]:
    return key._asdict() | {"steps": b""}


def _held(session: Session, keys: Sequence[_Key]) -> dict[_Key, WaitLength]:
    """Those rows that there are, kept from other writers."""
    query = select(WaitLength).where(
        col(WaitLength.grain).in_(sorted({key.grain for key in keys})),
        col(WaitLength.start).in_(sorted({key.start for key in keys})),
        col(WaitLength.account_id).in_(sorted({key.account_id for key in keys})),
        col(WaitLength.language).in_(sorted({key.language for key in keys})),
    )
    in_order = query.order_by(
        col(WaitLength.grain),
        col(WaitLength.start),
        col(WaitLength.account_id),
        col(WaitLength.language),
        col(WaitLength.visibility),
    )
    held = session.exec(in_order.with_for_update().execution_options(populate_existing=True))
    found = {_Key(*(getattr(row, name) for name in _Key._fields)): row for row in held}
    return {key: found[key] for key in keys if key in found}
