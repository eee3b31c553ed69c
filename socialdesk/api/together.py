"""The same done to several cases at once, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from socialdesk import cases
from socialdesk.api.cases import Assigner
from socialdesk.api.paging import LARGEST_ID, RowId
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.strictness import Asked
from socialdesk.errors import BadInput, NotFound
from socialdesk.worklists import putting_back, together
from socialdesk.worklists.together import MOST, Act, Done, Wanted

router = APIRouter(tags=["cases"])
CaseId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Together(Asked):
    """`value` is the language, the topic or the tag where `act` is of one; `until` is for snoozing. To
    assign is to the token's agent."""

    act: Act
    cases: list[CaseId] = Field(min_length=1, max_length=MOST)
    value: str = Field("", max_length=200)
    until: AwareDatetime | None = None


class LeftOut(BaseModel):
    id: int
    why: str


class DoneShown(BaseModel):
    """`id` is what takes it back; null where nothing was changed."""

    id: int | None
    changed: int
    left_out: list[LeftOut] = Field(description="Cases that stay as they are.")


@router.post("/cases/together", responses=documented(404, 409, *WITH_A_BODY))
def carry_out(caller: Assigner, told: Together) -> DoneShown:
    """To all that it makes a difference to; the others are left out, each with the reason."""
    wanted = Wanted(told.act, told.value, _in_utc(told.until) if told.until else None)
    by, accounts = caller.reach.acting(caller.agent, caller.verb, None), caller.accounts
    with caller.database.transaction() as session:
        for case_id in told.cases:
            cases.find(session, case_id)
        foreseen = together.foresee(session, told.cases, wanted, by=by, accounts=accounts)
        stamps = {each.case.id or 0: each.stamp for each in foreseen}
        return _shown(together.carry_out(session, stamps, wanted, by=by, accounts=accounts))


@router.post("/cases/together/{change_id}/undoing", responses=documented(404, 409))
def undo(caller: Assigner, change_id: RowId) -> DoneShown:
    """Only by who did it; cases that have changed since stay as they are."""
    by = caller.reach.acting(caller.agent, caller.verb, None)
    with caller.database.transaction() as session:
        if together.made(session, change_id, by=by) is None:
            raise NotFound("There is nothing of that kind to take back.")
        return _shown(putting_back.undo(session, change_id, by=by))


def _in_utc(moment: datetime) -> datetime:
    """As it will be read back: whether something has changed since is told by that."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadInput("There is no such moment.") from None


def _shown(done: Done) -> DoneShown:
    left_out = [LeftOut(id=case_id, why=why) for case_id, why in done.left_out.items()]
    return DoneShown(id=done.change_id, changed=done.changed, left_out=left_out)
