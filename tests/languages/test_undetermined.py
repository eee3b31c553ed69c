"""Honest when there is nothing to go by."""

from __future__ import annotations

import pytest

from socialdesk.languages import UNDETERMINED, Context, detect
from tests.languages.sentences import NO_LANGUAGE


@pytest.mark.parametrize("text", NO_LANGUAGE)
def test_with_nothing_to_go_by_it_says_so(text: str) -> None:
    found = detect(text)
    assert (found.language, found.confidence, found.source) == (UNDETERMINED, 0.0, "none")
    assert (found.code, found.mixed) == (UNDETERMINED, False)


@pytest.mark.parametrize("text", ["ok", "😡😡", "@NorthwindHelp ???", "iPhone", "hahaha"])
def test_what_is_known_of_the_customer_makes_no_language_of_it(text: str) -> None:
    known = Context(hint="es", earlier=["es"] * 5, corrected="es", usual={"es": 0.9})
    assert detect(text, known).language == UNDETERMINED
