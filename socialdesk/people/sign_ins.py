"""Who is signed in: sessions kept on the server, known to the browser by a token we do not store."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Field, Session, SQLModel, col, delete, false, func, select, true

from socialdesk import clock
from socialdesk.errors import NotFound
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

# How stale last_seen_at may get: a write on every page view would queue behind the poller's.
SEEN_EVERY = timedelta(minutes=1)
HALF_LASTS = timedelta(minutes=10)


class SignIn(SQLModel, table=True):
    """A browser that an agent signed in with; `half` while the password was right and a code is due."""

    __tablename__ = "sign_ins"

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agents.id", index=True)
    token_hash: str = Field(unique=True)
    since: datetime
    last_seen_at: datetime
    half: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    address: str | None = None
    device: str | None = None  # "Firefox on Linux"

    def is_of(self, token: str) -> bool:
        return self.token_hash == _hash(token)


# The question `resume` asks, for whoever has more to ask in the same statement. Made once, for every request.
RESUMING: Any = (
    select(Agent, SignIn)
    .join(SignIn, col(SignIn.agent_id) == Agent.id)
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        SignIn.half == bindparam("is_half"),
        col(Agent.disabled_at).is_(None),
        SignIn.last_seen_at > bindparam("seen_after"),
        SignIn.since > bindparam("begun_after"),
    )
)


def open_for(
    session: Session,
    agent: Agent,
    *,
    half: bool = False,
    address: str | None = None,
    device: str | None = None,
) -> str:
    """A new sign-in; returns the token for the cookie, which is not kept here."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    assert agent.id is not None
    made = SignIn(agent_id=agent.id, token_hash=_hash(token), since=now, last_seen_at=now, half=half)
    made.address, made.device = address, device
    session.add(made)
    return token


def resume(
    session: Session, token: str, *, idle: timedelta, longest: timedelta, half: bool = False
) -> tuple[Agent, SignIn] | None:
    """Whose token this is; None when it was never given out, was closed or has run out."""
    asked = asked_of(token, idle=idle, longest=longest, half=half)
    found: tuple[Agent, SignIn] | None = session.exec(RESUMING, params=asked).first()
    return found


def asked_of(token: str, *, idle: timedelta, longest: timedelta, half: bool = False) -> dict[str, Any]:
    """The values of what stands open in `RESUMING`."""
    now = clock.now()
    alive = {"seen_after": now - idle, "begun_after": now - longest}
    return {"token_hash": _hash(token), "is_half": half, **alive}


def half_open(session: Session, token: str) -> Agent | None:
    """Who has given the right password in that browser, and owes a code."""
    found = resume(session, token, idle=HALF_LASTS, longest=HALF_LASTS, half=True)
    return found[0] if found else None


def of_agent(session: Session, agent: Agent, *, idle: timedelta, longest: timedelta) -> Sequence[SignIn]:
    """Where the agent is signed in, the browser seen last first."""
    query = select(SignIn).where(SignIn.agent_id == agent.id, SignIn.half == false(), *_alive(idle, longest))
    return session.exec(query.order_by(col(SignIn.last_seen_at).desc(), col(SignIn.id).desc())).all()


def counted(session: Session, *, idle: timedelta, longest: timedelta) -> dict[int, int]:
    """In how many browsers each agent is signed in, by row id."""
    query = select(SignIn.agent_id, func.count(col(SignIn.id))).group_by(col(SignIn.agent_id))
    return dict(session.exec(query.where(SignIn.half == false(), *_alive(idle, longest))).all())


def is_stale(sign_in: SignIn) -> bool:
    """Whether it is time to write down again that this browser was seen."""
    return clock.now() - sign_in.last_seen_at > SEEN_EVERY


def seen(session: Session, sign_in_id: int) -> None:
    if sign_in := session.get(SignIn, sign_in_id):
        sign_in.last_seen_at = clock.now()


def close(session: Session, token: str) -> None:
    session.exec(delete(SignIn).where(col(SignIn.token_hash) == _hash(token)))


def close_one(session: Session, agent: Agent, sign_in_id: int) -> None:
    """Raises NotFound when the agent has no such sign-in."""
    mine = (col(SignIn.id) == sign_in_id) & (col(SignIn.agent_id) == agent.id)
    if not session.exec(delete(SignIn).where(mine)).rowcount:
        raise NotFound(_("That session has ended already."))


def close_all(session: Session, agent: Agent, *, but: str = "") -> int:
    """Sign the agent out everywhere, except in the browser that has the token `but`; returns of how many."""
    others = (col(SignIn.agent_id) == agent.id) & (col(SignIn.token_hash) != _hash(but))
    return session.exec(delete(SignIn).where(others)).rowcount


def forget_old(session: Session, longest: timedelta) -> None:
    """Remove the rows of sign-ins that have run out."""
    unfinished = (col(SignIn.half) == true()) & (col(SignIn.since) < clock.now() - HALF_LASTS)
    session.exec(delete(SignIn).where((col(SignIn.since) < clock.now() - longest) | unfinished))


def _alive(idle: timedelta, longest: timedelta) -> tuple[bool, bool]:
    now = clock.now()
    return SignIn.last_seen_at > now - idle, SignIn.since > now - longest


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
