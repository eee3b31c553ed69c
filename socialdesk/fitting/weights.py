"""How much a text weighs on X: its length as X counts it, of which a post may have 280.

The figures are twitter-text's version 3 configuration: most alphabets weigh 1 a code point, everything
else 2, an emoji 2 however many code points it is drawn from, a link 23 however long; all after NFC.
https://docs.x.com/fundamentals/counting-characters
"""

import itertools
import re
import unicodedata

from .emoji import JOINERS, SEQUENCE
from .links import find_links

LIMIT = 280
LINK_WEIGHT = 23
INVALID = ("\ufffe", "\ufeff", "\uffff")  # characters that X takes in no post

_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]+")
_ANY_HEAVY_CHARACTER = "\ufffc"
_MARK_RUN = 64


def weighted_length(text: str) -> int:
    """The length X counts, against its limit of 280; any text has one, lone surrogates included."""
    text = composed(text)
    links = find_links(text)
    if not links:
        return plain_weight(text)
    edges = [0, *itertools.chain.from_iterable(links), len(text)]
    between = zip(edges[::2], edges[1::2], strict=True)
    return len(links) * LINK_WEIGHT + sum(plain_weight(text[start:end]) for start, end in between)


def fits(text: str, limit: int = LIMIT) -> bool:
    """Whether the text is short enough for one post; an empty one is, though X would refuse it."""
    return weighted_length(text) <= limit


def plain_weight(text: str) -> int:
    """The weight of composed text in which nothing is taken for a link."""
    if text.isascii() or not _HEAVY.search(text):
        return len(text)
    if JOINERS.search(text):
        text = SEQUENCE.sub(_ANY_HEAVY_CHARACTER, text)
    return len(text) + sum(map(len, _HEAVY.findall(text)))


def composed(text: str) -> str:
    """The text in NFC. Same answer as `unicodedata.normalize`, whose time grows with the square of a run of
    combining marks out of order: such runs are put in order first."""
    if text.isascii():
        return text
    if len(text) > _MARK_RUN and any(map(unicodedata.combining, text[::_MARK_RUN])):
        text = _with_marks_in_order(text)
    return unicodedata.normalize("NFC", text)


def _with_marks_in_order(text: str) -> str:
    decomposed = "".join(unicodedata.normalize("NFD", character) for character in text)
    runs = itertools.groupby(decomposed, key=lambda character: unicodedata.combining(character) > 0)
    return "".join("".join(sorted(run, key=unicodedata.combining) if marks else run) for marks, run in runs)
