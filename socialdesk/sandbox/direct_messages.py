"""A direct message between two accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from socialdesk.sandbox.wording import Wording

KEPT_FOR = timedelta(days=30)
LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class DirectMessage:
    id: str
    conversation_id: str
    sender_id: str
    recipient_id: str
    text: str
    created_at: datetime
    wording: Wording


def conversation_between(one: str, other: str) -> str:
    """The id of a conversation of two: the smaller user id, a hyphen, the larger."""
    small, large = sorted((one, other), key=int)
    return f"{small}-{large}"


def other_participant(conversation_id: str, user_id: str) -> str | None:
    """Whom this user talks to in that conversation; None when the user is no part of it."""
    participants = conversation_id.split("-")
    if len(participants) != 2 or user_id not in participants:
        return None
    small, large = participants
    return large if user_id == small else small
