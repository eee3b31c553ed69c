"""The languages that each agent reads and writes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, delete, select

from socialdesk.database import one_of
from socialdesk.errors import BadInput
from socialdesk.languages import LANGUAGES
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _


class Level(StrEnum):
    NONE = "none"
    READS = "reads"
    WRITES = "writes"  # and reads


class AgentLanguage(SQLModel, table=True):
    """How well an agent knows one language; without a row nothing is known of it."""

    __tablename__ = "agent_languages"
    __table_args__ = (one_of("level", Level),)

    agent_id: int = Field(foreign_key="agents.id", primary_key=True)
    language: str = Field(primary_key=True)
    level: str


@dataclass(frozen=True, slots=True)
class Colleagues:
    """By row id: names, and which languages they write, where anything is known of that."""

    names: dict[int, str]
    writes: dict[int, tuple[str, ...]]


def of_everybody(session: Session) -> dict[int, dict[str, str]]:
    """By agent, the level in each language that is known of."""
    found: dict[int, dict[str, str]] = {}
    for row in session.exec(select(AgentLanguage).order_by(col(AgentLanguage.language))):
        found.setdefault(row.agent_id, {})[row.language] = row.level
    return found


def colleagues(session: Session) -> Colleagues:
    """Everybody, those who have left too: few enough to be read whole."""
    skill = AgentLanguage
    known = (col(skill.agent_id) == Agent.id) & (col(skill.level) == Level.WRITES)
    names: dict[int, str] = {}
    writes: dict[int, tuple[str, ...]] = {}
    query = select(Agent.id, Agent.name, skill.language).outerjoin(skill, known)
    for agent_id, name, language in session.exec(query.order_by(col(Agent.id), col(skill.language))):
        names[agent_id or 0] = name
        if language:
            writes[agent_id or 0] = (*writes.get(agent_id or 0, ()), language)
    return Colleagues(names, writes)


def readers(session: Session, language: str) -> frozenset[int] | None:
    """The ids of those who read it; None when nothing is known of anybody in that language."""
    return readers_of(session, (language,)).get(language)


def readers_of(session: Session, languages: Collection[str]) -> dict[str, frozenset[int]]:
    """The same for several: those languages of which something is known of anybody."""
    rows = session.exec(select(AgentLanguage).where(col(AgentLanguage.language).in_(languages))).all()
    return {
        language: frozenset(
            row.agent_id for row in rows if row.language == language and row.level != Level.NONE
        )
        for language in {row.language for row in rows}
    }


def is_writer(agent_id: Any, language: Any) -> ColumnElement[bool]:
    """For a query: whether the agent writes the language, as far as anything is known of him at all."""
    skill, any_skill = aliased(AgentLanguage), aliased(AgentLanguage)
    writes = select(skill.agent_id).where(
        skill.agent_id == agent_id, skill.language == language, skill.level == Level.WRITES
    )
    return or_(writes.exists(), ~select(any_skill.agent_id).where(any_skill.agent_id == agent_id).exists())


def writes(session: Session, agent: Agent, language: str) -> bool:
    """Whether he writes it, or nothing is known of him."""
    return bool(session.exec(select(is_writer(agent.id, language))).one())


def learn(session: Session, agent: Agent, levels: Mapping[str, str]) -> None:
    """What is known of the agent from now on, in place of everything before. Raises BadInput."""
    for language, level in levels.items():
        if language not in LANGUAGES or level not in list(Level):
            raise BadInput(_("A level is one of none, reads and writes, in one of the desk's languages."))
    assert agent.id is not None
    session.exec(delete(AgentLanguage).where(col(AgentLanguage.agent_id) == agent.id))
    for language, level in levels.items():
        session.add(AgentLanguage(agent_id=agent.id, language=language, level=level))
