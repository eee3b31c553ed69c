"""The token with which somebody who was let in chooses a password: shown once, good once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from socialdesk import clock
from socialdesk.errors import NotAllowed
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

GOOD_FOR = timedelta(days=3)


class Invitation(SQLModel, table=True):
    """One that has not been taken up."""

    __tablename__ = "invitations"

    agent_id: int = Field(
        foreign_key="agents.id", primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    token_hash: str = Field(unique=True)
    made_at: datetime


def invite(session: Session, agent: Agent) -> str:
    """The token, in place of any earlier one of that agent; it is not kept here."""
    assert agent.id is not None
    withdraw(session, agent)
    token = secrets.token_urlsafe(24)
    session.add(Invitation(agent_id=agent.id, token_hash=_hash(token), made_at=clock.now()))
    return token


def withdraw(session: Session, agent: Agent) -> None:
    session.exec(delete(Invitation).where(col(Invitation.agent_id) == agent.id))


def open_ids(session: Session) -> set[int]:
    """Who has one that is still good."""
    return set(session.exec(select(Invitation.agent_id).where(Invitation.made_at > clock.now() - GOOD_FOR)))


def invited(session: Session, token: str) -> Agent:
    """Whose it is. Raises NotAllowed for one that was never given out, was used or has run out."""
    query = select(Agent).join(Invitation, col(Invitation.agent_id) == Agent.id)
    good = (Invitation.token_hash == _hash(token), Invitation.made_at > clock.now() - GOOD_FOR)
    agent = session.exec(query.where(*good, col(Agent.disabled_at).is_(None))).first()
    if agent is None:
        raise NotAllowed(_("That invitation is not good any more: ask an admin for a new one."))
    return agent


def take_up(session: Session, token: str) -> Agent:
    """Whose it was: it is good no more. Raises as `invited` does."""
    agent = invited(session, token)
    mine = delete(Invitation).where(col(Invitation.token_hash) == _hash(token))
    if not session.exec(mine).rowcount:  # the same token was taken up at the same moment
        raise NotAllowed(_("That invitation has been taken up already."))
    return agent


def _hash(token: str) -> str:
    return hashlib.sha256(token.strip().encode(errors="replace")).hexdigest()
