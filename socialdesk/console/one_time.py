"""Turning one-time codes on, with the secret as a picture and as text, and off; new recovery codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import segno
from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from socialdesk.console import account, health, proofs
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.sign_in import enter
from socialdesk.errors import AlreadyDone, BadInput, Busy, DeskError, TooOften
from socialdesk.people import admission, brakes, codes
from socialdesk.people.brakes import Key, Kind

router = APIRouter()
Password = Annotated[str, Form()]
ABOUT = "codes"
_QUIET = 4  # modules of white around a QR code, ISO/IEC 18004


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code as an SVG path, and how many modules wide it is with the white around it."""

    path: str
    width: int


@router.get("/account/codes")
def show(visit: Admitted) -> Response:
    return _secret_page(visit)


@router.post("/account/codes")
def begin(visit: Admitted, password: Password = "") -> Response:
    """A secret that does not count yet. His password is asked: an open screen must not be enough."""
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            codes.begin(session, visit.agent)
    except (BadInput, TooOften, Busy, AlreadyDone) as error:
        return account.page(visit, error, about=ABOUT)
    return RedirectResponse("/account/codes", 303)


@router.post("/account/codes/confirmation")
def confirm(visit: Admitted, code: Annotated[str, Form()] = "") -> Response:
    keys = [Key(Kind.CODE, str(visit.agent.id))]
    try:
        proofs.press(visit, keys)
        with visit.database.transaction() as session:
            made = admission.codes_on(session, visit.agent, code, but=account.own_token(visit))
            brakes.release(session, keys)
    except (BadInput, TooOften) as error:
        return _secret_page(visit, error)
    except AlreadyDone as error:
        return account.page(visit, error, about=ABOUT)
    return _renewed(visit, _recovery_page(visit, made))


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
    try:
        proofs.prove(visit, password)
        with visit.database.transaction() as session:
            admission.codes_off(session, visit.agent, by=visit.agent)
    except (BadInput, TooOften, Busy, AlreadyDone) as error:
        return account.page(visit, error, about=ABOUT)
    return _renewed(visit, RedirectResponse("/account?done=codes_off", 303))


def drawn(address: str) -> Picture:
    rows = segno.make(address, error="m", micro=False).matrix
    dark = [(x, y) for y, row in enumerate(rows, _QUIET) for x, module in enumerate(row, _QUIET) if module]
    return Picture("".join(f"M{x} {y}h1v1h-1z" for x, y in dark), len(rows) + 2 * _QUIET)


def _renewed(visit: Visit, response: Response) -> Response:
    """What is asked at sign-in has changed: the browser goes on under a new token."""
    with visit.database.transaction() as session:
        enter(visit, session, visit.agent, response)
    return response


def _secret_page(visit: Visit, problem: DeskError | None = None) -> Response:
    with visit.database.reading() as session:
        found, accounts = codes.of(session, visit.agent), health.of(visit, session)
        if found is None or found.since:
            return RedirectResponse("/account", 303)
        secret = codes.secret_of(session, found)
    address = _address(visit, secret)
    return visit.page(
        "account/codes.html",
        status=account.status_of(problem),
        secret=codes.grouped(secret),
        address=address,
        picture=drawn(address),
        problem=problem,
        accounts=accounts,
    )


def _address(visit: Visit, secret: str) -> str:
    handles = [each.handle for each in visit.desk.settings.accounts]
    return codes.address(secret, visit.agent.username, handles[0] if handles else "")


def _recovery_page(visit: Visit, made: list[str]) -> Response:
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
    return visit.page("account/recovery.html", codes=made, accounts=accounts)
