"""The desk put together: what every process of it needs, made once at the start."""

from __future__ import annotations

from dataclasses import dataclass

from socialdesk import accounts
from socialdesk.database import Database
from socialdesk.library import Library
from socialdesk.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Shared by all threads of a process."""

    settings: Settings
    database: Database
    library: Library


def assemble(settings: Settings) -> Desk:
    """A desk ready to work. Raises a DeskError whose sentence says what is wrong with the installation."""
    database = Database(settings.database.url)
    database.check()
    with database.transaction() as session:
        accounts.enrol(session, settings.accounts)
    return Desk(settings, database, Library.load(settings.paths.replies))
