"""The people who answer, and what they may do."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import regex
from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import audit, clock
from socialdesk.database import one_of
from socialdesk.errors import BadInput, NotAllowed, NotFound
from socialdesk.people import passwords
from socialdesk.phrases import gettext as _

LONGEST_NAME = 60
_USERNAME = regex.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class Role(StrEnum):
    """What somebody may do, least first; each may do whatever those before it may."""

    READ_ONLY = "read_only"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    def reaches(self, least: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(least)


class Agent(SQLModel, table=True):
    """One person who works at the desk."""

    __tablename__ = "agents"
    __table_args__ = (one_of("role", Role),)

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    name: str
    role: str
    password_hash: str
    hired_at: datetime
    disabled_at: datetime | None = None
    language: str | None = None  # in which he reads the console

    @property
    def supervises(self) -> bool:
        return Role(self.role).reaches(Role.SUPERVISOR)

    @property
    def initials(self) -> str:
        """What customers see of the name: "Ana Kovač" signs as AK."""
        return "".join(word[0] for word in self.name.split() if word[0].isalnum())[:3].upper() or "?"

    def set_password(self, password: str) -> None:
        """Raises BadInput for one that is too easy to guess."""
        self.password_hash = passwords.hashed(password, of=self.username, near=self.name.split())


def hire(
    session: Session, *, username: str, name: str, role: str, password: str | None, by: Agent | None = None
) -> Agent:
    """A new agent, who can't sign in yet without a password; `by` is None for whoever runs the desk.

    Raises BadInput for a name taken or not one."""
    if not _USERNAME.fullmatch(username):
        raise BadInput(_("A user name is made of a-z, 0-9, dot, dash and underscore, at most 32 of them."))
    if role not in list(Role):
        raise BadInput(_("A role is one of %(roles)s.", roles=", ".join(Role)))
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(
            _(
                "An agent needs a name of at most %(most)s characters: customers see its initials.",
                most=LONGEST_NAME,
            )
        )
    if find(session, username):
        raise BadInput(_("There is an agent %(username)s already.", username=username))
    agent = Agent(username=username, name=name.strip(), role=role, password_hash="", hired_at=clock.now())
    if password is not None:
        agent.set_password(password)
    session.add(agent)
    session.flush()
    audit.record(session, "agent_added", by=by.id if by else None, subject=username, role=role)
    return agent


def anybody(session: Session) -> bool:
    """Whether somebody works here already."""
    return session.exec(select(Agent.id).limit(1)).first() is not None


def find(session: Session, username: str) -> Agent | None:
    """Whatever was typed: what is no user name is not asked for, since a database may refuse to read it."""
    if not _USERNAME.fullmatch(username):
        return None
    return session.exec(select(Agent).where(Agent.username == username)).first()


def known(session: Session, username: str) -> Agent:
    """The agent of that user name, who may be disabled. Raises NotFound."""
    agent = find(session, username)
    if agent is None:
        raise NotFound(_("There is no agent %(username)s: see `socialdesk agents list`.", username=username))
    return agent


def named(session: Session, username: str) -> Agent:
    """The agent of that user name who may work. Raises NotFound, NotAllowed."""
    agent = known(session, username)
    if agent.disabled_at:
        raise NotAllowed(
            _(
                "%(username)s is disabled: `socialdesk agents enable %(username)s` lets them in again.",
                username=username,
            )
        )
    return agent


def all_of(session: Session) -> Sequence[Agent]:
    return session.exec(select(Agent).order_by(col(Agent.username))).all()


def check_password(agent: Agent | None, password: str) -> bool:
    """Whether that is the agent's password; takes as long when there is no such agent. Raises Busy."""
    kept = agent.password_hash if agent and not agent.disabled_at else None
    return passwords.fits(password, kept)
