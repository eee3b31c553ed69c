"""Whether something that we wrote in a case has not arrived: X refused it, or nobody knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text

from socialdesk import clock

FAILING = ("held", "unknown")  # states of replies
_ANY = text("SELECT 1 FROM replies WHERE case_id = :case_id AND state IN ('held', 'unknown') LIMIT 1")


def since(
    session: Any, case_id: int | None, before: datetime | None, state: str | None = None
) -> datetime | None:
    """Since when a case has had a reply that failed, None when it has none.

    `before` is what was known, `state` that of a reply which has just moved; without it the replies
    are asked, as they are when what failed has gone on.
    """
    if state in FAILING:
        return before or clock.now()
    if state is not None and before is None:
        return None
    there = session.connection().execute(_ANY, {"case_id": case_id}).first()
    return (before or clock.now()) if there else None
