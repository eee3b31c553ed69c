"""Who has to sign in with one-time codes, as the settings want it, and who has none yet."""

from __future__ import annotations

from sqlmodel import Session

from socialdesk.people import codes
from socialdesk.people.agents import Agent, Role
from socialdesk.settings import SignInSettings


def wanted_of(agent: Agent, settings: SignInSettings) -> bool:
    """Whether codes are demanded of him; `admins` are so for the whole desk."""
    if settings.codes == "admins":
        return agent.role == Role.ADMIN
    return settings.codes == "required"


def owed_by(session: Session, agent: Agent, settings: SignInSettings) -> bool:
    """Whether they are, and he has none: until he has, nothing else is open to him, nor to his tokens."""
    return wanted_of(agent, settings) and not codes.asked_of(session, agent)
