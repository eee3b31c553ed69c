"""The addresses at which X shows posts, read back."""

from __future__ import annotations

from datetime import datetime

import regex

from socialdesk.errors import BadInput
from socialdesk.phrases import gettext as _
from socialdesk.x.ids import is_id, made_at

# With the host as people copy it; /i/ and /i/web/ name nobody.
_POST = regex.compile(
    r"(?:https?://)?(?:(?:www|mobile)\.)?(?:x|twitter)\.com"
    r"/(?:i|i/web|(?P<handle>[a-z0-9_]{1,15}))/status(?:es)?/(?P<id>[0-9]{1,19})(?:[/?#].*)?",
    regex.IGNORECASE,
)
_X = "https://x.com"


def post_at(told: str, *, ours: str, web_url: str = _X) -> tuple[str, datetime]:
    """X's id of our post, and the moment it was made in, by its address or by the id alone.

    `ours` is our handle; `web_url` is where else links to posts lead, as the settings say. Raises BadInput.
    """
    told = told.strip()
    if is_id(told):
        return told, made_at(told)
    found = _POST.fullmatch(_X + told[len(web_url) :] if told.startswith(f"{web_url}/") else told)
    if found is None or not is_id(found["id"]):
        raise BadInput(_("That is no address of a post on X, and no number of one."))
    if found["handle"] and found["handle"].lower() != ours.lower():
        raise BadInput(_("That is a post of @%(handle)s, not one of ours.", handle=found["handle"]))
    return found["id"], made_at(found["id"])
