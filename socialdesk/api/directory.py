"""What cases name by row id, or are looked for by: accounts, agents, tags; and how many cases lists have."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from socialdesk import accounts
from socialdesk.api.cases import Reader
from socialdesk.api.paging import LARGEST_ID, Cursor, Limit, Page, after_name, name_before
from socialdesk.api.problems import documented
from socialdesk.casework import tagging
from socialdesk.people import permissions
from socialdesk.worklists import queues
from socialdesk.worklists.queues import MOST_COUNTED, Cases

router = APIRouter(tags=["directory"])


class AccountShown(BaseModel):
    """One of ours on X, which the agent works for."""

    id: int
    handle: str
    x_id: str | None


class AgentShown(BaseModel):
    """Somebody who works, or has worked, for one of the same accounts."""

    id: int
    username: str
    name: str
    disabled_at: datetime | None


class TagKnown(BaseModel):
    id: int
    name: str
    cases: int = Field(description="Of those that the agent may see.")


class ListShown(BaseModel):
    list: Cases
    cases: int = Field(description=f"Of what is due soon, {MOST_COUNTED} at most.")


@router.get("/accounts", responses=documented())
def list_accounts(caller: Reader) -> Page[AccountShown]:
    """By their handles."""
    with caller.database.reading() as session:
        found = accounts.all_of(session)
    seen = [each for each in found if caller.accounts is None or each.id in caller.accounts]
    names = set(AccountShown.model_fields)
    return Page(items=[AccountShown(**each.model_dump(include=names)) for each in seen], next=None)


@router.get("/agents", responses=documented())
def list_agents(caller: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[AgentShown]:
    """By their user names."""
    behind = name_before(cursor) if cursor else ""
    with caller.database.reading() as session:
        known = permissions.colleagues(session, caller.accounts)
    found = sorted((each for each in known if each.username > behind), key=lambda each: each.username)
    names = set(AgentShown.model_fields)
    items = [AgentShown(**each.model_dump(include=names)) for each in found[:limit]]
    return Page(items=items, next=after_name(items[-1].username) if len(found) > limit else None)


@router.get("/tags", responses=documented())
def list_tags(caller: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[TagKnown]:
    """By their names; whoever works for some accounts is told those that are on their cases."""
    behind = name_before(cursor) if cursor else ""
    with caller.database.reading() as session:
        known = [row for row in tagging.known(session) if row[1] or caller.accounts is None]
    found = sorted((row for row in known if row[0].folded > behind), key=lambda row: row[0].folded)
    items = [TagKnown(id=tag.id or 0, name=tag.name, cases=cases) for tag, cases in found[:limit]]
    return Page(items=items, next=after_name(found[limit - 1][0].folded) if len(found) > limit else None)


@router.get("/lists", responses=documented())
def count_lists(
    caller: Reader,
    account: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Of ours.")] = None,
) -> Page[ListShown]:
    """How many cases there are in each of the queue's lists."""
    agent, seen = caller.agent.id, caller.accounts
    with caller.database.reading() as session:
        found = queues.numbers(session, Cases.WAITING, account=account, agent=agent, accounts=seen)
    return Page(items=[ListShown(list=each, cases=found.by_list[each]) for each in Cases], next=None)
