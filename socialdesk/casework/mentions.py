"""The cases in which agents were called, until they open them."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from socialdesk import counts
from socialdesk.cases import Case
from socialdesk.people import permissions, scope
from socialdesk.people.agents import Agent


class Mention(SQLModel, table=True):
    """A case in which an agent was called, until he opens it."""

    __tablename__ = "mentions"

    agent_id: int = Field(foreign_key="agents.id", primary_key=True)
    case_id: int = Field(foreign_key="cases.id", primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    since: datetime


counts.keep(Mention, lambda get: [(get("account_id"), counts.MENTIONS, get("agent_id"))])


def may_see(session: Session, agent: Agent, case: Case) -> bool:
    """Whether the case is one of those that he works on."""
    with scope.whole_desk(session):  # else whoever works for other accounts would seem to work for all
        seen = permissions.accounts_seen(session, agent)
    return agent.disabled_at is None and (seen is None or case.account_id in seen)


def mention(session: Session, agent_id: int, case: Case, since: datetime) -> None:
    """Put the case on his list; where it is on it already, since the earlier of the two moments."""
    session.flush()
    if row := session.get(Mention, (agent_id, case.id)):
        row.since = min(row.since, since)
        return
    session.add(Mention(agent_id=agent_id, case_id=case.id or 0, account_id=case.account_id, since=since))
