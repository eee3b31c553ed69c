"""Host names in running text: dotted labels, the last of them opening with a top-level domain.

A run of host characters is cut at its dots once, and how far a name can reach from each label is worked
out from the right. So the time grows with the length of the run; trying every start would take its square.
"""

import functools
import re
from collections.abc import Callable
from importlib import resources

Span = tuple[int, int]

_LONGEST_LABEL = 63
_LONGEST_FOREIGN_DOMAIN = 17

SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
INVALID = "\ufeff\ufffe\uffff"
LATIN = "À-ÖØ-öø-ɏɓɔɖɗəɛɣɨɯɲʉʋʻ\u0300-\u036fḀ-ỿ"

RUN = re.compile(rf"[^!'#%&()*+,\\/:;<=>?@\[\]^{{|}}~${SPACES}{DIRECTIONS}{INVALID}]+")
_WORD = re.compile(r"[A-Za-z0-9]+")
_PUNYCODE = re.compile(r"[Xx][Nn]--[-0-9A-Za-z]+")
_ASCII_LABEL = re.compile(rf"[-A-Za-z0-9{LATIN}]+")
_ASCII_END = re.compile(rf"[-A-Za-z0-9{LATIN}]+\Z")
_FULL_STOPS = re.compile("[。．｡]")

LabelTest = Callable[[str, int, int], bool]


class DottedRun:
    """A stretch of text cut at its dots, knowing how far a name that goes on past each label reaches."""

    def __init__(self, text: str, span: Span, inner: LabelTest, final: LabelTest) -> None:
        self.text = text
        self.labels = _labels(text, span)
        self._inner = inner
        self._final = final
        self._domain_ends = [None, *(_domain_end(text, start, span[1]) for start, _ in self.labels[1:])]
        self._through: list[int | None] = [None] * len(self.labels)
        for label in range(len(self.labels) - 3, -1, -1):
            self._through[label] = self.name_end(label + 1, self.labels[label + 1][0])

    @property
    def has_names(self) -> bool:
        """Whether any label opens with a top-level domain at all."""
        return any(self._domain_ends)

    def name_end(self, label: int, start: int) -> int | None:
        """Where the longest name that begins at `start`, inside that label, ends; None when there is none."""
        end = self.labels[label][1]
        if start >= end or not self._inner(self.text, start, end):
            return None
        if self._through[label] is not None:
            return self._through[label]
        return self._domain_ends[label + 1] if self._final(self.text, start, end) else None


def host_run(text: str, span: Span) -> DottedRun:
    """The run cut for host names: labels neither begin nor end with - or _, and the one before the top-level
    domain has no _ at all."""
    return DottedRun(text, span, _is_label, _has_no_underscore)


def ascii_hosts(text: str, span: Span) -> list[Span]:
    """The parts of a host name that are names in Latin letters: what is linked where no protocol says more.
    In text without spaces a name comes glued to its sentence."""
    run = DottedRun(text, span, _is_ascii_label, _is_ascii_label)
    found: list[Span] = []
    for label, (start, end) in enumerate(run.labels[:-1]):
        tail = _ASCII_END.search(text, max(start, found[-1][1] if found else 0), end)
        name_end = tail and run.name_end(label, tail.start())
        if tail and name_end:
            found.append((tail.start(), name_end))
    return found


def is_registrable(host: str) -> bool:
    """Whether every label is short enough for the domain name system once encoded, and an encoded host has
    nothing left to encode."""
    if not all(_encoded_length(label) <= _LONGEST_LABEL for label in host.split(".")):
        return False
    return not host.startswith("xn--") or bool(ascii_hosts(host, (0, len(host))))


def _labels(text: str, span: Span) -> list[Span]:
    start, end = span
    labels: list[Span] = []
    while (dot := text.find(".", start, end)) >= 0:
        labels.append((start, dot))
        start = dot + 1
    return [*labels, (start, end)]


def _is_label(text: str, start: int, end: int) -> bool:
    return text[start] not in "-_" and text[end - 1] not in "-_"


def _has_no_underscore(text: str, start: int, end: int) -> bool:
    return text.find("_", start, end) < 0


def _is_ascii_label(text: str, start: int, end: int) -> bool:
    return bool(_ASCII_LABEL.fullmatch(text, start, end))


def _domain_end(text: str, start: int, end: int) -> int | None:
    word = _WORD.match(text, start, end)
    if word and word[0].lower() in _domains() and not text.startswith(("@", "+", "-"), word.end()):
        return word.end()
    encoded = _PUNYCODE.match(text, start, end)
    return encoded.end() if encoded else _foreign_domain_end(text, start, end)


def _foreign_domain_end(text: str, start: int, end: int) -> int | None:
    if text[start : start + 1].lower() not in _foreign_initials():
        return None
    for stop in range(min(end, start + _LONGEST_FOREIGN_DOMAIN), start, -1):
        if text[start:stop].lower() in _domains() and not re.match(r"[0-9A-Za-z@+-]", text[stop : stop + 1]):
            return stop
    return None


@functools.cache
def _domains() -> frozenset[str]:
    """Top-level domains, generic and of countries, as X knows them."""
    return frozenset(resources.files(__package__).joinpath("tlds.txt").read_text(encoding="utf-8").split())


@functools.cache
def _foreign_initials() -> frozenset[str]:
    return frozenset(domain[0] for domain in _domains() if not domain.isascii())


def _encoded_length(label: str) -> int:
    """Length in Punycode; a longer label than allowed is not encoded, for that takes quadratic time."""
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return len(label) or _LONGEST_LABEL + 1
    pieces = _FULL_STOPS.split(label)
    return len(pieces) - 1 + sum(map(_encoded_piece_length, pieces))


def _encoded_piece_length(piece: str) -> int:
    return len(piece) if piece.isascii() else len("xn--") + len(piece.encode("punycode"))
