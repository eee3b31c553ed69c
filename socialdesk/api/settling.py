"""A reply of which nobody knows whether it is on X, settled by whoever has looked there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from socialdesk import cases, parts, replies
from socialdesk.accounts import Account
from socialdesk.api.access import Caller
from socialdesk.api.paging import LARGEST_ID, RowId
from socialdesk.api.problems import WITH_A_BODY, documented
from socialdesk.api.replies import Approver, Reader, ReplyShown, after
from socialdesk.api.strictness import Asked
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.parts import ReplyPart
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply
from socialdesk.replying import settling
from socialdesk.replying.settling import Doubt
from socialdesk.x.links import post_at

router = APIRouter(tags=["replies"])
LONGEST_ADDRESS = 500
Number = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class PartShown(BaseModel):
    """One post, or direct message, that the reply leaves as."""

    number: int
    text: str
    x_id: str | None = Field(description="Null while it is not on X.")
    sent_at: datetime | None
    attempt: int | None = Field(
        description="Of the part of which nobody knows whether it is on X: how often it was tried."
    )


class PartsShown(BaseModel):
    """In their order; none of a draft."""

    items: list[PartShown]


class Sighting(Asked):
    """`part` and `attempt` are those that were read in the reply's parts. `post` is the address of a public
    one, with our handle in it; without it the desk has to have read these words from X."""

    part: Number
    attempt: Number
    post: str | None = Field(None, min_length=1, max_length=LONGEST_ADDRESS)


class Resending(Asked):
    """`looked` has to be true: else the customer may be told twice."""

    part: Number
    attempt: Number
    looked: bool


@router.get("/replies/{reply_id}/parts", responses=documented(404))
def list_parts(caller: Reader, reply_id: RowId) -> PartsShown:
    """What the reply leaves as, and which of it is on X."""
    with caller.database.reading() as session:
        reply = replies.find(session, reply_id)
        row = parts.of_reply(session, reply_id)
        doubted = parts.due(row) if settling.may_be_found(reply) else None
        return PartsShown(items=[_part(each, reply.attempts if each is doubted else None) for each in row])


@router.post("/replies/{reply_id}/sighting", responses=documented(404, 409, *WITH_A_BODY))
def is_there(caller: Approver, reply_id: RowId, told: Sighting) -> ReplyShown:
    """It was posted: at that address, or, without one, as words that the desk has read from X since."""

    def settle(session: Session, reply: Reply, by: Agent) -> None:
        post = None
        if told.post is not None:
            account = session.get_one(Account, reply.account_id)
            post = post_at(told.post, ours=account.handle, web_url=caller.desk.settings.x.web_url)
        settling.is_there(session, reply_id, Doubt(told.part, told.attempt), post=post, by=by)

    return _settled(caller, reply_id, settle)


@router.post("/replies/{reply_id}/resending", responses=documented(404, 409, *WITH_A_BODY))
def is_missing(caller: Approver, reply_id: RowId, told: Resending) -> ReplyShown:
    """It was not posted, which somebody has looked for: it is sent again, as it was approved."""

    def settle(session: Session, _: Reply, by: Agent) -> None:
        if not told.looked:
            raise BadInput("Look on X first, and say so with `looked`: else the customer may be told twice.")
        doubt = Doubt(told.part, told.attempt)
        settling.is_missing(session, reply_id, doubt, sending=caller.desk.settings.sending, by=by)

    return _settled(caller, reply_id, settle)


def _settled(caller: Caller, reply_id: int, settle: Callable[[Session, Reply, Agent], None]) -> ReplyShown:
    try:
        with caller.database.transaction() as session:
            reply = replies.find(session, reply_id)
            settle(session, reply, caller.acting(cases.hold(session, reply.case_id)))
            return after(session, reply)
    except IntegrityError as error:  # the same post was told of another reply, or read, in this very moment
        raise AlreadyDone("This was settled meanwhile: it is on X.") from error


def _part(part: ReplyPart, attempt: int | None) -> PartShown:
    return PartShown(**part.model_dump(include={"number", "text", "x_id", "sent_at"}), attempt=attempt)
