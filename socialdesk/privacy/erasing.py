"""Erasing a person (GDPR, article 17): their words, their names and what was written to them leave the desk.

Cases, counts and statistics stay as they are, about nobody. X's ids of posts stay too, so that none of them
comes in again, and so does the audit log, which nobody can change: it has neither words nor handles of
theirs. What is left to know them by is in tombstones.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from sqlalchemy import delete, text, update
from sqlmodel import Session, col, select

from socialdesk import audit, cases, customers, history, mail, replies, search
from socialdesk.automation.runs import RuleRun
from socialdesk.cases import Case
from socialdesk.casework.notes import Note, NoteVersion
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.errors import AlreadyDone, Conflict, NotFound
from socialdesk.fitting.links import find_links
from socialdesk.history import CaseEvent
from socialdesk.messages import Message, Visibility
from socialdesk.parts import ReplyPart
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.privacy import strays, tombstones
from socialdesk.replies import UNDER_WAY, Reply, State
from socialdesk.replying.jottings import Jotting
from socialdesk.satisfaction import questions
from socialdesk.search import Source
from socialdesk.versions import MessageVersion

INSTEAD = mark("Erased at this person's request.")
ERASED = "person_erased"  # the kind of what is told in the history and in the audit log
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)  # as if X had been asked then: it is not asked about these again
_FREE_WORDS = ("why", "because")
_OWN_WORDS = ("silenced", "message_gone")  # whose reason is a word of the desk's
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Traces:
    """How much there is of somebody; `unplaced` and `set_aside` are in no case."""

    cases: int
    messages: int
    replies: int
    notes: int
    unsaved: int
    unplaced: int
    set_aside: int
    on_the_way: int


def traces(session: Session, customer: Customer) -> Traces:
    case_ids = _case_ids(session, customer)
    return Traces(
        cases=len(case_ids),
        messages=len(_ids(session, Message, case_ids)),
        replies=len(_ids(session, Reply, case_ids)),
        notes=len(_ids(session, Note, case_ids)),
        unsaved=len(_ids(session, Jotting, case_ids)),
        unplaced=len(strays.unplaced(session, customer)),
        set_aside=len(strays.set_aside(session, customer)),
        on_the_way=len(_under_way(session, case_ids)),
    )


def erase(session: Session, customer_id: int, *, by: Agent) -> Traces:
    """What was there is returned. Raises NotFound, AlreadyDone, and Conflict while a reply is on its way.

    On SQLite what is freed is overwritten; older traces in the file and its log go with `scrub`.
    """
    customer = _held(session, customer_id)
    mine = [cases.hold(session, case_id) for case_id in _case_ids(session, customer)]
    case_ids = [case.id or 0 for case in mine]
    if _under_way(session, case_ids):
        raise Conflict(
            _("A reply to this person is on its way: wait until it is sent, or take it back first.")
        )
    found = traces(session, customer)
    _overwrite(session)
    _take_back(session, case_ids, by)
    strays.erase(session, customer)
    _lay_to_rest(session, customer, by)
    mail.forget_of(session, customer_id)
    questions.forget_of(session, customer_id)
    _empty_written(session, case_ids)
    _empty_histories(session, case_ids)
    for case in mine:
        case.excerpt, case.topic_words, case.exposed = INSTEAD, None, False
        history.record(case, ERASED, by=by.id)
    audit.record(session, ERASED, by=by.id, subject=f"customer {customer_id}", cases=found.cases)
    session.flush()
    _forget_words(session)
    session.expire_all()
    return found


def _held(session: Session, customer_id: int) -> Customer:
    if session.get(Customer, customer_id) is None:
        raise NotFound(_("There is no such customer."))
    customer = customers.hold(session, customer_id)
    if tombstones.of_customer(session, customer_id):
        raise AlreadyDone(_("This person was erased already."))
    return customer


def _case_ids(session: Session, customer: Customer) -> list[int]:
    found = select(Case.id).where(Case.customer_id == customer.id).order_by(col(Case.id))
    return [case_id for case_id in session.exec(found) if case_id is not None]


def _ids(session: Session, table: Any, case_ids: Collection[int]) -> list[int]:
    return list(session.exec(select(table.id).where(col(table.case_id).in_(case_ids))))


def _under_way(session: Session, case_ids: Collection[int]) -> Sequence[Reply]:
    return _in_states(session, case_ids, UNDER_WAY)


def _in_states(session: Session, case_ids: Collection[int], states: Collection[State]) -> Sequence[Reply]:
    query = select(Reply).where(col(Reply.case_id).in_(case_ids), col(Reply.state).in_(states))
    return session.exec(query.order_by(col(Reply.id))).all()


def _take_back(session: Session, case_ids: Collection[int], by: Agent) -> None:
    """Nobody shall let a draft go that has no words."""
    for reply in _in_states(session, case_ids, (State.DRAFT, State.HELD)):
        replies.cancel(session, reply, by=by)


def _lay_to_rest(session: Session, customer: Customer, by: Agent) -> None:
    customer_id, opted_out = customer.id or 0, customer.opted_out_at is not None
    tombstones.lay(session, customer.x_id, customer_id=customer_id, opted_out=opted_out, by=by.id)
    customer.x_id = tombstones.shell(customer_id)
    customer.handle = customer.name = customer.language = customer.followers = None
    customer.business, customer.blocked_at, customer.blocked_by_id = False, None, None
    session.add(customer)
    session.flush()
    search.forget(session, [customer_id], Source.CUSTOMER)


def _empty_written(session: Session, case_ids: Sequence[int]) -> None:
    message_ids, reply_ids = _ids(session, Message, case_ids), _ids(session, Reply, case_ids)
    note_ids = _ids(session, Note, case_ids)
    for source, ids in ((Source.MESSAGE, message_ids), (Source.REPLY, reply_ids), (Source.NOTE, note_ids)):
        for some in _batches(ids):
            search.forget(session, some, source)
    _empty_messages(session, message_ids)
    _empty_replies(session, reply_ids)
    _set(session, Note.id, note_ids, text=INSTEAD, edited_at=None)
    _delete(session, NoteVersion.note_id, note_ids)
    _delete(session, Jotting.case_id, case_ids)


def _empty_messages(session: Session, ids: Sequence[int]) -> None:
    _set(session, Message.id, ids, text=INSTEAD, personal=None, edited_at=None, looked_at=_NEVER)
    private = select(Message.id).where(
        col(Message.id).in_(ids), Message.visibility == Visibility.PRIVATE
    )  # X's id of such a conversation has the person's in it
    _set(session, Message.id, [each or 0 for each in session.exec(private)], conversation_id=None)
    _set(session, MessageVersion.message_id, ids, text="")


def _empty_replies(session: Session, ids: Sequence[int]) -> None:
    for reply in _rows(session, Reply, Reply.id, ids):
        told = {"sent_back_why": "" if reply.sent_back_why else None, "trouble": None}
        _set(session, Reply.id, [reply.id or 0], text=INSTEAD, text_hash=f"erased-{reply.id}", **told)
    for part in _rows(session, ReplyPart, ReplyPart.reply_id, ids):
        _set(session, ReplyPart.id, [part.id or 0], text=_as_dear(part.text))


def _as_dear(words: str) -> str:
    """X charges more for a post with a link, and what was paid stays as it is."""
    return f"{INSTEAD} https://x.com" if find_links(words) else INSTEAD


def _empty_histories(session: Session, case_ids: Sequence[int]) -> None:
    _set(session, RuleRun.case_id, case_ids, why="")
    for event in _rows(session, CaseEvent, CaseEvent.case_id, case_ids):
        free = [word for word in _FREE_WORDS if word in event.details and event.kind not in _OWN_WORDS]
        if free:
            told = json.dumps(event.details | dict.fromkeys(free, ""), ensure_ascii=False)
            _set(session, CaseEvent.id, [event.id or 0], told=told)


def _rows(session: Session, table: Any, column: Any, ids: Sequence[int]) -> Sequence[Any]:
    queries = (select(table).where(col(column).in_(some)) for some in _batches(ids))
    return list(chain.from_iterable(session.exec(query).all() for query in queries))


def _set(session: Session, column: Any, ids: Sequence[int], **values: Any) -> None:
    for some in _batches(ids):
        session.connection().execute(update(column.class_).where(column.in_(some)).values(**values))


def _delete(session: Session, column: Any, ids: Sequence[int]) -> None:
    for some in _batches(ids):
        session.connection().execute(delete(column.class_).where(column.in_(some)))


def _batches(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]


def _overwrite(session: Session) -> None:
    if session.connection().dialect.name == "sqlite":
        session.connection().execute(text("PRAGMA secure_delete = ON"))


def _forget_words(session: Session) -> None:
    """The full-text index of SQLite keeps deleted words until its pieces are made into one."""
    if session.connection().dialect.name == "sqlite":
        session.connection().execute(text("INSERT INTO search_words (search_words) VALUES ('optimize')"))


_TOUCHED = (
    "customers, cases, messages, message_versions, replies, reply_parts, jottings, notes, note_versions,"
    " search_entries, case_events, rule_runs, mails,"
    " mail_attachments, closing_questions, quarantined_items, unplaced_messages, walk_pages"
)


def scrub(database: Database) -> None:
    """Write the database anew without what it holds of rows that are gone; nobody else writes meanwhile."""
    if database.is_sqlite:
        connection = database.engine.raw_connection()
        try:
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                connection.cursor().execute(statement).fetchall()
        finally:
            connection.close()
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connected:
        connected.execute(text(f"VACUUM (FULL) {_TOUCHED}"))
