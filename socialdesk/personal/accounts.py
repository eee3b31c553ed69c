"""Card numbers and IBANs: both carry check digits, and both come written in groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regex
from stdnum import iban, luhn, numdb

from socialdesk.personal import context
from socialdesk.personal.context import Surroundings
from socialdesk.personal.findings import Finding
from socialdesk.personal.reading import Number

# The beginnings that issuers have, with the lengths they use: Visa, Mastercard, American Express, Diners,
# Discover, JCB, Maestro, UnionPay, Troy, Mir. Luhn alone lets one number in ten pass.
_ISSUED = regex.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}|62\d{14,17}|9792\d{12}|220[0-4]\d{12}"
)
_FEWEST, _MOST = 13, 19
_WRITTEN = regex.compile(r"\d++(?:[ -]{1,2}+\d++)*+")
_IBAN_START = regex.compile(r"(?<![\w\x00])([A-Z]{2})\d{2}(?=[ -]?[A-Z0-9])", regex.IGNORECASE)


def is_card(text: Surroundings, number: Number) -> bool:
    """By Luhn and an issuer's beginning, or by Luhn and a word that says it is a card."""
    if not _FEWEST <= len(number.digits) <= _MOST or not _WRITTEN.fullmatch(text, number.start, number.end):
        return False
    if not (_ISSUED.fullmatch(number.digits) or context.near("card", text, number)):
        return False
    return len(set(number.digits)) > 1 and luhn.is_valid(number.digits)


def ibans(text: str) -> Iterator[Finding]:
    """By country, structure and mod 97, whatever is written right after it."""
    for match in _IBAN_START.finditer(text):
        length = _length_in(match[1].upper())
        end = _end_after(text, match.start(), length) if length else 0
        if end and iban.is_valid(text[match.start() : end]):
            yield Finding("iban", match.start(), end)


@cache
def _length_in(country: str) -> int:
    """0 for a country that has none."""
    structure = numdb.get("iban").info(country)[0][1].get("bban", "")
    sizes = [int(size) for size in regex.findall(r"(\d+)!?[nac]", structure)]
    return sum(sizes) + len("DE89") if sizes else 0


def _end_after(text: str, start: int, length: int) -> int:
    """Where that many letters and digits end, groups parted by single spaces or dashes; 0 if they do not."""
    place, seen = start, 0
    while seen < length and place < len(text):
        if text[place].isascii() and text[place].isalnum():
            seen += 1
        elif text[place] not in " -" or text[place - 1] in " -":
            return 0
        place += 1
    whole = seen == length and not text[place : place + 1].isalnum()
    return place if whole else 0
