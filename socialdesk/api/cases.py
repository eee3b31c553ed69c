"""Cases: the lists agents work from, one case with what was said in it, and what agents do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import cases, exposure, messages, targets
from socialdesk.api.access import Caller, may
from socialdesk.api.paging import LARGEST_ID, Code, Cursor, Limit, Page, RowId, cursor, place
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.strictness import Asked
from socialdesk.cases import Case
from socialdesk.casework import corrections, sorting, tagging
from socialdesk.customers import Customer
from socialdesk.errors import NotFound
from socialdesk.messages import Gone, Message, Visibility
from socialdesk.people import agents, permissions
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope
from socialdesk.settings.promises import Priority
from socialdesk.worklists import queues
from socialdesk.worklists.queues import Cases, Place

router = APIRouter(tags=["cases"])

Reader = Annotated[Caller, Depends(may(Scope.CASES_READ, Verb.SEE_CASE))]
Assigner = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.ASSIGN))]
Resolver = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.RESOLVE))]
Corrector = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.CORRECT))]
Change = Callable[[Session, Case, Agent], object]  # what is done to a case, by the agent in his role there


class CustomerShown(BaseModel):
    id: int
    x_id: str
    handle: str | None = Field(description="Null while X has not told it.")
    name: str | None
    blocked_at: datetime | None = Field(description="What this customer writes opens nothing.")
    opted_out_at: datetime | None = Field(description="Nothing automated goes to this customer.")


class TagShown(BaseModel):
    id: int
    name: str


class CaseShown(BaseModel):
    """A case as it stands in a list; personal data in public posts is masked in `excerpt`."""

    id: int
    account_id: int
    customer: CustomerShown
    status: str = Field(examples=["waiting", "answered", "resolved"])
    priority: Priority
    snoozed_until: datetime | None = Field(description="Until then it is not among those that wait.")
    language: str = Field(description="BCP 47, `other` or `und`.")
    language_sure: bool
    topic: str | None
    tags: list[TagShown]
    visibility: Visibility
    exposed: bool = Field(description="Whether what waits in it shows personal data to everybody.")
    excerpt: str
    conversation_id: str | None
    assignee_id: int | None
    opened_at: datetime
    waiting_since: datetime | None
    last_message_at: datetime
    first_response_at: datetime | None
    resolved_at: datetime | None
    merged_into_id: int | None


class MessageShown(BaseModel):
    """One message of a case, its personal data masked where everybody can read it."""

    id: int
    x_id: str
    ours: bool
    visibility: Visibility
    text: str = Field(description="Empty when the message is gone.")
    language: str
    sent_at: datetime
    edited_at: datetime | None
    gone: Gone | None = Field(description="Why X does not show it any more.")
    in_reply_to_x_id: str | None


class Assignment(Asked):
    agent: Code | None = Field(description="A user name; null for nobody.")


class LanguageTold(Asked):
    language: Code
    message: int | None = Field(None, ge=1, le=LARGEST_ID, description="Else the customer's last one.")


class TopicTold(Asked):
    topic: Code


class PriorityTold(Asked):
    priority: Priority


class TagTold(Asked):
    tag: str = Field(min_length=1, max_length=200, description="A new one, or any way to write a known one.")


@router.get("/cases", responses=documented())
def list_cases(
    caller: Reader,
    which: Annotated[Cases, Query(alias="list")] = Cases.WAITING,
    language: Code | None = None,
    topic: Code | None = None,
    tag: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="A tag's id.")] = None,
    account: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Of ours.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[CaseShown]:
    """A list of the queue's, in its order."""
    narrowing = {"language": language, "topic": topic, "tag": tag, "account": account}
    with caller.database.reading() as session:
        return page_of(session, caller, which, narrowing, cursor, limit)


@router.get("/cases/{case_id}", responses=documented(404))
def show_case(caller: Reader, case_id: RowId) -> CaseShown:
    with caller.database.reading() as session:
        return shown(*cases.with_customer(session, case_id))


@router.get("/cases/{case_id}/messages", responses=documented(404))
def list_messages(
    caller: Reader, case_id: RowId, cursor: Cursor = None, limit: Limit = 100
) -> Page[MessageShown]:
    """What was written in the case, oldest first."""
    with caller.database.reading() as session:
        cases.find(session, case_id)
        behind = place(cursor)[:2] if cursor else None
        rows = messages.page_of_case(session, case_id, after=behind, size=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(items=[_message(each) for each in rows[:limit]], next=_end(last))


@router.put("/cases/{case_id}/assignee", responses=documented(404, *WITH_A_BODY))
def assign(caller: Assigner, case_id: RowId, wanted: Assignment) -> CaseShown:
    def do(session: Session, case: Case, by: Agent) -> None:
        case.assign(_named(session, case, wanted.agent), by=by)

    return change(caller, case_id, do)


@router.post("/cases/{case_id}/resolution", responses=documented(404, 409))
def resolve(caller: Resolver, case_id: RowId) -> CaseShown:
    return change(caller, case_id, lambda _, case, by: case.resolve(by=by))


@router.post("/cases/{case_id}/reopening", responses=documented(404, 409))
def reopen(caller: Resolver, case_id: RowId) -> CaseShown:
    return change(caller, case_id, lambda _, case, by: case.reopen(by=by))


@router.put("/cases/{case_id}/language", responses=documented(404, 409, *WITH_A_BODY))
def correct_language(caller: Corrector, case_id: RowId, told: LanguageTold) -> CaseShown:
    """The language of that message of the customer's, or of his last words, and of the case."""

    def do(session: Session, case: Case, by: Agent) -> None:
        said = messages.of_customer(session, case_id, told.message) if told.message else None
        said = said or corrections.newest(session, case_id)
        corrections.correct_language(session, case, said, told.language, by=by)

    return change(caller, case_id, do, hold=False)


@router.put("/cases/{case_id}/topic", responses=documented(404, 409, *WITH_A_BODY))
def correct_topic(caller: Corrector, case_id: RowId, told: TopicTold) -> CaseShown:
    def do(session: Session, case: Case, by: Agent) -> None:
        sorting.correct_topic(session, case, told.topic, by=by)

    return change(caller, case_id, do)


@router.put("/cases/{case_id}/priority", responses=documented(404, 409, *WITH_A_BODY))
def prioritize(caller: Corrector, case_id: RowId, told: PriorityTold) -> CaseShown:
    def do(session: Session, case: Case, by: Agent) -> None:
        targets.prioritize(session, case, told.priority, by=by)

    return change(caller, case_id, do)


@router.post("/cases/{case_id}/tags", responses=documented(404, 409, *WITH_A_BODY))
def add_tag(caller: Corrector, case_id: RowId, told: TagTold) -> CaseShown:
    return change(caller, case_id, lambda session, case, by: tagging.add(session, case, told.tag, by=by))


@router.delete("/cases/{case_id}/tags/{tag_id}", responses=documented(404))
def remove_tag(caller: Corrector, case_id: RowId, tag_id: RowId) -> CaseShown:
    return change(caller, case_id, lambda session, case, by: tagging.remove(session, case, tag_id, by=by))


def page_of(
    session: Session,
    caller: Caller,
    which: Cases,
    narrowing: Mapping[str, Any],
    cursor: str | None,
    limit: int,
) -> Page[CaseShown]:
    """Of that list's cases, as far as the caller may see them. Raises BadInput for a cursor of nobody's."""
    found = queues.page(
        session,
        which,
        agent=caller.agent.id,
        accounts=caller.accounts,
        after=Place(*place(cursor)) if cursor else None,
        size=limit,
        **narrowing,
    )
    return Page(items=[shown(*row) for row in found.rows], next=_onward(found.next))


def change(caller: Caller, case_id: int, do: Change, *, hold: bool = True) -> CaseShown:
    """The case after that was done to it; what holds the customer first must find the case not held yet."""
    with caller.database.transaction() as session:
        case = (cases.hold if hold else cases.find)(session, case_id)
        do(session, case, caller.acting(case))
        return now(session, case)


def shown(case: Case, customer: Customer) -> CaseShown:
    tags = [TagShown(id=tag.id, name=tag.name) for tag in case.tags]
    return CaseShown(customer=customer_shown(customer), tags=tags, **case.model_dump())


def customer_shown(customer: Customer) -> CustomerShown:
    return CustomerShown(**customer.model_dump())


def now(session: Session, case: Case) -> CaseShown:
    """As it stands after what was just done."""
    session.flush()
    return shown(case, session.get_one(Customer, case.customer_id))


def _named(session: Session, case: Case, username: str | None) -> Agent | None:
    """Raises NotFound for who may not answer at the case's account, as for who is not there."""
    if username is None:
        return None
    agent = agents.find(session, username)
    if agent is None or agent.disabled_at or not _answers(session, agent, case):
        raise NotFound(f"There is no agent {username} who answers for this account.")
    return agent


def _answers(session: Session, agent: Agent, case: Case) -> bool:
    return permissions.reach(session, agent).may(Verb.WRITE_DRAFT, case.account_id)


def _message(message: Message) -> MessageShown:
    return MessageShown(**message.model_dump() | {"text": exposure.shown(message), "ours": message.ours})


def _onward(end: Place | None) -> str | None:
    return cursor(end.at, end.case_id, end.exposed, end.due_at) if end else None


def _end(last: Message | None) -> str | None:
    return cursor(last.sent_at, last.id or 0) if last else None
