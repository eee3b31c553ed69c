"""Looks for waves each minute, and does what open incidents want; X is not asked here."""

from __future__ import annotations

from socialdesk.desk import Desk
from socialdesk.incidents import finals, holding, joining, noticing, releasing, spacing

LOOK_SECONDS = 60.0
EVERY_SECONDS = spacing.EVERY.total_seconds()


def look(desk: Desk) -> int:
    """How many waves are new; safe to run in several processes at once."""
    return noticing.notice(desk.database, desk.settings.incidents)


def tend(desk: Desk) -> int:
    """For how many cases something was done; safe to run in several processes at once."""
    with desk.database.reading() as session:
        library = desk.library_now(session)
    return (
        joining.join_late(desk.database)
        + holding.run(desk.database, library, desk.settings)
        + releasing.park(desk.database, desk.settings)
        + finals.run(desk.database, library, desk.settings)
        + releasing.release(desk.database)
    )
