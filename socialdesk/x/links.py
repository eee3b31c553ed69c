"""The addresses at which X shows posts, read back."""

from __future__ import annotations

from datetime import datetime

import regex

from socialdesk.errors import BadInput
from socialdesk.phrases import gettext as _
from socialdesk.x.ids import is_id, made_at

# With the host as people copy it; /i/ and /i/web/ name nobody, so that they could be anybody's post.
_POST = regex.compile(
    r"(?:https?://)?(?:(?:www|mobile)\.)?(?:x|twitter)\.com"
    r"/(?P<handle>[a-z0-9_]{1,15}|i/web)/status(?:es)?/(?P<id>[0-9]{1,19})(?:[/?#].*)?",
    regex.IGNORECASE,
)
_NOBODYS = ("i", "i/web")
_X = "https://x.com"


def post_at(told: str, *, ours: str, web_url: str = _X) -> tuple[str, datetime]:
    """X's id of our post, and the moment it was made in, by its address.

    `ours` is our handle; `web_url` is where else links to posts lead, as the settings say. Raises BadInput,
    also for an address that does not say whose post it is.
    """
    told = told.strip()
    found = _POST.fullmatch(_X + told[len(web_url) :] if told.startswith(f"{web_url}/") else told)
    whose = found["handle"].lower() if found else ""
    if is_id(told) or whose in _NOBODYS:
        raise BadInput(
            _("That does not say whose post it is: copy its whole address, with our handle in it.")
        )
    if found is None or not is_id(found["id"]):
        raise BadInput(_("That is no address of a post on X."))
    if whose != ours.lower():
        raise BadInput(_("That is a post of @%(handle)s, not one of ours.", handle=found["handle"]))
    return found["id"], made_at(found["id"])
