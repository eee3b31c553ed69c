"""Has the rules run: what they may send is approved for the sender, and X is not asked here."""

from __future__ import annotations

from socialdesk.automation import book, running
from socialdesk.desk import Desk

EVERY_SECONDS = 5.0


def run_rules(desk: Desk) -> int:
    """For how many cases a rule did something; safe to run in several processes at once."""
    with desk.database.reading() as session:
        library = desk.library_now(session)
    return running.run(desk.database, book.read(desk.settings, library), library, desk.settings)
