"""Quotations, faces, hashtags, and the words that only one language has."""

from __future__ import annotations

import pytest

from socialdesk import languages
from socialdesk.languages import OTHER, UNDETERMINED, Context


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('la app dice "Something went wrong, please try again" desde ayer', "es"),
        ("was bedeutet „Your parcel is on hold“ denn nun", "de"),
        ("l'appli affiche « Zahlung abgelehnt, bitte später versuchen » sans arrêt", "fr"),
        ("the driver left a note saying “Niemand war zu Hause, bitte abholen” again", "en"),
    ],
)
def test_what_somebody_quotes_is_not_what_he_writes_in(text: str, language: str) -> None:
    assert languages.detect(text).language == language


def test_a_text_that_is_all_quotation_is_read_as_it_is() -> None:
    assert languages.detect('"Wo bleibt denn bitte meine Bestellung?"').language == "de"


@pytest.mark.parametrize(
    "face", ["o_O", "T_T", "ಠ_ಠ", "(ノಠ益ಠ)ノ", "x_x", "#iPhone", "#PlayStation5 #MacBookPro"]
)
def test_faces_and_brands_are_in_no_language(face: str) -> None:
    assert languages.detect(face).language == UNDETERMINED


def test_letters_dressed_up_are_letters() -> None:
    assert languages.detect("𝗠𝘆 𝗼𝗿𝗱𝗲𝗿 𝗶𝘀 𝘀𝘁𝗶𝗹𝗹 𝗻𝗼𝘁 𝗵𝗲𝗿𝗲").language == "en"


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("blz", "pt", "pt"),
        ("slm", "tr", "tr"),
        ("bjr", "fr", "fr"),
        ("prosim", "cs", "cs"),
        ("hoekom antwoord julle nie", OTHER, "af"),
        ("grazas polo envío", OTHER, "gl"),
    ],
)
def test_a_word_that_only_one_language_has_tips_the_scales(text: str, language: str, code: str) -> None:
    found = languages.detect(text)
    assert (found.language, found.code) == (language, code)


def test_such_a_word_is_part_of_the_text_and_not_of_its_context() -> None:
    assert languages.detect("blz", Context(earlier=("pt",))).source != "context"
