"""Where a text may be cut in two, and how well each place reads."""

import re
from dataclasses import dataclass
from itertools import accumulate

import regex

from .links import find_links
from .weights import LINK_WEIGHT, composed, plain_weight

INSIDE_WORD, BETWEEN_WORDS, BETWEEN_SENTENCES = range(3)

_HANDLE = re.compile(r"(?<![A-Za-z0-9_])[@＠][A-Za-z0-9_]+")
_LONGEST_HANDLE = 50
# Regional indicators first: finding where a flag among many begins, \X looks back over all of them.
_CHARACTER = regex.compile(r"\p{RI}{1,2}[\p{M}\u200d]*|\X")

_CLOSING = r"[\"'”’»›)\]」』）】]*+"
# What stands before a name or a number, and seldom ends a sentence. Not among them are single letters, as in
# "p. Nowak" and "د. سالم": none ends a sentence.
_IN_ANY_CASE = r"""
    dr dra drs prof tel tél mr mrs ms mx messrs vs rev
    hr hrn frl dipl nr bzw ca evtl ggf inkl zzgl
    sr sra sras srs srta sres dña núm pág avda exmo exma profa
    mme mlle mgr sig sigg sigra dott dottssa avv geom spett egr
    dhr mevr mw bijv incl excl exkl dvs t\.ex
    sn doç yrd öğr müh cad mah
    inż ul pl godz np tzn m\.in pí sl judr mudr rndr phdr čp tř tzv
"""
# Written small, each of these is a word of some other language.
_CAPITAL = r"St No Fr Av Ave Al Mej Ing Ir Mag Eng Enga Arq Arch Lic Bc Ud Uds Vd Vds Str Sok"
_TITLE = rf"(?i:{'|'.join(_IN_ANY_CASE.split())})|{'|'.join(_CAPITAL.split())}"
# A full stop ends a sentence unless it stands after a title, an initial or an ordinal, or the next word
# goes on in small letters.
_STOP = rf"(?=\.)(?<!\b(?:\p{{L}}|{_TITLE}))(?<!\b\p{{N}}{{1,2}})\."
_SENTENCE_END = regex.compile(
    rf"(?<![.!?…])(?:[!?…]|\.[.!?…]|{_STOP})[.!?…]*+{_CLOSING}(?=\s+[^\s\p{{Ll}}])|[。！？｡؟۔]+{_CLOSING}|\S(?=\s*\n)",
    regex.VERSION1,
)
_WORD_END = regex.compile(r"\S(?=\s)|[、，；：､،](?=\S)")


@dataclass(frozen=True)
class Breakable:
    """A text as a row of pieces that are never cut, with what each weighs and how good a cut after it is."""

    text: str
    ends: list[int]
    weights: list[int]
    quality: list[int]

    def part(self, first: int, last: int) -> str:
        """The text of the pieces from `first` up to, without, `last`; white space at its edges falls away."""
        start = self.ends[first - 1] if first else 0
        return self.text[start : self.ends[last - 1]].strip() if last > first else ""


def breakable(text: str) -> Breakable:
    """Pieces are links, handles, and characters as people see them (grapheme clusters)."""
    ends, weights = _pieces(text)
    return Breakable(text, ends, list(accumulate(weights, initial=0)), _qualities(text, ends))


def _pieces(text: str) -> tuple[list[int], list[int]]:
    ends: list[int] = []
    weights: list[int] = []
    position = 0
    for start, end, weight in [*_whole(text), (len(text), len(text), 0)]:
        for character in _CHARACTER.findall(text, position, start):
            position += len(character)
            ends.append(position)
            weights.append(plain_weight(composed(character)))
        if end > start:
            ends.append(end)
            weights.append(weight)
        position = end
    return ends, weights


def _whole(text: str) -> list[tuple[int, int, int]]:
    links = [(start, end, LINK_WEIGHT) for start, end in find_links(text)]
    handles = [(*found.span(), len(found[0])) for found in _HANDLE.finditer(text)]
    whole: list[tuple[int, int, int]] = []
    for start, end, weight in sorted(links + handles):
        if (not whole or start >= whole[-1][1]) and weight <= _LONGEST_HANDLE:
            whole.append((start, end, weight))
    return whole


def _qualities(text: str, ends: list[int]) -> list[int]:
    sentences = {found.end() for found in _SENTENCE_END.finditer(text)}
    words = {found.end() for found in _WORD_END.finditer(text)}
    return [
        BETWEEN_SENTENCES if end in sentences else BETWEEN_WORDS if end in words else INSIDE_WORD
        for end in ends
    ]
