"""Approving: with the guards asked, a second person where the settings want one, and everything told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text, tuple_
from sqlmodel import Session, col, func, select

from socialdesk import cases, clock, guards, replies
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.errors import AlreadyDone, BadInput, DeskError, Guarded, StaleDraft
from socialdesk.guards import Kind, Objection, Severity
from socialdesk.people import skills
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, matters, policy, scrutiny, set_aside
from socialdesk.replying.matters import Matter
from socialdesk.replying.scrutiny import Scrutiny
from socialdesk.settings import Settings
from socialdesk.templating.library import Library

LONGEST_REASON = 500
# As the index of these says it: with a parameter in it neither database would know that it serves.
WAITS = (text("replies.state = 'draft' AND replies.submitted_at IS NOT NULL"),)
_WAITING = matters.asking(*WAITS)
_WAITING_COUNT = select(func.count()).select_from(Reply).where(*WAITS)
WAITS_ALREADY = mark("It waits for that already.")
NOT_OWN_WORDS = mark("Not a template's own words any more: read it, and approve it there.")


class Outcome(StrEnum):
    APPROVED = "approved"
    WAITS = "waits"  # for a second person


@dataclass(frozen=True, slots=True)
class OneOfMany:
    """What became of one reply that was approved with others; `why` is set when it was not."""

    reply_id: int
    outcome: Outcome | None
    why: str | None = None


def approve(
    session: Session,
    reply: Reply,
    *,
    by: Agent,
    library: Library,
    settings: Settings,
    revision: int | None = None,
    overrides: Collection[str] = (),
    reason: str = "",
) -> Outcome:
    """Let the draft go out, or where the settings want it to a second person, who then approves it.

    `overrides` are the kinds of objections that `by` sets aside, with the `reason` where it takes a
    supervisor. Raises StaleDraft and AlreadyDone as replies.approve does, Guarded with what is against it.
    """
    case, looked = _take_up(session, reply, revision, library, settings)
    looked = as_read_by(session, case, looked, by)
    waits = policy.second_person(settings.approvals, looked.written, by)
    if waits and reply.submitted_at:
        raise AlreadyDone(f"{waits} {_(WAITS_ALREADY)}")
    aside = _weigh(looked, by, overrides, reason, leave_to_supervisor=waits is not None)
    if waits:
        return _submit(session, case, reply, by)
    replies.approve(
        session,
        reply,
        by=by,
        revision=revision,
        sign_off=settings.replies.sign_off,
        undo=settings.sending.undo,
        verbatim=looked.template is not None or _is_verbatim(session, case, reply, library, settings),
    )
    set_aside.record(case, reply, aside, by=by, why=reason.strip()[:LONGEST_REASON] or None)
    return Outcome.APPROVED


def submit(
    session: Session,
    reply: Reply,
    *,
    by: Agent,
    library: Library,
    settings: Settings,
    revision: int | None = None,
) -> Outcome:
    """Ask for a second person though nothing wants one, for instance to set aside what a supervisor may.

    Raises as `approve` does; what anybody may set aside is left to whoever lets the reply go.
    """
    case, looked = _take_up(session, reply, revision, library, settings)
    if reply.submitted_at:
        raise AlreadyDone(_("This reply waits for a second person already."))
    if blocking := [each for each in looked.objections if each.severity == Severity.BLOCKS]:
        raise _guarded(blocking, by)
    return _submit(session, case, reply, by)


def answers(by: Agent, case: Case) -> None:
    """Whoever answers a case that nobody has is on it from then on: the customer's next words are for him."""
    if case.assignee_id is None:
        case.assign(by, by=by)


def send_back(session: Session, reply: Reply, *, by: Agent, why: str, revision: int | None = None) -> None:
    """It waits no more and is a draft again, to be changed. Raises AlreadyDone, StaleDraft, BadInput."""
    case = cases.hold(session, reply.case_id)
    session.refresh(reply)
    if not why.strip() or len(why) > LONGEST_REASON:
        told = _("Say what is to be changed, in at most %(most)s characters.", most=LONGEST_REASON)
        raise BadInput(told)
    if reply.state != State.DRAFT or reply.submitted_at is None:
        raise AlreadyDone(_("This reply does not wait for a second person any more."))
    if revision is not None and revision != reply.revision:
        raise StaleDraft(_("This draft has been changed since: read it again."))
    changes: dict[str, Any] = {"sent_back_at": clock.now(), "sent_back_by_id": by.id, "submitted_at": None}
    replies.move(session, reply, State.DRAFT, since=(State.DRAFT,), sent_back_why=why.strip(), **changes)
    case.reply_moved(reply.id or 0, "sent_back", by=by.id, why=why.strip())


def waiting(session: Session, *, most: int = 200) -> list[Matter]:
    """What waits for a second person, the longest waiting first."""
    return matters.stored(session, _WAITING, most=most)


def page_of_waiting(session: Session, *, after: tuple[datetime, int] | None, size: int) -> Sequence[Reply]:
    """So many of the same replies, behind the one that waits since that moment and has that row id."""
    query = select(Reply).where(*WAITS)
    if after:
        query = query.where(tuple_(col(Reply.submitted_at), col(Reply.id)) > after)
    return session.exec(query.order_by(col(Reply.submitted_at), col(Reply.id)).limit(size)).all()


def waiting_ids(session: Session, *, most: int) -> list[int]:
    """The same by the replies' row ids alone."""
    query = select(Reply.id).where(*WAITS).order_by(col(Reply.submitted_at), col(Reply.id)).limit(most)
    return [reply_id for reply_id in session.exec(query) if reply_id is not None]


def waiting_count(session: Session) -> int:
    """How many replies wait for a second person."""
    return session.exec(_WAITING_COUNT).one()


def approve_many(
    database: Database,
    choices: Iterable[tuple[int, int]],
    *,
    by: Agent,
    library: Library,
    settings: Settings,
) -> list[OneOfMany]:
    """Approve drafts that are a template's own words, each in a transaction of its own.

    `choices` are row ids with the revision that `by` has read. What was written or edited by hand is for
    reading by itself.
    """
    became = []
    for reply_id, revision in choices:
        try:
            with database.transaction() as session:
                reply = replies.find(session, reply_id)
                looked = _take_up(session, reply, revision, library, settings)[1]
                if looked.template is None:
                    raise BadInput(_(NOT_OWN_WORDS))
                done = approve(session, reply, by=by, library=library, settings=settings, revision=revision)
            became.append(OneOfMany(reply_id, done))
        except DeskError as error:
            became.append(OneOfMany(reply_id, None, str(error)))
    return became


def _take_up(
    session: Session, reply: Reply, revision: int | None, library: Library, settings: Settings
) -> tuple[Case, Scrutiny]:
    case = cases.hold(session, reply.case_id)
    session.refresh(reply)
    replies.refuse_stale(session, reply, revision)
    return case, scrutiny.look(session, case, reply, library=library, settings=settings)


def as_read_by(session: Session, case: Case, looked: Scrutiny, by: Agent) -> Scrutiny:
    """Whoever writes the language may answer for what its author is not known to write."""
    if all(each.kind != Kind.FLUENCY for each in looked.objections):
        return looked
    if not skills.writes(session, by, case.language):
        return looked
    return replace(looked, objections=[each for each in looked.objections if each.kind != Kind.FLUENCY])


def _is_verbatim(session: Session, case: Case, reply: Reply, library: Library, settings: Settings) -> bool:
    customer = session.get_one(Customer, case.customer_id)
    link = drafts.dm_link_of(session, settings, case.account_id)
    return drafts.is_verbatim(library, reply, customer, likely=case.language, dm_link=link)


def _weigh(
    looked: Scrutiny, by: Agent, overrides: Collection[str], reason: str, *, leave_to_supervisor: bool
) -> list[Objection]:
    """What `by` sets aside. Raises Guarded when something is left that he may not, or has not."""
    aside = [each for each in looked.objections if each.kind in overrides and each.yields_to(by)]
    left = [each for each in looked.objections if each not in aside]
    if leave_to_supervisor:
        left = [each for each in left if each.severity != Severity.SUPERVISOR]
    if left:
        raise _guarded(left, by)
    if any(each.severity == Severity.SUPERVISOR for each in aside) and not reason.strip():
        raise BadInput(_("Say why this reply may go out all the same."))
    return aside


def _guarded(left: Sequence[Objection], by: Agent) -> Guarded:
    yielding = [each.kind.value for each in left if each.yields_to(by)]
    return Guarded(guards.sentences(left), kinds=[each.kind.value for each in left], may_override=yielding)


def _submit(session: Session, case: Case, reply: Reply, by: Agent) -> Outcome:
    told: dict[str, Any] = {"submitted_at": clock.now(), "submitted_by_id": by.id}
    told |= {"sent_back_at": None, "sent_back_by_id": None, "sent_back_why": None}
    replies.move(session, reply, State.DRAFT, since=(State.DRAFT,), **told)
    case.reply_moved(reply.id or 0, "submitted", by=by.id)
    return Outcome.WAITS
