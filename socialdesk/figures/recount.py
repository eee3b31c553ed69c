"""Count everything anew, a bounded number of rows at a time, and see whether what was kept had been right.

Written apart from counting.py, from what is stored alone: that both agree is the proof of either.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy import select as select_columns
from sqlmodel import Field, Session, SQLModel, col, func, select

from socialdesk import clock, parts
from socialdesk.bulk import insert_rows
from socialdesk.cases import Case
from socialdesk.figures import counting, durations, rollups, waits, whose
from socialdesk.figures.buckets import Bucket, hour_of
from socialdesk.figures.rollups import FigureCount, Figures, HourCount, TopicCount, Topics
from socialdesk.figures.waits import Happened, Lengths, Wait, WaitLength
from socialdesk.history import CaseEvent
from socialdesk.messages import Direction, Message
from socialdesk.parts import ReplyPart
from socialdesk.replies import Reply, State
from socialdesk.versions import MessageVersion

BATCH = 5_000  # rows held at once
_TABLES: tuple[type[SQLModel], ...] = (FigureCount, HourCount, TopicCount, WaitLength, Wait)


class FigureCounting(SQLModel, table=True):
    """When everything was last counted anew; without its one row, what an older version wrote is missing."""

    __tablename__ = "figure_counting"

    id: int = Field(default=1, primary_key=True)
    counted_at: datetime


@dataclass(slots=True)
class Recounted:
    """What there should be."""

    figures: Figures = field(default_factory=lambda: defaultdict(Counter))
    topics: Topics = field(default_factory=Counter)
    lengths: Lengths = field(default_factory=Counter)
    same_waits: bool = True  # whether the cases said rightly since when they are unanswered


def is_needed(session: Session) -> bool:
    """Whether an older version has written what was never counted."""
    return session.get(FigureCounting, 1) is None


def rebuild(session: Session) -> bool:
    """Count everything anew; returns whether the kept figures had been right.

    Whoever else would change a figure waits until it is done.
    """
    _hold_all(session)
    before, waited = kept(session), _waits(session)
    _empty(session)
    found = Recounted()
    for count in (_messages, _cases, _replies, _parts, _waits_anew):
        count(session, found)
    rollups.add(session, found.figures, found.topics)
    waits.add_lengths(session, found.lengths)
    session.merge(FigureCounting(id=1, counted_at=clock.now()))
    session.flush()
    return found.same_waits and before == kept(session) and waited == _waits(session)


def kept(session: Session) -> list[tuple[Any, ...]]:
    """All kept sums that are not zero, in one order."""
    counts = [row for row in _rows(session, FigureCount) if any(row[len(rollups.KEY) :])]
    others = [row for table in (TopicCount, HourCount) for row in _rows(session, table) if row[-1]]
    lengths = [
        (*row[:-1], steps) for row in _rows(session, WaitLength) if (steps := durations.from_bytes(row[-1]))
    ]
    return [*sorted(counts), *sorted(others, key=str), *sorted(lengths)]


def _rows(session: Session, table: type[SQLModel]) -> Iterator[tuple[Any, ...]]:
    """Plain: objects would take ten times as long."""
    columns: Any = [getattr(table, name) for name in table.model_fields]
    for row in session.connection().execute(select_columns(*columns)):
        yield tuple(row)


def _waits(session: Session) -> int:
    """What tells whether all waits are the same ones: the sum, so that their order does not matter."""
    told: Any = (Wait.case_id, Wait.began_at, Wait.reopened, Wait.answered_at, Wait.language)
    return sum(hash(tuple(row)) for row in session.connection().execute(select_columns(*told)))


def _hold_all(session: Session) -> None:
    connection = session.connection()
    if connection.dialect.name != "sqlite":  # there a writer is alone anyway
        connection.execute(
            text("LOCK TABLE figure_counts, hour_counts, topic_counts, wait_lengths, waits IN EXCLUSIVE MODE")
        )


def _empty(session: Session) -> None:
    session.flush()
    for table in _TABLES:
        session.connection().execute(delete(table))
    session.expunge_all()


def _messages(session: Session, found: Recounted) -> None:
    """Of ours only those that were not sent from here, as whole replies or in part."""
    columns = (Message.id, Message.account_id, Message.sent_at, Message.language, Message.visibility)
    more = (Message.direction, Message.language_source, Message.x_id)
    for rows in _in_batches(session, select(*columns, *more), Message.id):  # type: ignore[call-overload]
        ours = [row.x_id for row in rows if row.direction == Direction.OUTBOUND]
        sent = parts.linked(session, ours)
        for row in rows:
            bucket = Bucket(hour_of(row.sent_at), row.account_id, row.language, row.visibility)
            if row.direction == Direction.INBOUND:
                found.figures[bucket]["received"] += 1
            elif row.language_source != counting.FROM_DESK and row.x_id not in sent:
                found.figures[bucket]["elsewhere"] += 1


def _cases(session: Session, found: Recounted) -> None:
    columns = (Case.id, Case.account_id, Case.opened_at, Case.language, Case.visibility, Case.topic)
    promised = (Case.first_in_target, Case.resolved_in_target, Case.next_in_target, Case.next_late)
    query = select(*columns, *promised).where(col(Case.merged_into_id).is_(None))  # type: ignore[call-overload]
    for rows in _in_batches(session, query, Case.id):
        for row in rows:
            bucket = Bucket(hour_of(row.opened_at), row.account_id, row.language, row.visibility)
            found.figures[bucket].update(opened=1, **_kept_by(row))
            if row.topic:
                found.topics[bucket, row.topic] += 1


def _kept_by(case: Any) -> dict[str, int]:
    """What became of a case's targets; undecided ones are neither True nor False."""
    return {
        "first_met": int(case.first_in_target is True),
        "first_missed": int(case.first_in_target is False),
        "next_met": case.next_in_target,
        "next_missed": case.next_late,
        "resolved_met": int(case.resolved_in_target is True),
        "resolved_missed": int(case.resolved_in_target is False),
    }


def _replies(session: Session, found: Recounted) -> None:
    query = select(Reply, Message.language).join(
        Message, (col(Message.account_id) == Reply.account_id) & (col(Message.x_id) == Reply.x_id)
    )
    for rows in _in_batches(session, query.where(Reply.state == State.SENT), Reply.id):
        for reply, language in rows:
            assert reply.sent_at is not None
            bucket = Bucket(hour_of(reply.sent_at), reply.account_id, language, reply.visibility)
            found.figures[bucket].update(counting.of_reply(reply))
        session.expunge_all()


def _parts(session: Session, found: Recounted) -> None:
    """What was paid for: every part that X has, whatever became of its reply."""
    columns: Any = (Reply.account_id, Reply.visibility, Message.language)
    query = (
        select(ReplyPart.number, ReplyPart.text, counting.LEFT_AT.label("left_at"), *columns)
        .join(Reply, col(Reply.id) == ReplyPart.reply_id)
        .join(Message, (col(Message.account_id) == Reply.account_id) & (col(Message.x_id) == ReplyPart.x_id))
    )
    for rows in _in_batches(session, query, ReplyPart.id):
        for row in rows:
            bucket = Bucket(hour_of(row.left_at), row.account_id, row.language, row.visibility)
            figure, micro = counting.cost_of(row.number, row.text, row.visibility)
            found.figures[bucket][figure] += micro


def _waits_anew(session: Session, found: Recounted) -> None:
    """From what the cases' history says: who answered or reopened them, and in which order."""
    for rows in _in_batches(session, select(Case), Case.id):
        about = {case.id: case for case in rows}
        told = [each for each in _told(session, min(about), max(about)) if each.case_id in about]
        anew: dict[int, list[Wait]] = defaultdict(list)
        for each in told:
            waits.tell(anew[each.case_id], Happened(about[each.case_id], each.at, reopens=each.reopens))
        for case in rows:
            since = waits.unanswered_since(case, anew.get(case.id, ()))
            found.same_waits &= case.unanswered_since == since
            case.unanswered_since = since
        session.flush()
        session.expunge_all()
        waits.measure(session, (wait for mine in anew.values() for wait in mine))
        _store(session, [wait for mine in anew.values() for wait in mine], found)


def _told(session: Session, first: int, last: int) -> Iterator[Any]:
    """The happenings that begin and end waits, in these cases."""
    kinds = ("reopened", "we_wrote", "reply_sent")
    query = select(CaseEvent).where(
        col(CaseEvent.case_id) >= first, col(CaseEvent.case_id) <= last, col(CaseEvent.kind).in_(kinds)
    )
    events = session.exec(query.order_by(col(CaseEvent.id))).all()
    replied = _reply_moments(session, [each.details["reply"] for each in events if "reply" in each.details])
    written = _written_moments(session, [each.details.get("message", "") for each in events])
    for each in events:
        if "undone" in each.details:  # a resolving that never was
            continue
        if moment := _moment(each, replied, written):
            yield _Told(each.case_id, moment, each.kind == "reopened")


@dataclass(frozen=True, slots=True)
class _Told:
    case_id: int
    at: datetime
    reopens: bool


def _moment(event: CaseEvent, replied: dict[int, datetime], written: dict[str, Any]) -> datetime | None:
    if event.kind == "reply_sent":
        return replied.get(event.details["reply"])
    message = written.get(event.details.get("message", ""))
    if event.kind == "reopened":
        return message.sent_at if message else event.at
    return message.sent_at if message and message.language_source != counting.FROM_DESK else None


def _reply_moments(session: Session, reply_ids: Iterable[int]) -> dict[int, datetime]:
    query = select(Reply.id, Reply.sent_at).where(whose.by_people())
    found = session.exec(query.where(Reply.state == State.SENT, col(Reply.id).in_(list(reply_ids))))
    return {reply_id: at for reply_id, at in found if reply_id and at}


def _written_moments(session: Session, x_ids: Iterable[str]) -> dict[str, Any]:
    """By the id of whichever version the event names; ids of X are one account's."""
    wanted = list(x_ids)
    about: Any = (Message.x_id, Message.sent_at, Message.language_source)
    newest: Any = select(*about).where(col(Message.x_id).in_(wanted))
    older: Any = select(MessageVersion.x_id, *about[1:]).join(
        Message, col(Message.id) == MessageVersion.message_id
    )
    connection = session.connection()
    earlier = connection.execute(older.where(col(MessageVersion.x_id).in_(wanted)))
    return {row.x_id: row for row in (*earlier, *connection.execute(newest))}


def _store(session: Session, anew: list[Wait], found: Recounted) -> None:
    names = [name for name in Wait.model_fields if name != "id"]
    insert_rows(session, Wait, [{name: getattr(wait, name) for name in names} for wait in anew])
    for wait in anew:
        bucket = Bucket(hour_of(wait.began_at), wait.account_id, wait.language, wait.visibility)
        found.figures[bucket]["reopened"] += wait.reopened
        if wait.length is not None:
            found.figures[bucket]["responded"] += 1
            for step in durations.steps_of(wait.length, wait.open_seconds):
                found.lengths[bucket, step] += 1


def _in_batches(session: Session, query: Any, row_id: Any) -> Iterator[Any]:
    """The query's rows by rising id, some thousand at a time."""
    last = session.exec(select(func.coalesce(func.max(row_id), 0))).one()
    for first in range(0, last, BATCH):
        within = query.where(row_id > first, row_id <= first + BATCH).order_by(row_id)
        if rows := session.exec(within).all():
            yield rows
