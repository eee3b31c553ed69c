"""Wakes the cases whose snooze is over."""

from __future__ import annotations

from socialdesk.casework import snoozing
from socialdesk.desk import Desk

EVERY_SECONDS = 10.0


def wake(desk: Desk) -> bool:
    """Whether any woke; nothing is written while none is due."""
    with desk.database.reading() as session:
        if not snoozing.any_due(session):
            return False
    with desk.database.transaction() as session:
        return snoozing.wake_due(session) > 0
