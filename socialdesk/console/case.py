"""One case: the page with its thread, and what an agent does with it besides answering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import cases, clock, fitting, messages, parts, satisfaction, targets, time_left
from socialdesk.cases import Case
from socialdesk.casework import corrections, notes
from socialdesk.console import composer, folded, health, pending, reading, thread
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.filters import Filter
from socialdesk.console.flash import flash, language_told, told
from socialdesk.console.sketch import Words
from socialdesk.customers import Customer
from socialdesk.errors import AlreadyDone, DeskError
from socialdesk.incidents import joining
from socialdesk.messages import Message, Visibility
from socialdesk.people.agents import Agent
from socialdesk.placing import merging
from socialdesk.placing.rearranging import FROM_DESK
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, forecasts
from socialdesk.worklists import dossiers, queues

router = APIRouter()
RowId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
CameFrom = Annotated[str, Form(alias="from", max_length=60)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address or a refused form wants the case's page to show."""

    came_from: str = ""
    template: str = ""
    visibility: Visibility | None = None
    language: str = ""
    again: int = 0
    done: str = ""
    words: Words | None = None
    problem: DeskError | None = None
    revealed: int = 0
    note: str = ""  # an internal note's words, of the one that is `noting`, or of a new one
    noting: int = 0
    sighting: int = 0  # the reply of which somebody says that it was posted, and where: `sighted`
    sighted: str = ""

    @property
    def shown(self) -> dict[str, object]:
        """What the page shows of it as it is."""
        shown = ("revealed", "problem", "note", "noting", "sighting", "sighted")
        return {name: getattr(self, name) for name in shown}


@router.get("/cases/{case_id}")
def show(
    visit: Admitted,
    case_id: RowId,
    came_from: Annotated[str, Query(alias="from", max_length=60)] = "",
    template: str = "",
    visibility: Annotated[Visibility | None, Query(alias="as")] = None,
    language: Annotated[str, Query(alias="in", max_length=8)] = "",
    again: int = 0,
    done: str = "",
) -> Response:
    return page(visit, case_id, Asked(came_from, template, visibility, language, again, done))


def page(visit: Visit, case_id: int, asked: Asked, *, status: int = 200) -> Response:
    """The case as it is now, with what was asked for or what an agent had written before it was refused."""
    with visit.database.reading() as session:
        opened = dossiers.opened(session, case_id, visit.accounts)
        case, customer = opened.case, opened.customer
        read = reading.thread_of(session, opened, by=visit.agent)
        said, written = read.said, read.written
        names, accounts = visit.names(session), health.of(visit, session)
        told_now = flash(session, asked.done, accounts, visit.desk.settings.sending, by=visit.agent)
        words = asked.words or _asked_words(visit, session, case, customer, written, asked)
        form = composer.prepare(
            session, visit.desk, case, customer, said, written, words, asked.language, by=visit.agent
        )
        way = _way_out(visit, session, case, said, written)
        incident = joining.of_case(session, case_id, read.events)
        timed = targets.in_force(session).fingerprint is not None
    if read.noted.calls:
        _has_come(visit, case_id)
    account = next(each for each in accounts if each.account_id == case.account_id)
    on_x = thread.OnX(visit.desk.settings.x.web_url, account.handle, customer.handle)
    return visit.page(
        "case.html",
        status=status,
        case=case,
        customer=customer,
        incident=incident,
        closing_offered=_may_ask(visit, said),
        left=time_left.of(case.due_at, paused=case.paused, now=clock.now()),
        timed=timed,
        entries=folded.tell(read, names, on_x, account, way, asked.revealed),
        composer=form,
        again=_not_sent(written, asked.again or (form.again if form else 0)),
        may_be_undone=merging.may_be_undone(case, read.events),
        names=names,
        accounts=accounts,
        came_from=Filter.parse(asked.came_from),
        flash=told_now,
        **asked.shown,
        **reading.beside(opened, read.crowd),
        **reading.sorting_of(case, said),
    )


@router.post("/cases/{case_id}/assignment")
def assign(
    visit: Admitted,
    case_id: RowId,
    to: Annotated[Literal["me", "nobody"], Form()],
    came_from: CameFrom = "",
    onwards: Annotated[bool, Form(alias="next")] = False,
) -> Response:
    """With `next` on through the list that the agent came from."""
    with visit.database.transaction() as session:
        case = cases.hold(session, case_id)
        following = onward(session, case, came_from, "taken", visit=visit) if onwards else None
        case.assign(visit.agent if to == "me" else None, by=visit.agent)
    if following:
        return RedirectResponse(following, 303)
    return RedirectResponse(address(case_id, came_from, "taken" if to == "me" else "released"), 303)


@router.post("/cases/{case_id}/resolution")
def resolve(
    visit: Admitted, case_id: RowId, came_from: CameFrom = "", ask: Annotated[bool, Form()] = False
) -> Response:
    settings = visit.desk.settings
    with visit.database.transaction() as session:
        case = cases.hold(session, case_id)
        following = onward(session, case, came_from, "resolved", visit=visit)
        case.resolve(by=visit.agent)
        if ask and settings.satisfaction.ask == "offer":
            satisfaction.want(session, case, by=visit.agent, settings=settings)
    return RedirectResponse(following, 303)


def _may_ask(visit: Visit, said: Sequence[Message]) -> bool:
    """Whether whoever resolves the case may have the customer asked if we were able to help."""
    offered = visit.desk.settings.satisfaction.ask == "offer"
    return offered and any(each.private and not each.ours for each in said)


@router.post("/cases/{case_id}/reopening")
def reopen(visit: Admitted, case_id: RowId, came_from: CameFrom = "") -> Response:
    with visit.database.transaction() as session:
        cases.hold(session, case_id).reopen(by=visit.agent)
    return RedirectResponse(address(case_id, came_from, "reopened"), 303)


@router.post("/cases/{case_id}/language")
def correct_language(
    visit: Admitted,
    case_id: RowId,
    language: Annotated[str, Form(max_length=8)],
    message: Annotated[int | None, Form(ge=1, le=LARGEST_ID)] = None,
    came_from: CameFrom = "",
) -> Response:
    """The language of that message of the customer's, or of his last words, and of the case."""
    try:
        with visit.database.transaction() as session:
            case = cases.find(session, case_id)
            said = messages.of_customer(session, case_id, message) if message else None
            said = said or corrections.newest(session, case_id)
            changed = corrections.correct_language(session, case, said, language, by=visit.agent)
    except AlreadyDone as error:
        return page(visit, case_id, Asked(came_from, problem=error), status=409)
    return RedirectResponse(address(case_id, came_from, language_told(language, changed=changed)), 303)


def onward(session: Session, case: Case, came_from: str, what: str, *, visit: Visit) -> str:
    """Where an agent goes who is done with this case: on through the list he came from, or nowhere."""
    wanted = Filter.parse(came_from)
    if wanted is None:
        return address(case.id, "", what)
    following = queues.next_free(session, case, wanted.status, **wanted.narrowing(session, visit))
    if following is None:
        return wanted.address(done=told(what, case.id))
    return f"/cases/{following.id}?from={wanted}&done={told(what, case.id)}"


def address(case_id: int | None, came_from: str, what: str) -> str:
    wanted = Filter.parse(came_from)
    kept = f"from={wanted}&" if wanted else ""
    return f"/cases/{case_id}?{kept}done={told(what, case_id)}"


def _has_come(visit: Visit, case_id: int) -> None:
    """The agent was called in a note, and has read it."""
    with visit.database.transaction() as session:
        notes.read(session, case_id, by=visit.agent)


def _asked_words(
    visit: Visit, session: Session, case: Case, customer: Customer, written: Sequence[Reply], asked: Asked
) -> Words | None:
    """A template's words, those of a reply that X refused, or the draft's sent by another way."""
    visibility = asked.visibility or Visibility(case.visibility)
    if asked.template:
        text = drafts.from_template(
            visit.desk.library_now(session),
            asked.template,
            language=composer.reply_language(case, asked.language),
            visibility=visibility,
            customer=customer,
            dm_link=drafts.dm_link_of(session, visit.desk.settings, case.account_id),
        )
        return Words(text, visibility, asked.template)
    if again := _not_sent(written, asked.again):
        text = again.text if again.x_id is None else _rest(visit, session, again)
        return Words(text, asked.visibility or Visibility(again.visibility), again.template_id or "")
    if asked.visibility and not any(reply.state == State.DRAFT for reply in written):
        return Words("", visibility)
    return None


def _not_sent(written: Sequence[Reply], reply_id: int) -> Reply | None:
    """That reply, if X refused it or somebody took it back: only then may its words be used again."""
    usable = (State.HELD, State.CANCELLED)
    return next((reply for reply in written if reply.id == reply_id and reply.state in usable), None)


def _rest(visit: Visit, session: Session, reply: Reply) -> str:
    """What of a reply that has begun to leave is not on X, as it was written."""
    unsent = [part.text for part in parts.of_reply(session, reply.id or 0) if part.x_id is None]
    author = session.get_one(Agent, reply.drafted_by_id)
    sign_off = parts.signature(visit.desk.settings.replies.sign_off, author.initials)
    return " ".join(fitting.bare(text, sign_off) for text in unsent).strip()


def _way_out(
    visit: Visit, session: Session, case: Case, said: Sequence[Message], written: Sequence[Reply]
) -> thread.WayOut:
    """When the case's replies that are not on X will leave, the parts of these and of threads, and the page
    as the held ones find it."""
    waiting = any(reply.state in thread.NOT_ON_X for reply in written)
    first = {reply.x_id for reply in written}
    in_parts = any(each.language_source == FROM_DESK and each.x_id not in first for each in said)
    if not (waiting or in_parts):
        return thread.WayOut()
    concerned = [reply.id or 0 for reply in written if in_parts or reply.state in thread.NOT_ON_X]
    sending = visit.desk.settings.sending
    leaves = forecasts.leaves_at(session, case.account_id, sending) if waiting else {}
    looks = pending.looks(session, said, written)
    return thread.WayOut(leaves, parts.of_replies(session, concerned), looks)
