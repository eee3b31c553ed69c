"""The reply templates in `replies/`: read once, checked, and rendered with plain values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from socialdesk import fitting
from socialdesk.catalog import Catalog, Key, TemplateEntry
from socialdesk.errors import NotFound, TemplateError
from socialdesk.wording import Wording, harmless

LONGEST_SIGN_OFF = " ^ABCD"  # the desk adds the agent's initials to a public reply

_UNWELCOME_IN_PUBLIC = re.compile(r"[@＠]\w|https?://|www\.", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one text; language and visibility are empty when it is the catalog that is wrong."""

    template: str
    language: str
    visibility: str
    text: str


@dataclass(frozen=True)
class Library:
    """Never changes once loaded, so any number of threads may render from it.

    A text that is missing or unsafe does not keep the desk from starting: it is not offered,
    and `problems` names it.
    """

    catalog: Catalog
    _texts: Mapping[Key, Wording]
    _refused: Mapping[Key, str]
    _strays: tuple[Problem, ...]

    @classmethod
    def load(cls, folder: Path) -> Library:
        """Raises TemplateError when there is no catalog or it cannot be understood."""
        catalog = Catalog.read(folder / "catalog.toml")
        texts: dict[Key, Wording] = {}
        refused: dict[Key, str] = {}
        for entry, key in catalog.expected():
            path = folder / key.file
            if not path.is_file():
                continue
            try:
                texts[key] = Wording.read(path, entry)
            except TemplateError as error:
                refused[key] = str(error)
        return cls(catalog, texts, refused, tuple(_strays(folder, catalog)))

    @property
    def templates(self) -> list[TemplateEntry]:
        return list(self.catalog.templates)

    def find(self, template: str) -> TemplateEntry:
        """Raises NotFound for an id that is not in the catalog."""
        for entry in self.catalog.templates:
            if entry.id == template:
                return entry
        raise NotFound(f"There is no reply template {template!r}; see replies/catalog.toml.")

    def offers(self, language: str, visibility: str) -> list[TemplateEntry]:
        """What can be sent in this language and visibility, in catalog order."""
        return [each for each in self.catalog.templates if Key(each.id, language, visibility) in self._texts]

    def render(self, template: str, language: str, visibility: str, values: Mapping[str, str]) -> str:
        """The finished text. Values are plain text (see `harmless`); those it does not use are ignored.

        Raises NotFound for a template or a text that does not exist, TemplateError for an unsafe one,
        for a missing value, and for more than 10,000 characters.
        """
        return self._text(Key(self.find(template).id, language, str(visibility))).render(values)

    def problems(self) -> list[Problem]:
        """Everything that should be mended, empty when the library is whole and in step."""
        found = chain(self._absent(), self._unused(), self._out_of_step(), self._unfit_for_public())
        return [*found, *self._strays]

    def _text(self, key: Key) -> Wording:
        if key in self._refused:
            raise TemplateError(self._refused[key])
        if key not in self._texts:
            raise NotFound(f"There is no reply template {key.file}.")
        return self._texts[key]

    def _absent(self) -> Iterator[Problem]:
        for _, key in self.catalog.expected():
            if key in self._refused:
                yield Problem(*key, self._refused[key])
            elif key not in self._texts:
                yield Problem(*key, f"{key.file} is missing.")

    def _unused(self) -> Iterator[Problem]:
        for entry in self.catalog.templates:
            used = {
                name for key in self._texts if key.template == entry.id for name in self._texts[key].variables
            }
            for name in sorted(entry.variables - used):
                yield Problem(entry.id, "", "", f"catalog.toml gives {entry.id} {name}, but no text uses it.")

    def _out_of_step(self) -> Iterator[Problem]:
        """A variable that one language's text uses is used by all, save those declared to do without it."""
        for key, text in self._texts.items():
            spared = {n for n, variable in self.catalog.variables.items() if key.language in variable.without}
            for name in sorted(self._used_anywhere(key) - text.variables - spared):
                yield Problem(*key, f"{key.file} does not use {name}, as the other languages do.")
            for name in sorted(text.variables & spared):
                yield Problem(*key, f"{key.file} uses {name}, which catalog.toml says it does without.")

    def _used_anywhere(self, key: Key) -> frozenset[str]:
        siblings = (Key(key.template, language, key.visibility) for language in self.catalog.languages)
        return frozenset().union(*(self._texts[each].variables for each in siblings if each in self._texts))

    def _unfit_for_public(self) -> Iterator[Problem]:
        """X charges much more for a post with a link, and does not welcome mentions nobody asked for."""
        longest = {name: variable.longest for name, variable in self.catalog.variables.items()}
        for key in self._texts:
            if key.visibility != "public":
                continue
            text = self.render(*key, longest)
            length = fitting.weighted_length(text + LONGEST_SIGN_OFF)
            if length > fitting.LIMIT:
                yield Problem(*key, f"{key.file} can come to {length} of {fitting.LIMIT} with its sign-off.")
            if found := _UNWELCOME_IN_PUBLIC.search(text):
                yield Problem(*key, f"{key.file} has a link or a mention in public: {found.group()!r}.")


def _strays(folder: Path, catalog: Catalog) -> Iterator[Problem]:
    expected = {key.file for _, key in catalog.expected()}
    for path in sorted(folder.rglob("*.j2")):
        file = path.relative_to(folder).as_posix()
        if file not in expected:
            yield Problem(path.name.split(".")[0], path.parent.name, "", f"{file} is not in catalog.toml.")


__all__ = ["Library", "Problem", "TemplateEntry", "harmless"]
