"""What `socialdesk fit --json` tells as twitter-text does: how full a post is, how much of a text fits."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings

from socialdesk.fitting import LIMIT, parse, weighted_length
from socialdesk.fitting.emoji import SEQUENCE
from socialdesk.fitting.links import find_links
from socialdesk.fitting.weights import LINK_WEIGHT, plain_weight
from tests.test_fitting import AWKWARD_TEXT

FAMILY = "👨‍👩‍👧‍👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("text", "weight", "valid", "permillage", "display_end", "valid_end"),
    [
        ("", 0, False, 0, 0, 0),
        (" ", 1, True, 3, 0, 0),
        ("Where is it?", 12, True, 42, 11, 11),
        ("p" * 280, 280, True, 1000, 279, 279),
        ("p" * 281, 281, False, 1003, 280, 279),
        ("荷" * 150, 300, False, 1071, 149, 139),
        ("p" + "荷" * 140, 281, False, 1003, 140, 139),
        ("🚚" * 141, 282, False, 1007, 281, 279),
        (FAMILY * 2, 4, True, 14, 21, 21),
        ("p" * 279 + FAMILY, 281, False, 1003, 289, 278),
        (f"Parcel {ENGLAND} 3⃣", 12, True, 42, 23, 23),
        ("p" * 250 + " https://shop.example.com/orders/55/parcel", 274, True, 978, 291, 291),
        ("p" * 260 + " https://shop.example.com/orders/55/parcel", 284, False, 1014, 301, 260),
        ("e\u0301te\u0301", 3, True, 10, 4, 4),
        ("p" * 278 + "e\u0301pp", 281, False, 1003, 281, 280),
        ("a\ufb2c", 4, True, 14, 1, 1),
        ("Hi\ufeffthere", 9, False, 32, 7, 1),
        ("\uffffHi", 4, False, 14, 2, 0),
        ("\ud800p", 3, True, 10, 1, 1),
        ("m.jp🇱.شبكة/", 31, True, 110, 11, 11),
    ],
)  # fmt: skip
def test_what_x_makes_of_a_text(
    text: str, weight: int, valid: bool, permillage: int, display_end: int, valid_end: int
) -> None:
    assert parse(text) == {
        "weightedLength": weight,
        "valid": valid,
        "permillage": permillage,
        "displayRangeStart": 0,
        "displayRangeEnd": display_end,
        "validRangeStart": 0,
        "validRangeEnd": valid_end,
    }


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def one_character_after_the_other(text: str) -> tuple[int, bool, int]:
    """Weight, validity, and where the valid range ends, as the published description goes: every place of the
    text is looked at, whether a link or an emoji begins there."""
    normalized = unicodedata.normalize("NFC", text)
    links = dict(find_links(normalized))
    between = "".join(" " if any(start <= n < end for start, end in links.items()) else character
                      for n, character in enumerate(normalized))  # fmt: skip
    emoji = {found.start(): found.end() for found in SEQUENCE.finditer(between)}
    place = weight = valid_end = 0
    valid = True
    while place < len(normalized):
        end = links.get(place) or emoji.get(place) or place + 1
        weight += LINK_WEIGHT if place in links else plain_weight(normalized[place:end])
        valid = valid and normalized[end - 1] not in "\ufffe\ufeff\uffff"
        if valid and weight <= LIMIT:
            valid_end = units(normalized[:end]) - 1
        place = end
    return weight, valid and 0 < weight <= LIMIT, valid_end + units(text) - units(normalized)


@given(AWKWARD_TEXT)
@example("p" * 250 + "m.jp🇱.شبكة/" + "p" * 30)
@settings(deadline=None)
def test_the_ranges_are_those_of_a_slow_look_at_every_character(text: str) -> None:
    found = parse(text)
    assert (found["weightedLength"], found["valid"], found["validRangeEnd"]) == one_character_after_the_other(
        text
    )
    assert found["displayRangeEnd"] == max(0, units(text) - 1)
    assert found["weightedLength"] == weighted_length(text)
