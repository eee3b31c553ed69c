"""What happened to cases: one row for each event, written with the change itself."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import object_session
from sqlmodel import Field, Index, Session, SQLModel, col, select

from socialdesk import clock
from socialdesk.bulk import insert_rows
from socialdesk.database import only_where

# Called with whatever is recorded: the session, the case, the kind, an agent's row id, what else is told.
Follower = Callable[[Any, Any, str, int | None, dict[str, Any]], None]
followers: list[Follower] = []
_UNWRITTEN = "case_events"
_written = json.JSONEncoder(ensure_ascii=False).encode
_BY_AN_AGENT = text("agent_id IS NOT NULL")


class CaseEvent(SQLModel, table=True):
    """Something that happened to a case; its rising id is the feed that open consoles follow."""

    __tablename__ = "case_events"
    __table_args__ = (
        # Which cases agents have worked on, and until when: a small part of the table answers that.
        Index(
            "ix_case_events_agents",
            "case_id",
            "at",
            "kind",
            **only_where(_BY_AN_AGENT),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    kind: str
    at: datetime
    agent_id: int | None = Field(default=None, foreign_key="agents.id")
    told: str = "{}"  # JSON: what else there is to say, by kind

    @property
    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = json.loads(self.told)
        return details


def of_case(session: Session, case_id: int) -> Sequence[CaseEvent]:
    """All that happened to the case, oldest first."""
    return session.exec(
        select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(col(CaseEvent.id))
    ).all()


def page_of_case(session: Session, case_id: int, *, after: int, size: int) -> Sequence[CaseEvent]:
    """So much of the same, behind the event with that row id."""
    query = select(CaseEvent).where(CaseEvent.case_id == case_id, col(CaseEvent.id) > after)
    return session.exec(query.order_by(col(CaseEvent.id)).limit(size)).all()


def record(case: Any, kind: str, *, by: int | None = None, **what: Any) -> None:
    """Write down, when the case's transaction commits, what happened to it; `by` is an agent's row id."""
    session = object_session(case)
    assert session is not None
    told = {key: value for key, value in what.items() if value is not None}
    row = {"kind": kind, "at": clock.now(), "agent_id": by, "told": _written(told)}
    session.info.setdefault(_UNWRITTEN, []).append((case, row))
    for follow in followers:
        follow(session, case, kind, by, told)


def last_at(session: Session) -> datetime:
    """When what was recorded last happened; for followers, who are told of it at once."""
    at: datetime = session.info[_UNWRITTEN][-1][1]["at"]
    return at


def _write(session: Session) -> None:
    """All the transaction's events in one statement: one by one they would cost intake a third more."""
    unwritten = session.info.pop(_UNWRITTEN, [])
    if unwritten:
        session.flush()
        insert_rows(session, CaseEvent, [row | {"case_id": case.id} for case, row in unwritten])


event.listen(Session, "before_commit", _write)
event.listen(Session, "after_rollback", lambda session: session.info.pop(_UNWRITTEN, None))
