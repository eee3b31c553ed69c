"""X's refusals in words that an agent can act on.

The shapes seen: RFC 7807 problems, the same inside `errors`, and v1.1's code and message.
"""

from __future__ import annotations

from typing import Any

import requests

from socialdesk.errors import OriginalGone, Refused

_DEFINITE = (400, 403, 404, 422)
_ORIGINAL_GONE = "deleted or not visible"
# X's own words (left) are matched in lower case; the first that fits is told.
_MEANINGS = (
    ("duplicate content", "X has the very same text from us already."),
    (
        "have not been mentioned or otherwise engaged",
        "X lets us answer only people who mentioned us in that post:"
        " answer a post of theirs that names us, or write a direct message.",
    ),
    (_ORIGINAL_GONE, "The post that this answers was deleted or is not visible to us any more."),
    (
        "cannot send messages to this user",
        "This person does not receive direct messages from us: answer in public.",
    ),
    ("blocked", "This person has blocked us."),
    ("suspended", "An account that this needs is suspended on X."),
    ("too long", "The text is longer than X allows."),
)


def is_definite(response: requests.Response) -> bool:
    """Whether X certainly did nothing: it understood, refused, and said so in JSON."""
    return response.status_code in _DEFINITE and isinstance(_body(response), dict)


def refusal(response: requests.Response) -> Refused:
    """The error that an answer of that kind means."""
    gone = _ORIGINAL_GONE in _said(_body(response)).lower()
    return (OriginalGone if gone else Refused)(reason(response))


def reason(response: requests.Response) -> str:
    """One sentence for the agent; X's own when none of ours fits."""
    said = _said(_body(response))
    meaning = next((ours for theirs, ours in _MEANINGS if theirs in said.lower()), None)
    return meaning or f"X refused this: {said or response.status_code}"[:500]


def blocked(status: int) -> str:
    if status == requests.codes.payment_required:
        return "X's credits for this account are used up: buy more, then it goes on by itself."
    return "X does not accept this account's keys: check them and `socialdesk doctor`."


def _body(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _said(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    for part in (body, first):
        for name in ("detail", "message", "title"):
            if isinstance(part.get(name), str):
                return str(part[name])
    return ""
