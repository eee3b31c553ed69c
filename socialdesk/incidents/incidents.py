"""An incident: something that many customers write about at once, from its opening to its closing."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import false, text
from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint, col, select

from socialdesk import audit, clock
from socialdesk.accounts import Account
from socialdesk.database import one_of, only_where
from socialdesk.errors import AlreadyDone, BadInput, NotAllowed, NotFound
from socialdesk.languages import LANGUAGES
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.topics import TOPICS

JOINED = "incident_joined"  # as history calls it
LONGEST_NAME, MOST_WORDS = 80, 20
_NOT_RELEASED = text("released_at IS NULL AND taken_out_at IS NULL")
_GIVEN = text("did IN ('sent', 'proposed')")


class How(StrEnum):
    WAVE = "wave"
    HAND = "hand"
    RULE = "rule"  # it came late and is about the same


class Ending(StrEnum):
    QUEUE = "queue"
    RESOLVE = "resolve"


class Became(StrEnum):
    """What became of the holding reply to a customer."""

    SENT = "sent"  # or on its way
    PROPOSED = "proposed"  # a draft for an agent
    LEFT = "left"  # something stood against it
    TAKEN_BACK = "taken_back"


class Incident(SQLModel, table=True):
    """`languages` are codes with spaces between, none are all; `words` stand one a line, and any will do.

    `versions` is JSON: by language and channel, the version of the holding reply's words that were approved.
    `begins_at` is since when cases belong to it; `final` says that who was held hears that it is over, in the
    words of `final_template` that were approved when it was closed (`final_versions`, as `versions`).
    """

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("ending", Ending),
        Index("ix_incidents_open", "account_id", **only_where(text("closed_at IS NULL"))),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    name: str
    topic: str | None = None
    languages: str = ""
    words: str = ""
    begins_at: datetime
    opened_at: datetime
    opened_by_id: int = Field(foreign_key="agents.id")
    template: str | None = None
    versions: str | None = None
    approved_at: datetime | None = None
    approved_by_id: int | None = Field(default=None, foreign_key="agents.id")
    stopped_at: datetime | None = None
    stopped_by_id: int | None = Field(default=None, foreign_key="agents.id")
    closed_at: datetime | None = None
    closed_by_id: int | None = Field(default=None, foreign_key="agents.id")
    ending: str | None = None
    final: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    final_template: str | None = None
    final_versions: str | None = None
    final_stopped_at: datetime | None = None

    @property
    def tongues(self) -> list[str]:
        return self.languages.split()

    @property
    def any_words(self) -> list[str]:
        return self.words.splitlines()

    @property
    def sends(self) -> bool:
        """Whether its holding reply is going out."""
        return self.approved_at is not None and self.stopped_at is None and self.closed_at is None

    @property
    def tells(self) -> bool:
        """Whether its closing reply is going out."""
        return self.final_versions is not None and self.final_stopped_at is None


# The accounts that have an open one.
ACCOUNTS: Any = select(Incident.account_id).where(col(Incident.closed_at).is_(None))


class IncidentCase(SQLModel, table=True):
    """A case of an incident; `parked_at` is when it was put aside after its holding reply, `released_at` when
    it was let go after the end."""

    __tablename__ = "incident_cases"
    __table_args__ = (Index("ix_incident_cases_to_release", "case_id", **only_where(_NOT_RELEASED)),)

    incident_id: int = Field(primary_key=True, foreign_key="incidents.id")
    case_id: int = Field(primary_key=True, foreign_key="cases.id", index=True)
    how: str
    joined_at: datetime
    by_id: int | None = Field(default=None, foreign_key="agents.id")
    taken_out_at: datetime | None = None
    taken_out_by_id: int | None = Field(default=None, foreign_key="agents.id")
    parked_at: datetime | None = None
    released_at: datetime | None = None


def _one_each(table: str) -> tuple[Any, ...]:
    """No case, and no customer, has two in an incident."""
    return (
        one_of("did", Became),
        UniqueConstraint("incident_id", "case_id"),
        Index(f"uq_{table}_customer", "incident_id", "customer_id", unique=True, **only_where(_GIVEN)),
        Index(f"ix_{table}_reply_id", "reply_id"),
    )


class _Decided(SQLModel):
    """What became of one case's reply."""

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incidents.id")
    case_id: int = Field(foreign_key="cases.id")
    customer_id: int = Field(foreign_key="customers.id")
    did: str
    why: str | None = None
    at: datetime
    reply_id: int | None = Field(default=None, foreign_key="replies.id")


class HoldingReply(_Decided, table=True):
    """That the incident is known."""

    __tablename__ = "holding_replies"
    __table_args__ = _one_each("holding_replies")


class ClosingReply(_Decided, table=True):
    """That it is over."""

    __tablename__ = "closing_replies"
    __table_args__ = _one_each("closing_replies")


def open_new(
    session: Session,
    *,
    by: Agent,
    account_id: int,
    name: str,
    begins_at: datetime,
    topic: str | None = None,
    languages: Iterable[str] = (),
    words: str = "",
) -> Incident:
    """Raises NotAllowed for who is no supervisor, NotFound for no account of ours, BadInput."""
    refuse_others(by)
    if session.get(Account, account_id) is None:
        raise NotFound(_("There is no such account."))
    now, several = clock.now(), list(dict.fromkeys(languages))
    _refuse_nonsense(name, topic, several)
    incident = Incident(
        account_id=account_id,
        name=name.strip(),
        topic=topic,
        languages=" ".join(several),
        words="\n".join(fit_words(words)),
        begins_at=min(begins_at, now),
        opened_at=now,
        opened_by_id=by.id or 0,
    )
    session.add(incident)
    session.flush()
    audit.record(session, "incident_opened", by=by.id, subject=incident.name, incident=incident.id)
    return incident


def fit_words(words: str) -> list[str]:
    """One a line. Raises BadInput for too many."""
    found = [line for each in words.splitlines() if (line := each.strip()[:100])]
    if len(found) > MOST_WORDS:
        raise BadInput(_("Name at most %(most)s words, one a line.", most=MOST_WORDS))
    return found


def find(session: Session, incident_id: int) -> Incident:
    """Raises NotFound."""
    found = session.get(Incident, incident_id)
    if found is None:
        raise NotFound(_("There is no incident %(number)s.", number=incident_id))
    return found


def hold(session: Session, incident_id: int) -> Incident:
    """The open incident, kept from other writers. Raises NotFound, AlreadyDone once it is closed."""
    query = select(Incident).where(Incident.id == incident_id).with_for_update()
    found = session.exec(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(_("There is no incident %(number)s.", number=incident_id))
    if found.closed_at:
        raise AlreadyDone(_("This incident is closed already."))
    return found


def open_ones(session: Session) -> Sequence[Incident]:
    """The newest first."""
    query = select(Incident).where(col(Incident.closed_at).is_(None))
    return session.exec(query.order_by(col(Incident.id).desc())).all()


def past(session: Session, *, most: int = 50) -> Sequence[Incident]:
    """The one closed last first."""
    query = select(Incident).where(col(Incident.closed_at).is_not(None))
    return session.exec(query.order_by(col(Incident.closed_at).desc()).limit(most)).all()


def of_cases(session: Session, case_ids: Collection[int]) -> dict[int, Incident]:
    """By case, the open incident that it is linked to, the newest of several."""
    if not case_ids:
        return {}
    query = (
        select(IncidentCase.case_id, Incident)
        .join(Incident, col(Incident.id) == IncidentCase.incident_id)
        .where(
            col(IncidentCase.case_id).in_(case_ids),
            col(IncidentCase.taken_out_at).is_(None),
            col(Incident.closed_at).is_(None),
        )
    )
    return dict(session.exec(query.order_by(col(Incident.id))).all())


def refuse_others(by: Agent) -> None:
    """Raises NotAllowed for who is no supervisor."""
    if not by.supervises:
        raise NotAllowed(_("Only a supervisor can do that to an incident."))


def _refuse_nonsense(name: str, topic: str | None, languages: Collection[str]) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadInput(_("Give the incident a name of at most %(most)s characters.", most=LONGEST_NAME))
    if topic is not None and topic not in TOPICS:
        raise BadInput(_("Choose a topic."))
    if any(each not in LANGUAGES for each in languages):
        raise BadInput(_("Choose a language."))
