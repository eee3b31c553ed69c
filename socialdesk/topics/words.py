"""The files in `words/`: which words speak for which topic, read once and checked."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import chain

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from socialdesk.errors import BadInput
from socialdesk.languages.codes import LANGUAGES
from socialdesk.topics.lexicon import Entry, Lexicon, patterns
from socialdesk.topics.names import FIRST_AT_A_TIE, TOPICS

EVERYWHERE = "everywhere"  # names of things, which are called the same in every language
_HINT, _WORD = 1, 2
_SHORTEST_SHARED = 4  # letters; shorter words mean too many things in thirteen languages


class _Words(BaseModel):
    """Of one topic. Hints go with the topic but stand in messages about everything else too."""

    model_config = ConfigDict(extra="forbid")

    words: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


_FILE = TypeAdapter(dict[str, _Words])


@cache
def lexicon_for(language: str) -> Lexicon:
    """Raises BadInput for files that `check` would complain about."""
    if problems := check():
        raise BadInput(problems[0])
    return _lexicon(language if language in LANGUAGES else EVERYWHERE)


@cache
def _lexicon(language: str) -> Lexicon:
    shared = _read(_file(EVERYWHERE))
    if language == EVERYWHERE:
        return Lexicon(chain(_unambiguous(), shared))
    return Lexicon(chain(shared, _read(_file(language))))


@cache
def check() -> tuple[str, ...]:
    """Everything that should be mended in the packaged files, a sentence each."""
    return tuple(check_in(resources.files(__package__).joinpath("words")))


def check_in(folder: Traversable) -> Iterator[str]:
    """The same for any folder."""
    for name in (EVERYWHERE, *LANGUAGES):
        file = folder.joinpath(f"{name}.toml")
        try:
            entries = _read(file)
        except BadInput as error:
            yield str(error)
            continue
        if not entries:
            yield f"{file.name} is empty: it names no words."
        yield from _in_two_topics(file.name, entries)


def _in_two_topics(name: str, entries: Iterable[Entry]) -> Iterator[str]:
    first: dict[str, Entry] = {}
    for entry in entries:
        known = first.setdefault(_key(entry), entry)
        if known.topic != entry.topic:
            yield f"{name}: {entry.text!r} stands under both {known.topic} and {entry.topic}."


def _unambiguous() -> Iterator[Entry]:
    """What speaks for one topic only, whichever of the thirteen languages it is read in."""
    topics: dict[str, set[str]] = defaultdict(set)
    entries: dict[str, Entry] = {}
    for entry in chain.from_iterable(_read(_file(language)) for language in LANGUAGES):
        topics[_key(entry)].add(entry.topic)
        entries.setdefault(_key(entry), entry)
    for key, entry in entries.items():
        if len(topics[key]) == 1 and (len(key) >= _SHORTEST_SHARED or not key.isascii()):
            yield entry


def _read(file: Traversable) -> list[Entry]:
    """Raises BadInput, saying which file and why."""
    try:
        topics = _FILE.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInput(f"{file.name} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise BadInput(f"{file.name} is wrong at {place}: {first['msg']}.") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise BadInput(f"{file.name} cannot be understood: {error}.") from error
    for topic in topics.keys() - set(FIRST_AT_A_TIE):
        known = "is what remains and has no words" if topic in TOPICS else "is not a topic"
        raise BadInput(f"{file.name}: {topic!r} {known}; the topics are {', '.join(FIRST_AT_A_TIE)}.")
    return list(chain.from_iterable(_entries(topic, words) for topic, words in topics.items()))


def _entries(topic: str, words: _Words) -> Iterator[Entry]:
    for text in words.hints:
        yield Entry(text, topic, _HINT)
    for text in words.words:
        yield Entry(text, topic, _WORD * max(len(patterns(text)), 1))


def _key(entry: Entry) -> str:
    return " ".join(patterns(entry.text))


def _file(name: str) -> Traversable:
    return resources.files(__package__).joinpath("words", f"{name}.toml")
