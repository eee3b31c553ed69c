"""Browsers tell here that somebody looks at a case, writes in it, or has left it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from fastapi.responses import Response

from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.worklists import presence

router = APIRouter()
Doing = Literal["looking", "writing", "gone"]


@router.post("/cases/{case_id}/presence")
def tell(
    visit: Admitted, case_id: Annotated[int, Path(ge=1, le=LARGEST_ID)], doing: Annotated[Doing, Form()]
) -> Response:
    writing = doing == "writing"
    with visit.database.reading() as session:
        noted = doing != "gone" and presence.is_noted(session, case_id, visit.agent, writing=writing)
    if not noted:
        _write(visit, case_id, doing)
    return Response(status_code=204)


def _write(visit: Visit, case_id: int, doing: Doing) -> None:
    with visit.database.transaction(durable=False) as session:
        if doing == "gone":
            presence.leave(session, case_id, visit.agent)
        else:
            presence.note(session, case_id, visit.agent, writing=doing == "writing")
