"""The desk put together: what every process of it needs, made once at the start."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from socialdesk import accounts, targets
from socialdesk.database import Database
from socialdesk.settings import Settings
from socialdesk.templating.library import Library
from socialdesk.templating.texts import Shelf


@dataclass(frozen=True, slots=True)
class Desk:
    """Shared by all threads of a process."""

    settings: Settings
    database: Database
    shelf: Shelf

    @property
    def library(self) -> Library:
        """The reply texts of the files alone."""
        return self.shelf.files

    def library_now(self, session: Session) -> Library:
        """The reply texts as they stand, with what was edited at the desk."""
        return self.shelf.now(session)


def assemble(settings: Settings) -> Desk:
    """A desk ready to work. Raises a DeskError whose sentence says what is wrong with the installation."""
    database = Database(settings.database.url)
    database.check()
    with database.transaction() as session:
        accounts.enrol(session, settings.accounts)
        targets.use(session, settings.targets)
    return Desk(settings, database, Shelf(Library.load(settings.paths.replies)))
