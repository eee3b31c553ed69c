"""The colleagues whom a note's words call: user names after an @."""

from __future__ import annotations

from collections.abc import Iterator

import regex

_CALLED = regex.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]{0,31})", regex.IGNORECASE)


def called_in(text: str) -> list[str]:
    """What may be user names after an @, without the dot or dash that ends a sentence."""
    return list(dict.fromkeys(name for _start, _stop, name in names_in(text)))


def names_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each of them stands with its @, and the user name that it would be."""
    for found in _CALLED.finditer(text):
        name = found[1].rstrip(".-_")
        yield found.start(), found.start(1) + len(name), name.lower()
