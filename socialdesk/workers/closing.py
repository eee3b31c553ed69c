"""Asks customers whose case was resolved whether we could help; X is not asked here."""

from __future__ import annotations

from socialdesk import satisfaction
from socialdesk.desk import Desk

EVERY_SECONDS = 5.0


def ask(desk: Desk) -> int:
    """How many were asked; safe to run in several processes at once."""
    if desk.settings.satisfaction.ask == "never":
        return 0
    with desk.database.reading() as session:
        library = desk.library_now(session)
    return satisfaction.ask_all(desk.database, library, desk.settings)
