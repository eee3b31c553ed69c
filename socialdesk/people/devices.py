"""Browsers in which an agent has signed in before: wrong passwords from elsewhere do not slow them."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from socialdesk import clock
from socialdesk.people.agents import Agent

KEPT = timedelta(days=90)
MOST = 20  # of one agent


class KnownDevice(SQLModel, table=True):
    """A browser, known by a token that is not kept here; it opens no door by itself."""

    __tablename__ = "known_devices"

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agents.id", index=True)
    token_hash: str = Field(unique=True)
    last_seen_at: datetime


def find(session: Session, username: str, token: str) -> KnownDevice | None:
    """The device with that token, if the agent with that user name signed in there."""
    query = (
        select(KnownDevice)
        .join(Agent, col(Agent.id) == KnownDevice.agent_id)
        .where(
            KnownDevice.token_hash == _hash(token),
            KnownDevice.last_seen_at > clock.now() - KEPT,
            Agent.username == username,
        )
    )
    return session.exec(query).first()


def meet(session: Session, agent: Agent, token: str) -> str:
    """The token for the cookie of the browser in which he has just signed in; one of his before goes on."""
    known = find(session, agent.username, token)
    if known:
        known.last_seen_at = clock.now()
        session.add(known)
        return token
    assert agent.id is not None
    token = secrets.token_urlsafe(32)
    session.add(KnownDevice(agent_id=agent.id, token_hash=_hash(token), last_seen_at=clock.now()))
    session.flush()
    _keep_newest(session, agent.id)
    return token


def forget_all(session: Session, agent: Agent) -> None:
    session.exec(delete(KnownDevice).where(col(KnownDevice.agent_id) == agent.id))


def _keep_newest(session: Session, agent_id: int) -> None:
    theirs = select(KnownDevice.id).where(KnownDevice.agent_id == agent_id)
    newest = theirs.order_by(col(KnownDevice.last_seen_at).desc(), col(KnownDevice.id).desc()).limit(MOST)
    kept = session.exec(newest).all()
    gone = delete(KnownDevice).where(col(KnownDevice.agent_id) == agent_id, col(KnownDevice.id).not_in(kept))
    session.exec(gone)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
