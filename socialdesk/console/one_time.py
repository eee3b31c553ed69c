"""Turning one-time codes on, with the secret as a picture and as text, and off; new recovery codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import segno
from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk.console import account, health, owing, proofs
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.sign_in import enter, safe
from socialdesk.errors import AlreadyDone, BadInput, Busy, DeskError, SettingsError, TooOften
from socialdesk.people import admission, brakes, codes
from socialdesk.people.brakes import Key, Kind
from socialdesk.people.codes import CodeSecret

router = APIRouter()
Password = Annotated[str, Form()]
Next = Annotated[str, Form()]
ABOUT = "codes"
_QUIET = 4  # modules of white around a QR code, ISO/IEC 18004


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code as an SVG path, and how many modules wide it is with the white around it."""

    path: str
    width: int


@router.get("/account/codes")
def show(visit: Admitted, next: str = "/") -> Response:
    return _secret_page(visit, next)


@router.post("/account/codes")
def begin(visit: Admitted, password: Password = "", next: Next = "/") -> Response:
    """A secret that does not count yet. His password is asked: an open screen must not be enough."""
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            codes.begin(session, visit.agent)
    except (BadInput, TooOften, Busy, AlreadyDone) as error:
        if visit.owes:
            return _secret_page(visit, next, error)
        return account.page(visit, error, about=ABOUT)
    return RedirectResponse(owing.address(safe(next)), 303)


@router.post("/account/codes/confirmation")
def confirm(visit: Admitted, code: Annotated[str, Form()] = "", next: Next = "/") -> Response:
    keys = [Key(Kind.CODE, str(visit.agent.id))]
    try:
        proofs.press(visit, keys)
        with visit.database.transaction() as session:
            made = admission.codes_on(session, visit.agent, code, but=account.own_token(visit))
            brakes.release(session, keys)
    except (BadInput, TooOften) as error:
        return _secret_page(visit, next, error)
    except AlreadyDone as error:
        if visit.owes:
            return _secret_page(visit, next, error)
        return account.page(visit, error, about=ABOUT)
    return _renewed(visit, _recovery_page(visit, made, next))


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


def drawn(address: str) -> Picture:
    rows = segno.make(address, error="m", micro=False).matrix
    dark = [(x, y) for y, row in enumerate(rows, _QUIET) for x, module in enumerate(row, _QUIET) if module]
    return Picture("".join(f"M{x} {y}h1v1h-1z" for x, y in dark), len(rows) + 2 * _QUIET)


def _renewed(visit: Visit, response: Response) -> Response:
    """What is asked at sign-in has changed: the browser goes on under a new token."""
    with visit.database.transaction() as session:
        enter(visit, session, visit.agent, response)
    return response


def _secret_page(visit: Visit, next: str, problem: DeskError | None = None) -> Response:
    """Who owes codes has no frame around it, and is asked for his password where there is no secret yet."""
    with visit.database.reading() as session:
        found = codes.of(session, visit.agent)
        if (found is None and not visit.owes) or (found and found.since):
            return RedirectResponse("/account", 303)
        secret, problem = _secret(session, found, problem)
        frame = {"agent": None} if visit.owes else {"accounts": health.of(visit, session)}
    address = _address(visit, secret)
    return visit.page(
        "account/codes.html",
        status=account.status_of(problem),
        secret=codes.grouped(secret),
        address=address,
        picture=drawn(address),
        problem=problem,
        next=safe(next),
        owes=visit.owes,
        **frame,
    )


def _secret(
    session: Session, found: CodeSecret | None, problem: DeskError | None
) -> tuple[str, DeskError | None]:
    """Empty where it was not begun, or the key is not there that it was sealed with."""
    try:
        return (codes.secret_of(session, found) if found else ""), problem
    except SettingsError as error:
        return "", problem or error


def _address(visit: Visit, secret: str) -> str:
    handles = [each.handle for each in visit.desk.settings.accounts]
    return codes.address(secret, visit.agent.username, handles[0] if handles else "")


def _recovery_page(visit: Visit, made: list[str], next: str = "/") -> Response:
    following = "/account" if safe(next) == "/" else safe(next)
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
    return visit.page("account/recovery.html", codes=made, accounts=accounts, next=following)
