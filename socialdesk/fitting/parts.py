"""A long reply as a numbered row of posts, each short enough for X."""

from bisect import bisect_right
from dataclasses import dataclass

import regex

from .breaks import BETWEEN_SENTENCES, BETWEEN_WORDS, INSIDE_WORD, Breakable, breakable
from .weights import INVALID, LIMIT, weighted_length

SMALLEST_LIMIT = 40

# Marks of direction rather than isolates: both weigh 2 apiece, and these are the older ones, which every
# client of X draws by.
_LEFT_TO_RIGHT, _RIGHT_TO_LEFT = "\u200e", "\u200f"
_MARK_WEIGHT = 2
_TURNED = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
_STRONG = regex.compile(r"[\p{Bidi_Class=L}\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
_NUMBER = regex.compile(r"[\u200e\u200f]? \(\d+/\d+\)\Z")


@dataclass(frozen=True)
class Fit:
    """How a text fits X. `weighted_length` and `valid` are of the text alone, as twitter-text's parseTweet
    gives them; `parts` are the posts to send, numbered when there are several, sign-off included."""

    weighted_length: int
    valid: bool
    parts: list[str]


def fit(text: str, *, sign_off: str = "", limit: int = LIMIT) -> Fit:
    """Measure the text, and cut it into posts when it and the sign-off are too long for one.

    Cuts fall between sentences, else between words, else between characters; links, handles and emoji stay
    whole. Raises ValueError for a limit too small to hold a link and a number."""
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"A post needs room for {SMALLEST_LIMIT}, not {limit}.")
    length = weighted_length(text)
    valid = 0 < length <= limit and not any(character in text for character in INVALID)
    return Fit(length, valid, _parts(text, sign_off, limit))


def _parts(text: str, sign_off: str, limit: int) -> list[str]:
    whole = signed(text, sign_off)
    if weighted_length(whole) <= limit:
        return [whole]
    if weighted_length(sign_off) > limit // 2:
        text, sign_off = whole, ""
    pieces = breakable(text)
    digits = 1
    mark = _MARK_WEIGHT if _TURNED.search(whole) else 0
    while True:
        parts = _cut(pieces, sign_off, limit - len(" (/)") - 2 * digits - mark)
        if len(str(len(parts))) <= digits:
            return parts if len(parts) < 2 else _numbered(parts)
        digits = len(str(len(parts)))


def signed(text: str, sign_off: str) -> str:
    """The text with its sign-off, kept apart from words that are written from right to left."""
    if not (text and sign_off):
        return text or sign_off
    if not _TURNED.search(text):
        return f"{text} {sign_off}"
    mark = _direction(text)
    return f"{text}{mark} {_upright(sign_off) if mark == _RIGHT_TO_LEFT else sign_off}"


def _numbered(parts: list[str]) -> list[str]:
    return [f"{part}{_direction(part)} ({number}/{len(parts)})" for number, part in enumerate(parts, start=1)]


def _direction(text: str) -> str:
    """What keeps the words that follow from being drawn into the other direction: a mark of the direction in
    which the text as a whole is read; none in a text that is all from left to right."""
    if not _TURNED.search(text):
        return ""
    first = _STRONG.search(text)
    return _RIGHT_TO_LEFT if first and _TURNED.match(first[0]) else _LEFT_TO_RIGHT


def _upright(sign_off: str) -> str:
    """A sign-off in Latin letters, its signs on the sides on which they were written."""
    if _TURNED.search(sign_off):
        return sign_off
    closing = "" if sign_off[-1].isalpha() else _LEFT_TO_RIGHT
    return f"{_LEFT_TO_RIGHT}{sign_off}{closing}"


def bare(part: str, sign_off: str = "") -> str:
    """A part without its number and its sign-off: the words as they were written."""
    plain = _NUMBER.sub("", part).rstrip(_RIGHT_TO_LEFT + _LEFT_TO_RIGHT)
    if sign_off and plain.endswith(sign_off):
        plain = plain.removesuffix(sign_off).rstrip(_RIGHT_TO_LEFT + _LEFT_TO_RIGHT + " ")
    return plain


def _cut(pieces: Breakable, sign_off: str, room: int) -> list[str]:
    parts: list[str] = []
    first = _after_space(pieces, 0)
    while first < len(pieces.ends):
        last = _last_piece(pieces, first, sign_off, room)
        part = pieces.part(first, last)
        first = _after_space(pieces, last)
        is_end = first == len(pieces.ends)
        if is_end and weighted_length(signed(part, sign_off)) <= room:
            return [*parts, signed(part, sign_off)]
        parts.extend([part] if weighted_length(part) <= room else _broken(part, room))
    return [*parts, sign_off] if sign_off else parts


def _after_space(pieces: Breakable, first: int) -> int:
    while first < len(pieces.ends) and not pieces.part(first, first + 1):
        first += 1
    return first


def _last_piece(pieces: Breakable, first: int, sign_off: str, room: int) -> int:
    """Where the part that begins at `first` ends: at the end of the text if the sign-off fits too, else at
    the best cut before it."""
    total = len(pieces.ends)
    reach = bisect_right(pieces.weights, pieces.weights[first] + room) - 1
    if reach >= total and weighted_length(signed(pieces.part(first, total), sign_off)) <= room:
        return total
    reach = min(reach, total - 1)
    while reach > first:
        last = _best_cut(pieces, first, reach, room)
        if weighted_length(pieces.part(first, last)) <= room:
            return last
        reach = last - 1
    return first + 1


def _best_cut(pieces: Breakable, first: int, reach: int, room: int) -> int:
    sentence = _latest(pieces, first, reach, BETWEEN_SENTENCES)
    word = _latest(pieces, first, reach, BETWEEN_WORDS)
    if sentence and not _leaves_much_unused(pieces, first, sentence, room):
        return sentence
    return word or sentence or _latest(pieces, first, reach, INSIDE_WORD) or reach


def _latest(pieces: Breakable, first: int, reach: int, quality: int) -> int | None:
    cuts = range(reach, first, -1)
    return next((cut for cut in cuts if pieces.quality[cut - 1] >= quality), None)


def _leaves_much_unused(pieces: Breakable, first: int, sentence: int, room: int) -> bool:
    """Whether a part would be half empty although the next sentence has to be cut anyhow."""
    if 2 * (pieces.weights[sentence] - pieces.weights[first]) >= room:
        return False
    ends = range(sentence + 1, len(pieces.ends) + 1)
    following = next((end for end in ends if pieces.quality[end - 1] >= BETWEEN_SENTENCES), len(pieces.ends))
    return pieces.weights[following] - pieces.weights[sentence] > room


def _broken(part: str, room: int) -> list[str]:
    """A single character on screen, heavier than a whole post, by its code points: only ever text made to
    provoke."""
    broken: list[str] = []
    start = 0
    for end in range(1, len(part) + 1):
        if end == len(part) or 2 * (end + 1 - start) > room:
            broken.append(part[start:end])
            start = end
    return broken
