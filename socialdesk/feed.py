"""What has changed in the desk since a reader last looked: the case events, by their rising id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from socialdesk.cases import Case
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Agent

# PostgreSQL hands out ids before it commits, so a lower id can appear after a higher one. Re-reading this
# many behind the newest shows those too; a transaction that writes more events than that is one page of
# messages, whose later events wake the reader all the same.
LOOK_BACK = 500


@dataclass(frozen=True, slots=True)
class News:
    """One event, whose case it is, and who did it when that was an agent."""

    id: int
    case_id: int
    kind: str
    account_id: int
    agent_id: int | None
    agent: str | None
    told: str


class Feed:
    """One reader's place in the feed."""

    def __init__(self, session: Session) -> None:
        self.newest = newest(session)
        self._seen: set[int] = set(session.exec(_behind(self.newest)))

    def news(self, session: Session) -> list[News]:
        """The events not told yet, oldest first."""
        # What came between is one row as long as nothing has happened: only ids are read of what was told.
        ids = session.exec(_behind(self.newest)).all()
        fresh = [each for each in ids if each not in self._seen]
        self.newest = max([self.newest, *ids])
        self._seen = {each for each in ids if each > self.newest - LOOK_BACK}
        return list(_read(session, col(CaseEvent.id).in_(fresh))) if fresh else []


def newest(session: Session) -> int:
    """The id of the last event; 0 before the first."""
    return session.exec(select(func.max(CaseEvent.id))).one() or 0


def since(session: Session, event_id: int) -> Sequence[News]:
    """What came after that event, oldest first: the newest LOOK_BACK of it."""
    return _read(session, col(CaseEvent.id) > event_id)


def _behind(newest: int) -> Any:
    return select(CaseEvent.id).where(col(CaseEvent.id) > newest - LOOK_BACK)


def _read(session: Session, wanted: Any) -> Sequence[News]:
    query: Any = (
        select(
            CaseEvent.id,
            CaseEvent.case_id,
            CaseEvent.kind,
            Case.account_id,
            CaseEvent.agent_id,
            Agent.name,
            CaseEvent.told,
        )  # type: ignore[call-overload]
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .outerjoin(Agent, col(Agent.id) == CaseEvent.agent_id)
        .where(wanted)
        .order_by(col(CaseEvent.id).desc())
    )
    return [News(*row) for row in reversed(session.exec(query.limit(LOOK_BACK)).all())]
