"""The very first agent, made with a token that only whoever runs the desk has seen."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete, select

from socialdesk import clock
from socialdesk.errors import AlreadyDone, NotAllowed
from socialdesk.people import agents
from socialdesk.people.agents import Agent, Role
from socialdesk.phrases import gettext as _

GOOD_FOR = timedelta(hours=24)


class SetupToken(SQLModel, table=True):
    """One that was printed as a console started while nobody worked here."""

    __tablename__ = "setup_tokens"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    made_at: datetime


def offer(session: Session) -> str | None:
    """A token to be printed once; None when somebody works here already."""
    session.exec(delete(SetupToken).where(col(SetupToken.made_at) < clock.now() - GOOD_FOR))
    if agents.anybody(session):
        return None
    token = secrets.token_urlsafe(24)
    session.add(SetupToken(token_hash=_hash(token), made_at=clock.now()))
    return token


def refuse(session: Session, token: str) -> None:
    """Raises AlreadyDone when somebody works here, NotAllowed for a token not given out or run out."""
    if agents.anybody(session):
        raise AlreadyDone(_("This desk has been set up already: sign in, or ask an admin to let you in."))
    query = select(SetupToken.id).where(
        SetupToken.token_hash == _hash(token), SetupToken.made_at > clock.now() - GOOD_FOR
    )
    if session.exec(query).first() is None:
        raise NotAllowed(_("That is not the set-up token: start the console again, and it prints a new one."))


def set_up(session: Session, token: str, *, username: str, name: str, password: str) -> Agent:
    """The first admin. Raises AlreadyDone, NotAllowed, and BadInput as agents.hire does."""
    refuse(session, token)
    first = agents.hire(session, username=username, name=name, role=Role.ADMIN, password=password)
    # Whoever comes second waits here for the first, and then finds no token left.
    if not session.exec(delete(SetupToken)).rowcount:
        raise AlreadyDone(_("Somebody has set up this desk at the same moment."))
    return first


def _hash(token: str) -> str:
    return hashlib.sha256(token.strip().encode(errors="replace")).hexdigest()
