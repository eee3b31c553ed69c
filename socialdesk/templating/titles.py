"""What the texts of the library are called at the desk, where nobody has files before him."""

from __future__ import annotations

from socialdesk import languages
from socialdesk.phrases import bare
from socialdesk.phrases import gettext as _
from socialdesk.templating.catalog import Catalog, Key


def of_template(catalog: Catalog, template: str) -> str:
    """In the reader's language; one that is not in the catalog has its id alone."""
    return next((bare(each.title) for each in catalog.templates if each.id == template), template)


def of_text(catalog: Catalog, key: Key) -> str:
    """The same with its language: “Thanks for the kind words” in German."""
    known = key.language in catalog.languages
    named = languages.name_of(key.language) if known else key.language
    # To translate: a reply template's text in one language, within a sentence.
    return _("“%(title)s” in %(language)s", title=of_template(catalog, key.template), language=named)
