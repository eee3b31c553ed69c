"""Guard against signs that nobody sees and that make a text read otherwise than it is stored."""

from __future__ import annotations

from functools import lru_cache

from socialdesk.guards.objection import Kind, Objection, Remedy, Severity
from socialdesk.guards.wording import KEPT
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.templating import hidden


def visible(text: str) -> str:
    """The text without them."""
    return hidden.without(text)


def invisible(text: str, customer_name: str = "") -> Objection | None:
    """What a customer calls himself was made harmless by the template that has it."""
    if customer_name:
        text = text.replace(customer_name, "")
    found = _hidden(text)
    if not found:
        return None
    told = (
        mark(
            "There are invisible signs in the text that turn the order of its letters (%(signs)s):"
            " they have to be taken out."
        )
        if hidden.turns(found)
        else mark("There are signs in the text that nobody can see (%(signs)s): they have to be taken out.")
    )
    return Objection(Kind.INVISIBLE, Severity.BLOCKS, _(told, signs=hidden.named(found)), Remedy.STRIP)


_hidden = lru_cache(maxsize=KEPT)(hidden.find)
