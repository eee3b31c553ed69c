"""What the letters alone settle, and what they leave to the detectors."""

from __future__ import annotations

import pytest

from socialdesk.languages import LANGUAGES, OTHER, detect


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("안녕하세요, 택배가 아직 안 왔어요", "ko"),
        ("Добрий ранок, моя посилка ще не прийшла", "uk"),
        ("Здравствуйте, где моя посылка?", "ru"),
        ("Καλημέρα, πού είναι το δέμα μου;", "el"),
        ("שלום, החבילה שלי עוד לא הגיעה", "he"),
        ("พัสดุของฉันยังไม่มา", "th"),
        ("मेरा पार्सल अभी तक नहीं आया", "hi"),
        ("আমার পার্সেল এখনো আসেনি", "bn"),
    ],
)
def test_a_script_of_none_of_the_thirteen_is_other_with_its_language(text: str, code: str) -> None:
    found = detect(text)
    assert (found.language, found.code, found.source) == (OTHER, code, "script")


def test_a_script_that_nothing_is_known_about_is_other() -> None:
    found = detect("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ")
    assert (found.language, found.code) == (OTHER, "und")


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("سلام، بسته من هنوز نرسیده است، لطفا پیگیری کنید", OTHER, "fa"),
        ("میرا پارسل ابھی تک نہیں آیا، براہ کرم چیک کریں", OTHER, "ur"),
        ("مرحبا، لم تصل شحنتي حتى الآن", "ar", "ar"),
        ("请问我的包裹什么时候能到", OTHER, "zh"),
        ("荷物未着", "ja", "ja"),
        ("Huomenta, pakettini ei ole vielä saapunut", OTHER, "fi"),
    ],
)
def test_languages_that_share_a_script_are_told_apart_by_their_words(
    text: str, language: str, code: str
) -> None:
    found = detect(text)
    assert (found.language, found.code) == (language, code)
    assert found.source in ("detector", "detectors")


@pytest.mark.parametrize("text", ["ありがとう", "ｱﾘｶﾞﾄｳｺﾞｻﾞｲﾏｽ", "ありがとう thanks", "カタカナダケ"])
def test_kana_is_japanese(text: str) -> None:
    found = detect(text)
    assert (found.language, found.confidence, found.source) == ("ja", 1.0, "script")


@pytest.mark.parametrize(
    "text",
    [
        "My parcel is late again ¯\\_(ツ)_/¯",
        "(╯°□°)╯ ノ where is my order, it is late again",
        "I love your ramen ラーメン bowl but it arrived broken",
    ],
)
def test_a_face_or_a_dish_makes_no_japanese_of_an_english_text(text: str) -> None:
    found = detect(text)
    assert (found.language, found.mixed) == ("en", False)


@pytest.mark.parametrize(
    "text",
    [
        "Hei, pakken min har ikke kommet ennå",
        "Dobrý deň, môj balík ešte neprišiel, prosím o pomoc",
        "Bon dia, el meu paquet encara no ha arribat, què puc fer?",
        "Goeiemôre, my pakkie het nog nie aangekom nie, kan julle asseblief kyk?",
    ],
)
def test_an_other_says_which_and_it_is_none_of_the_thirteen(text: str) -> None:
    found = detect(text)
    assert found.language == OTHER
    assert found.code not in {*LANGUAGES, OTHER}
