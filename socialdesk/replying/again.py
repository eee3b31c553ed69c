"""Sending a held reply again as it is: one more approval, with everything asked that an approval asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlmodel import Session

from socialdesk import cases, clock, guards, latecomers, parts, replies
from socialdesk.cases import Case
from socialdesk.errors import AlreadyDone, BadInput, Guarded, StaleDraft
from socialdesk.guards import Kind, Objection
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, policy, scrutiny, set_aside
from socialdesk.settings import Settings
from socialdesk.templating.library import Library

_ANEW = mark("It can't be sent again as it is: edit it as a new draft, and have that approved.")
# What says that X would not take the first part; the next one answers that.
_OF_THE_FIRST = (Kind.NOT_REPLIABLE, Kind.GONE)


class _Seen(NamedTuple):
    """What somebody had before him: row ids, and X's id of that version of the answered post."""

    message_id: int
    reply_id: int
    x_id: str | None


def send(
    session: Session,
    reply: Reply,
    *,
    by: Agent,
    library: Library,
    settings: Settings,
    seen_message_id: int | None = None,
    seen_reply_id: int | None = None,
    seen_x_id: str | None = None,
) -> None:
    """Let a held reply go on with the part at which it stopped: `by` has had a fresh look.

    `seen_…` is what he had before him: the newest message and our newest answer in the case, and X's id of
    that version of the answered post; what is not told is what the reply's row has. Set aside is what was so
    for these words, where `by` may do that himself.

    Raises AlreadyDone when it is held no more or these words have gone, StaleDraft when the case has moved on
    since, BadInput when it takes a second person, Guarded with what else is against it.
    """
    case = cases.hold(session, reply.case_id)
    session.refresh(reply)
    seen = _Seen(
        reply.seen_message_id if seen_message_id is None else seen_message_id,
        reply.seen_reply_id if seen_reply_id is None else seen_reply_id,
        seen_x_id or reply.seen_x_id,
    )
    _refuse_late(session, reply, seen)
    reply.seen_message_id, reply.seen_reply_id, reply.seen_x_id = seen
    replies.refuse_repetition(session, reply)
    _refuse_guarded(session, case, reply, by, library, settings)
    session.flush()
    now = clock.now()
    afresh: dict[str, Any] = {"approved_at": now, "due_at": now, "trouble": None, "remedy": None}
    replies.move(session, reply, State.APPROVED, since=(State.HELD,), **afresh)
    parts.forget_misses(session, reply.id or 0)
    given = [part.text for part in parts.of_reply(session, reply.id or 0)]
    case.reply_moved(reply.id or 0, State.APPROVED, by=by.id)
    parts.tell_approved(session, case, reply.id or 0, reply.text, given, by=by.id)


def _refuse_late(session: Session, reply: Reply, seen: _Seen) -> None:
    if reply.state != State.HELD:
        raise AlreadyDone(latecomers.already(reply.state))
    new = replies.news(session, reply.case_id, seen.message_id, seen.reply_id)
    answered = session.get_one(Message, reply.answers_id)
    edited = seen.x_id not in (None, answered.x_id) and answered.gone is None
    if told := latecomers.since_approved(**new, edited=edited):
        raise StaleDraft(told)


def _refuse_guarded(
    session: Session, case: Case, reply: Reply, by: Agent, library: Library, settings: Settings
) -> None:
    looked = scrutiny.look(session, case, reply, library=library, settings=settings)
    looked = approvals.as_read_by(session, case, looked, by)
    if waits := policy.second_person(settings.approvals, looked.written, by):
        raise BadInput(f"{waits} {_(_ANEW)}")
    if left := _left(session, reply, looked.objections, by):
        told = f"{guards.sentences(left)} {_(_ANEW)}"
        raise Guarded(told, kinds=[each.kind.value for each in left], may_override=[])


def _left(session: Session, reply: Reply, objections: Sequence[Objection], by: Agent) -> list[Objection]:
    """What nobody has set aside, or what `by` may not."""
    if reply.x_id:
        objections = [each for each in objections if each.kind not in _OF_THE_FIRST]
    if not objections:
        return []
    aside = set_aside.of_reply(session, reply)
    return [each for each in objections if each.kind not in aside or not each.yields_to(by)]
