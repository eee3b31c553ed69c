"""More of what the Languages page shows: messages by the hour, topics, corrections, and what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from socialdesk import clock, satisfaction
from socialdesk.api.paging import Cursor, Page, after_row, row_before
from socialdesk.api.problems import documented
from socialdesk.api.statistics import Account, Moment, Reader, asked_for
from socialdesk.figures import accuracy, buckets, kept, sums
from socialdesk.figures.accuracy import Measured
from socialdesk.figures.asking import Asked
from socialdesk.messages import Visibility
from socialdesk.replying import handovers

router = APIRouter(tags=["statistics"])
A_WEEK, MOST_HOURS = 168, 1_000
EVER = datetime(1970, 1, 1, tzinfo=UTC)


class HourLine(BaseModel):
    """What customers wrote in one hour, which begins at that moment."""

    at: datetime
    messages: int


class TopicLine(BaseModel):
    """Cases opened in the period, by what they are about now."""

    language: str
    topic: str
    cases: int


class CorrectionLine(BaseModel):
    """Messages whose language agents put right in the period."""

    detected: str
    corrected: str
    messages: int


class SatisfactionLine(BaseModel):
    """Closing questions that reached X in the period, by the language they were asked in."""

    account_id: int
    language: str
    asked: int
    answered: int
    helped: int
    share: float | None = Field(description="Helped of answered; null without any answer.")


class AccuracyLine(BaseModel):
    """Of what was taken for one language, or one topic: how much agents have seen, and corrected."""

    code: str
    seen: int
    corrected: int
    right: float | None = Field(description="Null where nobody has seen any.")
    interval: tuple[float, float] | None = Field(description="Where the true share lies, 95 times of 100.")


class HandoverLine(BaseModel):
    """Public replies that asked for a direct message, and after how many one came within a week."""

    template: str
    language: str
    sent: int
    came: int
    minutes: float | None = Field(description="The median of how long that took.")


@router.get("/statistics/hours", responses=documented())
def by_hour(
    caller: Reader,
    since: Moment = None,
    until: Moment = None,
    account: Account = None,
    visibility: Visibility | None = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=MOST_HOURS)] = A_WEEK,
) -> Page[HourLine]:
    """Every hour of the period, of UTC, the first one first. Without `since` it is the week before `until`,
    without `until` up to this hour's end, or the week after `since` where that is later."""
    asked = asked_for(caller, since, until, account, visibility)
    first, end = _bounded(asked)
    first = max(first, row_before(cursor)) if cursor else first
    stop = min(first + limit, end)
    part = Asked(buckets.moment(first), buckets.moment(stop), asked.accounts, asked.visibility)
    with caller.database.reading() as session, kept.unaided(session):
        numbers = sums.by_hour(session, part) if stop > first else []
    items = [HourLine(at=buckets.moment(first + place), messages=each) for place, each in enumerate(numbers)]
    return Page(items=items, next=after_row(stop) if first < stop < end else None)


@router.get("/statistics/topics", responses=documented())
def by_topic(
    caller: Reader,
    since: Moment = None,
    until: Moment = None,
    account: Account = None,
    visibility: Visibility | None = None,
) -> Page[TopicLine]:
    asked = asked_for(caller, since, until, account, visibility)
    with caller.database.reading() as session, kept.unaided(session):
        found = sums.topics(session, asked)
    items = [
        TopicLine(language=language, topic=topic, cases=number)
        for language, numbers in sorted(found.items())
        for topic, number in numbers.most_common()
    ]
    return Page(items=items, next=None)


@router.get("/statistics/corrections", responses=documented())
def by_correction(
    caller: Reader,
    since: Moment = None,
    until: Moment = None,
    account: Account = None,
    visibility: Visibility | None = None,
) -> Page[CorrectionLine]:
    """Most messages first."""
    asked = asked_for(caller, since, until, account, visibility)
    with caller.database.reading() as session:
        found = sums.corrections(session, asked).most_common()
    items = [
        CorrectionLine(detected=detected, corrected=corrected, messages=number)
        for (detected, corrected), number in found
    ]
    return Page(items=items, next=None)


@router.get("/statistics/satisfaction", responses=documented())
def by_answer(
    caller: Reader, since: Moment = None, until: Moment = None, account: Account = None
) -> Page[SatisfactionLine]:
    """By account and language."""
    asked = asked_for(caller, since, until, account)
    with caller.database.reading() as session:
        found = satisfaction.figures(session, asked)
    names = SatisfactionLine.model_fields
    return Page(
        items=[SatisfactionLine(**{name: getattr(row, name) for name in names}) for row in found], next=None
    )


@router.get("/statistics/accuracy/languages", responses=documented())
def accuracy_of_languages(
    caller: Reader,
    since: Moment = None,
    until: Moment = None,
    account: Account = None,
    visibility: Visibility | None = None,
) -> Page[AccuracyLine]:
    """How often the language was right, most seen first: of the messages written in the period."""
    asked = asked_for(caller, since, until, account, visibility)
    with caller.database.reading() as session:
        return Page(items=list(_lines(accuracy.measure(session, asked))), next=None)


@router.get("/statistics/accuracy/topics", responses=documented())
def accuracy_of_topics(
    caller: Reader,
    since: Moment = None,
    until: Moment = None,
    account: Account = None,
    visibility: Visibility | None = None,
) -> Page[AccuracyLine]:
    """The same of the topics that words have told: of the cases opened in the period."""
    asked = asked_for(caller, since, until, account, visibility)
    with caller.database.reading() as session:
        return Page(items=list(_lines(accuracy.measure_topics(session, asked))), next=None)


@router.get("/statistics/handovers", responses=documented())
def by_handover(
    caller: Reader, since: Moment = None, until: Moment = None, account: Account = None
) -> Page[HandoverLine]:
    """From public to direct message, by template and language: of what was sent in the period."""
    asked = asked_for(caller, since, until, account)
    begun, ended = asked.moments
    asking = handovers.templates(caller.desk.library)
    with caller.database.reading() as session:
        found = handovers.measure(
            session, asking, since=begun or EVER, until=ended or clock.now(), accounts=asked.accounts
        )
    names = HandoverLine.model_fields
    return Page(
        items=[HandoverLine(**{name: getattr(each, name) for name in names}) for each in found], next=None
    )


def _bounded(asked: Asked) -> tuple[int, int]:
    """Its first hour, and the one after its last, counted from 1970, before which nothing was written."""
    first, end = asked.hours
    if asked.until is None:
        now = buckets.hour_of(clock.now()) + 1
        end = max(now, first + A_WEEK if asked.since else 0)
    return max(0, first if asked.since else end - A_WEEK), end


def _lines(measured: Measured) -> Iterator[AccuracyLine]:
    for line in measured.lines:
        yield AccuracyLine(
            code=line.code,
            seen=line.seen,
            corrected=line.corrected,
            right=line.right,
            interval=line.interval,
        )
