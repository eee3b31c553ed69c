"""Letting people in and keeping them out: all of it is audited, and ends the sessions that it should."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from socialdesk import audit, clock
from socialdesk.errors import AlreadyDone
from socialdesk.people import codes, devices, invitations, sign_ins, tokens
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _


def new_password(session: Session, agent: Agent, kept: str, *, by: Agent | None, but: str = "") -> None:
    """`kept` is from passwords.hashed; the agent is signed out everywhere but where he has that token."""
    mine = session.get_one(Agent, agent.id)
    mine.password_hash = kept
    session.add(mine)
    sign_ins.close_all(session, agent, but=but)
    _tell(session, "password_changed", agent, by)


def take_up_invitation(session: Session, token: str, kept: str) -> Agent:
    """The agent with the password he has chosen, of which `kept` is; he is signed out wherever he was. Raises
    as invitations.take_up does."""
    agent = invitations.take_up(session, token)
    new_password(session, agent, kept, by=agent)
    _tell(session, "invitation_accepted", agent, agent)
    return agent


def disable(session: Session, agent: Agent, *, by: Agent | None = None) -> None:
    """He is signed out at once and his tokens are revoked, and so it stays when he is let in again."""
    agent.disabled_at = clock.now()
    session.add(agent)
    sign_ins.close_all(session, agent)
    devices.forget_all(session, agent)
    tokens.revoke_all(session, agent, by=by)
    _tell(session, "agent_disabled", agent, by)


def enable(session: Session, agent: Agent, *, by: Agent | None = None) -> None:
    if agent.disabled_at is None:
        raise AlreadyDone(_("%(username)s can sign in already.", username=agent.username))
    agent.disabled_at = None
    session.add(agent)
    _tell(session, "agent_enabled", agent, by)


def codes_on(session: Session, agent: Agent, code: str, *, within: str, but: str) -> list[str]:
    """The agent's recovery codes, shown once; `within` is as codes.confirm wants it. Raises as that does."""
    made = codes.confirm(session, agent, code, within=within)
    sign_ins.close_all(session, agent, but=but)
    _tell(session, "codes_on", agent, agent)
    return made


def codes_off(session: Session, agent: Agent, *, by: Agent | None) -> None:
    """When somebody else does it, the agent has to sign in anew. Raises AlreadyDone."""
    codes.turn_off(session, agent)
    if by is None or by.id != agent.id:
        sign_ins.close_all(session, agent)
    _tell(session, "codes_off", agent, by)


def new_recovery_codes(session: Session, agent: Agent) -> list[str]:
    """In place of all earlier ones. Raises AlreadyDone when codes are off."""
    if not codes.asked_of(session, agent):
        raise AlreadyDone(_("One-time codes are off."))
    made = codes.renew_recovery(session, agent)
    _tell(session, "recovery_codes_renewed", agent, agent)
    return made


def end_session(session: Session, agent: Agent, sign_in_id: int) -> None:
    """Raises NotFound."""
    sign_ins.close_one(session, agent, sign_in_id)
    _tell(session, "sessions_ended", agent, agent, sessions=1)


def end_sessions(session: Session, agent: Agent, *, by: Agent, but: str = "") -> int:
    """All of them, or all but the one with that token; returns how many."""
    ended = sign_ins.close_all(session, agent, but=but)
    _tell(session, "sessions_ended", agent, by, sessions=ended)
    return ended


def _tell(session: Session, kind: str, agent: Agent, by: Agent | None, **what: Any) -> None:
    audit.record(session, kind, by=by.id if by else None, subject=agent.username, **what)
