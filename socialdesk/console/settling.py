"""A reply of which nobody knows whether it is on X, settled by an agent who has looked there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from socialdesk import replies
from socialdesk.accounts import Account
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.case import Asked, CameFrom, RowId, address, page
from socialdesk.errors import AlreadyDone, BadInput, Conflict, DeskError
from socialdesk.phrases import gettext as _
from socialdesk.replying import settling
from socialdesk.replying.settling import Doubt
from socialdesk.x.links import post_at

router = APIRouter()
LONGEST_ADDRESS = 500
Part = Annotated[int, Form(ge=1, le=LARGEST_ID)]
Attempt = Annotated[int, Form(ge=1, le=LARGEST_ID)]


@router.post("/replies/{reply_id}/sighting")
def is_there(
    visit: Admitted,
    reply_id: RowId,
    part: Part,
    attempt: Attempt,
    post: Annotated[str, Form(max_length=LONGEST_ADDRESS)] = "",
    came_from: CameFrom = "",
) -> Response:
    """It was posted: at that address, or, without one, as words that the desk has read from X since."""

    def settle(session: Session) -> None:
        account = session.get_one(Account, replies.find(session, reply_id).account_id)
        web_url = visit.desk.settings.x.web_url
        found = post_at(post, ours=account.handle, web_url=web_url) if post.strip() else None
        settling.is_there(session, reply_id, Doubt(part, attempt), post=found, by=visit.agent)

    return _settled(visit, reply_id, Asked(came_from, done="on_x", sighting=reply_id, sighted=post), settle)


@router.post("/replies/{reply_id}/resending")
def is_missing(
    visit: Admitted,
    reply_id: RowId,
    part: Part,
    attempt: Attempt,
    looked: Annotated[bool, Form()] = False,
    came_from: CameFrom = "",
) -> Response:
    """It was not posted, which the agent has `looked` for: it is sent again."""

    def settle(session: Session) -> None:
        if not looked:
            raise BadInput(_("Look on X first, and say that you have: else the customer may be told twice."))
        sending = visit.desk.settings.sending
        settling.is_missing(session, reply_id, Doubt(part, attempt), sending=sending, by=visit.agent)

    return _settled(visit, reply_id, Asked(came_from, done="missing"), settle)


def _settled(visit: Visit, reply_id: int, asked: Asked, settle: Callable[[Session], None]) -> Response:
    """Back to the case, or its page with what was told and what was found out meanwhile."""
    with visit.database.reading() as session:
        case_id = replies.find(session, reply_id).case_id
    try:
        with visit.database.transaction() as session:
            settle(session)
    except (BadInput, Conflict) as error:
        problem: DeskError = error
    except IntegrityError:  # the same post was told of another reply, or read from X, in this very moment
        problem = AlreadyDone(_("This was settled meanwhile: it is on X."))
    else:
        return RedirectResponse(address(case_id, asked.came_from, asked.done), 303)
    status = 409 if isinstance(problem, Conflict) else 422
    return page(visit, case_id, replace(asked, done="", problem=problem), status=status)
