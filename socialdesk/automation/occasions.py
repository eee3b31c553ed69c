"""When a rule is for a case: the cases that are due for it now, each with the customer's last message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, literal
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.automation import conditions
from socialdesk.automation.conditions import Matter
from socialdesk.automation.rules import Rule, When
from socialdesk.automation.runs import RuleRun
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.history import CaseEvent
from socialdesk.hours import ALWAYS, Calendar
from socialdesk.incidents.incidents import Incident, IncidentCase
from socialdesk.messages import Direction, Message
from socialdesk.polling.gaps import GapFind
from socialdesk.settings import Settings
from socialdesk.settings.restraint import Automation

MOST_AT_A_TIME = 1_000
BY_THE_CUSTOMER = "reopened"  # when no agent did it


_OPENED_AT: Any = Case.opened_at
_MOMENT = _OPENED_AT.type


@dataclass(frozen=True, slots=True)
class Occasion:
    """A case that a rule is for, with the message that made it so."""

    case: Case
    message: Message
    customer: Customer
    matter: Matter

    @property
    def case_id(self) -> int:
        return self.case.id or 0


def calendar_of(rule: Rule, settings: Settings) -> Calendar:
    return settings.targets.opened.get(rule.calendar or "", ALWAYS)


def still_due(
    session: Session, rule: Rule, case_id: int, *, on_since: datetime, settings: Settings
) -> Occasion | None:
    """The whole of it, when the rule is for the case now and has not been."""
    found = list(fitting(session, rule, on_since=on_since, settings=settings, case_id=case_id))
    if not found:
        return None
    told = {"case": case_id, "message": found[0][1]}
    case, message, customer, account, known = session.exec(_WHOLE, params=told).one()
    matter = matter_of(case, message, customer, account, first_contact=not known)
    return Occasion(case, message, customer, matter)


def fitting(
    session: Session, rule: Rule, *, on_since: datetime, settings: Settings, case_id: int | None = None
) -> Iterator[tuple[int, int]]:
    """What the rule has not been for yet, the newest first: the row ids of case and message.

    What was written before it was switched on is nothing to it, nor what is out of its reach. With thousands
    waiting that no rule is for, what it takes is to look at them, and so no more is asked of each than rules
    ask about.
    """
    now = clock.now()
    bounds = {
        "since": max(on_since, now - timedelta(hours=settings.automation.reach_hours)),
        "late": now - timedelta(minutes=rule.minutes or 0),
        "rule": rule.id,
    }
    query = _query(rule.when, rule.languages, rule.topics, rule.first_contact is not None)
    if case_id is not None:
        query = query.where(Case.id == case_id)
    calendar = calendar_of(rule, settings)
    for found, message_id, sent_at, matter in _matters(session.exec(query, params=bounds)):
        if rule.when == "outside_hours" and not _closed(calendar, sent_at, now):
            continue
        if too_late(rule, sent_at, now, settings.automation):
            continue
        if conditions.fits(rule, matter):
            yield found, message_id


def too_late(rule: Rule, written_at: datetime, at: datetime, automation: Automation) -> bool:
    """Whether a post that was found late is too old to be answered without a person."""
    reach = timedelta(hours=automation.reach_hours)
    return rule.when == "gap" and rule.writes and written_at < at - reach


def matter_of(
    case: Case, message: Message, customer: Customer, account: Account, *, first_contact: bool
) -> Matter:
    return Matter(
        account=account.handle,
        visibility=message.visibility,
        language=case.language,
        topic=case.topic,
        text=message.text,
        followers=customer.followers,
        first_contact=first_contact,
    )


def interaction(session: Session, case_id: int) -> int:
    """How often the customer has come back to the resolved case: each time is another interaction."""
    query = select(func.count()).select_from(CaseEvent)
    return session.exec(
        query.where(
            CaseEvent.case_id == case_id,
            CaseEvent.kind == BY_THE_CUSTOMER,
            col(CaseEvent.agent_id).is_(None),
        )
    ).one()


def _closed(calendar: Calendar, written_at: datetime, now: datetime) -> bool:
    """When it was written, and still: in the morning a person is faster."""
    return not (conditions.is_open(calendar, written_at) or conditions.is_open(calendar, now))


@lru_cache(maxsize=256)
def _query(when: When, languages: tuple[str, ...], topics: tuple[str, ...], first_contact: bool) -> Any:
    """With `since`, `late` and `rule` to be filled in: making it would take longer than running it."""
    newest: Any = aliased(Message)
    newest_id = (
        select(func.max(newest.id))
        .where(newest.case_id == Case.id, newest.direction == Direction.INBOUND)
        .correlate(Case)
        .scalar_subquery()
    )
    this_one = (col(RuleRun.rule_id) == bindparam("rule")) & (col(RuleRun.message_id) == Message.id)
    been_for = select(RuleRun.id).where(this_one).exists()
    query: Any = (
        _sifted(first_contact)
        .join(Message, col(Message.id) == newest_id)
        .join(Customer, col(Customer.id) == Case.customer_id)
        .join(Account, col(Account.id) == Case.account_id)
        .where(col(Case.merged_into_id).is_(None), ~been_for, *_when(when))
        .order_by(col(Case.last_message_at).desc(), col(Case.id).desc())
        .limit(MOST_AT_A_TIME)
    )
    if languages:
        query = query.where(col(Case.language).in_(languages))
    return query.where(col(Case.topic).in_(topics)) if topics else query


def _sifted(first_contact: bool) -> Any:
    """Whether the customer was known is looked up only where that is asked."""
    known = known_before() if first_contact else literal(False)
    matter = (Account.handle, Message.visibility, Case.language, Case.topic, Message.text, Customer.followers)
    columns: tuple[Any, ...] = (Case.id, Message.id, Message.sent_at, *matter, known)
    return select_columns(*columns).select_from(Case)


def _matters(rows: Iterable[Any]) -> Iterator[tuple[int, int, datetime, Matter]]:
    for case_id, message_id, sent_at, account, visibility, language, topic, text, followers, known in rows:
        matter = Matter(account, visibility, language, topic, text, followers, first_contact=not known)
        yield case_id, message_id, sent_at, matter


def _when(when: When) -> tuple[Any, ...]:
    since, late = bindparam("since", type_=_MOMENT), bindparam("late", type_=_MOMENT)
    waits = col(Case.status) == Status.WAITING
    wrote = (col(Case.last_message_at) >= since) & (col(Case.customer_wrote_at) >= since)
    if when == "resolved":
        resolved = select(CaseEvent.id).where(
            CaseEvent.case_id == Case.id,
            CaseEvent.kind == "resolved",
            col(CaseEvent.at) >= Case.resolved_at,
        )
        return col(Case.status) == Status.RESOLVED, col(Case.resolved_at) >= since, resolved.exists()
    if when == "no_answer":
        return waits, col(Case.last_message_at) >= since, col(Case.waiting_since).between(since, late)
    if when == "new_case":
        return waits, wrote, col(Case.opened_at) >= since, ~_ours_said()
    if when == "incident":
        return waits, col(Case.last_message_at) >= since, _joined(since)
    if when == "gap":
        return waits, _found(since)
    if when == "follow_up":
        return waits, wrote, _ours_said()
    return waits, wrote


def _ours_said() -> Any:
    """Whether one of us has said something in the case."""
    ours: Any = aliased(Message)
    return select(ours.id).where(ours.case_id == Case.id, ours.direction == Direction.OUTBOUND).exists()


def _joined(since: Any) -> Any:
    """Whether it belongs to an open incident that it has joined since."""
    return (
        select(IncidentCase.case_id)
        .join(Incident, col(Incident.id) == IncidentCase.incident_id)
        .where(
            IncidentCase.case_id == Case.id,
            col(IncidentCase.joined_at) >= since,
            col(IncidentCase.taken_out_at).is_(None),
            col(Incident.closed_at).is_(None),
        )
        .exists()
    )


def _found(since: Any) -> Any:
    """Whether the message was brought in since by the search for a gap, however long ago it was written."""
    late = (col(GapFind.message_id) == Message.id) & (col(GapFind.found_at) >= since)
    return select(GapFind.message_id).where(late).exists()


def known_before() -> Any:
    """Whether the customer has written in another case of the account before."""
    other: Any = aliased(Case)
    return (
        select(other.id)
        .where(
            other.customer_id == Case.customer_id,
            other.account_id == Case.account_id,
            other.id != Case.id,
            other.opened_at < Case.opened_at,
        )
        .exists()
    )


_CASE: Any = select_columns(Case, Message, Customer, Account, known_before()).select_from(Case)
_WHOLE: Any = (
    _CASE.join(Message, col(Message.id) == bindparam("message"))
    .join(Customer, col(Customer.id) == Case.customer_id)
    .join(Account, col(Account.id) == Case.account_id)
    .where(Case.id == bindparam("case"))
    .execution_options(populate_existing=True)
)
