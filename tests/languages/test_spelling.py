"""However people type: in capitals, drawn out, in hashtags, in the letters of old code pages."""

from __future__ import annotations

import pytest

from socialdesk.languages import cleaning, detect
from tests.languages.sentences import GREETINGS, PLAIN


@pytest.mark.parametrize(("code", "text"), [(code, text) for code in GREETINGS for text in GREETINGS[code]])
def test_a_greeting_is_enough(code: str, text: str) -> None:
    assert detect(text).language == code


@pytest.mark.parametrize("code", PLAIN)
def test_names_links_and_capitals_do_not_matter(code: str) -> None:
    shouted = PLAIN[code].replace("i", "İ" if code == "tr" else "i").upper()
    noisy = f"@NorthwindHelp @some_body {shouted} https://t.co/AbC123 503-1234567-1234567 😡😡"
    assert detect(noisy).language == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("KARGOM HÂLÂ GELMEDİ, NEREDE KALDI", "tr"),
        ("SİPARİŞİM GELMEDİ", "tr"),
        ("IŞIK YANMIYOR LÜTFEN YARDIM EDİN", "tr"),
        ("WO BLEIBT MEIN PAKET", "de"),
        ("¿DÓNDE ESTÁ MI PEDIDO?", "es"),
        ("whyyyyyy is it soooooo late", "en"),
        ("doooove sieteeee il mio paccoooo", "it"),
        ("#WhereIsMyParcel", "en"),
        ("#DoveIlMioPacco", "it"),
        ("#WoBleibtMeinPaket", "de"),
        ("＃NuncaMaisCompro aqui", "pt"),
        ("ﻣﺮﺣﺒﺎ ﺃﻳﻦ ﻃﻠﺒﻲ", "ar"),
        ("ｗｈｅｒｅ ｉｓ ｍｙ ｐａｒｃｅｌ", "en"),
        ("Tom &amp; Jerry sind weg &lt;3 wo ist mein Paket", "de"),
        ("c&#39;est vraiment nul", "fr"),
    ],
)
def test_the_way_it_is_typed_does_not_hide_the_language(text: str, code: str) -> None:
    assert detect(text).language == code


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@NorthwindHelp see https://t.co/a AB-12X9 now", "see now"),
        ("火曜に届くはずの荷物が4日たっても来ません", "火曜に届くはずの荷物が 日たっても来ません"),
        ("HELLO THERE", "hello there"),
        ("İYİ GÜNLER", "iyi günler"),
        ("mail ana.b@shop.example.com please", "please"),
        ("call 503-1234567 #order", "call order"),
        ("#WhereIsIt", "Where Is It"),
        ("sooooo late", "so late"),
        ("this &amp; that", "this that"),
        ("ok haha my iphone 12 burns", "my burns"),
    ],
)
def test_only_the_words_are_read(text: str, words: str) -> None:
    assert cleaning.clean(text) == words


def test_in_a_long_text_brands_and_cries_are_words_like_others() -> None:
    text = "ok so my amazon parcel came to the wrong house and the people there kept it"
    assert cleaning.clean(text) == text


def test_no_more_is_read_than_tells_the_language() -> None:
    assert len(cleaning.clean(PLAIN["en"] * 400)) == 1_000
