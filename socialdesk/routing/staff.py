"""Everybody who may be given cases, read as the routing needs it: four statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, func, select

from socialdesk import clock
from socialdesk.counts import NOBODY, WAITING, ListCount
from socialdesk.people import scope, skills, staffing
from socialdesk.people.agents import Agent, Role
from socialdesk.people.permissions import Reach, Verb
from socialdesk.routing.choosing import Accounts, Person
from socialdesk.routing.shifts import Roster
from socialdesk.settings.sections import Routing

Rosters = Mapping[int, Mapping[str, object]]


def hold(session: Session) -> Rosters:
    """Whose turn it is, and how much everybody has, stays as it is until the transaction ends: two who route
    at once do so one after the other. Returned by row id is what tells whether anything has changed."""
    query = select(Roster, Agent.disabled_at).join(Agent, col(Agent.id) == Roster.agent_id)
    rows = session.exec(
        query.order_by(col(Roster.agent_id))
        .with_for_update(of=Roster)
        .execution_options(populate_existing=True)
    ).all()
    return {roster.agent_id: roster.model_dump() | {"disabled_at": at} for roster, at in rows}


def with_turn(roster: Mapping[str, object], turn: int) -> Mapping[str, object]:
    return {**roster, "turn": turn}


def read(session: Session, routing: Routing) -> list[Person]:
    """Those who may reply somewhere and have shifts, by row id; of all accounts, whoever asks."""
    with scope.whole_desk(session):
        query = select(Agent, Roster).join(Roster, col(Roster.agent_id) == Agent.id)
        rows = session.exec(
            query.where(col(Agent.disabled_at).is_(None))
            .order_by(col(Agent.id))
            .execution_options(populate_existing=True)
        ).all()
        roles, levels = staffing.of_everybody(session), skills.of_everybody(session)
        waiting = waiting_with(session)
    people = []
    for agent, roster in rows:
        agent_id = agent.id or 0
        reach = Reach(agent.role, roles.get(agent_id))
        if (answers_at := reach.where(Verb.WRITE_DRAFT)) != frozenset():
            told = levels.get(agent_id, {})
            people.append(_person(agent, roster, answers_at, _leads_at(reach), told, waiting, routing))
    return people


def _person(
    agent: Agent,
    roster: Roster,
    answers_at: Accounts,
    leads_at: Accounts,
    levels: Mapping[str, str],
    waiting: Mapping[int, int],
    routing: Routing,
) -> Person:
    return Person(
        agent_id=agent.id or 0,
        name=agent.name,
        calendar=roster.calendar,
        levels=levels,
        answers_at=answers_at,
        leads_at=leads_at,
        most_waiting=roster.most_waiting or routing.most_waiting,
        waiting=waiting.get(agent.id or 0, 0),
        turn=roster.turn,
        away=roster.is_away(clock.now()),
        away_until=roster.away_until,
    )


def _leads_at(reach: Reach) -> Accounts:
    if reach.by_account is None:
        return None if Role(reach.role).reaches(Role.SUPERVISOR) else frozenset()
    leading = (each for each, role in reach.by_account.items() if Role(role).reaches(Role.SUPERVISOR))
    return frozenset(leading)


def waiting_with(session: Session) -> Mapping[int, int]:
    """By agent, the kept count of cases that wait with him."""
    query = select(ListCount.agent_id, func.sum(ListCount.cases)).where(
        ListCount.name == WAITING, ListCount.agent_id != NOBODY
    )
    rows: Sequence[tuple[int, int]] = session.exec(query.group_by(col(ListCount.agent_id))).all()
    return {agent_id: int(number) for agent_id, number in rows}
