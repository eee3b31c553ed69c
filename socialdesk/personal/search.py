"""The search itself: what each kind claims, and which of two claims to the same place holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import regex

from socialdesk.personal.accounts import ibans, is_card
from socialdesk.personal.addresses import addresses
from socialdesk.personal.context import Surroundings
from socialdesk.personal.findings import Finding
from socialdesk.personal.national import codes, in_number
from socialdesk.personal.orders import order_numbers
from socialdesk.personal.phones import is_phone, looks_like_one
from socialdesk.personal.reading import NOTHING, numbers, plain

_DIGIT = re.compile(r"\d")
_SEVEN_DIGITS = regex.compile(r"(?:\D*+\d){7}")
_ADDRESS = re.compile(r"@(?<=[\w.+%-]@)\w")
_LOCAL_PART = regex.compile(r"(?<![\w.+%\x00-])[\w.+%-]++@")
_HOST = regex.compile(r"[\p{L}\p{N}-]++(?:\.[\p{L}\p{N}-]++)++")
_LONGEST_HOST = 253
_MOST_LOOKED_UP = 40
"""Likely phones in a text that are looked up. One with more is a list: the rest are taken for phones too."""

_MOST_ROUNDS = 4
"""Something may stand out only once its neighbour is known."""

_Search = Callable[[Surroundings, str], Iterator[Finding]]


def find(text: str, language: str) -> list[Finding]:
    """In the order of the text, none overlapping another. Never raises, and takes time linear in its length.

    A text without an @ and without a digit is not looked at further, nor for numbers one without seven.
    """
    if not _DIGIT.search(text) and not _ADDRESS.search(text) and "＠" not in text:
        return []
    found: list[Finding] = []
    rest = plain(text)
    for _ in range(_MOST_ROUNDS):
        before = len(found)
        for search in _searches(rest):
            claims = list(search(Surroundings(rest), language))
            found += claims
            rest = _without(rest, claims)
        if len(found) == before:
            break
    return sorted(found, key=lambda finding: finding.start)


def warm_up() -> None:
    """Compile and gather now what each process's first message with a street or a digit of another script in
    it would wait for: half a second, twice over."""
    find("Calle Mayor 12, 28013 Madrid – ٠٦١٢٣٤٥٦٧٨", "es")


def _searches(text: str) -> tuple[_Search, ...]:
    """Those that can find anything in the text."""
    if _SEVEN_DIGITS.match(text):
        return _emails, _orders, _ibans, codes, addresses, _numbers
    return (_emails, addresses) if _DIGIT.search(text) else (_emails,)


def _emails(text: str, _: str) -> Iterator[Finding]:
    done = 0
    for match in _LOCAL_PART.finditer(text):
        host = _HOST.match(text, match.end(), match.end() + _LONGEST_HOST)
        if match.start() < done or host is None or match.end() - match.start() == 1:
            continue
        if host[0].rsplit(".", 1)[-1].isalpha():
            done = host.end()
            yield Finding("email", match.start(), done)


def _orders(text: str, _: str) -> Iterator[Finding]:
    return order_numbers(text)


def _ibans(text: str, _: str) -> Iterator[Finding]:
    return ibans(text)


def _numbers(text: Surroundings, language: str) -> Iterator[Finding]:
    done = looked_up = 0
    for number in numbers(text):
        if number.start < done:
            continue
        number = number._replace(since=done)
        looks_like_phone = looks_like_one(text, number)
        looked_up += looks_like_phone
        if is_card(text, number):
            kind = "card"
        elif in_number(text, number, language):
            kind = "national_id"
        elif looks_like_phone and (looked_up > _MOST_LOOKED_UP or is_phone(text, number, language)):
            kind = "phone"
        else:
            continue
        yield Finding(kind, number.start - (text[number.start - 1 : number.start] in ("+", "(")), number.end)
        done = number.end


def _without(text: str, findings: Iterable[Finding]) -> str:
    parts: list[str] = []
    done = 0
    for finding in findings:
        parts += [text[done : finding.start], NOTHING * (finding.end - finding.start)]
        done = finding.end
    return "".join(parts) + text[done:]
