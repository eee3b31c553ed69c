"""What a reply text comes out as once it is filled, and why that could never be sent."""

from __future__ import annotations

from functools import lru_cache

from socialdesk.fitting.cashtags import find_cashtags
from socialdesk.phrases import mark
from socialdesk.templating import hidden, leftovers
from socialdesk.templating.catalog import Catalog
from socialdesk.templating.wording import Wording

_KEPT = (
    2_000  # texts of which it is known: nearly all of a library are the same each time that it is looked at
)

# To translate: %(text)s is a text, such as “Thanks for the kind words” in German.
_EMPTY = mark("%(text)s comes out empty for some customers: there would be nothing to send.")
_OPEN = mark("%(text)s could never be sent: “%(found)s” stands for something that nobody fills in.")
_HIDDEN = mark("%(text)s could never be sent: it has signs that nobody can see (%(found)s).")
_CASHTAGS = mark("%(text)s could never be sent: X takes at most one cashtag in a post, and it has %(found)s.")

_Values = tuple[tuple[str, str], ...]


def never_sent(wording: Wording, visibility: str, catalog: Catalog) -> tuple[str, str] | None:
    """A marked sentence and what is found in the text, when the guards would hold it back whoever answers.

    Looked at with the longest values, with the examples, and with nothing known of the customer; what agents
    fill in is never empty. Raises TemplateError where a value is wrong or too much comes out.
    """
    by_desk = [name for name, variable in catalog.variables.items() if variable.filled_by == "desk"]
    every = (catalog.longest, catalog.examples, catalog.examples | dict.fromkeys(by_desk, ""))
    used = tuple(tuple((name, values[name]) for name in sorted(wording.variables)) for values in every)
    return _never_sent(wording, visibility, used)


@lru_cache(maxsize=_KEPT)
def _never_sent(wording: Wording, visibility: str, every: tuple[_Values, ...]) -> tuple[str, str] | None:
    found = (_against(wording.render(dict(values)), visibility) for values in dict.fromkeys(every))
    return next(filter(None, found), None)


def _against(text: str, visibility: str) -> tuple[str, str] | None:
    if not text:
        return _EMPTY, ""
    if gap := leftovers.gap(text):
        return _OPEN, gap
    if signs := hidden.find(text):
        return _HIDDEN, hidden.named(signs)
    if visibility == "public" and len(cashtags := find_cashtags(text)) > 1:
        return _CASHTAGS, ", ".join(cashtags)
    return None
