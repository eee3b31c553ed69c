"""Who is signed in: sessions kept on the server, known to the browser by a token we do not store."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from socialdesk import clock
from socialdesk.agents import Agent

# How stale last_seen_at may get: a write on every page view would queue behind the poller's.
SEEN_EVERY = timedelta(minutes=1)


class SignIn(SQLModel, table=True):
    """One browser that an agent signed in with."""

    __tablename__ = "sign_ins"

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agents.id", index=True)
    token_hash: str = Field(unique=True)
    since: datetime
    last_seen_at: datetime


def open_for(session: Session, agent: Agent) -> str:
    """A new sign-in; returns the token for the cookie, which is not kept here."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    assert agent.id is not None
    session.add(SignIn(agent_id=agent.id, token_hash=_hash(token), since=now, last_seen_at=now))
    return token


def resume(
    session: Session, token: str, *, idle: timedelta, longest: timedelta
) -> tuple[Agent, SignIn] | None:
    """Whose token this is; None when it was never given out, was closed or has run out."""
    now = clock.now()
    query = (
        select(Agent, SignIn)
        .join(SignIn, col(SignIn.agent_id) == Agent.id)
        .where(
            SignIn.token_hash == _hash(token),
            col(Agent.disabled_at).is_(None),
            SignIn.last_seen_at > now - idle,
            SignIn.since > now - longest,
        )
    )
    return session.exec(query).first()


def is_stale(sign_in: SignIn) -> bool:
    """Whether it is time to write down again that this browser was seen."""
    return clock.now() - sign_in.last_seen_at > SEEN_EVERY


def seen(session: Session, sign_in_id: int) -> None:
    if sign_in := session.get(SignIn, sign_in_id):
        sign_in.last_seen_at = clock.now()


def close(session: Session, token: str) -> None:
    session.exec(delete(SignIn).where(col(SignIn.token_hash) == _hash(token)))


def forget_old(session: Session, longest: timedelta) -> None:
    """Remove the rows of sign-ins that have run out."""
    session.exec(delete(SignIn).where(col(SignIn.since) < clock.now() - longest))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
