"""Turning one-time codes on, and off; new recovery codes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk.console import account, carried, health, owing, proofs, setting_up
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.carried import Carried, CarriedNote
from socialdesk.console.setting_up import Asked
from socialdesk.console.sign_in import enter, safe
from socialdesk.errors import AlreadyDone, BadInput, Busy, DeskError, TooOften
from socialdesk.people import admission, brakes, codes, sign_ins
from socialdesk.people.brakes import Key, Kind

router = APIRouter()
Password = Annotated[str, Form()]
Next = Annotated[str, Form()]
Words = Annotated[str, Form(alias="carried", max_length=carried.MOST)]
ABOUT = "codes"


def ask_instead(visit: Visit, back: str, words: Carried | CarriedNote) -> Response:
    """In place of what a form wanted done: nothing was, and its words are in the page that sets codes up."""
    return _secret_page(visit, back, words=words.written, status=401)


@router.get("/account/codes")
def show(visit: Admitted, next: str = "/") -> Response:
    return _secret_page(visit, next)


@router.post("/account/codes")
def begin(visit: Admitted, password: Password = "", next: Next = "/", words: Words = "") -> Response:
    """A secret that does not count yet. His password is asked: an open screen must not be enough."""
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            codes.begin(session, visit.agent, within=setting_up.within(visit, owes=visit.owes))
            if visit.owes:  # as at a sign-in: it is read in this browser alone
                sign_ins.close_all(session, visit.agent, but=account.own_token(visit))
    except (BadInput, TooOften, Busy, AlreadyDone) as error:
        if visit.owes:
            return _secret_page(visit, next, error, words=words)
        return account.page(visit, error, about=ABOUT)
    if words:
        return _secret_page(visit, next, words=words)
    return RedirectResponse(owing.address(safe(next)), 303)


@router.post("/account/codes/confirmation")
def confirm(
    visit: Admitted, code: Annotated[str, Form()] = "", next: Next = "/", words: Words = ""
) -> Response:
    """Words that came before he had codes are put back only now."""
    keys = [Key(Kind.CODE, str(visit.agent.id))]
    here = {"within": setting_up.within(visit, owes=visit.owes), "but": account.own_token(visit)}
    try:
        proofs.press(visit, keys)
        with visit.database.transaction() as session:
            made = admission.codes_on(session, visit.agent, code, **here)
            brakes.release(session, keys)
            carried.put_back(session, words, by=visit.agent)
    except (BadInput, TooOften) as error:
        return _secret_page(visit, next, error, words=words)
    except AlreadyDone as error:
        if visit.owes:
            return _secret_page(visit, next, error, words=words)
        return account.page(visit, error, about=ABOUT)
    return _renewed(visit, _recovery_page(visit, made, next, words))


@router.post("/account/codes/renewal")
def renew(visit: Admitted, password: Password = "") -> Response:
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            made = admission.new_recovery_codes(session, visit.agent)
    except (BadInput, TooOften, Busy, AlreadyDone) as error:
        return account.page(visit, error, about=ABOUT)
    return _recovery_page(visit, made)


@router.post("/account/codes/removal")
def remove(visit: Admitted, password: Password = "") -> Response:
    """Where they are demanded a new secret takes the place of the one that is gone."""
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            admission.codes_off(session, visit.agent, by=visit.agent)
            following = owing.onward(session, visit.desk, visit.agent, "/account?done=codes_off")
    except (BadInput, TooOften, Busy, AlreadyDone) as error:
        return account.page(visit, error, about=ABOUT)
    return _renewed(visit, RedirectResponse(following, 303))


def _renewed(visit: Visit, response: Response) -> Response:
    """What is asked at sign-in has changed: the browser goes on under a new token."""
    with visit.database.transaction() as session:
        enter(visit, session, visit.agent, response)
    return response


def _secret_page(
    visit: Visit, next: str, problem: DeskError | None = None, *, words: str = "", status: int | None = None
) -> Response:
    """Who has codes already, or has begun none in this session, is led to his account."""
    with visit.database.reading() as session:
        begun = visit.owes or setting_up.is_begun(visit, session, visit.agent)
        if codes.asked_of(session, visit.agent) or not begun:
            return RedirectResponse("/account", 303)
        status, words = status or account.status_of(problem), carried.of_agent(words, by=visit.agent)
        asked = Asked(safe(next), words, visit.owes, problem, status)
        return setting_up.page(visit, session, visit.agent, asked)


def _recovery_page(visit: Visit, made: list[str], next: str = "/", words: str = "") -> Response:
    """A note's words, which are kept nowhere, are below the codes."""
    note = carried.note_of(words, by=visit.agent)
    following = "/account" if safe(next) == "/" else safe(next)
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
    return visit.page("account/recovery.html", codes=made, accounts=accounts, next=following, note=note)
