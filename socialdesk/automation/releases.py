"""Which reply texts may go out without a person: released by a supervisor, until the words change."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, select

from socialdesk import audit, clock
from socialdesk.database import one_of
from socialdesk.errors import AlreadyDone, BadInput, NotAllowed
from socialdesk.messages import Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library


class TemplateRelease(SQLModel, table=True):
    """One text that a supervisor has released; `version` is that of the words he read."""

    __tablename__ = "template_releases"
    __table_args__ = (
        UniqueConstraint("template", "language", "visibility"),
        one_of("visibility", Visibility),
    )

    id: int | None = Field(default=None, primary_key=True)
    template: str
    language: str
    visibility: str
    version: str
    released_by_id: int = Field(foreign_key="agents.id")
    released_at: datetime

    @property
    def key(self) -> Key:
        return Key(self.template, self.language, self.visibility)


def of_all(session: Session) -> dict[Key, TemplateRelease]:
    """Those whose words have changed since, too."""
    return {each.key: each for each in session.exec(select(TemplateRelease))}


def holds(release: TemplateRelease | None, library: Library) -> bool:
    """Whether the words are still those that were released."""
    return release is not None and release.version == library.version(release.key)


def is_released(session: Session, library: Library, key: Key) -> bool:
    return holds(_of(session, key), library)


def release(session: Session, library: Library, keys: Iterable[Key], *, by: Agent) -> int:
    """Let these texts go out by rules; those released as they are are left alone. Returns how many were new.

    Raises NotAllowed for who is no supervisor, BadInput for a text that cannot be sent by itself.
    """
    _refuse_others(by)
    return sum(_release(session, library, key, by) for key in keys)


def withdraw(session: Session, key: Key, *, by: Agent) -> None:
    """Raises NotAllowed for who is no supervisor, AlreadyDone for a text that is not released."""
    _refuse_others(by)
    found = _of(session, key)
    if found is None:
        raise AlreadyDone(_("This text is not released."))
    session.delete(found)
    audit.record(session, "template_withdrawn", by=by.id, subject=key.file)


def _release(session: Session, library: Library, key: Key, by: Agent) -> bool:
    refuse_unfit(library, key)
    found = _of(session, key)
    if holds(found, library):
        return False
    version = library.version(key)
    found = found or TemplateRelease(
        **key._asdict(), version=version, released_by_id=by.id or 0, released_at=clock.now()
    )
    found.version, found.released_by_id, found.released_at = version, by.id or 0, clock.now()
    session.add(found)
    audit.record(session, "template_released", by=by.id, subject=key.file, version=version)
    return True


def refuse_unfit(library: Library, key: Key) -> None:
    """Raises BadInput for a text that is not there, or that only an agent can complete."""
    if key not in library.texts:
        raise BadInput(_("There is no text %(file)s that can be sent.", file=key.file))
    gaps = [
        name for name in library.texts[key].variables if library.catalog.variables[name].filled_by == "agent"
    ]
    if gaps:
        gap = gaps[0].replace("_", " ")
        raise BadInput(_("%(file)s has a gap that only an agent can fill: %(gap)s.", file=key.file, gap=gap))


def _of(session: Session, key: Key) -> TemplateRelease | None:
    return session.exec(
        select(TemplateRelease).where(
            TemplateRelease.template == key.template,
            TemplateRelease.language == key.language,
            TemplateRelease.visibility == key.visibility,
        )
    ).first()


def _refuse_others(by: Agent) -> None:
    if not by.supervises:
        raise NotAllowed(_("Only a supervisor can release texts for rules."))
