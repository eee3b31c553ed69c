"""X's refusals in words that an agent can act on.

The shapes seen: RFC 7807 problems, the same inside `errors`, and v1.1's code and message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from socialdesk.errors import Duplicate, OriginalGone, Refused, Remedy
from socialdesk.phrases import mark

_DEFINITE = (400, 403, 404, 422)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a refusal means that says `theirs`, in lower case."""

    theirs: str
    ours: str
    remedy: Remedy
    error: type[Refused] = Refused


# The first that fits is told.
_MEANINGS = (
    _Meaning("duplicate content", mark("X has the very same text from us already."), Remedy.EDIT, Duplicate),
    _Meaning(
        "have not been mentioned or otherwise engaged",
        mark(
            "X lets us answer only people who mentioned us in that post:"
            " answer in the X app, answer a post of theirs that names us, or write a direct message."
        ),
        Remedy.OPEN_ON_X,
    ),
    _Meaning(
        "deleted or not visible",
        mark("The post that this answers was deleted or is not visible to us any more."),
        Remedy.DM,
        OriginalGone,
    ),
    _Meaning(
        "cannot send messages to this user",
        mark("This person does not receive direct messages from us: answer in public."),
        Remedy.EDIT,
    ),
    _Meaning(
        "permission to dm",
        mark("This person does not receive direct messages from us: answer in public."),
        Remedy.EDIT,
    ),
    _Meaning("blocked", mark("This person has blocked us."), Remedy.OPEN_ON_X),
    _Meaning("suspended", mark("An account that this needs is suspended on X."), Remedy.OPEN_ON_X),
    _Meaning("too long", mark("The text is longer than X allows."), Remedy.EDIT),
)


def is_definite(response: requests.Response) -> bool:
    """Whether X certainly did nothing: it understood, refused, and said so in JSON."""
    return response.status_code in _DEFINITE and isinstance(_body(response), dict)


def refusal(response: requests.Response) -> Refused:
    """The error that an answer of that kind means."""
    said = _said(_body(response))
    meaning = next((each for each in _MEANINGS if each.theirs in said.lower()), None)
    if meaning is None:  # in X's own words
        return Refused((mark("X refused this: %(why)s") % {"why": said or response.status_code})[:500])
    return meaning.error(meaning.ours, remedy=meaning.remedy)


def blocked(status: int) -> str:
    if status == requests.codes.payment_required:
        return mark("X's credits for this account are used up: buy more, then it goes on by itself.")
    return mark("X does not accept this account's keys: check them and `socialdesk doctor`.")


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
