"""The pages: templates compiled once, and the files that browsers load beside them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from socialdesk.console import words

# Marks that say the same for the same word: drawn once each, not for every row of every page.
_DRAWN_ONCE = ("icon", "door", "language", "under_way", "badge")
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
        )
        self._environment.filters.update(words.FILTERS)
        self._environment.globals["static"] = static
        self._environment.globals.update(words.MARKS)
        marks = self._environment.get_template("_marks.html").module
        for name in _DRAWN_ONCE:
            mark = lru_cache(maxsize=256)(getattr(marks, name))
            self._environment.globals[name] = self._environment.filters[name] = mark
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def draw(self, picture: str, **shown: Any) -> str:
        """A picture that stands by itself, outside any page."""
        return self._environment.get_template(picture).render(**shown)

    def render(self, template: str, *, fragment: bool, **shown: Any) -> str:
        layout = "_fragment.html" if fragment else "_page.html"
        return self._environment.get_template(template).render(layout=layout, **shown)
