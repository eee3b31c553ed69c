"""What people did themselves, for their own eyes: answered, left unchanged, had sent back, put right.

There is nothing in it about when somebody worked or how he compares: it is meant to help.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, text
from sqlmodel import Index, Session, col, select

from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.casework.sorting import TopicCorrection
from socialdesk.database import only_where
from socialdesk.figures import sums, whose
from socialdesk.figures.asking import Asked
from socialdesk.history import CaseEvent
from socialdesk.replies import Reply, State

_KINDS = ("answered", "unchanged", "sent_back", "corrected")
INDEXES = (
    Index("ix_replies_drafted_by_id", col(Reply.drafted_by_id), col(Reply.sent_at)),
    Index("ix_case_events_sent_back", col(CaseEvent.at), **only_where(text("kind = 'reply_sent_back'"))),
)


@dataclass(frozen=True, slots=True)
class Work:
    """Replies that are on X and were written by a person, those of them whose words were the template's,
    replies sent back to their author, and languages and topics put right."""

    answered: int = 0
    unchanged: int = 0
    sent_back: int = 0
    corrected: int = 0


@dataclass(frozen=True, slots=True)
class SentBack:
    """A reply that somebody sent back to its author, and why."""

    case_id: int
    at: datetime
    why: str
    agent_id: int


Days = Mapping[date, Work]


def by_day(session: Session, asked: Asked, agent_id: int, zone: ZoneInfo) -> Days:
    """The days of that zone on which this person did anything, the newest first."""
    found: Counter[tuple[date, str]] = Counter()
    for at, kind in _done(session, asked, agent_id):
        found[at.astimezone(zone).date(), kind] += 1
    days = sorted({day for day, _ in found}, reverse=True)
    return {day: Work(*(found[day, kind] for kind in _KINDS)) for day in days}


def by_person(session: Session, asked: Asked) -> Mapping[int, Work]:
    """By row id, of whoever did anything."""
    answered: Counter[int] = Counter()
    unchanged: Counter[int] = Counter()
    whole = (func.count(), func.sum(case((_UNCHANGED, 1), else_=0)))
    query: Any = select(Reply.drafted_by_id, *whole).where(*_answered(asked))
    for agent_id, number, same in session.connection().execute(query.group_by(Reply.drafted_by_id)):
        answered[agent_id], unchanged[agent_id] = number, int(same)
    back = Counter(each.agent_id for each in sent_back(session, asked))
    corrected = Counter(agent_id for agent_id, _ in _corrected(session, asked))
    people = {*answered, *back, *corrected}
    return {each: Work(answered[each], unchanged[each], back[each], corrected[each]) for each in people}


def of_everybody(session: Session, asked: Asked) -> Work:
    """Nobody's in particular, by what is kept for the other pages."""
    summed: Counter[str] = Counter()
    for figures in sums.by_language(session, asked).values():
        summed.update(figures)
    back = len(sent_back(session, asked))
    corrected = sum(1 for _ in _corrected(session, asked))
    return Work(summed["replied"], summed["unchanged"], back, corrected)


def sent_back(session: Session, asked: Asked) -> Sequence[SentBack]:
    """The newest first."""
    events = select(CaseEvent).where(_WAS_SENT_BACK, asked.when(col(CaseEvent.at)))
    found = [(each, each.details) for each in session.exec(events.order_by(col(CaseEvent.id).desc()))]
    authors = _authors(session, asked, {details["reply"] for _, details in found})
    return [
        SentBack(event.case_id, event.at, details.get("why") or "", authors[details["reply"]])
        for event, details in found
        if details["reply"] in authors
    ]


def total(days: Days) -> Work:
    return Work(*(sum(getattr(day, kind) for day in days.values()) for kind in _KINDS))


def _done(session: Session, asked: Asked, agent_id: int) -> Iterator[tuple[datetime, str]]:
    mine = select(Reply.sent_at, _UNCHANGED).where(Reply.drafted_by_id == agent_id, *_answered(asked))
    for at, unchanged in session.exec(mine):
        assert at, "what has left has a moment"
        yield at, "answered"
        if unchanged:
            yield at, "unchanged"
    yield from ((each.at, "sent_back") for each in sent_back(session, asked) if each.agent_id == agent_id)
    yield from ((at, "corrected") for by, at in _corrected(session, asked) if by == agent_id)


def _answered(asked: Asked) -> Iterator[ColumnElement[bool]]:
    yield asked.when(col(Reply.sent_at))
    yield asked.whose(Reply)
    yield (col(Reply.state) == State.SENT) & whose.by_people()


def _authors(session: Session, asked: Asked, reply_ids: Collection[int]) -> Mapping[int, int]:
    """Who wrote these replies as they are now, by row id; those of other accounts are left out."""
    query: Any = select(Reply.id, Reply.drafted_by_id).where(asked.whose(Reply))
    return dict(session.exec(query.where(col(Reply.id).in_(reply_ids))).all())


def _corrected(session: Session, asked: Asked) -> Iterator[tuple[int, datetime]]:
    """Who put a language or a topic right, and when."""
    for table in (LanguageCorrection, TopicCorrection):
        query: Any = select(table.agent_id, table.corrected_at)
        yield from session.exec(query.where(asked.when(col(table.corrected_at)), asked.whose(table)))


# As the index says it: with a parameter in its place neither database would know that it serves.
_WAS_SENT_BACK: Any = text("kind = 'reply_sent_back'")
_UNTOLD = col(Reply.verbatim).is_(None) & col(Reply.template_id).is_not(None) & (col(Reply.revision) == 1)
_UNCHANGED = col(Reply.verbatim).is_(True) | _UNTOLD  # as counting.is_unchanged says it
