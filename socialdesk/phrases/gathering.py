"""Gathers the sentences of the code and the pages into the files of translations: `make phrases`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from socialdesk.phrases import FOLDER

ROOT = FOLDER.parent.parent
_TEMPLATES = ROOT / "replies" / "catalog.toml"
_RULES = ROOT / "replies" / "rules.toml"
_KEYWORDS = {**DEFAULT_KEYWORDS, "mark": None}
_PAGES = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
_PAGES["newstyle_gettext"] = "true"  # a % is written twice in the sentence, as where it is told
_PLACES: tuple[tuple[Path, list[tuple[str, str]], dict[str, dict[str, str]]], ...] = (
    (ROOT / "socialdesk", [("**.py", "python")], {}),
    (ROOT / "templates", [("**.html", "jinja2")], {"**.html": _PAGES}),
)


def gathered() -> Catalog:
    """Every sentence there is, without a translation, in the files' order; then the library's titles."""
    catalog = Catalog()
    for folder, methods, options in _PLACES:
        found = extract_from_dir(folder, methods, options, keywords=_KEYWORDS, comment_tags=["To translate:"])
        for file, _line, sentence, comments, _context in sorted(found, key=lambda each: (each[0], each[1])):
            place = str((folder / file).relative_to(ROOT))
            catalog.add(sentence, locations=[(place, 0)], auto_comments=comments)
    for title in _titles():
        catalog.add(title, locations=[(str(_TEMPLATES.relative_to(ROOT)), 0)])
    for rule in tomllib.loads(_RULES.read_text())["rules"]:
        catalog.add(rule["title"], locations=[(str(_RULES.relative_to(ROOT)), 0)])
    return catalog


def _titles() -> list[str]:
    """Of the reply templates, which agents choose by them."""
    return [entry["title"] for entry in tomllib.loads(_TEMPLATES.read_text())["templates"]]


def translations(language: str) -> Catalog:
    """What is translated into that language; nothing when it has no file yet."""
    file = path(language)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def path(language: str) -> Path:
    return FOLDER / f"{language}.po"


def update(language: str) -> None:
    """Add what is new in the code to the language's file, and drop what is there no more."""
    catalog = translations(language)
    catalog.update(gathered(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    with path(language).open("wb") as opened:
        write_po(opened, catalog, width=110, omit_header=True, no_location=True)


if __name__ == "__main__":
    for file in sorted(FOLDER.glob("*.po")):
        update(file.stem)
