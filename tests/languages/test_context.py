"""What stands around a text decides where the text leaves it open, and only there."""

from __future__ import annotations

from itertools import permutations

import pytest

from socialdesk.languages import OTHER, Context, detect
from socialdesk.languages.codes import plain
from tests.languages.sentences import PLAIN

AMBIGUOUS = [
    ("no", "it"),
    ("si", "es"),
    ("si", "fr"),
    ("tak", "pl"),
    ("tak", "cs"),
    ("ja", "nl"),
    ("ja", "sv"),
    ("ja", "de"),
    ("nada", "pt"),
    ("de nada", "pt"),
    ("hallo", "nl"),
    ("super", "pl"),
    ("perfekt", "de"),
    ("perfekt", "sv"),
    ("pronto", "pt"),
    ("normal", "es"),
    ("sorry", "nl"),
]


@pytest.mark.parametrize(("text", "language"), AMBIGUOUS)
def test_a_short_answer_goes_with_what_the_customer_wrote_before(text: str, language: str) -> None:
    found = detect(text, Context(earlier=[language] * 3))
    assert found.language == language
    alone = detect(text).language
    assert (found.source == "context") == (alone != language)


@pytest.mark.parametrize(("clear", "known"), list(permutations(PLAIN, 2)))
def test_a_customer_who_changes_his_language_is_believed(clear: str, known: str) -> None:
    before = Context(hint=known, earlier=[known] * 5, corrected=known, usual={known: 0.9})
    found = detect(PLAIN[clear], before)
    assert (found.language, found.source == "context") == (clear, False)
    assert found.confidence > 0.9


@pytest.mark.parametrize(
    ("hint", "code"),
    [
        ("iw", "he"),
        ("in", "id"),
        ("zh-CN", "zh"),
        ("zh_tw", "zh"),
        ("pt-BR", "pt"),
        ("nb", "no"),
        ("qme", None),
        ("qht", None),
        ("zxx", None),
        ("und", None),
        ("", None),
        (None, None),
    ],
)
def test_x_s_own_codes_are_understood(hint: str | None, code: str | None) -> None:
    assert plain(hint) == code
    assert detect(PLAIN["nl"], Context(hint=hint)).language == "nl"


@pytest.mark.parametrize("hint", ["qme", "und", "zxx", None])
def test_a_hint_that_is_no_language_changes_nothing(hint: str | None) -> None:
    assert detect("nada", Context(hint=hint)) == detect("nada")


def test_x_s_hint_decides_what_the_text_leaves_open() -> None:
    assert detect("nada", Context(hint="pt")).source == "context"
    assert detect("nada", Context(hint="pt")).language == "pt"


@pytest.mark.parametrize("text", ["tak", "mama", "no", "hotel", "nada"])
def test_earlier_words_in_other_languages_leave_an_other_with_its_code(text: str) -> None:
    found = detect(text, Context(earlier=[OTHER] * 5, corrected=OTHER))
    assert found.code not in (OTHER, None)
    assert found.runner_up != OTHER


def test_an_agent_s_correction_is_remembered_with_the_rest() -> None:
    found = detect("pronto", Context(corrected="pt"))
    assert (found.language, found.source) == ("pt", "context")
    together = detect("pronto", Context(corrected="pt", hint="pt"))
    assert together.confidence > found.confidence


def test_the_account_s_usual_mix_counts_a_little() -> None:
    usual = {"pt": 0.9, "es": 0.02}
    assert detect("nada", Context(usual=usual)).language == "pt"
    assert detect("gracias", Context(usual=usual)).language == "es"


def test_the_newer_messages_count_and_those_without_a_language_do_not() -> None:
    assert detect("nada", Context(earlier=["und", "und", "pt"])).language == "pt"
    once = detect("nada", Context(earlier=["pt", "es", "es", "es", "es", "pt", "pt", "pt"]))
    assert once.language == "es"


def test_context_for_another_language_makes_a_guess_of_a_doubtful_answer() -> None:
    alone, doubted = detect("si gracias"), detect("si gracias", Context(earlier=["it"] * 5))
    assert alone.language == doubted.language == "es"
    assert doubted.confidence < alone.confidence
