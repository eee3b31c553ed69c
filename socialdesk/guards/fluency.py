"""A guard of what somebody writes in public in a language that he only reads, or does not know."""

from __future__ import annotations

from socialdesk.guards.objection import Kind, Objection, Remedy, Severity
from socialdesk.languages import LANGUAGES, name_of
from socialdesk.phrases import gettext as _


def unskilled(author: str | None, language: str) -> Objection | None:
    """`author` is the name of who wrote it and is not known to write the language; None when he is, when
    nothing is known of him, or when the words are a template's."""
    if author is None or language not in LANGUAGES:
        return None
    words = _(
        "%(name)s is not known to write %(language)s, and everybody would read this: take a template's own"
        " words, or have it approved by somebody who writes %(language)s; a supervisor may let it go.",
        name=author,
        language=name_of(language),
    )
    return Objection(Kind.FLUENCY, Severity.SUPERVISOR, words, Remedy.ASK_SUPERVISOR)
