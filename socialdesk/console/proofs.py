"""Asking for a password or a code: not too often, and a try that was not looked at is not counted."""

from __future__ import annotations

from collections.abc import Sequence

from socialdesk.console.access import Visit
from socialdesk.errors import BadInput, Busy
from socialdesk.people import agents, brakes
from socialdesk.people.agents import Agent
from socialdesk.people.brakes import Key, Kind
from socialdesk.phrases import gettext as _


def press(visit: Visit, keys: Sequence[Key]) -> None:
    """Raises TooOften, at once and without writing anything."""
    with visit.database.reading() as session:
        brakes.refuse(session, keys)
    with visit.database.transaction() as session:
        brakes.press(session, keys)


def is_right(visit: Visit, agent: Agent | None, password: str, keys: Sequence[Key]) -> bool:
    """Whether it is the agent's password. Raises TooOften, Busy."""
    press(visit, keys)
    try:
        return agents.check_password(agent, password)
    except Busy:
        with visit.database.transaction() as session:
            brakes.take_back(session, keys)
        raise


def prove(visit: Visit, password: str) -> None:
    """His password again, before what protects him is changed. Raises BadInput, TooOften, Busy."""
    keys = [Key(Kind.PROOF, str(visit.agent.id))]
    if not is_right(visit, visit.agent, password, keys):
        raise BadInput(_("That is not your password."))
    with visit.database.transaction() as session:
        brakes.release(session, keys)
