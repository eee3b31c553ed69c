"""Whether the reply library is whole: each text there, sound, in step with its siblings, and short enough."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from pathlib import PurePosixPath

from socialdesk import fitting
from socialdesk.errors import TemplateError
from socialdesk.measures import count
from socialdesk.phrases import gettext, mark
from socialdesk.templating import outcomes, soliciting, titles
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library

LONGEST_SIGN_OFF = "^ABCD"  # the desk adds the agent's initials to a public reply

# To translate: %(text)s and %(source)s are texts, such as “Thanks for the kind words” in German.
_MISSED = mark("%(text)s does not use %(name)s, as the other languages do.")
_SPARED = mark("%(text)s uses %(name)s, which that language does without.")
_LONG = mark("%(text)s can come to %(length)s of %(limit)s with its sign-off.")
_UNWELCOME = mark("%(text)s has a link or a mention in public, which nobody asked for: “%(found)s”.")
_SOLICITS = mark("%(text)s asks the customer for “%(secret)s”: nobody of ours may ever ask for that.")
_OVERTAKEN = mark("%(text)s has other words in its file since it was edited at the desk.")
_OLDER = mark("%(text)s is older than %(source)s.")
_UNSTAMPED = mark("%(text)s does not say which version of %(source)s it was written from.")

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
    """What is wrong with one text; language and visibility are empty when it is the catalog that is wrong.

    `text` names files, for whoever keeps those; `told` names the template and the language, in the reader's.
    """

    template: str
    language: str
    visibility: str
    text: str
    kind: Kind
    told: str

    @property
    def key(self) -> Key:
        return Key(self.template, self.language, self.visibility)

    @property
    def grave(self) -> bool:
        return self.kind in GRAVE


def problems(library: Library) -> list[Problem]:
    """Everything that should be mended, empty when the library is whole and in step."""
    looks = (
        _absent,
        _unsendable,
        _unused,
        _out_of_step,
        _unfit_for_public,
        _soliciting,
        _older,
        _strays,
    )
    return list(chain.from_iterable(look(library) for look in looks))


def _absent(library: Library) -> Iterator[Problem]:
    for _, key in library.catalog.expected():
        if key in library.refused:
            yield Problem(*key, str(library.refused[key]), Kind.REFUSED, library.why_refused(key))
        elif key not in library.texts:
            yield _about(library, key, Kind.MISSING, mark("%(text)s is missing."))


def _unsendable(library: Library) -> Iterator[Problem]:
    """Better said before anybody is offered it than each time by the guards."""
    for key, text in library.texts.items():
        try:
            found = outcomes.never_sent(text, key.visibility, library.catalog)
        except TemplateError as error:
            yield Problem(*key, f"{key.file}: {error}", Kind.REFUSED, str(error))
            continue
        if found:
            sentence, what = found
            yield _about(library, key, Kind.REFUSED, sentence, found=what)


def _comes_out(library: Library, key: Key, values: Mapping[str, str]) -> str:
    """Nothing, where it does not come out at all: that is said elsewhere."""
    try:
        return library.render(*key, values)
    except TemplateError:
        return ""


def _unused(library: Library) -> Iterator[Problem]:
    used: dict[str, set[str]] = {}
    for key, text in library.texts.items():
        used.setdefault(key.template, set()).update(text.variables)
    for entry in library.templates:
        for name in sorted(entry.variables - used.get(entry.id, set())):
            in_file = f"catalog.toml gives {entry.id} {name}, but no text uses it."
            title = titles.of_template(library.catalog, entry.id)
            sentence = mark("“%(title)s” may hold %(name)s, but no text uses it.")
            told = gettext(sentence, title=title, name=name)
            yield Problem(entry.id, "", "", in_file, Kind.UNUSED, told)


def _out_of_step(library: Library) -> Iterator[Problem]:
    """A variable that one language's text uses is used by all, save those declared to do without it."""
    declared, anywhere = library.catalog.variables, _used_anywhere(library)
    for key, text in library.texts.items():
        spared = {name for name, variable in declared.items() if key.language in variable.without}
        for name in sorted(anywhere[key.template, key.visibility] - text.variables - spared):
            yield _about(library, key, Kind.VARIABLES, _MISSED, name=name)
        for name in sorted(text.variables & spared):
            problem = _about(library, key, Kind.VARIABLES, _SPARED, name=name)
            yield replace(problem, text=f"{key.file} uses {name}, which catalog.toml says it does without.")


def _about(library: Library, key: Key, kind: Kind, sentence: str, **values: str | Key) -> Problem:
    """The sentence is marked, with %(text)s for the text it is about; texts among the values are named."""
    meant = {"text": key, **values}
    files = {name: each.file if isinstance(each, Key) else each for name, each in meant.items()}
    told = {
        name: titles.of_text(library.catalog, each) if isinstance(each, Key) else each
        for name, each in meant.items()
    }
    return Problem(*key, sentence % files, kind, gettext(sentence, **told))


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
        length = fitting.weighted_length(fitting.signed(_comes_out(library, key, longest), LONGEST_SIGN_OFF))
        if length > fitting.LIMIT:
            lengths = {"length": count(length), "limit": count(fitting.LIMIT)}
            yield _about(library, key, Kind.LONG, _LONG, **lengths)
        if found := _UNWELCOME_IN_PUBLIC.search(_comes_out(library, key, without_links)):
            yield _about(library, key, Kind.UNWELCOME, _UNWELCOME, found=_shown(found))


def _shown(found: re.Match[str]) -> str:
    """The whole word, as its author sees it in the text."""
    after = re.match(r"\S*?(?=[.,;:!?]*(?:\s|$))", found.string[found.end() :])
    return f"{found.group()}{after.group() if after else ''}"


def _soliciting(library: Library) -> Iterator[Problem]:
    """Whoever is used to such questions from us answers them when a thief asks."""
    for key in library.texts:
        if secret := soliciting.asks_for(library.sources[key], key.language):
            yield _about(library, key, Kind.SOLICITING, _SOLICITS, secret=secret)


def _older(library: Library) -> Iterator[Problem]:
    """A translation follows a version of the source text; nothing tells whether it still fits a newer one.

    Nor whether what was written at the desk is still wanted when the file has new words.
    """
    for key in sorted(library.overtaken):
        problem = _about(library, key, Kind.OLDER, _OVERTAKEN)
        yield replace(problem, text=f"{key.file} has changed since the text was edited at the desk.")
    if library.written_from is None:
        return
    for key in library.translations():
        followed = library.written_from.get(key)
        if followed == library.source_version(key):
            continue
        source = key._replace(language=library.catalog.source)
        yield _about(library, key, Kind.OLDER, _OLDER if followed else _UNSTAMPED, source=source)


def _strays(library: Library) -> Iterator[Problem]:
    for file in library.strays:
        path = PurePosixPath(file)
        key = Key(path.name.split(".")[0], path.parent.name, "")
        named = titles.of_text(library.catalog, key)
        told = gettext("There is a file for %(text)s, which no template asks for.", text=named)
        yield Problem(*key, f"{file} is not in catalog.toml.", Kind.STRAY, told)
