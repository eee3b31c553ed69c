"""A text made ready to be searched: plain digits, and nothing where links, names and dates stood.

Places stay what they were, so that what is found here can be masked there.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import regex

NOTHING = "\x00"
"""Stands where there is nothing to find; neither numbers nor their context reach across it."""

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
_SPACES = "\u00a0\u2007\u2009\u202f\u3000"
_SIGNS = {"＠": "@", "．": ".", "＋": "+", "（": "(", "）": ")", "／": "/", "＿": "_"}

_NOT_PERSONAL = regex.compile(
    r"https?://[^\s\x00]++|www\.[^\s\x00]++"
    r"|•{4} [\p{L}\p{N}]{1,2}"  # what has been masked before
    r"|(?<![\w.+%-])@\w++"  # X handles
    r"|(?<![\d./+-])(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2})"
    r"(?![-/.]?\d)"  # dates
    r"|[$€£¥₹₺฿]\s?\d[\d.,]*+|(?<![\d-])\d{1,3}(?:[.,]\d{3}){1,4}(?:[.,]\d{1,2})?(?=\s?[$€£¥₹₺])",  # prices
    regex.IGNORECASE,
)
_GROUP = regex.compile(r"\d++")
_BETWEEN = regex.compile(r"[ .\-/()]{1,2}+")
_MOST_GROUPS = 8
_FEWEST_DIGITS = 7
_MOST_DIGITS = 19


class Number(NamedTuple):
    """`digits` without what stands between them.

    `since` is where the words begin that may speak of it: behind the finding before it; `neighbours`
    counts the other digits written in one go with it.
    """

    start: int
    end: int
    digits: str
    neighbours: int = 0
    since: int = 0


def plain(text: str) -> str:
    """As long as the text, with ASCII digits, dashes and spaces, and NOTHING over what is not personal."""
    same = text.replace(NOTHING, " ") if text.isascii() else text.translate(_to_ascii())
    return _NOT_PERSONAL.sub(lambda match: NOTHING * len(match[0]), same)


def numbers(text: str) -> Iterator[Number]:
    """Every stretch of up to eight groups of digits that could be one number, the longer first.

    A group glued to a letter is part of a code, and nobody's number.
    """
    run: list[tuple[int, int]] = []
    for match in _GROUP.finditer(text):
        if not _stands_alone(text, *match.span()):
            yield from _stretches(text, run)
            run = []
            continue
        if run and not _BETWEEN.fullmatch(text, run[-1][1], match.start()):
            yield from _stretches(text, run)
            run = []
        run.append(match.span())
    yield from _stretches(text, run)


def _stretches(text: str, run: list[tuple[int, int]]) -> Iterator[Number]:
    groups = [text[start:end] for start, end in run]
    together = sum(map(len, groups))
    for first in range(len(run)):
        for last in range(min(first + _MOST_GROUPS, len(run)), first, -1):
            digits = "".join(groups[first:last])
            if _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
                yield Number(run[first][0], run[last - 1][1], digits, together - len(digits))


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalpha() and before < "\u3000") and not (after.isalpha() and after < "\u3000")


@cache
def _to_ascii() -> dict[int, str]:
    digits = {
        code: str(unicodedata.decimal(chr(code)))
        for code in range(0x80, sys.maxunicode + 1)
        if unicodedata.category(chr(code)) == "Nd"
    }
    dashes = {ord(dash): "-" for dash in _DASHES}
    signs = {ord(sign): plain_sign for sign, plain_sign in _SIGNS.items()}
    return digits | dashes | dict.fromkeys(map(ord, _SPACES), " ") | signs | {0: " "}
