"""Who waited for a first answer and how long: from the opening of a case, and anew from each reopening.

An answer is a reply that a person wrote, when all of it is on X, or what one of us wrote elsewhere; it
answers the newest wait that had begun by then, if nothing has yet. What is automated answers nothing. A
reopening is written down at once, an opening only with its answer: until then the case itself says since when
it waits.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import LargeBinary, text
from sqlmodel import Field, Index, Session, SQLModel, col, select

from socialdesk.cases import Case
from socialdesk.figures import durations
from socialdesk.figures.buckets import DAILY, Bucket


class Wait(SQLModel, table=True):
    """A customer's wait for a first answer; language and channel are those of its case.

    That of an opening (`reopened` is False) begins when its case does. A wait without `answered_at` goes on
    as long as the case waits for us and no newer wait has begun.
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

    @property
    def length(self) -> timedelta | None:
        return length(self.began_at, self.answered_at)


class WaitLength(SQLModel, table=True):
    """How long the waits took that began on that day of UTC, packed by durations.py; `start` is in hours."""

    __tablename__ = "wait_lengths"

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


def length(began_at: datetime, answered_at: datetime | None) -> timedelta | None:
    """A word that came late may have moved the beginning behind the answer."""
    return max(timedelta(), answered_at - began_at) if answered_at else None


def follow(session: Session, happened: Iterable[Happened], moved: Mapping[int, Case]) -> None:
    """Bring the waits up to date with what happened, in that order, and with cases that have changed."""
    happened = list(happened)
    concerned = {each.case.id or 0 for each in happened} | moved.keys()
    kept = _of_cases(session, concerned)
    for case_id, case in moved.items():
        for wait in kept.get(case_id, []):
            _as_case(wait, case)
    for each in happened:
        new = tell(kept.setdefault(each.case.id or 0, []), each)
        if new:
            session.add(new)


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
    wait.language, wait.visibility = case.language, case.visibility
    if not wait.reopened:
        wait.began_at = case.opened_at


def _of_cases(session: Session, case_ids: Collection[int]) -> dict[int, list[Wait]]:
    query = select(Wait).where(col(Wait.case_id).in_(sorted(case_ids))).order_by(col(Wait.id))
    found: dict[int, list[Wait]] = {}
    for wait in session.exec(query):
        found.setdefault(wait.case_id, []).append(wait)
    return found


def add_lengths(session: Session, lengths: Lengths) -> None:
    """Add so many waits of each step to what is kept of their days, in one order for everybody."""
    changes = by_day(lengths)
    if not changes:
        return
    session.connection().execute(_NONE_YET, [_row(key) for key in changes])
    for key, row in _held(session, list(changes)).items():
        steps = durations.unpacked(durations.from_bytes(row.steps))
        steps.update(changes[key])
        row.steps = durations.to_bytes(durations.packed(steps))


def by_day(lengths: Lengths) -> dict[Bucket, Counter[int]]:
    """The steps of each UTC day's bucket that have changed."""
    found: dict[Bucket, Counter[int]] = {}
    for (bucket, step), number in lengths.items():
        if number:
            day = bucket._replace(hour=bucket.hour // DAILY * DAILY)
            found.setdefault(day, Counter())[step] += number
    return dict(sorted(found.items()))


# Two may come first at once.
_NONE_YET = text(
    "INSERT INTO wait_lengths (start, account_id, language, visibility, steps)"
    " VALUES (:start, :account_id, :language, :visibility, :steps) ON CONFLICT DO NOTHING"
)


def _row(key: Bucket) -> dict[str, Any]:
    names = ("start", "account_id", "language", "visibility")
    return dict(zip(names, key, strict=True)) | {"steps": b""}


def _held(session: Session, keys: Sequence[Bucket]) -> dict[Bucket, WaitLength]:
    """Those rows that there are, kept from other writers."""
    days = sorted({key.hour for key in keys})
    query = select(WaitLength).where(
        col(WaitLength.start).in_(days),
        col(WaitLength.account_id).in_(sorted({key.account_id for key in keys})),
        col(WaitLength.language).in_(sorted({key.language for key in keys})),
    )
    in_order = query.order_by(
        col(WaitLength.start),
        col(WaitLength.account_id),
        col(WaitLength.language),
        col(WaitLength.visibility),
    )
    held = session.exec(in_order.with_for_update().execution_options(populate_existing=True))
    found = {Bucket(row.start, row.account_id, row.language, row.visibility): row for row in held}
    return {key: found[key] for key in keys if key in found}
