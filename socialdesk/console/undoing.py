"""One click, or the key u, undoes what an agent has just done to a case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import RedirectResponse, Response

from socialdesk import cases
from socialdesk.casework import undoing
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.errors import BadInput, Conflict, NotAllowed
from socialdesk.replying import taking_back

router = APIRouter()
EventId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.post("/cases/{case_id}/events/{event_id}/undoing")
def undo(visit: Admitted, case_id: RowId, event_id: EventId, came_from: CameFrom = "") -> Response:
    """Back to the case as it was, or its page with why that can't be. The words of a note that is taken back
    are in the box of who wrote it."""
    try:
        with visit.database.transaction() as session:
            event = undoing.find(session, case_id, event_id, by=visit.agent)
            if event.kind == taking_back.CANCELLED:
                case = cases.hold(session, case_id)
                taking_back.restore(session, case, event.details["reply"], by=visit.agent)
            else:
                undoing.undo(session, case_id, event_id, by=visit.agent)
    except (Conflict, BadInput, NotAllowed) as error:  # another's doing is no door: who pressed meant his own
        status = 422 if isinstance(error, BadInput) else 409
        return page(visit, case_id, Asked(came_from, problem=error), status=status)
    return RedirectResponse(address(case_id, came_from, "undone"), 303)
