"""A summary as the two halves of a mail: plain text, and HTML that needs nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from socialdesk.phrases import gettext as _
from socialdesk.summaries.telling import Figure, Part, Told

_PAGE = "summaries/mail.html"


def plain(told: Told) -> str:
    """Each line begins with a word, so that it runs the right way wherever it is shown."""
    links = [f"{sentence}:\n{address}" for sentence, address in told.links]
    blocks = [f"{told.subject}\n{told.intro}", *("\n".join(_lines(part)) for part in told.parts), *links]
    return "\n\n".join(blocks) + "\n"


def html(told: Told, templates: Path) -> str:
    """`templates` is the folder of the pages."""
    return _environment(templates).get_template(_PAGE).render(told=told)


def _lines(part: Part) -> Iterator[str]:
    yield part.title
    yield from (f"  {_line(figure)}" for figure in part.figures)
    yield from (f"  {sentence}" for sentence in part.sentences)


def _line(figure: Figure) -> str:
    if not figure.before:
        # To translate: a figure and what it is, such as Messages: 12.
        return _("%(name)s: %(value)s", name=figure.name, value=figure.value)
    return _(
        "%(name)s: %(value)s (the week before: %(before)s)",
        name=figure.name,
        value=figure.value,
        before=figure.before,
    )


@cache
def _environment(templates: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
