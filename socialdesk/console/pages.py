"""The pages: templates compiled once, and the files that browsers load beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from socialdesk import phrases
from socialdesk.console import words
from socialdesk.measures import count

# What says the same for the same words: drawn once each, not for every row of every page.
_DRAWN_ONCE = {
    "_marks.html": ("icon", "door", "language", "under_way", "badge", "checks", "from_list"),
    "queue/_sketch.html": ("sketch",),
    "queue/_line.html": ("line",),
    "queue/_lists.html": ("ways_to",),
    "queue/_together.html": ("together",),
    "case/_picks.html": ("picks", "options"),
    "approvals/_pieces.html": (
        "handle_of",
        "entry_head",
        "question",
        "parts_of",
        "answer",
        "verdict",
        "approving",
        "edit_link",
        "send_back",
    ),
    "languages/_cells.html": ("opens", "about"),
}
STATIC = Path(__file__).with_name("static")


def static_address() -> str:
    """Where the static files are: another place for each version of them, so that browsers may keep them
    forever; it is part of the path, not a query, so that modules importing each other stay together."""
    digest = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        digest.update(file.name.encode() + file.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


class Pages:
    """Every page of the console, ready to be rendered by all threads."""

    def __init__(self, folder: Path, static: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.policies["ext.i18n.trimmed"] = True
        self._environment.newstyle_gettext = True  # type: ignore[attr-defined]  # of the extension
        self._environment.globals.update(gettext=_told, _=_told, ngettext=_told_number)
        self._environment.globals["reader"] = phrases.reader
        self._environment.globals["locale"] = phrases.locale
        self._environment.filters.update(words.FILTERS)
        self._environment.globals["static"] = static
        self._environment.globals.update(words.MARKS)
        for template, names in _DRAWN_ONCE.items():
            drawn = self._environment.get_template(template).module
            for name in names:
                mark = _drawn_once(getattr(drawn, name))
                self._environment.globals[name] = self._environment.filters[name] = mark
        self._environment.globals["constant"] = _drawn_once(self._part)
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def draw(self, picture: str, **shown: Any) -> str:
        """A picture that stands by itself, outside any page."""
        return self._environment.get_template(picture).render(**shown)

    def _part(self, template: str) -> Markup:
        """A part of a page that says the same on every page."""
        return Markup(self._environment.get_template(template).render())  # noqa: S704  # escaped within

    def render(self, template: str, *, fragment: bool, **shown: Any) -> str:
        layout = "_fragment.html" if fragment else "_page.html"
        return self._environment.get_template(template).render(layout=layout, **shown)


def _told(sentence: str, /, **values: object) -> Markup:
    """A sentence of a page, as HTML. Jinja's own asks the page's context for each, which takes far longer."""
    if not values:
        return _whole(phrases.reader(), sentence)
    return _sentence(phrases.reader(), sentence) % values


def _told_number(one: str, many: str, number: int, /, **values: object) -> Markup:
    """The number as the reader writes it; a place that a script fills in stays one."""
    told = Markup(phrases.bare_number(one, many, number))  # noqa: S704  # sentences stand in the pages
    shown = {name: count(value) if type(value) is int else value for name, value in values.items()}
    return told % ({"num": number} | shown)


@lru_cache(maxsize=20_000)
def _whole(reader: str, sentence: str) -> Markup:
    """One without values: its percent signs stand for themselves."""
    return _sentence(reader, sentence) % {}


@lru_cache(maxsize=20_000)
def _sentence(_reader: str, sentence: str) -> Markup:
    """With the places of its values still in it."""
    return Markup(phrases.bare(sentence))  # noqa: S704


def _drawn_once(mark: Callable[..., str]) -> Callable[..., str]:
    """For each reader's language."""
    kept = lru_cache(maxsize=2048)(lambda _reader, *said, **named: mark(*said, **named))
    return lambda *said, **named: kept(phrases.reader(), *said, **named)
