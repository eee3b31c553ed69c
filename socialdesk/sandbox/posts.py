"""A public post, and what X adds to it when it answers another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from socialdesk.sandbox.wording import Wording

LEADING_HANDLES = re.compile(r"(?:@\w{1,15}\s+)*(?:@\w{1,15}(?=\s|$))?", re.ASCII)


@dataclass(frozen=True)
class Post:
    id: str
    author_id: str
    text: str
    """The author's words after the handles carried over from the thread, before X escapes or shortens."""
    created_at: datetime
    listed_at: datetime
    """From when timelines and search show it; looking it up by its id works at once."""
    conversation_id: str
    wording: Wording
    lang: str = "und"
    in_reply_to: str | None = None
    in_reply_to_user_id: str | None = None
    quoted: str | None = None
    first_version: str = ""
    """The id it was first published under; an edit keeps this and gets an id of its own."""
    reply_settings: str = "everyone"
    given_text: str = ""
    """What was typed or sent, without the carried handles: what X compares to find duplicates."""


def carried_handles(given: str, thread: list[str], own: str) -> str:
    """The handles X puts before an answer, each followed by a space.

    Everybody in the thread but the author, save those whom the author typed at the front already.
    """
    typed = {handle.lower() for handle in re.findall(r"@(\w+)", leading_handles(given))} | {own.lower()}
    carried = list(dict.fromkeys(handle for handle in thread if handle.lower() not in typed))
    return "".join(f"@{handle} " for handle in carried)


def leading_handles(text: str) -> str:
    """The handles at the front with the spaces between them, or nothing."""
    match = LEADING_HANDLES.match(text)
    return match.group() if match else ""
