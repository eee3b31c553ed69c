"""What a customer should not have written in public is found, and what is nothing of the kind is left alone.

Every number here is a published test number, or made up with a valid check digit.
"""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk import personal
from socialdesk.languages import LANGUAGES
from socialdesk.personal import NAMES, Finding

FOUND = [
    ("en", "it is order 123-1234567-1234567, thanks", "order_number", "123-1234567-1234567"),
    ("en", "order D01-1234567-1234567", "order_number", "D01-1234567-1234567"),
    ("en", "my order ORD-2024-001234 is late", "order_number", "ORD-2024-001234"),
    ("de", "Bestellnummer 12345678, bitte prüfen", "order_number", "12345678"),
    ("es", "pedido nº 000123456", "order_number", "000123456"),
    (
        "ja",
        "注文番号は１２３－１２３４５６７－１２３４５６７です",
        "order_number",
        "１２３－１２３４５６７－１２３４５６７",
    ),
    ("en", "write to ana.b+x@shop.example.com please", "email", "ana.b+x@shop.example.com"),
    ("en", "it's (maria@example.org).", "email", "maria@example.org"),
    ("ja", "メールは kenji＠example.jp です", "email", "kenji＠example.jp"),
    ("en", "call me on (415) 555-2671", "phone", "(415) 555-2671"),
    ("en", "on +44 20 7946 0018 after six", "phone", "+44 20 7946 0018"),
    ("de", "Tel. 030 23125 100", "phone", "030 23125 100"),
    ("fr", "mon numéro 06 12 34 56 78", "phone", "06 12 34 56 78"),
    ("it", "chiamatemi al 312 345 6789", "phone", "312 345 6789"),
    ("es", "llamadme al 612 34 56 78", "phone", "612 34 56 78"),
    ("pt", "ligue para (11) 96123-4567", "phone", "(11) 96123-4567"),
    ("ja", "電話は090-1234-5678です", "phone", "090-1234-5678"),
    ("tr", "numaram 0501 234 56 78", "phone", "0501 234 56 78"),
    ("nl", "bel mij op 06 12345678", "phone", "06 12345678"),
    ("pl", "proszę dzwonić 512 345 678", "phone", "512 345 678"),
    ("cs", "zavolejte 601 123 456", "phone", "601 123 456"),
    ("sv", "ring 070-123 45 67", "phone", "070-123 45 67"),
    ("ar", "رقمي ٠٥١٢٣٤٥٦٧٨", "phone", "٠٥١٢٣٤٥٦٧٨"),
    ("und", "+49 30 23125 100", "phone", "+49 30 23125 100"),
    ("en", "card 4242 4242 4242 4242 was charged", "card", "4242 4242 4242 4242"),
    ("de", "5555-5555-5555-4444", "card", "5555-5555-5555-4444"),
    ("en", "3782 822463 10005", "card", "3782 822463 10005"),
    ("ar", "بطاقة ٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "card", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"),
    ("de", "IBAN DE89 3704 0044 0532 0130 00 bitte", "iban", "DE89 3704 0044 0532 0130 00"),
    ("nl", "NL91ABNA0417164300", "iban", "NL91ABNA0417164300"),
    ("en", "to gb29 nwbk 6016 1331 9268 19.", "iban", "gb29 nwbk 6016 1331 9268 19"),
    ("it", "codice RSSMRA85T10A562S", "national_id", "RSSMRA85T10A562S"),
    ("es", "mi DNI es 12345678Z", "national_id", "12345678Z"),
    ("es", "NIE X1234567L", "national_id", "X1234567L"),
    ("pt", "NIF 123456789", "national_id", "123456789"),
    ("pt", "390.533.447-05", "national_id", "390.533.447-05"),
    ("fr", "2 95 10 99 126 111 93", "national_id", "2 95 10 99 126 111 93"),
    ("de", "Steuer-ID 36574261809", "national_id", "36574261809"),
    ("nl", "mijn BSN is 111222333", "national_id", "111222333"),
    ("pl", "44051401359", "national_id", "44051401359"),
    ("cs", "rodné číslo 710319/2745", "national_id", "710319/2745"),
    ("sv", "880320-0016", "national_id", "880320-0016"),
    ("tr", "17291716060", "national_id", "17291716060"),
    ("en", "my SSN is 536-90-4399", "national_id", "536-90-4399"),
    ("ja", "マイナンバーは123456789018です", "national_id", "123456789018"),
    ("en", "my order 123 1234567 1234567 is late", "order_number", "123 1234567 1234567"),
    ("de", "Bestellung D01  1234567  1234567 fehlt", "order_number", "D01  1234567  1234567"),
    (
        "en",
        "it is 10 Downing Street, London SW1A 2AA, as ever",
        "address",
        "10 Downing Street, London SW1A 2AA",
    ),
    ("en", "left at 221B Baker Street again", "address", "221B Baker Street"),
    ("en", "to 350 W 42nd St, New York, NY 10036 please", "address", "350 W 42nd St, New York, NY 10036"),
    ("en", "bring it to 14 elm grove leeds LS1 4AB", "address", "14 elm grove leeds LS1 4AB"),
    ("en", "we are 14, LS1 4AB", "address", "14, LS1 4AB"),
    ("en", "12 Maple Drive, Springfield, IL 62704", "address", "12 Maple Drive, Springfield, IL 62704"),
    ("de", "Es ist die Hauptstraße 12, 10115 Berlin!", "address", "Hauptstraße 12, 10115 Berlin"),
    ("de", "wohne in der Berliner Str. 5a in Köln", "address", "Berliner Str. 5a"),
    ("de", "an goethestr. 3 geliefert", "address", "goethestr. 3"),
    ("de", "Lindenweg 7, 50667 Köln", "address", "Lindenweg 7, 50667 Köln"),
    ("de", "Am Markt 5, 04109 Leipzig", "address", "Am Markt 5, 04109 Leipzig"),
    ("it", "abito in Via Roma 15, 00184 Roma", "address", "Via Roma 15, 00184 Roma"),
    ("it", "abito in via Garibaldi 15, grazie", "address", "via Garibaldi 15"),
    ("it", "sto in via roma 15 00184 roma", "address", "via roma 15 00184 roma"),
    ("it", "consegnate in Piazza Dante n. 3", "address", "Piazza Dante n. 3"),
    ("it", "corso Vittorio Emanuele II, 12", "address", "corso Vittorio Emanuele II, 12"),
    ("es", "vivo en la Calle Mayor 12, 28013 Madrid", "address", "Calle Mayor 12, 28013 Madrid"),
    ("es", "en calle mayor nº 12", "address", "calle mayor nº 12"),
    ("es", "Avda. de América 45", "address", "Avda. de América 45"),
    ("es", "es la Calle 45 # 12-34", "address", "Calle 45 # 12-34"),
    ("pt", "moro na Rua Augusta, 1500", "address", "Rua Augusta, 1500"),
    ("pt", "Av. Paulista 1000, 01310-100 São Paulo", "address", "Av. Paulista 1000, 01310-100 São Paulo"),
    ("pt", "Travessa do Carmo 4, 1200-095 Lisboa", "address", "Travessa do Carmo 4, 1200-095 Lisboa"),
    ("fr", "livrez au 12 rue de la Paix, 75002 Paris", "address", "12 rue de la Paix, 75002 Paris"),
    ("fr", "j'habite 3 bis avenue Foch", "address", "3 bis avenue Foch"),
    ("fr", "Rue de la Loi 16, 1000 Bruxelles", "address", "Rue de la Loi 16, 1000 Bruxelles"),
    ("fr", "5 place du Marché, 69002 Lyon", "address", "5 place du Marché, 69002 Lyon"),
    ("ja", "〒100-0001 東京都千代田区千代田です", "address", "〒100-0001 東京都千代田区千代田"),
    ("ja", "住所は新宿区西新宿２－８－１です", "address", "新宿区西新宿２－８－１"),
    ("ja", "千代田1丁目2番3号に届けて", "address", "千代田1丁目2番3号"),
    ("ja", "横浜市中区山下町12番地です", "address", "横浜市中区山下町12番地"),
    ("tr", "adresim Atatürk Cad. No: 12", "address", "Atatürk Cad. No: 12"),
    ("tr", "Cumhuriyet Mahallesi 123. Sokak No:5", "address", "Cumhuriyet Mahallesi 123. Sokak No:5"),
    ("tr", "Bağdat Caddesi 45", "address", "Bağdat Caddesi 45"),
    ("tr", "evim lale sokak no 5", "address", "sokak no 5"),
    ("nl", "ik woon Herengracht 100, 1015 BS Amsterdam", "address", "Herengracht 100, 1015 BS Amsterdam"),
    ("nl", "mijn adres is Kerkstraat 15b", "address", "Kerkstraat 15b"),
    ("nl", "bezorg op Beukenlaan 3", "address", "Beukenlaan 3"),
    ("pl", "mieszkam: ul. Długa 5/7, 00-238 Warszawa", "address", "ul. Długa 5/7, 00-238 Warszawa"),
    ("pl", "na ulicy Marszałkowskiej 10", "address", "ulicy Marszałkowskiej 10"),
    ("pl", "al. Jerozolimskie 65", "address", "al. Jerozolimskie 65"),
    ("pl", "os. Leśne 12/5, 31-603 Kraków", "address", "os. Leśne 12/5, 31-603 Kraków"),
    ("cs", "bydlím Vinohradská 12, 120 00 Praha", "address", "Vinohradská 12, 120 00 Praha"),
    ("cs", "je to Dlouhé náměstí 12", "address", "Dlouhé náměstí 12"),
    ("cs", "ulice Dlouhá 8", "address", "ulice Dlouhá 8"),
    ("sv", "Drottninggatan 5, 111 51 Stockholm", "address", "Drottninggatan 5, 111 51 Stockholm"),
    ("sv", "jag bor på Storvägen 12", "address", "Storvägen 12"),
    ("ar", "عنواني شارع الملك فهد 123", "address", "شارع الملك فهد 123"),
    ("ar", "شارع التحرير رقم ١٢", "address", "شارع التحرير رقم ١٢"),
]

NOTHING = [
    ("en", ""),
    ("en", "@NorthwindHelp where is it? @115821 @115850"),
    ("en", "see https://x.example/a/status/1589632587456325874 and https://t.co/a1234567890"),
    ("en", "the post 1589632587456325874 says so"),
    ("en", "delivered on 2017-10-12 14:00, or was it 12/10/2017?"),
    ("de", "am 01.02.2024 oder 03.02.2024 um 12:30"),
    ("en", "£1,234,567.89 for it, $12345678 for that"),
    ("es", "cuesta 1.234.567,89 € ahora"),
    ("en", "tracking 1Z999AA10123456784"),
    ("en", "tracking number 9400 1118 9922 3197 4284 90"),
    ("nl", "pakket 111222333 is kwijt"),
    ("de", "Sendung 00340434161094042557"),
    ("pl", "przesyłka 512345678"),
    ("en", "36574261809 boxes"),
    ("en", "4242 4242 4242 4241"),
    ("de", "DE89 3704 0044 0532 0130 01"),
    ("en", "I ordered 2 of 3, paid 40 and waited 16 days"),
    ("en", "me @ home, you@work"),
    ("en", "it is on the way, 3 days now"),
    ("en", "sent via DHL 2 days ago, via Alexa 3"),
    ("en", "2 parcels on the way, order AB 12345"),
    ("en", "a 64 GB Flash Drive, 2 x PS4 1TB and a 5 Star Way"),
    ("en", "Oct 12, 2017 London"),
    ("en", "chapter 7 The Road, and CAD drawings no 5"),
    ("en", "everything in SW1A 2AA is late"),
    ("en", "my OS. Windows 10, 12345 users"),
    ("de", "auf der Straße 3 Stunden, onlineplatz 2, Umweg 3"),
    ("de", "die Bundesstraße 7 ist zu, Verkäufer 3 auch"),
    ("de", "Speicherplatz 64 GB, Parkplatz 12 ist frei"),
    ("it", "Via 3 giorni"),
    ("it", "via DHL 2"),
    ("it", "arriva via corriere 3 giorni fa, via Amazon 3 giorni fa"),
    ("it", "via mail 3, ordine 12345 non arriva"),
    ("es", "en la calle desde hace 3 horas, la plaza 2 veces"),
    ("pt", "na rua há 3 horas, rua sem saída"),
    ("fr", "rue de la paix"),
    ("fr", "2 place de parking, dans la rue depuis 3 jours"),
    ("fr", "en 50 av. J.-C., la BD Astérix 38"),
    ("ja", "3-4日かかる、2回も届かない、1番ひどい"),
    ("ja", "川崎市には3-4日で届く、都市3-2"),
    ("tr", "sokakta 3 gün bekledim"),
    ("nl", "onderweg 2 dagen, op straat 3 uur"),
    ("pl", "na ulicy 2 dni, semestr 2, na placu 3"),
    ("cs", "na ulici 2 dny, registr 5, třída S 500"),
    ("sv", "på vägen 2 dagar, gatan 3 gånger"),
    ("ar", "في الشارع 3 ساعات"),
    ("ar", "شارع كامل منذ 3 أيام"),
]


@pytest.mark.parametrize(("language", "text", "kind", "part"), FOUND)
def test_it_is_found_and_named(language: str, text: str, kind: str, part: str) -> None:
    start = text.index(part)
    assert personal.find(text, language) == [Finding(kind, start, start + len(part))]


@pytest.mark.parametrize(("language", "text"), NOTHING)
def test_what_only_looks_like_it_is_left_alone(language: str, text: str) -> None:
    assert personal.find(text, language) == []


def test_in_italian_alone_via_is_a_street_without_a_towns_code() -> None:
    assert personal.find("via Garibaldi 15.", "en") == []
    assert [found.kind for found in personal.find("Via Garibaldi 15, 00184 Roma", "en")] == ["address"]


def test_an_address_is_masked_whole() -> None:
    text = "Sono in Via Roma 15, 00184 Roma: chiamatemi al 312 345 6789"
    assert personal.mask(text, personal.find(text, "it")) == "Sono in •••• ma: chiamatemi al •••• 89"


def test_every_kind_has_a_name() -> None:
    assert {kind for _, _, kind, _ in FOUND} == NAMES.keys()


def test_a_weak_number_needs_a_word_that_names_it() -> None:
    assert personal.find("111222333", "nl") == []
    assert personal.find("burgerservicenummer 111222333", "nl") == [Finding("national_id", 20, 29)]


def test_several_in_one_text_come_in_its_order() -> None:
    text = "order 123-1234567-1234567, maria@example.org or (415) 555-2671"
    assert [finding.kind for finding in personal.find(text, "en")] == ["order_number", "email", "phone"]


def test_a_mask_keeps_two_characters_and_not_the_length() -> None:
    short, long = "ana@b.example", "anastasia.the.second@b.example"
    masked = {personal.mask(text, personal.find(text, "en")) for text in (short, long)}
    assert masked == {"•••• le"}


@pytest.mark.parametrize(("language", "text", "kind", "part"), FOUND)
def test_masking_leaves_nothing_to_find(language: str, text: str, kind: str, part: str) -> None:
    masked = personal.mask(text, personal.find(text, language))
    assert part not in masked
    assert personal.find(masked, language) == []


PIECES = st.sampled_from(
    [part for *_, part in FOUND]
    + [
        "tracking ",
        "phone ",
        "BSN ",
        "card ",
        "order ",
        " ",
        "-",
        "+",
        "@",
        ".",
        "(",
        ")",
        "/",
        "•••• 42",
        "Via Roma ",
        "12 rue de ",
        "Straße 5",
        ", 10115 Berlin",
        " Street",
        "市山1-",
        "é",
        "\x00",
    ]
)
TEXTS = st.one_of(
    st.text(), st.text("0123456789 -+().@/aB٣４"), st.lists(PIECES | st.text(max_size=3)).map("".join)
)


@settings(deadline=None)
@given(text=TEXTS, language=st.sampled_from([*LANGUAGES, "und", "other"]))
def test_any_text_whatever_can_be_searched_and_masked_once_is_masked(text: str, language: str) -> None:
    found = personal.find(text, language)
    for before, after in pairwise(found):
        assert before.end <= after.start
    masked = personal.mask(text, found)
    assert personal.mask(masked, personal.find(masked, language)) == masked


HOSTILE = [
    "1",
    "@",
    "-",
    "+",
    "a@",
    "a.",
    "a@a.",
    "1 ",
    "12-",
    "+1",
    "(1)",
    ".111",
    "AB12",
    "DE89 ",
    "order 1-",
    "0612345678 ",
    "12 A ",
    "12 Aa Street ",
    "12 a street, ",
    "via a 1 ",
    "Via Aa, 1, ",
    "Am Aa 1 ",
    "Hauptstraße 12, a ",
    "1 SW1A 2A",
    "1 Sokak ",
    "Calle 4 # ",
    "شارع كك 1 ",
    "市1-1",
    "1丁目",
    "〒1000001",
]


def seconds(text: str) -> float:
    def once() -> float:
        start = time.process_time()
        personal.find(text, "en")
        return time.process_time() - start

    return min(once() for _ in range(3))


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    """Eight times the length would be 64 times the time if it were quadratic."""
    short, long = (piece * length for length in (1_000 // len(piece), 8_000 // len(piece)))
    personal.find(long, "en")
    assert seconds(long) < 24 * max(seconds(short), 0.000_2)
