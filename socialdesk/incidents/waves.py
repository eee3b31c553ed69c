"""Waves: what the desk has noticed by itself, one for each topic of an account, until it is over."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Field, Index, Session, SQLModel, col, select

from socialdesk import audit, clock
from socialdesk.database import only_where
from socialdesk.errors import AlreadyDone, NotFound
from socialdesk.incidents.incidents import Incident, refuse_others
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

_GOES_ON = text("ended_at IS NULL")


class Wave(SQLModel, table=True):
    """A topic that rises in some languages; `usual` is None where nothing is known of it.

    `seen_at` is when it stood out last. It was dismissed by a supervisor, or an incident was opened for it;
    either way nobody is told of it again.
    """

    __tablename__ = "waves"
    __table_args__ = (Index("uq_waves_going_on", "account_id", "topic", unique=True, **only_where(_GOES_ON)),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    topic: str
    languages: str
    came: int
    usual: float | None = None
    minutes: int
    began_at: datetime
    found_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    dismissed_at: datetime | None = None
    dismissed_by_id: int | None = Field(default=None, foreign_key="agents.id")
    incident_id: int | None = Field(default=None, foreign_key="incidents.id")

    @property
    def tongues(self) -> list[str]:
        return self.languages.split()

    def spread(self, languages: Collection[str]) -> None:
        """It has reached these, too."""
        self.languages = " ".join(dict.fromkeys([*self.tongues, *sorted(languages)]))


UNTOLD: Any = (
    col(Wave.ended_at).is_(None) & col(Wave.dismissed_at).is_(None) & col(Wave.incident_id).is_(None)
)


def going_on(session: Session) -> Sequence[Wave]:
    """Those not over yet, whether somebody has said something about them or not."""
    return session.exec(select(Wave).where(col(Wave.ended_at).is_(None)).order_by(col(Wave.id))).all()


def untold(session: Session) -> Sequence[Wave]:
    """Those about which a supervisor has still to say something, the newest first."""
    return session.exec(select(Wave).where(UNTOLD).order_by(col(Wave.id).desc())).all()


def find(session: Session, wave_id: int) -> Wave:
    """Raises NotFound."""
    found = session.get(Wave, wave_id)
    if found is None:
        raise NotFound(_("There is no wave %(number)s.", number=wave_id))
    return found


def dismiss(session: Session, wave_id: int, *, by: Agent) -> None:
    """It is no incident. Raises NotFound, NotAllowed, AlreadyDone."""
    refuse_others(by)
    wave = _held(session, wave_id)
    wave.dismissed_at, wave.dismissed_by_id = clock.now(), by.id
    audit.record(session, "wave_dismissed", by=by.id, subject=wave.topic, wave=wave_id)


def take_up(session: Session, wave_id: int, incident: Incident) -> Wave:
    """The incident is for that wave. Raises NotFound, AlreadyDone."""
    wave = _held(session, wave_id)
    wave.incident_id = incident.id
    return wave


def _held(session: Session, wave_id: int) -> Wave:
    query = select(Wave).where(Wave.id == wave_id).with_for_update()
    found = session.exec(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(_("There is no wave %(number)s.", number=wave_id))
    if found.dismissed_at:
        raise AlreadyDone(_("A colleague has said that this is no incident."))
    if found.incident_id:
        raise AlreadyDone(_("A colleague has opened an incident for this wave."))
    return found
