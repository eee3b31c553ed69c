"""Putting a case aside until a moment, and waking it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from socialdesk.api.access import Caller, may
from socialdesk.api.cases import CaseShown, change
from socialdesk.api.paging import RowId
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.strictness import Asked
from socialdesk.casework import snoozing
from socialdesk.people.permissions import Verb
from socialdesk.people.tokens import Scope

router = APIRouter(tags=["cases"])
Snoozer = Annotated[Caller, Depends(may(Scope.CASES_WRITE, Verb.SNOOZE))]


class Snooze(Asked):
    """With the moment's offset from UTC."""

    until: AwareDatetime


@router.post("/cases/{case_id}/snoozing", responses=documented(404, *WITH_A_BODY))
def snooze(caller: Snoozer, case_id: RowId, told: Snooze) -> CaseShown:
    """Not one that is resolved; a second time moves the moment."""
    return change(caller, case_id, lambda _, case, by: snoozing.snooze(case, told.until, by=by))


@router.post("/cases/{case_id}/waking", responses=documented(404, 409))
def wake(caller: Snoozer, case_id: RowId) -> CaseShown:
    return change(caller, case_id, lambda _, case, by: snoozing.wake(case, by=by))
