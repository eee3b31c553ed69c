"""Whether the reply library is whole: each text there, sound, in step with its siblings, and short enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import PurePosixPath

from socialdesk import fitting
from socialdesk.templating import soliciting
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library

LONGEST_SIGN_OFF = "^ABCD"  # the desk adds the agent's initials to a public reply

_UNWELCOME_IN_PUBLIC = re.compile(r"[@＠]\w|https?://|www\.", re.IGNORECASE)


class Kind(StrEnum):
    MISSING = "missing"
    REFUSED = "refused"
    LONG = "long"
    UNWELCOME = "unwelcome"
    SOLICITING = "soliciting"
    VARIABLES = "variables"
    OLDER = "older"
    UNUSED = "unused"
    STRAY = "stray"


# What must not go out at all; the others are for somebody to mend, and may take their time.
GRAVE = (Kind.REFUSED, Kind.LONG, Kind.UNWELCOME, Kind.SOLICITING)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one text; language and visibility are empty when it is the catalog that is wrong."""

    template: str
    language: str
    visibility: str
    text: str
    kind: Kind

    @property
    def key(self) -> Key:
        return Key(self.template, self.language, self.visibility)

    @property
    def grave(self) -> bool:
        return self.kind in GRAVE


def problems(library: Library) -> list[Problem]:
    """Everything that should be mended, empty when the library is whole and in step."""
    looks = (_absent, _unused, _out_of_step, _unfit_for_public, _soliciting, _older, _strays)
    return list(chain.from_iterable(look(library) for look in looks))


def _absent(library: Library) -> Iterator[Problem]:
    for _, key in library.catalog.expected():
        if key in library.refused:
            yield Problem(*key, library.refused[key], Kind.REFUSED)
        elif key not in library.texts:
            yield Problem(*key, f"{key.file} is missing.", Kind.MISSING)


def _unused(library: Library) -> Iterator[Problem]:
    used: dict[str, set[str]] = {}
    for key, text in library.texts.items():
        used.setdefault(key.template, set()).update(text.variables)
    for entry in library.templates:
        for name in sorted(entry.variables - used.get(entry.id, set())):
            told = f"catalog.toml gives {entry.id} {name}, but no text uses it."
            yield Problem(entry.id, "", "", told, Kind.UNUSED)


def _out_of_step(library: Library) -> Iterator[Problem]:
    """A variable that one language's text uses is used by all, save those declared to do without it."""
    declared, anywhere = library.catalog.variables, _used_anywhere(library)
    for key, text in library.texts.items():
        spared = {name for name, variable in declared.items() if key.language in variable.without}
        for name in sorted(anywhere[key.template, key.visibility] - text.variables - spared):
            told = f"{key.file} does not use {name}, as the other languages do."
            yield Problem(*key, told, Kind.VARIABLES)
        for name in sorted(text.variables & spared):
            told = f"{key.file} uses {name}, which catalog.toml says it does without."
            yield Problem(*key, told, Kind.VARIABLES)


def _used_anywhere(library: Library) -> dict[tuple[str, str], set[str]]:
    """By template and visibility."""
    used: dict[tuple[str, str], set[str]] = {}
    for key, text in library.texts.items():
        used.setdefault((key.template, key.visibility), set()).update(text.variables)
    return used


def _unfit_for_public(library: Library) -> Iterator[Problem]:
    """X charges much more for a post with a link, and does not welcome mentions nobody asked for.

    A link that the desk puts in itself is there because settings ask for it.
    """
    longest = library.catalog.longest
    without_links = longest | dict.fromkeys(library.catalog.links, "")
    for key in library.texts:
        if key.visibility != "public":
            continue
        length = fitting.weighted_length(fitting.signed(library.render(*key, longest), LONGEST_SIGN_OFF))
        if length > fitting.LIMIT:
            told = f"{key.file} can come to {length} of {fitting.LIMIT} with its sign-off."
            yield Problem(*key, told, Kind.LONG)
        if found := _UNWELCOME_IN_PUBLIC.search(library.render(*key, without_links)):
            told = f"{key.file} has a link or a mention in public, which nobody asked for: {_shown(found)}."
            yield Problem(*key, told, Kind.UNWELCOME)


def _shown(found: re.Match[str]) -> str:
    """The whole word, as its author sees it in the text."""
    after = re.match(r"\S*?(?=[.,;:!?]*(?:\s|$))", found.string[found.end() :])
    return f"“{found.group()}{after.group() if after else ''}”"


def _soliciting(library: Library) -> Iterator[Problem]:
    """Whoever is used to such questions from us answers them when a thief asks."""
    for key in library.texts:
        if secret := soliciting.asks_for(library.sources[key], key.language):
            told = f"{key.file} asks the customer for “{secret}”: nobody of ours may ever ask for that."
            yield Problem(*key, told, Kind.SOLICITING)


def _older(library: Library) -> Iterator[Problem]:
    """A translation follows a version of the source text; nothing tells whether it still fits a newer one.

    Nor whether what was written at the desk is still wanted when the file has new words.
    """
    for key in sorted(library.overtaken):
        yield Problem(*key, f"{key.file} has changed since the text was edited at the desk.", Kind.OLDER)
    if library.written_from is None:
        return
    for key in library.translations():
        followed = library.written_from.get(key)
        if followed == library.source_version(key):
            continue
        source = key._replace(language=library.catalog.source).file
        told = "is older than {}" if followed else "does not say which version of {} it was written from"
        yield Problem(*key, f"{key.file} {told.format(source)}.", Kind.OLDER)


def _strays(library: Library) -> Iterator[Problem]:
    for file in library.strays:
        path = PurePosixPath(file)
        told = f"{file} is not in catalog.toml."
        yield Problem(path.name.split(".")[0], path.parent.name, "", told, Kind.STRAY)
