"""What an agent has in the composer and has not saved: kept by itself, seen by nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, or_, select

from socialdesk import clock, history
from socialdesk.database import one_of
from socialdesk.messages import Message, Visibility
from socialdesk.people.agents import Agent


class Jotting(SQLModel, table=True):
    """One agent's unsaved words for one case and door; `revision` counts the changes from 1.

    `seen_…` are what he had before him, as in a draft; `again_id` is the reply that X refused and whose
    place these words are to take; `page` tells the open page they came from, which may miss an answer.
    """

    __tablename__ = "jottings"
    __table_args__ = (
        UniqueConstraint("case_id", "agent_id", "visibility"),
        one_of("visibility", Visibility),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    agent_id: int = Field(foreign_key="agents.id")
    visibility: str
    text: str
    template_id: str | None = None
    seen_message_id: int
    seen_reply_id: int
    seen_x_id: str | None = None
    again_id: int | None = None
    page: str = ""
    revision: int
    touched_at: datetime = Field(index=True)


@dataclass(frozen=True, slots=True)
class Jotted:
    """The words as the composer sends them."""

    text: str
    visibility: Visibility
    template_id: str | None = None
    seen_message_id: int = 0
    seen_reply_id: int = 0
    seen_x_id: str | None = None
    again_id: int | None = None
    page: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Which row the composer's words were kept in last; no revision when they were in none."""

    visibility: Visibility
    revision: int = 0


class Overtaken(Exception):
    """The same agent has changed these words elsewhere: to `row`, None when they are kept no more."""

    def __init__(self, row: Jotting | None) -> None:
        super().__init__()
        self.row = row


def of_agent(session: Session, case_id: int, agent_id: int) -> Sequence[Jotting]:
    """One a door at most, the one touched last first."""
    query = select(Jotting).where(Jotting.case_id == case_id, Jotting.agent_id == agent_id)
    return session.exec(query.order_by(col(Jotting.touched_at).desc(), col(Jotting.id).desc())).all()


def keep(session: Session, case_id: int, jotted: Jotted, *, by: Agent, place: Place) -> Jotting:
    """Let these words take the place of those that the composer had kept before, at whichever door.

    The caller holds the case. Raises Overtaken when other words stand there than the composer knew.
    """
    rows = {each.visibility: each for each in of_agent(session, case_id, by.id or 0)}
    before = rows.get(place.visibility)
    there = rows.get(jotted.visibility)
    _refuse_overtaken(before, jotted, place.revision)
    if there is not before:
        _refuse_overtaken(there, jotted, 0)
    row = there or before or Jotting(case_id=case_id, agent_id=by.id or 0, revision=0)  # type: ignore[call-arg]
    if before is not None and before is not row:
        session.delete(before)
    row.sqlmodel_update(_values(jotted))
    row.revision, row.touched_at = row.revision + 1, clock.now()
    session.add(row)
    session.flush()
    return row


def give_back(session: Session, case_id: int, jotted: Jotted, *, by: Agent) -> None:
    """Words that were about to leave are in the composer again, unless others are there already."""
    if not any(each.visibility == jotted.visibility for each in of_agent(session, case_id, by.id or 0)):
        keep(session, case_id, jotted, by=by, place=Place(jotted.visibility))


def forget(
    session: Session, case_id: int, *, by: Agent, place: Place | None = None, text: str | None = None
) -> None:
    """They are saved, sent or given up; with a `place` only those that the composer knew, or that read the
    same: what a page sends while it is left may come after the next one was made."""
    gone = delete(Jotting).where(col(Jotting.case_id) == case_id, col(Jotting.agent_id) == by.id)
    if place:
        known = or_(col(Jotting.revision) == place.revision, col(Jotting.text) == text)
        gone = gone.where(col(Jotting.visibility) == place.visibility, known)
    session.connection().execute(gone)


def follow(session: Session, *case_ids: int) -> None:
    """Messages have moved between these cases, which the caller holds: words go with the newest one that
    their author had before him."""
    query = (
        select(Jotting, Message.case_id)
        .join(Message, col(Message.id) == Jotting.seen_message_id)
        .where(col(Jotting.case_id).in_(case_ids), col(Message.case_id).in_(case_ids))
        .where(Message.case_id != Jotting.case_id)
    )
    for row, to in session.exec(query).all():
        _take_along(session, row, to)


def _take_along(session: Session, row: Jotting, to: int) -> None:
    """Where the agent has words already these are put below them: no window may take one for the other."""
    rows = of_agent(session, to, row.agent_id)
    there = next((each for each in rows if each.visibility == row.visibility), None)
    if there is None:
        row.case_id = to
        return
    there.text, there.page = f"{there.text}\n\n{row.text}", ""
    there.revision += 1
    session.delete(row)


def _parted_or_joined(session: Session, case: Any, kind: str, _by: int | None, told: dict[str, Any]) -> None:
    if kind in _MOVES:
        follow(session, case.id, told[_MOVES[kind]])


# What moves messages, and how its event names the other case.
_MOVES = {"merged": "into", "unmerged": "other", "split": "into"}
history.followers.append(_parted_or_joined)


def _refuse_overtaken(row: Jotting | None, jotted: Jotted, revision: int) -> None:
    same = row is not None and (row.text == jotted.text or row.page == jotted.page != "")
    if not same and (row.revision if row else 0) != revision:
        raise Overtaken(row)


def _values(jotted: Jotted) -> dict[str, object]:
    return {name: getattr(jotted, name) for name in Jotted.__slots__}
