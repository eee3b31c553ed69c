"""The people who answer, and the passwords they sign in with."""

import secrets
import threading
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache

import regex
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import clock
from socialdesk.database import one_of
from socialdesk.errors import BadInput, NotAllowed, NotFound

SHORTEST_PASSWORD = 8  # ASVS 5.0, 6.2.1
LONGEST_PASSWORD = 256
LONGEST_NAME = 60
_USERNAME = regex.compile(r"[a-z0-9][a-z0-9._-]{0,31}")

# argon2id with 19 MiB and two passes: OWASP's first choice, 45 ms here. Two at a time bound the
# memory and the CPU that a flood of sign-ins can take from everybody else.
_passwords = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))
_hashing = threading.BoundedSemaphore(2)


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"


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

    @property
    def supervises(self) -> bool:
        return self.role == Role.SUPERVISOR

    @property
    def initials(self) -> str:
        """What customers see of the name: "Ana Kovač" signs as AK."""
        return "".join(word[0] for word in self.name.split() if word[0].isalnum())[:3].upper() or "?"

    def set_password(self, password: str) -> None:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise BadInput(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
        if not password.isprintable():
            raise BadInput("A password is made of letters, digits, signs and spaces (in UTF-8).")
        with _hashing:
            self.password_hash = _passwords.hash(password)


def hire(session: Session, *, username: str, name: str, role: str, password: str) -> Agent:
    """A new agent. Raises BadInput for a name that is taken or not one."""
    if not _USERNAME.fullmatch(username):
        raise BadInput("A user name is made of a-z, 0-9, dot, dash and underscore, at most 32 of them.")
    if role not in list(Role):
        raise BadInput(f"The role is {' or '.join(Role)}.")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(
            f"An agent needs a name of at most {LONGEST_NAME} characters: customers see its initials."
        )
    if find(session, username):
        raise BadInput(f"There is an agent {username} already.")
    agent = Agent(username=username, name=name.strip(), role=role, password_hash="", hired_at=clock.now())
    agent.set_password(password)
    session.add(agent)
    session.flush()
    return agent


def find(session: Session, username: str) -> Agent | None:
    return session.exec(select(Agent).where(Agent.username == username)).first()


def known(session: Session, username: str) -> Agent:
    """The agent of that user name, who may be disabled. Raises NotFound."""
    agent = find(session, username)
    if agent is None:
        raise NotFound(f"There is no agent {username}: see `socialdesk agents list`.")
    return agent


def named(session: Session, username: str) -> Agent:
    """The agent of that user name who may work. Raises NotFound, NotAllowed."""
    agent = known(session, username)
    if agent.disabled_at:
        raise NotAllowed(f"{username} is disabled: `socialdesk agents enable {username}` lets them in again.")
    return agent


def all_of(session: Session) -> Sequence[Agent]:
    return session.exec(select(Agent).order_by(col(Agent.username))).all()


def names(session: Session) -> dict[int, str]:
    """Every agent's name by row id: few enough to be read whole."""
    return {agent.id: agent.name for agent in all_of(session) if agent.id is not None}


def check_password(agent: Agent | None, password: str) -> bool:
    """Whether that is the agent's password; takes as long when there is no such agent."""
    with _hashing:
        if agent is None or agent.disabled_at or len(password) > LONGEST_PASSWORD:
            _passwords.verify(password[:LONGEST_PASSWORD], _nobody())
            return False
        return _passwords.verify(password, agent.password_hash)


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return _passwords.hash(secrets.token_urlsafe(16))
