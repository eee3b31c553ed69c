"""Signing in, with a one-time code where the agent wants one, and out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import structlog
from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import audit
from socialdesk.console import browsers, carried, cookies, owing, proofs, setting_up, tongues
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.carried import Carried, CarriedNote
from socialdesk.console.cookies import Cookie
from socialdesk.console.setting_up import Asked
from socialdesk.errors import Busy, SettingsError, TooOften
from socialdesk.people import agents, brakes, codes, demands, devices, sign_ins
from socialdesk.people.agents import Agent
from socialdesk.people.brakes import Key, Kind
from socialdesk.people.devices import KnownDevice
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark

log = structlog.get_logger(__name__)

router = APIRouter()
NOT_SENT = mark(
    "You were signed out, and nothing was sent. Sign in, and you are led back; the words of a reply are kept."
)
NOTE_NOT_SENT = mark(
    "You were signed out, and the note was not written. Sign in, and its words are before you again."
)
SOMEBODY = "somebody"  # who failed to sign in is not known
WRONG = mark("That user name and password do not belong together.")
WRONG_CODE = mark("That is not the code, or it has been used already: wait for the next one.")


class Credentials(BaseModel):
    """With a reply's or a note's words, if some came while nobody was signed in."""

    username: str = ""
    password: str = ""
    next: str = "/"
    carried: str = Field(default="", max_length=carried.MOST)

    @property
    def name(self) -> str:
        return self.username.strip().lower()


@router.get("/sign-in")
def ask(visit: Admitted, next: str = "/") -> Response:
    if visit.somebody:
        return RedirectResponse(safe(next), 303)
    return _form(visit, Credentials(next=next))


def ask_instead(visit: Visit, back: str, words: Carried | CarriedNote) -> Response:
    """In place of what a form wanted done: nothing was, and it leads back to where that stands."""
    told = _(NOT_SENT) if isinstance(words, Carried) else _(NOTE_NOT_SENT)
    return _form(visit, Credentials(next=back, carried=words.written), told, status=401)


@router.post("/sign-in")
def sign_in(visit: Admitted, form: Annotated[Credentials, Form()]) -> Response:
    with visit.database.reading() as session:
        agent = agents.find(session, form.name)
        device = devices.find(session, form.name, cookies.read(visit.request, Cookie.DEVICE))
    keys = _keys(visit, form.name, device)
    try:
        right = proofs.is_right(visit, agent, form.password, keys)
    except (TooOften, Busy) as error:
        return _form(visit, form, error)
    if not right or agent is None:
        _tell_failed(visit, agent, "password")
        return _form(visit, form, _(WRONG))
    with visit.database.transaction() as session:
        brakes.release(session, keys)
        sign_ins.forget_old(session, timedelta(hours=visit.desk.settings.console.session_hours))
        if codes.asked_of(session, agent):
            return half(visit, session, agent, form)
        return _let_in(visit, session, agent, form, "password")


@router.get("/sign-in/code")
def ask_code(visit: Admitted, next: str = "/") -> Response:
    if visit.somebody or _owing(visit) is None:
        return RedirectResponse(safe(next) if visit.somebody else "/sign-in", 303)
    return visit.page("sign_in_code.html", next=safe(next), problem=None, carried="")


@router.post("/sign-in/code")
def give_code(
    visit: Admitted,
    code: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
    words: Annotated[str, Form(alias="carried", max_length=carried.MOST)] = "",
) -> Response:
    agent = _owing(visit)
    if agent is None:
        return RedirectResponse("/sign-in", 303)
    keys = [Key(Kind.CODE, str(agent.id))]
    try:
        proofs.press(visit, keys)
    except TooOften as error:
        return _code_form(visit, next, error, words)
    try:
        with visit.database.transaction() as session:
            if how := codes.use(session, agent, code):
                brakes.release(session, keys)
                return _let_in(visit, session, agent, Credentials(next=next, carried=words), how)
    except SettingsError as error:
        log.error("no one-time code can be looked at", reason=str(error))
        return _code_form(visit, next, str(error), words)
    _tell_failed(visit, agent, "code")
    return _code_form(visit, next, _(WRONG_CODE), words)


@router.post("/sign-out")
def sign_out(visit: Admitted) -> Response:
    with visit.database.transaction() as session:
        sign_ins.close(session, cookies.read(visit.request, Cookie.SESSION))
        audit.record(session, "signed_out", by=visit.agent.id)
    response = RedirectResponse("/sign-in", 303)
    cookies.drop(response, visit.request, Cookie.SESSION)
    # Not "storage": it holds what this browser was told about keys and notices, and no word of a customer.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def safe(address: str) -> str:
    """The address if it lies in this console, else its front page."""
    parts = urlsplit(address)
    here = not parts.scheme and not parts.netloc and address.startswith("/") and "\\" not in address
    return address if here and not address.startswith("//") and address.isprintable() else "/"


def enter(visit: Visit, session: Session, agent: Agent, response: Response) -> None:
    """The browser gets a new token, and the one it had opens nothing any more."""
    request = visit.request
    sign_ins.close(session, cookies.read(request, Cookie.SESSION))
    address, device = browsers.address(request), browsers.described(request)
    token = sign_ins.open_for(session, agent, address=address, device=device)
    cookies.keep(response, request, Cookie.SESSION, token)


def _let_in(visit: Visit, session: Session, agent: Agent, form: Credentials, how: str) -> Response:
    request = visit.request
    if demands.owed_by(session, agent, visit.desk.settings.sign_in):
        response = _to_codes(visit, session, agent, form)
    else:
        carried.put_back(session, form.carried, by=agent)
        response = _onward(visit, agent, form)
    enter(visit, session, agent, response)
    tongues.remember(response, request, agent.language)
    if half := cookies.read(request, Cookie.HALF):
        sign_ins.close(session, half)
        cookies.drop(response, request, Cookie.HALF)
    known = devices.meet(session, agent, cookies.read(request, Cookie.DEVICE))
    cookies.keep(response, request, Cookie.DEVICE, known, lasts=devices.KEPT)
    audit.record(session, "signed_in", by=agent.id, by_means_of=how, device=browsers.described(request))
    return response


def _to_codes(visit: Visit, session: Session, agent: Agent, form: Credentials) -> Response:
    """Into no case before he has them: words that are carried are in the page that sets them up, which is
    shown at once."""
    back, words = safe(form.next), carried.of_agent(form.carried, by=agent)
    address = owing.onward(session, visit.desk, agent, back)
    if words:
        return setting_up.page(visit, session, agent, Asked(back, words, owes=True))
    return RedirectResponse(address, 303)


def _onward(visit: Visit, agent: Agent, form: Credentials) -> Response:
    """Back to where he was; a note's words are kept nowhere, and are therefore before him at once."""
    following = safe(form.next)
    if note := carried.note_of(form.carried, by=agent):
        return visit.page("note_again.html", agent=None, note=note, next=following)
    return RedirectResponse(following, 303)


def half(visit: Visit, session: Session, agent: Agent, form: Credentials) -> Response:
    """He owes a code. Words that are carried are in the page that asks for it, which is shown at once."""
    response: Response = RedirectResponse(f"/sign-in/code?{urlencode({'next': safe(form.next)})}", 303)
    if form.carried:
        response = _code_form(visit, form.next, None, form.carried)
    sign_ins.close(session, cookies.read(visit.request, Cookie.HALF))
    token = sign_ins.open_for(session, agent, half=True)
    cookies.keep(response, visit.request, Cookie.HALF, token)
    return response


def _owing(visit: Visit) -> Agent | None:
    with visit.database.reading() as session:
        return sign_ins.half_open(session, cookies.read(visit.request, Cookie.HALF))


def _keys(visit: Visit, username: str, device: KnownDevice | None) -> list[Key]:
    """Where an agent has signed in before, only what goes wrong there slows him down."""
    if device:
        return [Key(Kind.DEVICE, str(device.id))]
    return [Key(Kind.AGENT, username), brakes.of_address(browsers.address(visit.request))]


def _tell_failed(visit: Visit, agent: Agent | None, what: str) -> None:
    """Not what was typed for a user name: people type passwords there."""
    with visit.database.transaction() as session:
        subject = agent.username if agent else None
        audit.record(session, "sign_in_failed", who=SOMEBODY, subject=subject, wrong=what)


def _form(
    visit: Visit, form: Credentials, problem: str | TooOften | Busy | None = None, *, status: int = 422
) -> Response:
    with visit.database.reading() as session:
        empty = not agents.anybody(session)
    shown = {"username": form.username, "next": safe(form.next), "empty": empty, "carried": form.carried}
    return _telling(visit, "sign_in.html", problem, status, **shown)


def _code_form(visit: Visit, next: str, problem: str | TooOften | None, words: str) -> Response:
    return _telling(visit, "sign_in_code.html", problem, next=safe(next), carried=words)


def _telling(
    visit: Visit, template: str, problem: str | TooOften | Busy | None, refused: int = 422, **shown: Any
) -> Response:
    status = 429 if isinstance(problem, TooOften) else 503 if isinstance(problem, Busy) else refused
    said = str(problem) if problem else None
    # Somebody may be signed in while he signs in as another: the form has no frame of the first one's.
    everything = shown | {"agent": None, "problem": said}
    response = visit.page(template, status=status if problem else 200, **everything)
    if isinstance(problem, TooOften):
        response.headers["Retry-After"] = str(int(problem.wait.total_seconds()))
    if isinstance(problem, Busy):
        response.headers["Retry-After"] = "5"
    return response
