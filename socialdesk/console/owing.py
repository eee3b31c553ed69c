"""Whoever has to have one-time codes and has none is led to set them up, and to nothing else."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from sqlmodel import Session

from socialdesk.desk import Desk
from socialdesk.errors import SettingsError
from socialdesk.people import codes, demands, sign_ins
from socialdesk.people.agents import Agent

SETTING_UP = "/account/codes"
# What is open to him all the same.
OPEN = {
    ("GET", SETTING_UP),
    ("POST", SETTING_UP),
    ("POST", f"{SETTING_UP}/confirmation"),
    ("POST", "/sign-out"),
}


class CodesNeeded(Exception):
    """This agent has to set up one-time codes first; `back` is the address to go on to afterwards."""

    def __init__(self, agent: Agent, back: str) -> None:
        super().__init__(back)
        self.agent, self.back, self.address = agent, back, address(back)


def address(back: str) -> str:
    return SETTING_UP if back == "/" else f"{SETTING_UP}?{urlencode({'next': back})}"


def onward(session: Session, desk: Desk, agent: Agent, back: str) -> str:
    """Where he goes on who has just given his password: to `back`, or to a secret that is made for him.

    Each time it is a new one, and where else he has signed in with the password alone he is signed out: who
    knows no more of him than that cannot leave a secret behind for him to confirm.
    """
    if not demands.owed_by(session, agent, desk.settings.sign_in):
        return back
    # Whoever signed in before may have read the secret that was begun there, and is not to read this one.
    sign_ins.close_all(session, agent)
    with suppress(SettingsError):  # there is no key: the page to set codes up says so
        codes.begin(session, agent)
    return address(back)
