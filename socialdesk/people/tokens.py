"""Bearer tokens: a program works with one in an agent's name, and as far as the token's scopes go.

The token is shown once and only its digest is kept: it is random, so a fast digest is as good as a slow one.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import audit, clock
from socialdesk.errors import BadInput, NotFound
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

PREFIX = "sd_"  # by which those who look for lost secrets know it
LONGEST_NAME = 60
LONGEST_DAYS = 366
USED_EVERY = timedelta(minutes=1)  # how stale used_at may get


class Scope(StrEnum):
    """What a token is good for; never for more than its agent may do."""

    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    REPLIES_WRITE = "replies:write"
    REPLIES_APPROVE = "replies:approve"
    CUSTOMERS_READ = "customers:read"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"
    STATISTICS_READ = "statistics:read"


class ApiToken(SQLModel, table=True):
    __tablename__ = "api_tokens"

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agents.id", index=True)
    name: str
    digest: str = Field(unique=True)
    scopes: str  # with spaces between them
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def covers(self, scope: Scope) -> bool:
        return scope in self.scopes.split()

    @property
    def is_stale(self) -> bool:
        """Whether it is time to write down again that it was used."""
        return self.used_at is None or clock.now() - self.used_at > USED_EVERY

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now()


def issue(
    session: Session, agent: Agent, *, name: str, scopes: Collection[str], days: int, by: Agent | None = None
) -> str:
    """A new token of the agent's, which is kept nowhere; `by` is None for whoever runs the desk. Raises
    BadInput."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(_("Say what the token is for, in at most %(most)s characters.", most=LONGEST_NAME))
    if not scopes or not set(scopes) <= set(Scope):
        raise BadInput(_("A token has one scope or more of: %(scopes)s.", scopes=", ".join(Scope)))
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(_("A token is good for 1 to %(most)s days.", most=LONGEST_DAYS))
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    assert agent.id is not None
    session.add(
        ApiToken(
            agent_id=agent.id,
            name=name.strip(),
            digest=_digest(secret),
            scopes=" ".join(scope for scope in Scope if scope in scopes),
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    audit.record(
        session,
        "token_issued",
        by=by.id if by else None,
        subject=agent.username,
        name=name.strip(),
        scopes=sorted(scopes),
    )
    return secret


def given_out(session: Session, secret: str) -> tuple[ApiToken, Agent] | None:
    """The token with its agent, good or not; None for one never given out."""
    query = select(ApiToken, Agent).join(Agent, col(Agent.id) == ApiToken.agent_id)
    return session.exec(query.where(ApiToken.digest == _digest(secret))).first()


def is_good(token: ApiToken, agent: Agent) -> bool:
    """Not one that was revoked or has run out, nor a disabled agent's."""
    return token.is_good and agent.disabled_at is None


def used(session: Session, token_id: int) -> None:
    if token := session.get(ApiToken, token_id):
        token.used_at = clock.now()


def good(session: Session) -> Sequence[ApiToken]:
    """Everybody's, the newest first."""
    query = select(ApiToken).where(col(ApiToken.revoked_at).is_(None)).order_by(col(ApiToken.id).desc())
    return [token for token in session.exec(query) if token.is_good]


def revoke(session: Session, agent: Agent, token_id: int, *, by: Agent | None = None) -> None:
    """Raises NotFound when the agent has no such token any more."""
    token = session.get(ApiToken, token_id)
    if token is None or token.agent_id != agent.id or not token.is_good:
        raise NotFound(_("There is no such token any more."))
    token.revoked_at = clock.now()
    audit.record(session, "token_revoked", by=by.id if by else None, subject=agent.username, name=token.name)


def revoke_all(session: Session, agent: Agent, *, by: Agent | None = None) -> None:
    """Those of the agent's that are good, each of them told."""
    mine = select(ApiToken).where(ApiToken.agent_id == agent.id, col(ApiToken.revoked_at).is_(None))
    for token in session.exec(mine).all():
        if token.is_good:
            revoke(session, agent, token.id or 0, by=by)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
