"""A case: one customer's matter with one of our accounts, and everything that happened to it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import bindparam, false, text, true
from sqlalchemy.orm import object_session
from sqlmodel import Field, Index, Session, col, select

from socialdesk import clock, counts, failures, history, messages
from socialdesk.bulk import among, number_new
from socialdesk.customers import Customer
from socialdesk.database import one_of, only_where
from socialdesk.deadlines import IN_TABLE, Deadlines, standing
from socialdesk.errors import AlreadyDone, NotFound
from socialdesk.languages import UNDETERMINED
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.tagged import Tagged

events = history.of_case
EXCERPT = 140  # characters of the customer's last words that the queue shows


class Status(StrEnum):
    WAITING = "waiting"  # the customer waits for us
    ANSWERED = "answered"  # we wait for the customer
    RESOLVED = "resolved"


class Case(Deadlines, Tagged, table=True):
    """What an agent takes from the queue.

    `waiting_since` is when the oldest words that nobody has answered were written, None when there are
    none; `customer_wrote_at` is when the newest words of the customer were; `language` follows what the
    customer writes, and `language_sure` says whether it is more than a guess; `conversation_id` is X's,
    None when it began with a direct message; `follows_id` is the older, resolved case of a customer who
    came back late, or the one that this was split from; `reopened_at` is when an agent opened it again, and
    `merged_into_id` the case that everything in this one has gone to.

    A case that is snoozed stands as it did, but is shown to nobody as waiting; `failed_since` is since
    when a reply of ours has been held or its fate unknown.

    `topic_words`, one a line, decided the topic, and `topic_score` is what they weigh: None when no words
    were ever asked. An `exposed` case waits, and what waits in it shows personal data to everybody.
    """

    __tablename__ = "cases"
    __table_args__ = (
        one_of("status", Status),
        *IN_TABLE,
        Index("ix_cases_queue", "status", "waiting_since", "id"),
        Index("ix_cases_queue_language", "status", "language", "waiting_since", "id"),
        Index("ix_cases_queue_topic", "status", "topic", "waiting_since", "id"),
        Index(
            "ix_cases_exposed",
            "waiting_since",
            "id",
            sqlite_where=text("exposed = 1"),
            postgresql_where=text("exposed"),
        ),
        Index(
            "ix_cases_snoozed_until", "snoozed_until", "id", **only_where(text("snoozed_until IS NOT NULL"))
        ),
        Index("ix_cases_failed_since", "failed_since", "id", **only_where(text("failed_since IS NOT NULL"))),
        Index("ix_cases_latest", "status", "last_message_at", "id"),
        Index("ix_cases_latest_language", "status", "language", "last_message_at", "id"),
        Index("ix_cases_latest_topic", "status", "topic", "last_message_at", "id"),
        Index("ix_cases_conversation_id", "conversation_id"),
        Index("ix_cases_customer_id_account_id", "customer_id", "account_id"),
        Index("ix_cases_opened_at_language", "opened_at", "language"),
        Index("ix_cases_resolved_at", "resolved_at", **only_where(text("resolved_at IS NOT NULL"))),
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
    topic_words: str | None = None
    topic_score: int | None = None
    topic_by_agent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    exposed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    visibility: str
    assignee_id: int | None = Field(default=None, foreign_key="agents.id")
    opened_at: datetime
    waiting_since: datetime | None = None
    last_message_at: datetime
    customer_wrote_at: datetime
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    reopened_at: datetime | None = None
    merged_into_id: int | None = Field(default=None, foreign_key="cases.id")
    snoozed_until: datetime | None = None
    snoozed_at: datetime | None = None
    snoozed_by_id: int | None = Field(default=None, foreign_key="agents.id")
    failed_since: datetime | None = None
    excerpt: str = ""

    def __init__(self, **values: Any) -> None:
        """Without what is None: pydantic's way takes a tenth of the intake's time."""
        self.__dict__.update(_BEGINS_WITH | values)

    def __setattr__(self, name: str, value: object) -> None:
        """Not what changes nothing, and a new case has no changes: pydantic's takes a fifth of the intake."""
        if (state := self.__dict__.get("_sa_instance_state")) and state.key is None:
            self.__dict__[name] = value
        elif name not in self.__dict__ or self.__dict__[name] != value:
            object.__setattr__(self, name, value)

    def customer_wrote(
        self,
        text: str,
        *,
        at: datetime,
        visibility: str,
        language: str,
        x_id: str,
        sure: bool = True,
        silenced: str | None = None,
        exposed: bool = False,
    ) -> None:
        """There is something new to answer; a resolved case is open again. `text` is fit to be listed.

        What is silenced, by whatever reason, opens nothing.
        """
        first = self.id is None and not self.excerpt
        reopens = self.status == Status.RESOLVED
        self.opened_at = min(self.opened_at, at)
        self.last_message_at = max(self.last_message_at, at)
        if at >= self.customer_wrote_at:
            self.customer_wrote_at, self.excerpt, self.visibility = at, text[:EXCERPT], visibility
            if language != UNDETERMINED:
                self.language, self.language_sure = language, sure
        if silenced and (first or reopens):
            self.status, self.resolved_at = Status.RESOLVED, self.resolved_at or clock.now()
        if not silenced:
            self.status, self.resolved_at = Status.WAITING, None
            self.waiting_since, self.exposed = min(self.waiting_since or at, at), self.exposed or exposed
            self.snoozed_until = None
        kind = silenced or ("opened" if first else "reopened" if reopens else "customer_wrote")
        history.record(self, kind, message=x_id)

    def we_wrote(
        self, *, at: datetime, x_id: str, unseen_since: datetime | None, by: int | None = None
    ) -> None:
        """Our words are on X. The customer still waits if he wrote something that we had not seen."""
        self.last_message_at = max(self.last_message_at, at)
        if at >= self.opened_at:  # what we said before the customer asked is no answer
            self.first_response_at = min(self.first_response_at or at, at)
        if self.status != Status.RESOLVED:
            waits_for_him = self.status == Status.ANSWERED
            self.status = Status.WAITING if unseen_since else Status.ANSWERED
            self.waiting_since, self.exposed = unseen_since, self.exposed and unseen_since is not None
            self.snoozed_until = self.snoozed_until if unseen_since or waits_for_him else None
        history.record(self, "we_wrote", by=by, message=x_id)

    def unseen_at(self, moment: datetime) -> datetime | None:
        """Since when the customer has been waiting for an answer to what he wrote after that moment."""
        if self.customer_wrote_at <= moment:
            return None
        since = self.waiting_since
        return since if since and since > moment else self.customer_wrote_at

    def assign(self, to: Agent | None, *, by: Agent) -> None:
        was, self.assignee_id = self.assignee_id or 0, to.id if to else None
        history.record(self, "assigned", by=by.id, to=to.name if to else None, was=was)

    def resolve(self, *, by: Agent) -> None:
        if self.status == Status.RESOLVED:
            raise AlreadyDone(_("This case is resolved already."))
        was = standing(self)
        self._close()
        history.record(self, "resolved", by=by.id, was=was)

    def silence(self, why: str) -> None:
        """Nobody wants to hear that: it is kept, and waits for nobody."""
        self._close()
        history.record(self, "silenced", why=why)

    def reopen(self, *, by: Agent | None) -> None:
        if self.status != Status.RESOLVED:
            raise AlreadyDone(_("This case is open already."))
        if into := self.merged_into_id:
            raise AlreadyDone(_("This case was merged into case %(number)s: go on there.", number=into))
        self.status, self.resolved_at, self.waiting_since = Status.WAITING, None, clock.now()
        self.reopened_at = clock.now()
        history.record(self, "reopened", by=by.id if by else None)

    def merge_into(self, other: "Case") -> None:
        """Everything in it has gone to the other one: it is a sign that leads there, and waits for nobody."""
        self.merged_into_id = other.id
        self.status, self.waiting_since, self.reopened_at = Status.RESOLVED, None, None
        self.exposed, self.snoozed_until, self.failed_since = False, None, None
        self.resolved_at = self.resolved_at or clock.now()

    def correct_language(self, language: str, *, was: str, by: Agent, **more: Any) -> None:
        """An agent says which language the customer writes; `was` is what his message was taken for."""
        self.language, self.language_sure = language, True
        history.record(self, "language_corrected", by=by.id, **{"from": was, "to": language}, **more)

    def confirm_language(self, *, by: Agent, **more: Any) -> None:
        """An agent says that the guess was right."""
        self.language_sure = True
        history.record(self, "language_confirmed", by=by.id, language=self.language, **more)

    def reply_moved(self, reply_id: int, state: str, *, by: int | None = None, **more: Any) -> None:
        """One of the case's replies is now drafted, approved, sent, held, …"""
        self.failed_since = failures.since(object_session(self), self.id, self.failed_since, state)
        history.record(self, f"reply_{state}", by=by, reply=reply_id, **more)

    def _close(self) -> None:
        """Resolved, and whatever the customer has written so far is dealt with."""
        self.status, self.resolved_at, self.waiting_since = Status.RESOLVED, clock.now(), None
        self.reopened_at, self.exposed, self.snoozed_until = None, False, None
        session = object_session(self)
        if self.id and session is not None:
            messages.settle(cast(Session, session), self.id, at=self.resolved_at)


_BEGINS_WITH = {
    name: field.default
    for name, field in Case.model_fields.items()
    if not field.is_required() and field.default is not None
} | dict.fromkeys(("merged_into_id", "assignee_id", "snoozed_until", "failed_since"))  # as counts.py asks
counts.keep(Case)
number_new(Case)  # that new cases are stored in one statement takes a third of the time


def open_new(
    session: Session,
    *,
    account_id: int,
    customer_id: int,
    conversation_id: str | None,
    visibility: str,
    at: datetime,
    follows: Case | None = None,
    as_row: bool = False,
) -> Case:
    """A new case with nothing in it yet; the session does not store it `as_row`: see placing/opening.py."""
    case = Case(
        account_id=account_id,
        customer_id=customer_id,
        conversation_id=conversation_id,
        visibility=visibility,
        follows_id=follows.id if follows else None,
        **dict.fromkeys(("opened_at", "last_message_at", "customer_wrote_at"), at),
    )
    (session.enable_relationship_loading if as_row else session.add)(case)
    return case


def find(session: Session, case_id: int) -> Case:
    """Raises NotFound."""
    return _there(session.get(Case, case_id), case_id)


def _there(case: Case | None, number: int) -> Case:
    if case is None:
        raise NotFound(_("There is no case %(number)s.", number=number))
    return case


def with_customer(session: Session, case_id: int) -> tuple[Case, Customer]:
    """Raises NotFound."""
    case, customer = session.exec(_ONE, params={"case_id": case_id}).first() or (None, None)
    return _there(case, case_id), cast(Customer, customer)


def hold(session: Session, case_id: int) -> Case:
    """The case, kept from other writers until the transaction ends. Raises NotFound."""
    query = select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    return _there(session.exec(query).first(), case_id)


def of_customers(session: Session, account_id: int, customer_ids: Collection[int]) -> Sequence[Case]:
    """Every case these customers have with the account, oldest first, kept from other writers."""
    asked = {"account_id": account_id, "customer_ids": list(customer_ids)}
    return cast(Sequence[Case], session.exec(_OF_CUSTOMERS, params=asked).all())


# Made once: every case's page and every batch asks them, and making one takes as long as running it.
_ONE: Any = (
    select(Case, Customer)
    .join(Customer, col(Customer.id) == Case.customer_id)
    .where(col(Case.id) == bindparam("case_id"))
)
_OF_CUSTOMERS: Any = (
    select(Case)
    .where(col(Case.account_id) == bindparam("account_id"), among(Case.customer_id, "customer_ids"))
    .order_by(col(Case.id))
    .with_for_update()
)
