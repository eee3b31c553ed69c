"""Our replies, from draft to sent; a reply's own row says where it stands.

    draft ── approve ──> approved ── claim ──> sending ──> sent
      │                     ↑  ↑                 ├──> held      X said no: an agent decides
      └──> cancelled        │  ├─ said "later" ──┤
                            │  └─ another part ──┤
                            └──── not on X ── unknown <── no answer: X's own timeline decides

A long one leaves in parts (parts.py), and the state is that of the part now due; a held one can be let go on
where it stopped. What a reply answers decides where it goes: the schema itself refuses a public reply to a
private message. Writing one is in drafts.py, sending a held one again in again.py; how approved ones get out
is in outbox.py.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, false, text, true, update
from sqlalchemy.engine import CursorResult
from sqlmodel import Field, Index, Session, SQLModel, col, func, select

from socialdesk import cases, clock, latecomers, messages, parts
from socialdesk.bulk import among
from socialdesk.database import one_of, only_where
from socialdesk.errors import AlreadyDone, NotFound, Remedy, StaleDraft
from socialdesk.messages import Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import SOURCE, read_in
from socialdesk.phrases import gettext as _


class State(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    HELD = "held"
    CANCELLED = "cancelled"


UNDER_WAY = (State.APPROVED, State.SENDING, State.UNKNOWN)
UNSENT = (State.DRAFT, *UNDER_WAY, State.HELD)
# May still reach X or has reached it: the same words to the same message only once.
ALIVE = text("state IN ('approved', 'sending', 'unknown', 'sent')")
_SUBMITTED = text("state = 'draft' AND submitted_at IS NOT NULL")
_FROM_TEMPLATE = text("state = 'sent' AND template_id IS NOT NULL")


class Reply(SQLModel, table=True):
    """What one of us wrote in answer to one message.

    `seen_message_id` is the message, of the customer's or from X's own app, that had come in last when the
    author wrote, and `seen_reply_id` the newest reply of ours on its way or sent, 0 for none; `due_at`
    is when the outbox looks at it next; `approved_at` is when somebody last said that it may go;
    `baseline_x_id` is the newest of our posts known before the part now due was tried first: if it
    arrived, its id is higher.

    `x_id` is its first part's. `remedy` says what an agent can do about the `trouble`. What is `automated`
    waits for replies that people wrote: nobody approves it, and who switched the rule on is its author. What
    does not settle what it answers leaves the customer waiting for a person.

    A draft that was submitted waits for a second person, who approves it or sends it back with a reason;
    `seen_x_id` is X's id of that version of the answered post which the author saw. An approved one is
    `verbatim` when its words are its template's, the gaps for agents filled; None where nobody looked.
    """

    __tablename__ = "replies"
    __table_args__ = (
        one_of("state", State),
        one_of("visibility", Visibility),
        one_of("remedy", Remedy),
        ForeignKeyConstraint(["answers_id", "answers_visibility"], ["messages.id", "messages.visibility"]),
        CheckConstraint("visibility = 'private' OR answers_visibility = 'public'", name="door"),
        Index("ix_replies_outbox", "account_id", "state", "due_at"),
        Index("ix_replies_case_id", "case_id"),
        Index("uq_replies_alive", "answers_id", "text_hash", unique=True, **only_where(ALIVE)),
        Index("ix_replies_submitted_at", "submitted_at", **only_where(_SUBMITTED)),
        Index("ix_replies_template_id", "template_id", "sent_at", **only_where(_FROM_TEMPLATE)),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    case_id: int = Field(foreign_key="cases.id")
    answers_id: int
    answers_visibility: str
    visibility: str
    seen_message_id: int
    seen_reply_id: int = 0
    state: str = State.DRAFT
    revision: int = 1
    template_id: str | None = None
    automated: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    by_rule: str | None = None
    settles: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    text: str
    text_hash: str
    drafted_by_id: int = Field(foreign_key="agents.id")
    drafted_at: datetime
    approved_by_id: int | None = Field(default=None, foreign_key="agents.id")
    approved_at: datetime | None = None
    due_at: datetime | None = None
    attempts: int = 0
    attempt_at: datetime | None = None
    baseline_x_id: str | None = None
    sent_at: datetime | None = None
    x_id: str | None = Field(default=None, unique=True)
    submitted_at: datetime | None = None
    submitted_by_id: int | None = Field(default=None, foreign_key="agents.id")
    sent_back_at: datetime | None = None
    sent_back_by_id: int | None = Field(default=None, foreign_key="agents.id")
    sent_back_why: str | None = None
    seen_x_id: str | None = None
    verbatim: bool | None = None
    trouble: str | None = None  # why it is held, late or unknown, in words an agent can act on
    remedy: str | None = None

    @property
    def private(self) -> bool:
        return self.visibility == Visibility.PRIVATE


def approve(
    session: Session,
    reply: Reply,
    *,
    by: Agent | None,
    revision: int | None = None,
    sign_off: str = "",
    undo: timedelta = timedelta(),
    verbatim: bool | None = None,
) -> None:
    """Let the draft go out. Of two agents who approve at once, one wins and the other is told.

    It is divided into its parts here, those of a public reply with `sign_off`, the setting; for as long as
    `undo` it waits. What else stands against it is for approvals.py to say. Raises StaleDraft when the case
    has moved on since the draft was written, AlreadyDone when it is none any more, or these words have gone.
    """
    case = cases.hold(session, reply.case_id)
    session.refresh(reply)
    refuse_stale(session, reply, revision)
    refuse_repetition(session, reply)
    now = clock.now()
    moved = move(
        session,
        reply,
        State.APPROVED,
        since=(State.DRAFT,),
        approved_by_id=by.id if by else None,
        approved_at=now,
        due_at=now + undo,
        trouble=None,
        remedy=None,
        verbatim=verbatim,
    )
    if not moved:
        raise AlreadyDone(_who_was_faster(session, reply))
    given = divided(session, reply, sign_off)
    parts.lay_down(session, reply.id or 0, given)
    case.reply_moved(reply.id or 0, State.APPROVED, by=by.id if by else None)
    if by:
        parts.tell_approved(session, case, reply.id or 0, reply.text, given, by=by.id)


def divided(session: Session, reply: Reply, sign_off: str) -> list[str]:
    """The reply as X will be given it, part by part, signed by who wrote it."""
    author = session.get_one(Agent, reply.drafted_by_id)
    signed = "" if reply.automated else parts.signature(sign_off, author.initials)
    return parts.divide(reply.text, private=reply.private, sign_off=signed)


def newest_given(session: Session, case_id: int) -> int:
    """The row id of the case's newest answer that is on its way to X or there; 0 when there is none."""
    query = select(func.max(Reply.id)).where(Reply.case_id == case_id, ALIVE)
    return session.exec(query).one() or 0


def newest_there(session: Session, case_id: int) -> int:
    """The row id of the newest message of the customer's or from X's own app: who looks now has seen that."""
    return max(messages.newest_seen(session, case_id), parts.newest_elsewhere(session, case_id))


def cancel(session: Session, reply: Reply, *, by: Agent) -> None:
    """Take it back, or what of it is not on X. Raises AlreadyDone once it is on its way, or there."""
    case = cases.hold(session, reply.case_id)
    row = parts.of_reply(session, reply.id or 0)
    with read_in(SOURCE):  # it is stored
        there = parts.told(row)
    since = (State.DRAFT, State.APPROVED, State.HELD)
    if not move(session, reply, State.CANCELLED, since=since, trouble=there, remedy=None):
        raise AlreadyDone(latecomers.too_late(reply.state, parts.told(row)))
    case.reply_moved(reply.id or 0, State.CANCELLED, by=by.id, why=there)


def move(
    session: Session,
    reply: Reply,
    to: State,
    *,
    since: Sequence[State],
    attempt: int | None = None,
    **changes: Any,
) -> bool:
    """One conditional UPDATE; False when the reply is in none of the states `since` any more.

    With an `attempt` also when there has been another since: whoever was frozen and wakes up late
    finds the door shut.
    """
    same = col(Reply.attempts) == (reply.attempts if attempt is None else attempt)
    statement = (
        update(Reply)
        .where(col(Reply.id) == reply.id, col(Reply.state).in_(since), same)
        .values(state=to, **changes)
        .execution_options(synchronize_session=False)
    )
    result = session.connection().execute(statement)
    assert isinstance(result, CursorResult)
    session.refresh(reply)
    return result.rowcount == 1


def find(session: Session, reply_id: int) -> Reply:
    """Raises NotFound."""
    reply = session.get(Reply, reply_id)
    if reply is None:
        raise NotFound(_("There is no reply %(number)s.", number=reply_id))
    return reply


def of_case(session: Session, case_id: int, *, after: int = 0, size: int | None = None) -> Sequence[Reply]:
    """All replies of the case, oldest first; or so many of them, behind the one with that row id."""
    query = select(Reply).where(Reply.case_id == case_id, col(Reply.id) > after)
    return session.exec(query.order_by(col(Reply.id)).limit(size)).all()


def newest_out(session: Session, case_id: int, visibility: Visibility) -> Reply | None:
    """The case's reply of that visibility that was approved last, whatever became of it since."""
    query = select(Reply).where(
        Reply.case_id == case_id, Reply.visibility == visibility, col(Reply.approved_at).is_not(None)
    )
    return session.exec(query.order_by(col(Reply.approved_at).desc(), col(Reply.id).desc()).limit(1)).first()


def unsent(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """By case, the state of its newest reply that is neither sent nor cancelled; only of cases with one."""
    if not case_ids:
        return {}
    rows = session.connection().execute(_UNSENT, {"case_ids": list(case_ids)})
    return {row[0]: row[1] for row in rows}


# Made once: the queue asks this for every page, and making it would take as long as running it.
_UNSENT = (
    select(Reply.case_id, Reply.state)
    .where(
        among(col(Reply.case_id), "case_ids"),
        col(Reply.state).in_(UNSENT),
    )
    .order_by(col(Reply.id))
)


def refuse_stale(session: Session, reply: Reply, revision: int | None) -> None:
    """Raises StaleDraft when the case has moved on since, AlreadyDone when it is no draft any more."""
    if reply.state != State.DRAFT:
        raise AlreadyDone(_who_was_faster(session, reply))
    if revision is not None and revision != reply.revision:
        raise StaleDraft(_("A colleague has changed this draft since: read it again before it goes out."))
    new = news(session, reply.case_id, reply.seen_message_id, reply.seen_reply_id)
    if told := latecomers.overtaken(**new):
        raise StaleDraft(told)


def news(session: Session, case_id: int, seen: int, given: int) -> dict[str, bool]:
    """What came to the case after that message and went out of it after that reply, for latecomers.py."""
    return {
        "came": messages.newest_seen(session, case_id) > seen,
        "went": newest_given(session, case_id) > given,
        "elsewhere": parts.newest_elsewhere(session, case_id) > seen,
    }


def refuse_repetition(session: Session, reply: Reply) -> None:
    """Raises AlreadyDone when these very words have gone to this message, or are on their way there."""
    same = select(Reply.id).where(
        Reply.answers_id == reply.answers_id, Reply.text_hash == reply.text_hash, ALIVE
    )
    if session.exec(same).first() is not None:
        raise AlreadyDone(_("These very words have been sent to this message already."))


def _who_was_faster(session: Session, reply: Reply) -> str:
    if reply.state == State.CANCELLED:
        return latecomers.done_with(approved=reply.approved_by_id is not None)
    approver = session.get(Agent, reply.approved_by_id) if reply.approved_by_id else None
    if approver is None:
        return latecomers.already(reply.state)
    return _("Already approved by %(name)s.", name=approver.name)
