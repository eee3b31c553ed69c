"""More people than the cast: one of each role, and roles at single accounts."""

from __future__ import annotations

from collections.abc import Mapping

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.database import Database
from socialdesk.people import staffing
from socialdesk.people.agents import Agent


def hire(database: Database, username: str, role: str, password_hash: str) -> Agent:
    """Signs in with the cast's password."""
    agent = Agent(
        username=username,
        name=username.title(),
        role=role,
        password_hash=password_hash,
        hired_at=clock.now(),
    )
    with database.transaction() as session:
        session.add(agent)
    return agent


def place(database: Database, agent: Agent, role: str, at: Mapping[int, str] | None = None) -> None:
    with database.transaction() as session:
        staffing.give_role(session, session.get_one(Agent, agent.id), role, at, by=None)


def another_account(database: Database, handle: str = "SouthwindHelp") -> int:
    """The id of one more account of ours."""
    account = Account(handle=handle, credentials="SOUTHWIND", enrolled_at=clock.now())
    with database.transaction() as session:
        session.add(account)
    return account.id or 0
