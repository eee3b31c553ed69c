"""What has changed in the desk since a reader last looked: the case events, by their rising id."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, func, select

from socialdesk.history import CaseEvent

# PostgreSQL hands out ids before it commits, so a lower id can appear after a higher one. Re-reading this
# many behind the newest shows those too; a transaction that writes more events than that is one page of
# messages, whose later events wake the reader all the same.
LOOK_BACK = 500


class Feed:
    """One reader's place in the feed."""

    def __init__(self, session: Session) -> None:
        self.newest = session.exec(select(func.max(CaseEvent.id))).one() or 0
        self._seen: set[int] = set(session.exec(_behind(self.newest)))

    def news(self, session: Session) -> list[tuple[int, int, str]]:
        """The events not told yet, oldest first, each as (id, case id, kind)."""
        query = (
            select(CaseEvent.id, CaseEvent.case_id, CaseEvent.kind)
            .where(col(CaseEvent.id) > self.newest - LOOK_BACK)
            .order_by(col(CaseEvent.id))
        )
        found = [(row[0] or 0, row[1] or 0, row[2]) for row in session.exec(query)]
        fresh = [each for each in found if each[0] not in self._seen]
        self.newest = max([self.newest, *(each[0] for each in found)])
        self._seen = {each[0] for each in found if each[0] > self.newest - LOOK_BACK}
        return fresh


def _behind(newest: int) -> Any:
    return select(CaseEvent.id).where(col(CaseEvent.id) > newest - LOOK_BACK)
