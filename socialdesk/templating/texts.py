"""Reply texts edited at the desk by supervisors: they win over the files, and every version is kept."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from socialdesk import audit, clock, messages
from socialdesk.database import one_of
from socialdesk.errors import AlreadyDone, StaleDraft, TemplateError
from socialdesk.messages import Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.templating import parity
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Edit, Library
from socialdesk.templating.parity import Kind, Problem


class TemplateText(SQLModel, table=True):
    """What a supervisor did to one text; `version` counts them from 1, and rows never change.

    `text` is None where the file's words are to stand; `written_from` is the version of the source text that
    these words follow, if anybody said so; `file_version` that of the file's words as they were then.
    """

    __tablename__ = "template_texts"
    __table_args__ = (
        UniqueConstraint("template", "language", "visibility", "version"),
        one_of("visibility", Visibility),
    )

    id: int | None = Field(default=None, primary_key=True)
    template: str
    language: str
    visibility: str
    version: int
    text: str | None = None
    written_from: str | None = None
    file_version: str
    edited_by_id: int = Field(foreign_key="agents.id")
    edited_at: datetime

    @property
    def key(self) -> Key:
        return Key(self.template, self.language, self.visibility)


# Made once: whatever shows or sends a reply asks it.
_STATE = select(func.max(TemplateText.id), func.count(col(TemplateText.id)))


class Shelf:
    """The library as it is now: the files' texts, and over them those edited at the desk.

    Shared by all threads; what was put together is used again until somebody edits a text.
    """

    def __init__(self, files: Library) -> None:
        self.files = files
        self._current: tuple[tuple[int, int], Library] = (0, 0), files

    def now(self, session: Session) -> Library:
        """One short statement as long as nothing has changed."""
        newest, count = session.exec(_STATE).one()
        state = newest or 0, count
        known, library = self._current
        if known != state:
            library = self.files.edited({each.key: _edit(each) for each in _newest(session)})
            self._current = state, library
        return library


def history(session: Session, key: Key) -> Sequence[TemplateText]:
    """Everything that was done to that text, newest first."""
    query = select(TemplateText).where(
        TemplateText.template == key.template,
        TemplateText.language == key.language,
        TemplateText.visibility == key.visibility,
    )
    return session.exec(query.order_by(col(TemplateText.version).desc())).all()


def tidy(text: str) -> str:
    """The text as it is kept: without control characters, composed, with no blank space around it."""
    return unicodedata.normalize("NFC", messages.clean(text.replace("\r\n", "\n"))).strip()


def problems(library: Library, key: Key, text: str) -> list[Problem]:
    """What would be wrong with these words in that place."""
    tried = library.edited({key: Edit(text, None, "")})
    return [each for each in parity.problems(tried) if each.key == key and each.kind is not Kind.OLDER]


def save(session: Session, shelf: Shelf, key: Key, text: str, *, seen: int, by: Agent) -> TemplateText:
    """Let these words stand from now on; `seen` is the version that the editor began with, 0 for none.

    Raises StaleDraft when there is a newer one, AlreadyDone when nothing would change, and TemplateError for
    a text that must not go out.
    """
    library, text = shelf.now(session), tidy(text)
    if grave := [each for each in problems(library, key, text) if each.grave]:
        raise TemplateError(grave[0].told)
    if text == library.sources.get(key, "").strip() and not _outdated(library, key):
        raise AlreadyDone(_("These are the words that stand there already."))
    return _add(session, shelf, key, text, library.source_version(key), seen=seen, by=by)


def confirm(session: Session, shelf: Shelf, key: Key, *, seen: int, by: Agent) -> TemplateText:
    """The words stand as they are, and follow the source text as it is now.

    Raises StaleDraft, and AlreadyDone for a text that is not out of date.
    """
    library, newest = shelf.now(session), next(iter(history(session, key)), None)
    if not _outdated(library, key):
        raise AlreadyDone(_("This text is up to date already."))
    text = newest.text if newest else None
    return _add(session, shelf, key, text, library.source_version(key), seen=seen, by=by)


def restore(session: Session, shelf: Shelf, key: Key, *, seen: int, by: Agent) -> TemplateText:
    """The file's words stand again. Raises StaleDraft, and AlreadyDone when they stand already."""
    newest = next(iter(history(session, key)), None)
    if newest is None or newest.text is None:
        raise AlreadyDone(_("The file's words stand there already."))
    return _add(session, shelf, key, None, None, seen=seen, by=by)


def _add(
    session: Session,
    shelf: Shelf,
    key: Key,
    text: str | None,
    written_from: str | None,
    *,
    seen: int,
    by: Agent,
) -> TemplateText:
    newest = next(iter(history(session, key)), None)
    if (newest.version if newest else 0) != seen:
        raise StaleDraft(
            _("A colleague has changed this text meanwhile: his version is shown, and yours is kept.")
        )
    before = shelf.now(session).sources.get(key, "")
    added = TemplateText(
        **key._asdict(),
        version=seen + 1,
        text=text,
        written_from=written_from or None,
        file_version=shelf.files.version(key),
        edited_by_id=by.id or 0,
        edited_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(added)
    except IntegrityError as error:  # two supervisors at the same moment, on PostgreSQL
        raise StaleDraft(_("A colleague has changed this text at the same moment: read it again.")) from error
    kind = "template_restored" if text is None and not written_from else "template_edited"
    after = shelf.files.sources.get(key, "") if text is None else text
    hashes = audit.changed(before.strip(), after.strip())
    audit.record(session, kind, by=by.id, subject="/".join(key), version=added.version, **hashes)
    return added


def _outdated(library: Library, key: Key) -> bool:
    return any(each.kind is Kind.OLDER and each.key == key for each in parity.problems(library))


def _newest(session: Session) -> Sequence[TemplateText]:
    latest = select(func.max(TemplateText.id)).group_by(
        TemplateText.template, TemplateText.language, TemplateText.visibility
    )
    return session.exec(select(TemplateText).where(col(TemplateText.id).in_(latest))).all()


def _edit(row: TemplateText) -> Edit:
    return Edit(row.text, row.written_from, row.file_version)
