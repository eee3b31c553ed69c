"""Hostile and broken text: an answer, always, at a cost that grows no faster than the text."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED, Context, detect
from socialdesk.languages.codes import plain

HOSTILE = "\x00\ud800\udfff\u0301\u202e\u200d@＠#＃./:-&'aAİıßツﷺ가я 9😡"
CODES = st.sampled_from([*LANGUAGES, OTHER, UNDETERMINED, "iw", "qme", "zh-CN", "", "-", "x" * 50])
TIMES_LONGER, TIMES_SLOWER = 20, 60
SOME = 190  # letters; twenty times as many are still all read


@given(st.text(max_size=400) | st.text(alphabet=HOSTILE, max_size=400))
@example("a" * 10_000)
@example("e" + "\u0301" * 1_000)
@example("\u202e\u202d" * 500 + "abc")
@example("😡")
@example("ﷺ" * 4_000)
@example("\ud83d" * 10)
@settings(max_examples=150, deadline=None)
def test_no_text_whatever_makes_it_fail(text: str) -> None:
    found = detect(text)
    assert found.language in (*LANGUAGES, OTHER, UNDETERMINED)
    assert 0.0 <= found.confidence <= 1.0
    assert (found.language == found.code) == (found.language in {*LANGUAGES, UNDETERMINED})
    assert (found.confidence == 0.0) == (found.language == UNDETERMINED)


@given(
    st.sampled_from(["no", "nada", "tak", "荷物", "?", "hello there"]),
    CODES,
    st.lists(CODES, max_size=8),
    CODES,
)
@settings(max_examples=100, deadline=None)
def test_no_context_whatever_makes_it_fail(text: str, hint: str, earlier: list[str], corrected: str) -> None:
    found = detect(text, Context(hint, earlier, corrected, {corrected: 2.0}))
    assert 0.0 <= found.confidence <= 1.0
    if found.language == OTHER:
        assert plain(found.code) == found.code


@pytest.mark.parametrize(
    "pattern",
    [
        "a",
        "@",
        "#A",
        "aA",
        "://",
        "www.",
        "a.b@c",
        "e\u0301",
        "\u0301",
        "-9a",
        "ツ",
        "ha",
        "&",
        ". ",
        "ab! ",
        "가",
        "ﷺ",
    ],
)
def test_the_cost_grows_no_faster_than_the_text(pattern: str) -> None:
    text = pattern * (SOME // len(pattern))
    detect(text)
    assert fastest(text * TIMES_LONGER) < TIMES_SLOWER * fastest(text)


def fastest(text: str) -> float:
    """Of several, in seconds: what else the machine does makes none of them faster."""
    took = []
    for _ in range(7):
        began = perf_counter()
        detect(text)
        took.append(perf_counter() - began)
    return min(took)


def test_what_is_beyond_reading_costs_nothing() -> None:
    assert fastest("who is it? " * 100_000) < 5 * fastest("who is it? " * 1_000)
