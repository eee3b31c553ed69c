"""Which language a text is in; accuracy is measured in benchmarks/, this is what must always hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk import languages
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED, cleaning, detect

PLAIN = {
    "it": "Buongiorno, il mio pacco non è ancora arrivato, potete controllare?",
    "en": "Good morning, my parcel has not arrived yet, could you have a look?",
    "de": "Guten Morgen, mein Paket ist noch nicht da, könnten Sie nachsehen?",
    "es": "Buenos días, mi paquete no ha llegado todavía, ¿pueden mirarlo?",
    "pt": "Bom dia, a minha encomenda ainda não chegou, podem verificar?",
    "fr": "Bonjour, mon colis n'est toujours pas arrivé, pouvez-vous vérifier ?",
    "ja": "おはようございます。荷物がまだ届いていません。確認していただけますか。",
    "tr": "Günaydın, kargom hâlâ gelmedi, kontrol edebilir misiniz lütfen?",
    "nl": "Goedemorgen, mijn pakket is nog niet aangekomen, kunt u even kijken?",
    "pl": "Dzień dobry, moja paczka jeszcze nie dotarła, czy można to sprawdzić?",
    "cs": "Dobré ráno, můj balík ještě nepřišel, můžete se na to podívat?",
    "sv": "God morgon, mitt paket har inte kommit fram än, kan ni titta på det?",
    "ar": "صباح الخير، لم يصل الطرد بعد، هل يمكنكم التحقق من ذلك؟",
}


def test_there_are_thirteen() -> None:
    assert len(LANGUAGES) == 13
    assert PLAIN.keys() == LANGUAGES.keys()


@pytest.mark.parametrize("code", PLAIN)
def test_each_of_the_thirteen_is_found(code: str) -> None:
    found = detect(PLAIN[code])
    assert found.language == code
    assert found.confidence > 0.9


@pytest.mark.parametrize("code", ["en", "it", "pl", "tr"])
def test_names_links_and_capitals_do_not_matter(code: str) -> None:
    noisy = f"@NorthwindHelp @some_body {PLAIN[code].upper()} https://t.co/AbC123 503-1234567-1234567 😡😡"
    assert detect(noisy).language == code


@pytest.mark.parametrize(
    "text",
    ["", " ", "?", "🙂🙂🙂", "@NorthwindHelp ???", "https://t.co/abc", "12345", "x", "\u202e\u200d", "\x00"],
)
def test_with_nothing_to_go_by_it_says_so(text: str) -> None:
    found = detect(text)
    assert (found.language, found.confidence, found.source) == (UNDETERMINED, 0.0, "none")


@pytest.mark.parametrize(
    "text",
    [
        "Доброго ранку, моя посилка ще не прийшла",
        "안녕하세요, 택배가 아직 안 왔어요",
        "Huomenta, pakettini ei ole vielä saapunut",
    ],
)
def test_a_language_outside_the_thirteen_is_other(text: str) -> None:
    assert detect(text).language == OTHER


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@NorthwindHelp see https://t.co/a AB-12X9 now", "see now"),
        ("火曜に届くはずの荷物が4日たっても来ません", "火曜に届くはずの荷物が 日たっても来ません"),
        ("HELLO THERE", "hello there"),
        ("mail ana.b@shop.example.com please", "please"),
        ("call 503-1234567 #order", "call order"),
    ],
)
def test_only_the_words_are_read(text: str, words: str) -> None:
    assert cleaning.clean(text) == words


@given(st.text(max_size=400) | st.text(alphabet="\ud800a\u0301‮@#/.", max_size=400))
@settings(max_examples=60, deadline=None)
def test_no_text_whatever_makes_it_fail(text: str) -> None:
    found = detect(text)
    assert found.language in (*LANGUAGES, OTHER, UNDETERMINED)
    assert 0.0 <= found.confidence <= 1.0


def test_the_answer_is_the_same_every_time_and_in_every_thread() -> None:
    texts = ["ok thanks", "no", "hola hello ciao", *PLAIN.values()]
    with ThreadPoolExecutor(4) as threads:
        rounds = list(threads.map(lambda _: [languages.detect(text) for text in texts], range(4)))
    assert all(each == rounds[0] for each in rounds)
