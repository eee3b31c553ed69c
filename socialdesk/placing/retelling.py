"""What a case shows, told anew from all that was written in it: after words came late, or changed cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import clock, exposure, failures, topics
from socialdesk.cases import EXCERPT, Case, Status
from socialdesk.casework import corrections, sorting
from socialdesk.figures import whose
from socialdesk.languages import UNDETERMINED
from socialdesk.messages import WHAT_HAPPENED, Direction, Gone, Message
from socialdesk.parts import ReplyPart
from socialdesk.replies import Reply

Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class _Line:
    """One message, as far as its case depends on it; `at_x` is its place in the right order."""

    x_id: str
    ours: bool
    at: datetime
    settled: bool
    visibility: str
    language: str
    language_found: str | None
    confidence: float
    by_agent: bool
    personal: str | None
    gone: str | None
    text: str

    @property
    def at_x(self) -> Key:
        return self.at, int(self.x_id)


def retell(session: Session, case: Case) -> None:
    """Bring the case in line with its messages. One that has none is left as it is."""
    lines = _lines(session, case)
    heard = [line for line in lines if not line.ours]
    if not heard:
        return
    ours, desk = [line for line in lines if line.ours], _from_this_desk(session, case)
    people = [line for line in ours if line.x_id not in desk or not desk[line.x_id]]
    was = case.status
    _when(case, heard, people, lines)
    _what(case, heard)
    _where_it_stands(case, heard, ours, desk)
    case.failed_since = failures.since(session, case.id, case.failed_since)
    if case.status not in (Status.WAITING, was) or case.status == Status.RESOLVED:
        case.snoozed_until = None


def _lines(session: Session, case: Case) -> list[_Line]:
    columns: tuple[Any, ...] = (
        Message.x_id,
        Message.direction,
        Message.sent_at,
        Message.settled_at,
        Message.visibility,
        Message.language,
        Message.language_found,
        Message.confidence,
        Message.language_source,
        Message.personal,
        Message.gone,
        Message.text,
    )
    query: Any = select(*columns).where(Message.case_id == case.id)
    found = [
        _Line(
            x_id,
            direction == Direction.OUTBOUND,
            at,
            settled_at is not None,
            visibility,
            language,
            language_found,
            confidence,
            source == corrections.BY_AGENT,
            *about,
        )
        for (
            x_id,
            direction,
            at,
            settled_at,
            visibility,
            language,
            language_found,
            confidence,
            source,
            *about,
        ) in session.exec(query)
    ]
    return sorted(found, key=lambda line: line.at_x)


def _when(case: Case, heard: Sequence[_Line], ours: Sequence[_Line], lines: Sequence[_Line]) -> None:
    case.opened_at, case.customer_wrote_at = heard[0].at, heard[-1].at
    case.last_message_at = lines[-1].at
    answers = [line.at for line in ours if line.at >= case.opened_at]
    case.first_response_at = answers[0] if answers else None


def _what(case: Case, heard: Sequence[_Line]) -> None:
    """The newest words, and the newest that tell their language; what an agent has set comes first."""
    newest = heard[-1]
    gone = WHAT_HAPPENED[Gone(newest.gone)] if newest.gone else None
    case.excerpt, case.visibility = gone or exposure.shown(newest)[:EXCERPT], newest.visibility
    if not any(line.gone for line in heard):  # what told the topic may have been in a text that is gone
        sorting.sort_anew(case, (topics.tell(line.text, line.language) for line in heard))
    telling = [line for line in heard if line.language != UNDETERMINED]
    said = [line for line in heard if line.by_agent] or telling
    case.language = said[-1].language if said else UNDETERMINED
    case.language_sure = corrections.is_sure(said[-1].language, said[-1].confidence) if said else True


def _where_it_stands(
    case: Case, heard: Sequence[_Line], ours: Sequence[_Line], desk: dict[str, bool]
) -> None:
    """The customer waits from the oldest words on that nobody has dealt with.

    An answer written elsewhere is taken for one to all that was written before it; of one from this desk it
    is known what its author had before him.
    """
    if all(line.settled for line in heard) and _is_closed(case, ours):
        case.status, case.resolved_at = Status.RESOLVED, case.resolved_at or clock.now()
        case.waiting_since, case.exposed = None, False
        return
    elsewhere = max((line.at_x for line in ours if line.x_id not in desk), default=None)
    unanswered = [line for line in heard if not line.settled and (elsewhere is None or line.at_x > elsewhere)]
    case.exposed = any(line.personal for line in unanswered)
    open_ = [line.at for line in unanswered]
    if case.reopened_at and not any(line.at >= case.reopened_at for line in ours):
        open_.append(case.reopened_at)
    case.resolved_at = None
    case.waiting_since = min(open_, default=None)
    case.status = Status.WAITING if open_ else Status.ANSWERED


def _is_closed(case: Case, ours: Sequence[_Line]) -> bool:
    """Whether nobody has anything to do: it was resolved, or nobody wants to hear what was written."""
    return case.status == Status.RESOLVED or not (ours or case.reopened_at)


def _from_this_desk(session: Session, case: Case) -> dict[str, bool]:
    """X's ids of what was sent from here, and whether it is no person's."""
    theirs = select(ReplyPart.x_id, ~whose.by_people()).join(Reply, col(Reply.id) == ReplyPart.reply_id)
    sent = session.exec(theirs.where(Reply.case_id == case.id, col(ReplyPart.x_id).is_not(None)))
    return {x_id: nobodys for x_id, nobodys in sent if x_id}
