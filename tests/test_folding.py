"""Folding: what an agent types and what a customer wrote become the same."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from socialdesk.folding import LONGEST_TOKEN, by_character, fold, tokens

ANY_TEXT = some.text(some.characters(exclude_categories=()))  # lone surrogates included


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("PAQUETE", "paquete"),
        ("¿Dónde está?", "donde esta"),
        ("Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("Straße", "STRASSE"),
        ("Đorđe", "dorde"),
        ("IŞIK ışık", "isik isik"),
        ("İstanbul", "istanbul"),
        ("příliš žluťoučký", "prilis zlutoucky"),
        ("cœur", "coeur"),
        ("ﬁn", "fin"),
        ("Ａｐｐ", "app"),
        ("co\u00adoperate", "cooperate"),
        ("مَدْرَسَة", "مدرسه"),
        ("الـطـلـب", "الطلب"),
        ("أين إلى آخر ٱلله", "اين الي اخر الله"),
        ("مستشفى", "مستشفي"),
        ("٤٠٢", "402"),
        ("ｶﾞﾗｽ", "ガラス"),
    ],
)
def test_two_ways_to_write_a_word_are_one(written: str, typed: str) -> None:
    assert fold(written) == fold(typed)


@pytest.mark.parametrize(("one", "other"), [("は", "ば"), ("は", "ぱ"), ("ن", "ت"), ("o", "0")])
def test_other_letters_stay_other_letters(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_words_are_what_stands_between_marks() -> None:
    assert tokens("@maria_g: don't send #402-998!") == ["maria", "g", "don", "t", "send", "402", "998"]


def test_runs_without_spaces_are_pairs_and_their_last_letter() -> None:
    assert tokens("東京都ABC") == ["東京", "京都", "都", "abc"]


def test_marks_alone_are_nothing() -> None:
    assert fold('!? … «» "*():^ \\ \0 👍\ufe0f \ud800') == ""


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY_TEXT)
def test_tokens_hold_nothing_that_a_database_would_take_for_an_order(text: str) -> None:
    for token in tokens(text):
        assert 0 < len(token) <= LONGEST_TOKEN
        assert all(character.isalnum() or ord(character) > 127 for character in token)
        assert not any(character.isspace() for character in token)


@given(ANY_TEXT)
def test_every_character_can_be_followed_into_the_folded_text(text: str) -> None:
    assert len(list(by_character(text))) == len(text)


def test_every_character_there_is_folds_once_and_for_all() -> None:
    every = [chr(code) for code in range(0x20000)]
    assert [character for character in every if fold(fold(character)) != fold(character)] == []


@pytest.mark.parametrize("hostile", ["a", "\u0301", "東", "ﷺ", "\0", "a\u0301\u0327", "'", "👨\u200d", " "])
def test_hostile_text_costs_no_more_than_its_length(hostile: str) -> None:
    def seconds(length: int) -> float:
        text = hostile * length
        begun = perf_counter()
        tokens(text)
        return perf_counter() - begun

    seconds(1_000)
    short, long = (min(seconds(length) for _ in range(5)) for length in (5_000, 50_000))
    assert long < short * 60 + 0.05
