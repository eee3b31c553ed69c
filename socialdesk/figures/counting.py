"""Each change of a case, a message or a reply changes the kept figures in the same transaction.

What the session's objects change is noted whenever it writes them; rows that are stored past it are noted by
who stores them (`note_messages`). What happened to cases, and to replies, is heard from their history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import event, func, inspect
from sqlalchemy.orm.base import NO_VALUE
from sqlmodel import Session, SQLModel, col, select

from socialdesk import history, prices
from socialdesk.cases import Case, Status
from socialdesk.figures import durations, promised, rollups, waits, whose
from socialdesk.figures.buckets import Bucket, hour_of
from socialdesk.figures.waits import Happened, Wait
from socialdesk.messages import Direction, Message
from socialdesk.parts import ReplyPart
from socialdesk.replies import Reply, State

_Heard = tuple[Case, str, dict[str, Any], datetime]
MICRO = 1_000_000  # costs are kept in millionths of a dollar
FROM_DESK = "reply"  # the `language_source` of what was sent from here
_HEARD, _MOVED, _LENGTHS, _DOUBTFUL = "figures_heard", "figures_moved", "figures_lengths", "figures_doubtful"
_LEFT = "figures_left"  # X's ids of the parts that it has taken
_OF_CASE = frozenset(
    ("account_id", "opened_at", "language", "visibility", "merged_into_id", "topic", *promised.COLUMNS)
)
_OF_MESSAGE = frozenset(("account_id", "sent_at", "language", "visibility", "direction"))
_OF_WAIT = frozenset(("began_at", "answered_at", "open_seconds", "language", "visibility", "account_id"))
_MOVES_WAITS = frozenset(("opened_at", "language", "visibility"))
_BEGINS = frozenset(("status", "opened_at"))


def note_messages(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Count messages that are stored as plain rows: one walk through them, and no statement."""
    for row in rows:
        _count_message(session, row, 1)


def note_cases(session: Session, new: Iterable[Case]) -> None:
    """The same of new cases, which wait for their first answer if they wait at all."""
    for case in new:
        case.unanswered_since = case.opened_at if case.status == Status.WAITING else None
        _count_case(session, case.__dict__, 1)


def _count_message(session: Session, row: Mapping[str, Any], number: int) -> None:
    bucket = Bucket(hour_of(row["sent_at"]), row["account_id"], row["language"], row["visibility"])
    if row["direction"] == Direction.INBOUND:
        rollups.note(session, bucket, "received", number)
    elif row["language_source"] != FROM_DESK:
        rollups.note(session, bucket, "elsewhere", number)


def _count_case(session: Session, row: Mapping[str, Any], number: int) -> None:
    if row["merged_into_id"] is not None:
        return
    bucket = Bucket(hour_of(row["opened_at"]), row["account_id"], row["language"], row["visibility"])
    rollups.note(session, bucket, "opened", number)
    for figure, targets in promised.of_case(row):
        if targets:
            rollups.note(session, bucket, figure, number * targets)
    if topic := row.get("topic"):  # a new case has only what it was given
        rollups.note_topic(session, bucket, topic, number)


def _count_wait(session: Session, row: Mapping[str, Any], number: int) -> None:
    bucket = Bucket(hour_of(row["began_at"]), row["account_id"], row["language"], row["visibility"])
    if row["reopened"]:
        rollups.note(session, bucket, "reopened", number)
    took = waits.length(row["began_at"], row["answered_at"])
    if took is not None:
        rollups.note(session, bucket, "responded", number)
        lengths: waits.Lengths = session.info.setdefault(_LENGTHS, Counter())
        for step in durations.steps_of(took, row["open_seconds"]):
            lengths[bucket, step] += number


_COUNTED: dict[type[SQLModel], tuple[frozenset[str], Any]] = {
    Case: (_OF_CASE, _count_case),
    Message: (_OF_MESSAGE, _count_message),
    Wait: (_OF_WAIT, _count_wait),
}


def _note_flush(session: Session, *_: object) -> None:
    for row in session.new:
        if counted := _COUNTED.get(type(row)):
            counted[1](session, row.__dict__, 1)
    for row in session.dirty:
        if counted := _COUNTED.get(type(row)):
            _note_change(session, row, *counted)
        elif isinstance(row, ReplyPart) and row.x_id and "x_id" in inspect(row).committed_state:
            session.info.setdefault(_LEFT, set()).add(row.x_id)


def _note_change(session: Session, row: Any, watched: frozenset[str], count: Any) -> None:
    was = inspect(row).committed_state
    changed = watched & was.keys()
    if not changed:
        return
    before = row.__dict__ | {name: None if was[name] is NO_VALUE else was[name] for name in changed}
    if before == row.__dict__:
        return
    count(session, before, -1)
    count(session, row.__dict__, 1)
    if isinstance(row, Case) and row.id and changed & _MOVES_WAITS:
        session.info.setdefault(_MOVED, {})[row.id] = row


def _begin_or_end(session: Session, *_: object) -> None:
    """A new case waits for its first answer, one that does not wait never does; what waits anew, or since
    another moment, is looked into when the transaction ends."""
    for row in (*session.new, *session.dirty):
        if not isinstance(row, Case):
            continue
        if row.status != Status.WAITING:
            row.unanswered_since = None
        elif row.id is None or row in session.new:
            row.unanswered_since = row.opened_at
        elif _BEGINS & inspect(row).committed_state.keys():
            session.info.setdefault(_DOUBTFUL, {})[row.id] = row


def _hear(session: Session, case: Case, kind: str, _: int | None, told: dict[str, Any]) -> None:
    if kind in ("reopened", "we_wrote", "reply_sent") and "undone" not in told:
        session.info.setdefault(_HEARD, []).append((case, kind, told, history.last_at(session)))


def _settle(session: Session) -> None:
    """Everything the transaction has changed, added to the kept figures."""
    session.flush()
    heard, moved = session.info.pop(_HEARD, []), session.info.pop(_MOVED, {})
    doubtful = session.info.pop(_DOUBTFUL, {})
    if left := session.info.pop(_LEFT, set()):
        _count_parts(session, left)
    if heard or moved or doubtful:
        waits.follow(session, _happened(session, heard), moved, doubtful)
        session.flush()
    rollups.write(session)
    waits.add_lengths(session, session.info.pop(_LENGTHS, Counter()))
    session.flush()


def _forget(session: Session) -> None:
    for kept in (_HEARD, _MOVED, _LENGTHS, _DOUBTFUL, _LEFT):
        session.info.pop(kept, None)


def _happened(session: Session, heard: Sequence[_Heard]) -> list[Happened]:
    """What of it begins a wait or ends one; replies are counted here as well."""
    written = _messages(session, heard)
    found = []
    for case, kind, told, at in heard:
        message = written.get((case.account_id, told.get("message", "")))
        if kind == "reply_sent":
            reply = session.get_one(Reply, told["reply"])
            _count_reply(session, reply)
            if reply.sent_at and whose.is_persons(reply):
                found.append(Happened(case, reply.sent_at))
        elif kind == "reopened":
            found.append(Happened(case, message.sent_at if message else at, reopens=True))
        elif message and message.language_source != FROM_DESK:
            found.append(Happened(case, message.sent_at))
    return found


def _messages(session: Session, heard: Sequence[_Heard]) -> dict[tuple[int, str], Any]:
    x_ids = {told["message"] for _, _, told, _ in heard if "message" in told}
    return _by_x_id(session, {case.account_id for case, *_ in heard}, x_ids)


def _by_x_id(session: Session, account_ids: Collection[int], x_ids: Collection[str]) -> dict[Any, Any]:
    if not x_ids:
        return {}
    query: Any = select(*_ABOUT).where(
        col(Message.account_id).in_(sorted(account_ids)), col(Message.x_id).in_(sorted(x_ids))
    )
    return {(row.account_id, row.x_id): row for row in session.connection().execute(query)}


_ABOUT: Any = (
    Message.account_id,
    Message.x_id,
    Message.sent_at,
    Message.language,
    Message.visibility,
    Message.direction,
    Message.language_source,
)


def _count_parts(session: Session, x_ids: Collection[str]) -> None:
    """What X has taken is paid for, whatever becomes of the rest of its reply."""
    found: Any = session.connection().execute(_OF_PARTS.where(col(ReplyPart.x_id).in_(sorted(x_ids))))
    for part in found:
        bucket = Bucket(hour_of(part.left_at), part.account_id, part.language, part.visibility)
        rollups.note(session, bucket, *cost_of(part.number, part.text, part.visibility))
        if part.language_source != FROM_DESK:  # X has told us of it first, and it was taken for another's
            _count_message(session, part._mapping, -1)


# Parts that were stored before their own moment was have their message's.
LEFT_AT: Any = func.coalesce(ReplyPart.sent_at, Message.sent_at)
_OF_PARTS: Any = (
    select(*_ABOUT, ReplyPart.number, ReplyPart.text, LEFT_AT.label("left_at"))  # type: ignore
    .join(Reply, col(Reply.id) == ReplyPart.reply_id)
    .join(Message, (col(Message.account_id) == Reply.account_id) & (col(Message.x_id) == ReplyPart.x_id))
)


def _count_reply(session: Session, reply: Reply) -> None:
    """One, however many parts it has; its language is that in which its first part is kept."""
    written = _by_x_id(session, [reply.account_id], {reply.x_id} if reply.x_id else ())
    first = written.get((reply.account_id, reply.x_id))
    if reply.state != State.SENT or reply.sent_at is None or first is None:
        return
    bucket = Bucket(hour_of(reply.sent_at), reply.account_id, first.language, reply.visibility)
    for figure in of_reply(reply):
        rollups.note(session, bucket, figure)


def is_unchanged(reply: Reply) -> bool:
    """Whether it left with its template's words; of what an older version approved, whether nobody has
    changed the draft."""
    if reply.verbatim is not None:
        return reply.verbatim
    return reply.template_id is not None and reply.revision == 1


def of_reply(reply: Reply) -> Iterator[str]:
    """The figures in which one reply that was sent counts."""
    if not whose.is_persons(reply):
        yield "automated"
        return
    yield "replied"
    if is_unchanged(reply):
        yield "unchanged"


def cost_of(number: int, text: str, visibility: str) -> tuple[str, int]:
    """The figure to which a part that X has taken adds, and how much."""
    kind, price = prices.of_part(number, text, visibility)
    return f"cost_{kind}", int(price * MICRO)


event.listen(Session, "before_flush", _begin_or_end)
event.listen(Session, "after_flush", _note_flush)
event.listen(Session, "before_commit", _settle)
event.listen(Session, "after_rollback", _forget)
history.followers.append(_hear)
