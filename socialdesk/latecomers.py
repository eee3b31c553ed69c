"""What somebody is told who comes too late: the reply is not what he took it for any more."""

from __future__ import annotations

from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark

# By the reply's state.
_ALREADY = {
    "draft": mark("This reply is a draft again."),
    "approved": mark("This reply is approved already."),
    "sending": mark("This reply is sending already."),
    "unknown": mark("This reply is unknown already."),
    "sent": mark("This reply is sent already."),
    "held": mark("This reply is held already."),
    "cancelled": mark("This reply is cancelled already."),
}


def already(state: str) -> str:
    return _(_ALREADY[state])


def too_late(state: str, there: str | None) -> str:
    """To take it back; `there` says how much of it is on X."""
    if state == "sent":
        return _("Too late: this reply is sent already.")
    if state == "cancelled":
        return _("Too late: this reply is cancelled already.")
    return " ".join(filter(None, (_("Too late: this reply is on its way to X."), there)))


def done_with(*, approved: bool) -> str:
    """Of a cancelled reply, or of a draft that was discarded."""
    if approved:
        return _("This reply was approved and taken back: write it anew if it is still wanted.")
    return _("This draft was discarded: write it anew if it is still wanted.")


def overtaken(*, came: bool, went: bool, elsewhere: bool = False) -> str | None:
    """Of a draft that was begun before the customer's last words came, or before our last answer went: from
    this desk, or from `elsewhere`."""
    if came:
        return _("The customer has written again since this draft was begun: read it first.")
    if went:
        return _("This case has been answered since this draft was begun: read the answer first.")
    if elsewhere:
        return _("Somebody has answered in X's own app since this draft was begun: read that first.")
    return None


def since_approved(
    *, came: bool, went: bool = False, elsewhere: bool = False, edited: bool = False
) -> str | None:
    """The same of a reply that was approved and has not left."""
    if came:
        return _(
            "The customer has written again since this was approved:"
            " read that first, then send this again or change it."
        )
    if went:
        return _(
            "This case has been answered since this was approved:"
            " read that first, then send this again or change it."
        )
    if elsewhere:
        return _(
            "Somebody has answered in X's own app since this was approved:"
            " read that first, then send this again or change it."
        )
    if edited:
        return _(
            "The customer has edited the post since this was approved:"
            " read that first, then send this again or change it."
        )
    return None
