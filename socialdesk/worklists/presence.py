"""Who has a case open just now and who is writing in it, so that nobody answers over a colleague."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.people.agents import Agent

LASTS = timedelta(seconds=40)  # browsers tell every 15 s that somebody is there; two of these may get lost
WRITING_LASTS = timedelta(seconds=12)  # after the last change of the composer's text
NOTED_EVERY = timedelta(seconds=4)  # what was noted so lately is not noted again


class Presence(SQLModel, table=True):
    """An agent has a case open, in however many tabs. Nothing refers to it and it refers to nothing: a
    foreign key would make looking at a case wait for whoever holds it."""

    __tablename__ = "presences"

    case_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    agent_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seen_at: datetime = Field(index=True)
    wrote_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody at a case of that account."""

    case_id: int
    account_id: int
    agent_id: int
    name: str
    initials: str
    writing: bool


def is_noted(session: Session, case_id: int, by: Agent, *, writing: bool) -> bool:
    """Whether that is known from some seconds ago, so that nothing needs to be written."""
    found = session.get(Presence, (case_id, by.id))
    lately = clock.now() - NOTED_EVERY
    if found is None or found.seen_at < lately:
        return False
    return not writing or bool(found.wrote_at and found.wrote_at >= lately)


def note(session: Session, case_id: int, by: Agent, *, writing: bool) -> None:
    """The agent is at that case; whoever has not been at any for long is forgotten."""
    now = clock.now()
    row = {"case_id": case_id, "agent_id": by.id, "seen_at": now, "wrote_at": now if writing else None}
    connection = session.connection()
    new: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    told = new(Presence).values(row)
    wrote_at = func.coalesce(told.excluded.wrote_at, col(Presence.wrote_at))
    connection.execute(
        told.on_conflict_do_update(
            index_elements=["case_id", "agent_id"], set_={"seen_at": now, "wrote_at": wrote_at}
        )
    )
    _sweep(session)


def leave(session: Session, case_id: int, by: Agent) -> None:
    """The agent has closed the case, or looks at something else."""
    session.exec(delete(Presence).where(col(Presence.case_id) == case_id, col(Presence.agent_id) == by.id))


def now_there(session: Session) -> Sequence[Present]:
    """Everybody at any case, in the same order each time."""
    now = clock.now()
    query = (
        select(Presence, Agent, Case.account_id)
        .join(Agent, col(Agent.id) == col(Presence.agent_id))
        .join(Case, col(Case.id) == col(Presence.case_id))
        .where(col(Presence.seen_at) > now - LASTS, col(Agent.disabled_at).is_(None))
        .order_by(col(Presence.case_id), col(Presence.agent_id))
    )
    return [
        Present(
            row.case_id,
            account_id,
            row.agent_id,
            agent.name,
            agent.initials,
            writing=bool(row.wrote_at and row.wrote_at > now - WRITING_LASTS),
        )
        for row, agent, account_id in session.exec(query)
    ]


def _sweep(session: Session) -> None:
    """Rows that somebody else is writing stay: two who swept each other's would wait crosswise."""
    key = (col(Presence.case_id), col(Presence.agent_id))
    old = select(*key).where(col(Presence.seen_at) < clock.now() - 2 * LASTS)
    session.exec(delete(Presence).where(tuple_(*key).in_(old.with_for_update(skip_locked=True))))
