"""What twitter-text's parseTweet tells of a text, under the names that it gives things.

Its version 3 configuration: scale 100, 280 at most, a link 23, emoji counted whole. What is told of ranges is
in UTF-16 code units of the text as it was written, ends included.
https://github.com/twitter/twitter-text/blob/master/js/src/parseTweet.js
"""

import itertools
from collections.abc import Iterator
from typing import TypedDict

from .emoji import SEQUENCE
from .links import find_links
from .weights import INVALID, LIMIT, LINK_WEIGHT, composed, plain_weight, weighted_length


class ParseResults(TypedDict):
    """`valid` is whether X takes the text as one post, `permillage` how full that is, rounded down.

    The display range is all of the text; the valid range goes up to the last character before the text is
    too long, or holds what X forbids. Of an empty text both are from 0 to 0.
    """

    weightedLength: int
    valid: bool
    permillage: int
    displayRangeStart: int
    displayRangeEnd: int
    validRangeStart: int
    validRangeEnd: int


def parse(text: str) -> ParseResults:
    """Any text has its results, lone surrogates included."""
    weight, normalized = weighted_length(text), composed(text)
    free = not any(character in normalized for character in INVALID)
    last = len(normalized) if free and weight <= LIMIT else _valid_end(normalized)
    # As twitter-text has it: off by as much as normalization changes the length of what does not fit.
    shift = _units(text) - _units(normalized)
    return ParseResults(
        weightedLength=weight,
        valid=free and 0 < weight <= LIMIT,
        permillage=weight * 1000 // LIMIT,
        displayRangeStart=0,
        displayRangeEnd=max(0, _units(text) - 1),
        validRangeStart=0,
        validRangeEnd=max(0, _units(normalized[:last]) - 1) + shift,
    )


def _valid_end(text: str) -> int:
    """Where, in code points, the part of composed text ends that X would take."""
    end = weight = 0
    for start, stop, heavier in _pieces(text):
        weight += heavier
        if weight > LIMIT or text[start] in INVALID:
            break
        end = stop
    return end


def _pieces(text: str) -> Iterator[tuple[int, int, int]]:
    """Where links, emoji and all other characters begin and end, and what each weighs; asked for one after
    the other, so that a long text is looked at only as far as it fits."""
    position = 0
    for start, end in [*find_links(text), (len(text), len(text))]:
        yield from _plain_pieces(text, position, start)
        if end > start:
            yield start, end, LINK_WEIGHT
        position = end


def _plain_pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The same for a stretch without links."""
    sequences = (found.span() for found in SEQUENCE.finditer(text, start, end))
    for first, stop in itertools.chain(sequences, [(end, end)]):
        yield from ((place, place + 1, plain_weight(text[place])) for place in range(start, first))
        if stop > first:
            yield first, stop, plain_weight(text[first:stop])
        start = stop


def _units(text: str) -> int:
    """Its length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)
