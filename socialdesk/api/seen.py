"""What a program says that it has read of a case: rows of that case, or it has read something else."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sqlmodel import Session, select

from socialdesk.api.paging import LARGEST_ID
from socialdesk.errors import NotFound
from socialdesk.messages import Message
from socialdesk.replies import Reply

MessageId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
ReplyId = Annotated[int, Field(ge=0, le=LARGEST_ID, description="0 when there was none.")]
XId = Annotated[
    str, Field(max_length=20, pattern=r"^[0-9]{1,20}$", description="Of that version of the answered post.")
]


def refuse_others(session: Session, case_id: int, *, message_id: int, reply_id: int | None) -> None:
    """Raises NotFound: with the ids of another case's rows whatever came since would count as read."""
    message = select(Message.id).where(Message.id == message_id, Message.case_id == case_id)
    if session.exec(message).first() is None:
        raise NotFound(f"There is no message {message_id} in case {case_id}.")
    reply = select(Reply.id).where(Reply.id == reply_id, Reply.case_id == case_id)
    if reply_id and session.exec(reply).first() is None:
        raise NotFound(f"There is no reply {reply_id} in case {case_id}.")
