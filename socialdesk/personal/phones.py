"""Phone numbers: those of the countries that speak the text's language, and any with its country code."""

from __future__ import annotations

import phonenumbers
import regex

from socialdesk.personal import context
from socialdesk.personal.context import Surroundings
from socialdesk.personal.reading import Number

_REGIONS = {
    "it": ("IT", "CH"),
    "en": ("US", "GB", "IN", "CA", "AU", "IE", "NZ"),
    "de": ("DE", "AT", "CH"),
    "es": ("ES", "MX", "AR", "CO", "CL", "PE"),
    "pt": ("BR", "PT"),
    "fr": ("FR", "BE", "CA", "CH"),
    "ja": ("JP",),
    "tr": ("TR",),
    "nl": ("NL", "BE"),
    "pl": ("PL",),
    "cs": ("CZ", "SK"),
    "sv": ("SE", "FI"),
    "ar": ("SA", "AE", "EG", "KW", "QA", "JO", "MA", "IQ"),
}
_ELSEWHERE = ("US", "GB", "IN", "DE", "FR", "ES", "IT", "BR", "JP", "TR", "NL", "PL", "SE", "SA")
_FEWEST_WITH_ZERO = 9
_FEWEST, _MOST = 7, 15  # digits; E.164 has at most 15
_LIKELY_GROUPS = regex.compile(r"\d{2,5}(?:[ .\-/()]{1,3}\d{2,6}){1,5}")


def is_phone(text: Surroundings, number: Number, language: str) -> bool:
    """Whether the number has been given out in one of the regions; some tens of microseconds for each."""
    if _says_its_country(text, number):
        return _is_valid(f"+{number.digits.removeprefix('00')}", None)
    return any(_is_valid(number.digits, region) for region in _REGIONS.get(language, _ELSEWHERE))


def looks_like_one(text: Surroundings, number: Number) -> bool:
    """Whether `is_phone` is worth asking.

    Without a country code, a leading zero or a telephone's grouping, digits alone could be anything:
    then a word must say that it is a phone. After a word about a parcel or an order only one that
    says its country is believed.
    """
    if not _FEWEST <= len(number.digits) <= _MOST:
        return False
    if text[number.start - 1 : number.start] == "+":
        return True
    if len(number.digits) + number.neighbours > _MOST:
        return False  # a part of something longer, such as a misspelt card
    with_zero = number.digits.startswith("0") and len(number.digits) >= _FEWEST_WITH_ZERO
    if not (with_zero or _is_grouped(text, number) or context.near("phone", text, number)):
        return False
    return not (context.before("parcel", text, number) or context.before("order", text, number))


def _is_grouped(text: Surroundings, number: Number) -> bool:
    return _LIKELY_GROUPS.fullmatch(text, number.start, number.end) is not None


def _says_its_country(text: Surroundings, number: Number) -> bool:
    return text[number.start - 1 : number.start] == "+" or number.digits.startswith("00")


def _is_valid(digits: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False
