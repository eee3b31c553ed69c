"""How a reply text reads once its variables are filled, and how long it gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from socialdesk import fitting
from socialdesk.errors import DeskError
from socialdesk.messages import Visibility
from socialdesk.phrases import gettext as _
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library
from socialdesk.templating.parity import LONGEST_SIGN_OFF
from socialdesk.templating.wording import LONGEST_OUTPUT


@dataclass(frozen=True, slots=True)
class Preview:
    """`length` is in X's weighted characters with the sign-off in public, in plain ones in private."""

    title: str
    text: str
    length: int
    limit: int


def previews(library: Library, key: Key) -> list[Preview]:
    """None for a text that is missing or refused."""
    try:
        return list(_previews(library, key))
    except DeskError:
        return []


def _previews(library: Library, key: Key) -> Iterator[Preview]:
    """Raises NotFound or TemplateError for a text that cannot be rendered."""
    catalog = library.catalog
    yield _preview(library, key, _("With example values"), catalog.examples)
    used = library.texts[key].variables
    if used:
        yield _preview(library, key, _("With the longest values"), catalog.longest)
    known_to_desk = {name for name in used if catalog.variables[name].filled_by == "desk"}
    if known_to_desk:
        unknown = catalog.examples | dict.fromkeys(known_to_desk, "")
        yield _preview(library, key, _("With nothing known of the customer"), unknown)


def _preview(library: Library, key: Key, title: str, values: Mapping[str, str]) -> Preview:
    text = library.render(*key, values)
    if key.visibility == Visibility.PRIVATE:
        return Preview(title, text, len(text), LONGEST_OUTPUT)
    return Preview(
        title, text, fitting.weighted_length(fitting.signed(text, LONGEST_SIGN_OFF)), fitting.LIMIT
    )
