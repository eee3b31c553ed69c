"""Texts in two languages name both; texts in one name one."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest

from socialdesk.languages import detect
from tests.languages.sentences import GREETINGS, PLAIN


@pytest.mark.parametrize(("one", "two"), list(permutations(PLAIN, 2)))
def test_two_sentences_in_two_languages_name_both(one: str, two: str) -> None:
    found = detect(f"{PLAIN[one]} {PLAIN[two]}")
    assert found.mixed
    assert {found.language, found.runner_up} == {one, two}


@pytest.mark.parametrize(("one", "two"), list(combinations(["en", "es", "ja", "pl", "ar", "tr"], 2)))
def test_they_need_no_full_stop_between_them(one: str, two: str) -> None:
    without = [PLAIN[code].translate(dict.fromkeys(map(ord, ".,?¿。、،؟"))) for code in (one, two)]
    found = detect(" ".join(without))
    assert found.mixed
    assert {found.language, found.runner_up} == {one, two}


@pytest.mark.parametrize("code", PLAIN)
def test_a_text_in_one_language_is_not_mixed(code: str) -> None:
    for text in (PLAIN[code], f"{PLAIN[code]} {PLAIN[code]}", " ".join(GREETINGS[code])):
        assert not detect(text).mixed


@pytest.mark.parametrize(
    "text",
    [
        "Mein Streaming-Login funktioniert auf dem Smart-TV nicht mehr",
        "新しい Bose QuietComfort Earbuds がまだ届いていません、確認をお願いします",
        "Mi e-reader no sincroniza con el smartphone desde el update",
    ],
)
def test_borrowed_words_and_products_do_not_make_it_mixed(text: str) -> None:
    assert not detect(text).mixed


@pytest.mark.parametrize(
    "text",
    [
        "Hello, where is my order? I have been waiting since Monday. 荷物がまだ届いていません",
        "Hello, where is my order, I have been waiting since Monday, nobody answers 荷物がまだ届いていません",
    ],
)
def test_a_sentence_of_japanese_in_a_long_english_text_is_named(text: str) -> None:
    found = detect(text)
    assert found.mixed
    assert {found.language, found.runner_up} == {"en", "ja"}
