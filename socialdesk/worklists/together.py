"""Several cases changed together: first what would happen, then all of it at once."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import cases, clock, customers, replies
from socialdesk.cases import Case, Status
from socialdesk.casework import corrections, snoozing, sorting, tagging
from socialdesk.customers import Customer
from socialdesk.errors import BadInput, NotFound
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.replies import UNDER_WAY
from socialdesk.topics import TOPICS

MOST = 100


class Act(StrEnum):
    ASSIGN = "assign"
    LEAVE = "leave"
    LANGUAGE = "language"
    TOPIC = "topic"
    TAG = "tag"
    UNTAG = "untag"
    SNOOZE = "snooze"
    RESOLVE = "resolve"


_TAGGING = (Act.TAG, Act.UNTAG)


class BulkChange(SQLModel, table=True):
    """What an agent did to several cases at once; `told` is JSON: by case, what it was before and after."""

    __tablename__ = "bulk_changes"

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agents.id")
    act: str
    at: datetime
    undone_at: datetime | None = None
    told: str

    @property
    def cases(self) -> dict[int, dict[str, Any]]:
        return {int(case_id): told for case_id, told in json.loads(self.told).items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done; `value` is a language, a topic or a tag's name, `until` when they come back."""

    act: Act
    value: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`why_not` says why nothing would happen to the case; `stamp` changes whenever the case does."""

    case: Case
    customer: Customer
    stamp: str
    why_not: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """What happened: to how many, which were left out and why, and what takes it back."""

    change_id: int | None
    changed: int
    left_out: Mapping[int, str]


def foresee(
    session: Session,
    case_ids: Collection[int],
    wanted: Wanted,
    *,
    by: Agent,
    accounts: Collection[int] | None = None,
) -> list[Foreseen]:
    """Those of the cases that there are for this agent, in the order given. Raises BadInput."""
    _refuse_nonsense(case_ids, wanted)
    query = select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id)
    query = query.where(col(Case.id).in_(case_ids))
    if accounts is not None:
        query = query.where(col(Case.account_id).in_(accounts))
    found = {case.id: (case, customer) for case, customer in session.exec(query)}
    states = replies.unsent(session, [case_id for case_id in found if case_id])
    return [
        Foreseen(case, customer, stamp(case), _why_not(case, wanted, states, by))
        for case, customer in (found[case_id] for case_id in dict.fromkeys(case_ids) if case_id in found)
    ]


def carry_out(
    session: Session,
    stamps: Mapping[int, str],
    wanted: Wanted,
    *,
    by: Agent,
    accounts: Collection[int] | None = None,
) -> Done:
    """Do it to the cases that are still as their stamps say; what changed meanwhile is left out."""
    _refuse_nonsense(stamps, wanted)
    if wanted.act == Act.LANGUAGE:
        hold_customers(session, stamps)
    held = [_held(session, case_id, accounts) for case_id in sorted(stamps)]
    states = replies.unsent(session, list(stamps))
    told: dict[int, dict[str, Any]] = {}
    left_out: dict[int, str] = {}
    for case in held:
        case_id = case.id or 0
        changed = _("It has changed meanwhile.") if stamp(case) != stamps[case_id] else None
        if why_not := changed or _why_not(case, wanted, states, by):
            left_out[case_id] = why_not
            continue
        before = standing(case, wanted.act) | _reminder(case, wanted.act)
        _do(session, case, wanted, by)
        told[case_id] = {"before": before, "after": standing(case, wanted.act)}
    return Done(_note(session, wanted.act, told, by), len(told), left_out)


def made(session: Session, change_id: int, *, by: Agent) -> BulkChange | None:
    """That change, if this agent made it."""
    change = session.get(BulkChange, change_id)
    return change if change and change.agent_id == by.id else None


def stamp(case: Case) -> str:
    """Short, and another one after everything that an agent would want to look at again."""
    about = (case.language, case.language_sure, case.topic, case.tagged)
    seen = (standing(case), *about, str(case.last_message_at))
    return sha256(repr((seen, str(case.customer_wrote_at))).encode()).hexdigest()[:12]


def _refuse_nonsense(case_ids: Collection[int], wanted: Wanted) -> None:
    if not case_ids:
        raise BadInput(_("Choose some cases first."))
    if len(case_ids) > MOST:
        raise BadInput(_("At most %(most)s cases can be changed together.", most=MOST))
    if wanted.act == Act.LANGUAGE and wanted.value not in (*LANGUAGES, OTHER, UNDETERMINED):
        raise BadInput(_("Choose a language."))
    if wanted.act == Act.TOPIC and wanted.value not in TOPICS:
        raise BadInput(_("Choose a topic."))
    if wanted.act in _TAGGING:
        tagging.clean(wanted.value)
    if wanted.act == Act.SNOOZE and wanted.until is None:
        raise BadInput(_("Choose until when."))


def hold_customers(session: Session, case_ids: Collection[int]) -> None:
    """Before their cases, as everybody does who holds both."""
    query = select(Case.customer_id).where(col(Case.id).in_(list(case_ids))).distinct()
    for customer_id in sorted(session.exec(query)):
        customers.hold(session, customer_id)


def _held(session: Session, case_id: int, accounts: Collection[int] | None) -> Case:
    case = cases.hold(session, case_id)
    if accounts is not None and case.account_id not in accounts:
        raise NotFound(_("There is no case %(number)s.", number=case_id))
    return case


def _why_not(case: Case, wanted: Wanted, states: Mapping[int, str], by: Agent) -> str | None:
    if case.merged_into_id:
        return _("It was merged into case %(number)s.", number=case.merged_into_id)
    if wanted.act == Act.RESOLVE:
        return _why_not_resolved(case, states)
    if wanted.act in _TAGGING:
        return _why_not_tagged(case, wanted)
    same = {
        Act.ASSIGN: (case.assignee_id == by.id, _("It is yours already.")),
        Act.LEAVE: (case.assignee_id is None, _("It is nobody's already.")),
        Act.LANGUAGE: (
            case.language == wanted.value and case.language_sure,
            _("It is in that language already."),
        ),
        Act.TOPIC: (case.topic == wanted.value, _("It is about that already.")),
        Act.SNOOZE: (case.status == Status.RESOLVED, _("It is resolved already.")),
    }
    there, sentence = same[wanted.act]
    return sentence if there else None


def _why_not_resolved(case: Case, states: Mapping[int, str]) -> str | None:
    if case.status == Status.RESOLVED:
        return _("It is resolved already.")
    return _("A reply is on its way.") if states.get(case.id or 0) in UNDER_WAY else None


def _why_not_tagged(case: Case, wanted: Wanted) -> str | None:
    there = tagging.has(case, wanted.value)
    if wanted.act == Act.UNTAG:
        return None if there else _("It does not have that tag.")
    if there:
        return _("It has that tag already.")
    return _("It has as many tags as it may have.") if len(case.tags) >= tagging.MOST else None


def _do(session: Session, case: Case, wanted: Wanted, by: Agent) -> None:
    if wanted.act == Act.RESOLVE:
        case.resolve(by=by)
    elif wanted.act == Act.SNOOZE and wanted.until:
        snoozing.snooze(case, wanted.until, by=by)
    elif wanted.act == Act.LANGUAGE:
        said = corrections.newest(session, case.id or 0)
        corrections.correct_language(session, case, said, wanted.value, by=by)
    elif wanted.act == Act.TOPIC:
        sorting.correct_topic(session, case, wanted.value, by=by)
    elif wanted.act == Act.TAG:
        tagging.add(session, case, wanted.value, by=by)
    elif wanted.act == Act.UNTAG:
        tagging.remove(session, case, tagging.on(case, wanted.value).id, by=by)
    else:
        case.assign(by if wanted.act == Act.ASSIGN else None, by=by)


def standing(case: Case, act: Act | None = None) -> dict[str, Any]:
    """What another change would alter; of the tags where they are what is changed."""
    until = case.snoozed_until
    tags = {"tags": case.tagged} if act in _TAGGING else {}
    return tags | {
        "status": str(case.status),
        "assignee_id": case.assignee_id,
        "snoozed_until": until.isoformat() if until else None,
    }


def _reminder(case: Case, act: Act) -> dict[str, Any]:
    """What else comes back with the moment: whom it calls, and since when. Nothing is compared by it."""
    if act != Act.SNOOZE:
        return {}
    at = case.snoozed_at
    return {"snoozed_by_id": case.snoozed_by_id, "snoozed_at": at.isoformat() if at else None}


def _note(session: Session, act: Act, told: Mapping[int, Any], by: Agent) -> int | None:
    """None when nothing happened."""
    if not told:
        return None
    change = BulkChange(agent_id=by.id or 0, act=act, at=clock.now(), told=json.dumps(told))
    session.add(change)
    session.flush()
    return change.id
