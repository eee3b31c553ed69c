"""Merging a case with another of the customer's, splitting it at a message, and undoing both."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from socialdesk import cases
from socialdesk.api.access import Caller, may
from socialdesk.api.cases import CaseShown, now
from socialdesk.api.paging import LARGEST_ID, RowId
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.strictness import Asked
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope
from socialdesk.placing import merging

router = APIRouter(tags=["cases"])
Merger = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.MERGE))]


class Merge(Asked):
    """`other` is another case of the same customer with the same account."""

    other: int = Field(ge=1, le=LARGEST_ID)


class Split(Asked):
    """`message` is one of the customer's, and not the case's first."""

    message: int = Field(ge=1, le=LARGEST_ID)


@router.post("/cases/{case_id}/merging", responses=documented(404, 409, *WITH_A_BODY))
def merge(caller: Merger, case_id: RowId, wanted: Merge) -> CaseShown:
    """The older of the two, in which everything is now; the newer one leads to it by `merged_into_id`."""
    with caller.database.transaction() as session:
        by = caller.acting(cases.find(session, case_id))
        older, _newer = merging.merge(session, case_id, wanted.other, by=by)
        return now(session, older)


@router.post("/cases/{case_id}/unmerging", responses=documented(404, 409))
def unmerge(caller: Merger, case_id: RowId) -> CaseShown:
    """The newer case has its own again; only what an agent merged, and not the placement."""
    with caller.database.transaction() as session:
        case = cases.find(session, case_id)
        merging.unmerge(session, case_id, by=caller.acting(case))
        return now(session, case)


@router.post("/cases/{case_id}/splitting", status_code=201, responses=documented(404, 409, *WITH_A_BODY))
def split(caller: Merger, case_id: RowId, wanted: Split) -> CaseShown:
    """The new case, which begins with that message and has all after it."""
    with caller.database.transaction() as session:
        by = caller.acting(cases.find(session, case_id))
        return now(session, merging.split(session, case_id, wanted.message, by=by))


@router.post("/cases/{case_id}/rejoining", responses=documented(404, 409))
def rejoin(caller: Merger, case_id: RowId) -> CaseShown:
    """The case that this one was split from, in which everything is again."""
    with caller.database.transaction() as session:
        by = caller.acting(cases.find(session, case_id))
        older, _newer = merging.rejoin(session, case_id, by=by)
        return now(session, older)
