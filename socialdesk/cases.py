"""A case: one customer's matter with one of our accounts, and everything that happened to it."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Integer, bindparam, event, insert, text, true
from sqlalchemy.orm import object_session
from sqlmodel import Field, Index, Session, SQLModel, col, select

from socialdesk import clock, counts
from socialdesk.agents import Agent
from socialdesk.customers import Customer
from socialdesk.database import one_of
from socialdesk.errors import AlreadyDone, NotFound
from socialdesk.languages import UNDETERMINED

_UNWRITTEN = "case_events"
_BY_AN_AGENT = text("agent_id IS NOT NULL")
EXCERPT = 140  # characters of the customer's last words that the queue shows


class Status(StrEnum):
    WAITING = "waiting"  # the customer waits for us
    ANSWERED = "answered"  # we wait for the customer
    RESOLVED = "resolved"


class Case(SQLModel, table=True):
    """What an agent takes from the queue.

    `waiting_since` is when the oldest words that nobody has answered were written, None when there are
    none; `customer_wrote_at` is when the newest words of the customer were; `language` follows what the
    customer writes, and `language_sure` says whether it is more than a guess; `conversation_id` is X's,
    None when it began with a direct message; `follows_id` is the older, resolved case of a customer who
    came back late.
    """

    __tablename__ = "cases"
    __table_args__ = (
        one_of("status", Status),
        Index("ix_cases_queue", "status", "waiting_since", "id"),
        Index("ix_cases_queue_language", "status", "language", "waiting_since", "id"),
        Index("ix_cases_latest", "status", "last_message_at", "id"),
        Index("ix_cases_latest_language", "status", "language", "last_message_at", "id"),
        Index("ix_cases_conversation_id", "conversation_id"),
        Index("ix_cases_customer_id_account_id", "customer_id", "account_id"),
        Index("ix_cases_opened_at_language", "opened_at", "language"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    customer_id: int = Field(foreign_key="customers.id")
    conversation_id: str | None = None
    follows_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    status: str = Status.WAITING
    language: str = UNDETERMINED
    language_sure: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    topic: str | None = None
    visibility: str
    assignee_id: int | None = Field(default=None, foreign_key="agents.id")
    opened_at: datetime
    waiting_since: datetime | None = None
    last_message_at: datetime
    customer_wrote_at: datetime
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    excerpt: str = ""

    def __setattr__(self, name: str, value: object) -> None:
        """As SQLAlchemy does it: pydantic's way round would take a fifth of the intake's time."""
        object.__setattr__(self, name, value)

    def customer_wrote(
        self, text: str, *, at: datetime, visibility: str, language: str, x_id: str, sure: bool = True
    ) -> None:
        """There is something new to answer; a resolved case is open again."""
        first = self.id is None and not self.excerpt
        reopens = self.status == Status.RESOLVED
        self.status, self.resolved_at = Status.WAITING, None
        self.waiting_since = min(self.waiting_since or at, at)
        self.opened_at = min(self.opened_at, at)
        self.last_message_at = max(self.last_message_at, at)
        if at >= self.customer_wrote_at:
            self.customer_wrote_at, self.excerpt, self.visibility = at, text[:EXCERPT], visibility
            if language != UNDETERMINED:
                self.language, self.language_sure = language, sure
        self._record("opened" if first else "reopened" if reopens else "customer_wrote", message=x_id)

    def we_wrote(
        self, *, at: datetime, x_id: str, unseen_since: datetime | None, by: int | None = None
    ) -> None:
        """Our words are on X. The customer still waits if he wrote something that we had not seen."""
        self.last_message_at = max(self.last_message_at, at)
        if at >= self.opened_at:  # what we said before the customer asked is no answer
            self.first_response_at = min(self.first_response_at or at, at)
        if self.status != Status.RESOLVED:
            self.status = Status.WAITING if unseen_since else Status.ANSWERED
            self.waiting_since = unseen_since
        self._record("we_wrote", by=by, message=x_id)

    def unseen_at(self, moment: datetime) -> datetime | None:
        """Since when the customer has been waiting for an answer to what he wrote after that moment."""
        if self.customer_wrote_at <= moment:
            return None
        since = self.waiting_since
        return since if since and since > moment else self.customer_wrote_at

    def assign(self, to: Agent | None, *, by: Agent) -> None:
        self.assignee_id = to.id if to else None
        self._record("assigned", by=by.id, to=to.name if to else None)

    def resolve(self, *, by: Agent) -> None:
        if self.status == Status.RESOLVED:
            raise AlreadyDone("This case is resolved already.")
        self.status, self.resolved_at, self.waiting_since = Status.RESOLVED, clock.now(), None
        self._record("resolved", by=by.id)

    def reopen(self, *, by: Agent) -> None:
        if self.status != Status.RESOLVED:
            raise AlreadyDone("This case is open already.")
        self.status, self.resolved_at, self.waiting_since = Status.WAITING, None, clock.now()
        self._record("reopened", by=by.id)

    def correct_language(self, language: str, *, was: str, by: Agent) -> None:
        """An agent says which language the customer writes; `was` is what his message was taken for."""
        self.language, self.language_sure = language, True
        self._record("language_corrected", by=by.id, **{"from": was, "to": language})

    def reply_moved(
        self, reply_id: int, state: str, *, by: int | None = None, why: str | None = None
    ) -> None:
        """One of the case's replies is now drafted, approved, sent, held, …"""
        self._record(f"reply_{state}", by=by, reply=reply_id, why=why)

    def _record(self, kind: str, *, by: int | None = None, **what: Any) -> None:
        session = object_session(self)
        assert session is not None
        told = {key: value for key, value in what.items() if value is not None}
        row = {"kind": kind, "at": clock.now(), "agent_id": by, "told": json.dumps(told, ensure_ascii=False)}
        session.info.setdefault(_UNWRITTEN, []).append((self, row))


class CaseEvent(SQLModel, table=True):
    """Something that happened to a case; its rising id is the feed that open consoles follow."""

    __tablename__ = "case_events"
    __table_args__ = (
        # Which cases agents have worked on, and until when: a small part of the table answers that.
        Index(
            "ix_case_events_agents",
            "case_id",
            "at",
            "kind",
            sqlite_where=_BY_AN_AGENT,
            postgresql_where=_BY_AN_AGENT,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    kind: str
    at: datetime
    agent_id: int | None = Field(default=None, foreign_key="agents.id")
    told: str = "{}"  # JSON: what else there is to say, by kind

    @property
    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = json.loads(self.told)
        return details


def _write_events(session: Session) -> None:
    """All the transaction's events in one statement: one by one they would cost intake a third more."""
    unwritten = session.info.pop(_UNWRITTEN, [])
    if unwritten:
        session.flush()
        session.connection().execute(
            insert(CaseEvent), [row | {"case_id": case.id} for case, row in unwritten]
        )


counts.keep(Case)
event.listen(Session, "before_commit", _write_events)
event.listen(Session, "after_rollback", lambda session: session.info.pop(_UNWRITTEN, None))


def open_new(
    session: Session,
    *,
    account_id: int,
    customer_id: int,
    conversation_id: str | None,
    visibility: str,
    at: datetime,
    follows: Case | None = None,
) -> Case:
    """A new case with nothing in it yet."""
    case = Case(
        account_id=account_id,
        customer_id=customer_id,
        conversation_id=conversation_id,
        visibility=visibility,
        opened_at=at,
        last_message_at=at,
        customer_wrote_at=at,
        follows_id=follows.id if follows else None,
    )
    session.add(case)
    return case


def find(session: Session, case_id: int) -> Case:
    """Raises NotFound."""
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound(f"There is no case {case_id}.")
    return case


def with_customer(session: Session, case_id: int) -> tuple[Case, Customer]:
    """Raises NotFound."""
    found: tuple[Case, Customer] | None = session.exec(_ONE, params={"case_id": case_id}).first()
    if found is None:
        raise NotFound(f"There is no case {case_id}.")
    return found


def hold(session: Session, case_id: int) -> Case:
    """The case, kept from other writers until the transaction ends. Raises NotFound."""
    query = select(Case).where(Case.id == case_id).with_for_update()
    case = session.exec(query.execution_options(populate_existing=True)).first()
    if case is None:
        raise NotFound(f"There is no case {case_id}.")
    return case


def of_customers(session: Session, account_id: int, customer_ids: Collection[int]) -> Sequence[Case]:
    """Every case these customers have with the account, oldest first, kept from other writers."""
    return session.exec(
        select(Case)
        .where(Case.account_id == account_id, col(Case.customer_id).in_(customer_ids))
        .order_by(col(Case.id))
        .with_for_update()
    ).all()


def linked(session: Session, case: Case, *, most: int = 20) -> list[int]:
    """Ids of the other cases it hangs together with: the older and the later one of a customer who
    came back, and those of other people in the same conversation."""
    alike = col(Case.follows_id) == case.id
    if case.conversation_id:
        alike |= col(Case.conversation_id) == case.conversation_id
    found = session.exec(
        select(Case.id).where(alike, Case.id != case.id).order_by(col(Case.id)).limit(most)
    ).all()
    ids = {case_id for case_id in found if case_id is not None}
    return sorted(ids | ({case.follows_id} if case.follows_id else set()))


def linked_with_customers(session: Session, case: Case, *, most: int = 20) -> Sequence[tuple[Case, Customer]]:
    """The cases whose ids `linked` tells, with the people they are about."""
    asked = {
        "case_id": case.id,
        "follows_id": case.follows_id,
        "conversation_id": case.conversation_id,
        "most": most,
    }
    found: Sequence[tuple[Case, Customer]] = session.exec(_LINKED, params=asked).all()
    return found


def events(session: Session, case_id: int) -> Sequence[CaseEvent]:
    """All that happened to the case, oldest first."""
    return session.exec(
        select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(col(CaseEvent.id))
    ).all()


# Made once: every case's page asks these, and making them would take as long as running them.
_WITH_CUSTOMERS: Any = select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id)
_ONE = _WITH_CUSTOMERS.where(col(Case.id) == bindparam("case_id"))
_LINKED = (
    _WITH_CUSTOMERS.where(
        (col(Case.follows_id) == bindparam("case_id"))
        | (col(Case.conversation_id) == bindparam("conversation_id"))
        | (col(Case.id) == bindparam("follows_id")),
        col(Case.id) != bindparam("case_id"),
    )
    .order_by(col(Case.id))
    .limit(bindparam("most", type_=Integer))
)
