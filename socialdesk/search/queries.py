"""What an agent typed, understood: never as any database's query syntax, only as words, a handle or an id."""

from __future__ import annotations

import re
from dataclasses import dataclass

from socialdesk.folding import is_cjk, tokens
from socialdesk.search.spellings import respelt

LONGEST_QUERY = 200  # characters
MOST_PHRASES = 8
_STATUS = re.compile(r"\S+/status(?:es)?/(\d{1,20})(?![0-9])\S*")
_PROFILE = re.compile(
    r"(?:https?://)?(?:(?:www|mobile)\.)?(?:x|twitter)\.com/(?!(?:i|home|search|messages)\b)(\w{1,15})/?(?:\?\S*)?",
    re.ASCII | re.IGNORECASE,
)
_HANDLE = re.compile(r"[@＠](\w{1,15})", re.ASCII)
_ID = re.compile(r"\d{1,20}", re.ASCII)

Term = tuple[str, bool]  # a token, and whether it is a beginning only
Clause = tuple[tuple[Term, ...], ...]  # all terms of one of these have to be there


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that stand side by side; the last one may be only the beginning of a word when it is `open`.
    `others` are ways to write the same, one of which is enough."""

    tokens: tuple[str, ...]
    open: bool
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def spellings(self) -> list[Phrase]:
        return [Phrase(tokens, self.open) for tokens in (self.tokens, *self.others)]

    @property
    def patterns(self) -> list[str]:
        """What the words of an entry contain if they contain the phrase, one of them."""
        return [f" {' '.join(each.tokens)}{'' if each.open else ' '}" for each in self.spellings]

    @property
    def terms(self) -> list[Term]:
        """The tokens worth looking up, in the spelling that was typed.

        A single letter that begins a word says too little; after a pair of letters it says nothing new.
        """
        last = len(self.tokens) - 1
        told = [(token, self.open and at == last) for at, token in enumerate(self.tokens)]
        if self.open and last and len(self.tokens[last]) == 1:
            return told[:-1]
        return [(token, begins) for token, begins in told if not begins or len(token) > 1 or is_cjk(token)]

    @property
    def clauses(self) -> list[Clause]:
        if not self.others:
            return [((term,),) for term in self.terms]
        found = tuple(tuple(each.terms) for each in self.spellings)
        return [found] if all(found) else []


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of the phrases; `handle` when they are the beginning of a handle; `x_id` is one of X's ids."""

    phrases: tuple[Phrase, ...]
    handle: bool = False
    x_id: str | None = None

    @property
    def clauses(self) -> list[Clause]:
        return list(dict.fromkeys(clause for phrase in self.phrases for clause in phrase.clauses))


def parse(typed: str) -> Wanted | None:
    """None when there is too little to look for: fewer than two letters, or one of Japanese."""
    typed = typed.strip()[:LONGEST_QUERY]
    if found := _STATUS.fullmatch(typed):
        return Wanted((), x_id=found[1])
    if found := _HANDLE.fullmatch(typed) or _PROFILE.fullmatch(typed):
        return _telling(Wanted(_phrases(found[1], others=False), handle=True))
    return _telling(Wanted(_phrases(typed), x_id=typed if _ID.fullmatch(typed) else None))


def _phrases(typed: str, *, others: bool = True) -> tuple[Phrase, ...]:
    """What stands without a space between it belongs together; the last word may go on."""
    found = [(each, tuple(tokens(each))) for each in typed.split()]
    found = [(each, pieces) for each, pieces in found if pieces][:MOST_PHRASES]
    return tuple(
        Phrase(
            pieces,
            open=at == len(found) - 1 or is_cjk(pieces[-1]),
            others=respelt(each, pieces) if others else (),
        )
        for at, (each, pieces) in enumerate(found)
    )


def _telling(wanted: Wanted) -> Wanted | None:
    telling = any(
        len(term) > 1 or is_cjk(term) for clause in wanted.clauses for terms in clause for term, _ in terms
    )
    return wanted if telling or wanted.x_id else None
