"""The page on which one-time codes are set up: the secret as a picture and as text, and a code for proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import segno
from fastapi.responses import Response
from sqlmodel import Session

from socialdesk.console import carried, cookies, health
from socialdesk.console.access import Visit
from socialdesk.console.cookies import Cookie
from socialdesk.errors import DeskError, SettingsError
from socialdesk.people import codes
from socialdesk.people.agents import Agent

_QUIET = 4  # modules of white around a QR code, ISO/IEC 18004


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code as an SVG path, and how many modules wide it is with the white around it."""

    path: str
    width: int


@dataclass(frozen=True, slots=True)
class Asked:
    """`back` is where he goes on afterwards, an address in this console; `words` those that go with him, as
    `carried` has written them. Who `owes` codes has no frame around the page."""

    back: str = "/"
    words: str = ""
    owes: bool = False
    problem: DeskError | None = None
    status: int = 200


def page(visit: Visit, session: Session, agent: Agent, asked: Asked) -> Response:
    """Where there is no secret yet, it asks for his password."""
    secret, problem = _secret(session, agent, within(visit, owes=asked.owes), asked.problem)
    frame: dict[str, Any] = {"agent": None} if asked.owes else {"accounts": health.of(visit, session)}
    address = _address(visit, agent, secret)
    return visit.page(
        "account/codes.html",
        status=asked.status,
        secret=codes.grouped(secret),
        address=address,
        picture=drawn(address),
        problem=problem,
        next=asked.back,
        owes=asked.owes,
        carried=asked.words,
        words=carried.shown(asked.words),
        **frame,
    )


def drawn(address: str) -> Picture:
    rows = segno.make(address, error="m", micro=False).matrix
    dark = [(x, y) for y, row in enumerate(rows, _QUIET) for x, module in enumerate(row, _QUIET) if module]
    return Picture("".join(f"M{x} {y}h1v1h-1z" for x, y in dark), len(rows) + 2 * _QUIET)


def within(visit: Visit, *, owes: bool) -> str:
    """For which session a secret is begun: this one. Who owes codes has no other, wherever it was begun."""
    return "" if owes else cookies.read(visit.request, Cookie.SESSION)


def is_begun(visit: Visit, session: Session, agent: Agent) -> bool:
    """Whether there is a secret to show to this session, or a reason to tell why it can't be."""
    try:
        return codes.begun(session, agent, within=within(visit, owes=visit.owes)) is not None
    except SettingsError:
        return True


def _secret(
    session: Session, agent: Agent, within: str, problem: DeskError | None
) -> tuple[str, DeskError | None]:
    """Empty where it was not begun here, or the key is not there that it was sealed with."""
    try:
        return codes.begun(session, agent, within=within) or "", problem
    except SettingsError as error:
        return "", problem or error


def _address(visit: Visit, agent: Agent, secret: str) -> str:
    handles = [each.handle for each in visit.desk.settings.accounts]
    return codes.address(secret, agent.username, handles[0] if handles else "")
