"""Everybody who works here: supervisors look, admins let people in and out and say what each may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import accounts
from socialdesk.console import health, proofs
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.account import own_token, status_of
from socialdesk.console.case import RowId
from socialdesk.errors import BadInput, Busy, Conflict, DeskError, NotFound, TooOften
from socialdesk.languages import LANGUAGES
from socialdesk.people import admission, agents, codes, invitations, sign_ins, skills, staffing
from socialdesk.people.agents import Agent, Role
from socialdesk.people.permissions import AtAccount
from socialdesk.people.skills import Level
from socialdesk.phrases import bare, mark
from socialdesk.phrases import gettext as _

router = APIRouter()
TOLD = {
    "codes": mark("One-time codes are off for that person, until they are turned on again."),
    "sessions": mark("That person is signed out."),
    "role": mark("That person has the new role, and has to sign in again."),
    "languages": mark("The languages of that person are saved."),
    "disabled": mark("That person is signed out and can't sign in any more."),
    "enabled": mark("That person can sign in again."),
}
ROLES = {
    Role.READ_ONLY: mark("Reads only"),
    Role.AGENT: mark("Agent"),
    Role.SUPERVISOR: mark("Supervisor"),
    Role.ADMIN: mark("Admin"),
}
LEVELS = {
    Level.WRITES: mark("Reads and writes it"),
    Level.READS: mark("Reads it"),
    Level.NONE: mark("Doesn't read it"),
}
MOST_ACCOUNTS = 200
FormIds = Annotated[list[Annotated[int, Form(ge=1, le=LARGEST_ID)]] | None, Form(max_length=MOST_ACCOUNTS)]
Password = Annotated[str, Form()]
FormWords = Annotated[list[str] | None, Form(max_length=MOST_ACCOUNTS)]


@router.get("/people")
def show(visit: Admitted, done: str = "") -> Response:
    return _page(visit, done=done)


@router.post("/people")
def add(
    visit: Admitted,
    username: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = Role.AGENT,
) -> Response:
    """With the invitation, which is shown this once."""
    try:
        with visit.database.transaction() as session:
            agent, token = staffing.add(session, username=username, name=name, role=role, by=visit.agent)
    except BadInput as error:
        return _page(visit, error, typed={"username": username, "name": name, "role": role})
    return _invited(visit, agent, token)


@router.get("/people/{agent_id}")
def show_one(visit: Admitted, agent_id: RowId, done: str = "") -> Response:
    return _person(visit, agent_id, done=done)


@router.post("/people/{agent_id}/role")
def give_role(
    visit: Admitted,
    agent_id: RowId,
    role: Annotated[str, Form()],
    where: Annotated[str, Form(pattern="^(all|some)$")] = "all",
    account: FormIds = None,
    at: FormWords = None,
) -> Response:
    """`account` and `at` are lists of equal length, an empty word being an account he does not work for."""
    there = {} if where == "all" else _pairs(account or [], at or [])
    try:
        if where == "some" and not there:
            raise BadInput(_("Choose a role at one account at least, or let the role hold for all accounts."))
        with visit.database.transaction() as session:
            staffing.give_role(session, _find(session, agent_id), role, there, by=visit.agent)
    except (BadInput, Conflict) as error:
        return _person(visit, agent_id, error)
    return _back(agent_id, "role")


@router.post("/people/{agent_id}/languages")
def teach(visit: Admitted, agent_id: RowId, language: FormWords = None, level: FormWords = None) -> Response:
    try:
        with visit.database.transaction() as session:
            levels = _pairs(language or [], level or [])
            staffing.teach(session, _find(session, agent_id), levels, by=visit.agent)
    except BadInput as error:
        return _person(visit, agent_id, error)
    visit.request.app.state.colleagues.forget()
    return _back(agent_id, "languages")


@router.post("/people/{agent_id}/invitation")
def invite(visit: Admitted, agent_id: RowId, password: Password = "") -> Response:
    """Whoever has the token has the person's place: an open screen must not be enough."""
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            agent = _find(session, agent_id)
            token = staffing.invite_again(session, agent, by=visit.agent)
    except (Conflict, BadInput, TooOften, Busy) as error:
        return _person(visit, agent_id, error)
    return _invited(visit, agent, token)


@router.post("/people/{agent_id}/disabling")
def disable(visit: Admitted, agent_id: RowId) -> Response:
    return _set(visit, agent_id, staffing.disable, "disabled")


@router.post("/people/{agent_id}/enabling")
def enable(visit: Admitted, agent_id: RowId) -> Response:
    return _set(visit, agent_id, admission.enable, "enabled")


def _set(visit: Visit, agent_id: int, change: Callable[..., object], done: str) -> Response:
    try:
        with visit.database.transaction() as session:
            change(session, _find(session, agent_id), by=visit.agent)
    except Conflict as error:
        return _person(visit, agent_id, error)
    return _back(agent_id, done)


@router.post("/people/{agent_id}/codes/resetting")
def reset_codes(visit: Admitted, agent_id: RowId, password: Password = "") -> Response:
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            admission.codes_off(session, _find(session, agent_id), by=visit.agent)
    except (Conflict, BadInput, TooOften, Busy) as error:
        return _person(visit, agent_id, error)
    return _back(agent_id, "codes")


@router.post("/people/{agent_id}/sessions/ending")
def end_sessions(visit: Admitted, agent_id: RowId) -> Response:
    with visit.database.transaction() as session:
        admission.end_sessions(session, _find(session, agent_id), by=visit.agent, but=own_token(visit))
    return RedirectResponse("/people?done=sessions", 303)


def _pairs(keys: list[Any], words: list[str]) -> dict[Any, str]:
    if len(keys) != len(words):
        raise BadInput(_("Something in that form is missing: open the page again."))
    return {key: word for key, word in zip(keys, words, strict=True) if word}


def _find(session: Session, agent_id: int) -> Agent:
    found = session.get(Agent, agent_id)
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def _back(agent_id: int, done: str) -> Response:
    return RedirectResponse(f"/people/{agent_id}?done={done}", 303)


def _invited(visit: Visit, agent: Agent, token: str) -> Response:
    with visit.database.reading() as session:
        shown: dict[str, Any] = {"person": agent, "accounts": health.of(visit, session)}
    here = visit.desk.settings.console.public_url or str(visit.request.base_url).rstrip("/")
    days = invitations.GOOD_FOR.days
    return visit.page("people/invited.html", token=token, address=f"{here}/invitation", days=days, **shown)


def _page(
    visit: Visit, problem: DeskError | None = None, *, done: str = "", typed: dict[str, str] | None = None
) -> Response:
    idle, longest = visit.desk.settings.console.session_limits
    with visit.database.reading() as session:
        shown: dict[str, Any] = {
            "people": agents.all_of(session),
            "with_codes": codes.who_use_them(session),
            "signed_in": sign_ins.counted(session, idle=idle, longest=longest),
            "roles_at": staffing.of_everybody(session),
            "invited": invitations.open_ids(session),
            "languages": skills.of_everybody(session),
            "handles": {each.id: each.handle for each in accounts.all_of(session)},
            "accounts": health.of(visit, session),
        }
    status = 200 if problem is None else 409 if isinstance(problem, Conflict) else 422
    typed = typed or {"username": "", "name": "", "role": Role.AGENT}
    told: dict[str, Any] = {
        "problem": problem,
        "told": bare(TOLD[done]) if done in TOLD else None,
        "typed": typed,
        "role_names": ROLES,
    }
    return visit.page("people.html", status=status, **shown, **told)


def _person(visit: Visit, agent_id: int, problem: DeskError | None = None, *, done: str = "") -> Response:
    with visit.database.reading() as session:
        shown: dict[str, Any] = {
            "person": _find(session, agent_id),
            "at": staffing.of_everybody(session).get(agent_id, {}),
            "levels": skills.of_everybody(session).get(agent_id, {}),
            "ours": accounts.all_of(session),
            "invited": agent_id in invitations.open_ids(session),
            "codes_on": agent_id in codes.who_use_them(session),
            "accounts": health.of(visit, session),
        }
    status = 409 if isinstance(problem, Conflict) else status_of(problem)
    told = {
        "problem": problem,
        "told": bare(TOLD[done]) if done in TOLD else None,
        "role_names": ROLES,
        "level_names": LEVELS,
    }
    places, spoken = list(AtAccount), LANGUAGES
    response = visit.page("people/person.html", status=status, places=places, spoken=spoken, **shown, **told)
    if isinstance(problem, TooOften):
        response.headers["Retry-After"] = str(int(problem.wait.total_seconds()))
    return response
