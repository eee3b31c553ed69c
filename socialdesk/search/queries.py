"""What an agent typed, understood: never as any database's query syntax, only as words, a handle or an id."""

from __future__ import annotations

import re
from dataclasses import dataclass

from socialdesk.folding import is_cjk, tokens

LONGEST_QUERY = 200  # characters
MOST_PHRASES = 8
_STATUS = re.compile(r"\S+/status(?:es)?/(\d{1,20})(?![0-9])\S*")
_HANDLE = re.compile(r"[@＠](\w{1,15})", re.ASCII)
_ID = re.compile(r"\d{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that stand side by side; the last one may be only the beginning of a word when it is `open`."""

    tokens: tuple[str, ...]
    open: bool

    @property
    def pattern(self) -> str:
        """What the words of an entry contain if they contain the phrase."""
        return f" {' '.join(self.tokens)}{'' if self.open else ' '}"

    @property
    def terms(self) -> list[tuple[str, bool]]:
        """The tokens worth looking up, each with whether it is a beginning only.

        A single letter that begins a word says too little; after a pair of letters it says nothing new.
        """
        last = len(self.tokens) - 1
        told = [(token, self.open and at == last) for at, token in enumerate(self.tokens)]
        if self.open and last and len(self.tokens[last]) == 1:
            return told[:-1]
        return [(token, begins) for token, begins in told if not begins or len(token) > 1 or is_cjk(token)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of the phrases; `handle` when they are the beginning of a handle; `x_id` is one of X's ids."""

    phrases: tuple[Phrase, ...]
    handle: bool = False
    x_id: str | None = None

    @property
    def terms(self) -> list[tuple[str, bool]]:
        return list(dict.fromkeys(term for phrase in self.phrases for term in phrase.terms))


def parse(typed: str) -> Wanted | None:
    """None when there is too little to look for: fewer than two letters, or one of Japanese."""
    typed = typed.strip()[:LONGEST_QUERY]
    if found := _STATUS.fullmatch(typed):
        return Wanted((), x_id=found[1])
    if found := _HANDLE.fullmatch(typed):
        return _telling(Wanted(_phrases(found[1]), handle=True))
    return _telling(Wanted(_phrases(typed), x_id=typed if _ID.fullmatch(typed) else None))


def _phrases(typed: str) -> tuple[Phrase, ...]:
    """What stands without a space between it belongs together; the last word may go on."""
    found = [pieces for pieces in (tuple(tokens(each)) for each in typed.split()) if pieces][:MOST_PHRASES]
    return tuple(
        Phrase(pieces, open=at == len(found) - 1 or is_cjk(pieces[-1])) for at, pieces in enumerate(found)
    )


def _telling(wanted: Wanted) -> Wanted | None:
    telling = any(len(term) > 1 or is_cjk(term) for term, _ in wanted.terms)
    return wanted if telling or wanted.x_id else None
