"""Whether a post's author has summoned us: X lets a self-serve app answer nobody else in public.

The author has to mention us in that very post, or quote one of ours. The names that X carries along from
the thread are in `entities` too, but before the part of the text that is shown (`display_text_range`).
Whether X counts those is not written down anywhere; what it does not tell is not held against a post.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socialdesk.messages import Unrepliable


def why_not(fields: Mapping[str, Any], our_x_id: str) -> Unrepliable | None:
    """None for a post that X lets us answer, as far as the post tells."""
    if _quotes(fields):
        return None
    mentions = _mentions(fields)
    if mentions is None:
        return None
    ours = [each for each in mentions if str(each.get("id", our_x_id)) == our_x_id]
    if not ours:
        return Unrepliable.NOT_MENTIONED
    begin = _shown_from(fields)
    return None if any(_starts(each) >= begin for each in ours) else Unrepliable.CARRIED_OVER


def _mentions(fields: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Everybody whose name is in the post, also in the part that `text` has not; None when it is not told.

    X leaves out what is empty, so a post without entities mentions nobody: but only if it answers another,
    for otherwise nothing would have brought it here.
    """
    parts = (fields, fields.get("note_tweet"), fields.get("note_post"))
    told = [part["entities"] for part in parts if isinstance(part, Mapping) and "entities" in part]
    if not all(isinstance(each, Mapping) for each in told):
        return None
    lists = [each.get("mentions") for each in told]
    found = [each for some in lists if isinstance(some, list) for each in some if isinstance(each, Mapping)]
    return found or ([] if "display_text_range" in fields else None)


def _shown_from(fields: Mapping[str, Any]) -> int:
    """Where the text begins that readers see; 0 when X does not tell."""
    told = fields.get("display_text_range")
    whole = isinstance(told, Sequence) and len(told) == 2 and isinstance(told[0], int)
    return told[0] if whole and told is not None else 0


def _starts(mention: Mapping[str, Any]) -> int:
    start = mention.get("start")
    return start if isinstance(start, int) else 0


def _quotes(fields: Mapping[str, Any]) -> bool:
    references = fields.get("referenced_tweets") or fields.get("referenced_posts")
    some = references if isinstance(references, list) else []
    return any(isinstance(each, Mapping) and each.get("type") == "quoted" for each in some)
