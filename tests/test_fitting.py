"""How long a text is for X, and how a long reply is cut."""

import re
import time
import unicodedata
from collections.abc import Callable

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from socialdesk.fitting import LIMIT, Fit, bare, fit, fits, weighted_length
from socialdesk.fitting.weights import composed

ANY_TEXT = st.text(st.characters(), max_size=900)
AWKWARD_TEXT = st.lists(
    st.sampled_from(
        [
            *(
                "Hola. ",
                "Where is it? ",
                "お荷物は届きましたか。",
                "申し訳ございません",
                "أين طلبي؟ ",
                "word ",
                "\n\n",
            ),
            *(
                "https://shop.example.com/a/b?c=d#e ",
                "t.co/x",
                "例え.jp",
                "@maria_99 ",
                "ana@shop.com ",
                "3.5",
            ),
            *(
                "👨‍👩‍👧‍👦",
                "🇵🇱",
                "🧑🏿‍🚀",
                "1️⃣",
                "e\u0301",
                "\u0301" * 40,
                "\ud800",
                "\ufeff",
                "שּׁ",
                "x" * 90,
                "、",
                "(",
                "…",
            ),
        ]
    ),
    max_size=60,
).map("".join)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200e\u200f]", "", text)


def without_numbers(parts: list[str]) -> list[str]:
    return [re.sub(r"[\u200e\u200f]? \(\d+/\d+\)\Z", "", part) for part in parts]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Gracias, María", 14),
        ("Zażółć gęślą jaźń", 17),
        ("شكرا لك", 7),
        ("ありがとう", 10),
        ("Cảm ơn", 7),
        ("한국어", 6),
        ("“quoted” – ‘so’", 15),
        ("…", 2),
        ("€5", 3),
        ("\u200b\u2009|", 3),
        ("\U00020021", 2),
    ],
)
def test_light_alphabets_weigh_one_and_everything_else_two(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_a_letter_and_its_accent_weigh_one_together() -> None:
    assert weighted_length("e\u0301te\u0301") == 3


def test_a_letter_that_normalization_takes_apart_weighs_its_pieces() -> None:
    assert weighted_length("\ufb2c") == 3


@pytest.mark.parametrize(
    "emoji",
    [
        "😀", "☺", "☺️", "👍🏽", "☝🏿", "👩‍💻", "👩🏾‍🚀", "🧑🏻‍🦽‍➡️", "👨‍👩‍👧‍👦",
        "🧑‍🧑‍🧒", "❤️‍🔥", "🏳️‍🌈", "🏴‍☠️", "🐻‍❄️", "🙂‍↔️", "🕵️‍♀️", "🏃🏿‍♂️", "🫱🏻‍🫲🏿",
        "🇨🇿", "🇽🇰", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "#️⃣", "7⃣", "©️", "™️", "⭐️",
    ],
)  # fmt: skip
def test_an_emoji_weighs_two_however_it_is_put_together(emoji: str) -> None:
    assert weighted_length(emoji) == 2
    assert weighted_length(f"a{emoji}{emoji}b") == 6


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("©", 1),
        ("®", 1),
        ("™", 2),
        ("☺\ufe0e", 4),
        ("1\ufe0f", 3),
        ("🇽🇽", 4),
        ("👍\u200d👍", 5),
        ("🏽", 2),
        ("\ufe0f", 2),
        ("\u200d", 1),
    ],
)
def test_what_is_not_quite_an_emoji_weighs_its_code_points(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize(
    "link",
    [
        "http://shop.com",
        "HTTPS://Shop.Example.COM/Orders",
        "shop.com",
        "www.shop.co.uk",
        "parcel.pl",
        "t.co",
        "track.it/9x",
        "https://shop.com:8080/a",
        "https://shop.com/help/Parcel_(lost)",
        "https://shop.com/a_(b_(c))_d",
        "https://shop.com/a-b–c",
        "https://shop.com/Заказ_5",
        "https://shop.com/?id=1&x=2-",
        "https://shop.com?a=b#c",
        "https://a_b.shop-x.com",
        "https://посылка.рф/",
        "http://店.みんな",
        "https://xn--e1afmkfd.xn--p1ai/x",
        "señal.com",
        "https://t.co/AbC123?amp=1",
        "https://shop.com/" + "a" * 3000,
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "see {} now", "({})", "これは{}です", "\u2066\u202a{}\u202c\u2069", "a\n{}\nb"]
)
def test_a_link_weighs_23(link: str, around: str) -> None:
    rest = around.replace("{}", " ")
    assert weighted_length(around.replace("{}", link)) == weighted_length(rest) - 1 + 23


@pytest.mark.parametrize(
    "text",
    [
        "ana@shop.com",
        "john.doe.jp@mail",
        "@shop.com",
        "#shop.com",
        "$SHOP.CA",
        "_shop.com",
        "/shop.com",
        "http://localhost/orders",
        "http://shop.x",
        "http://-shop.com",
        "http://shop-.com",
        "http://my_shop.com",
        "http://shop.c_o_m",
        "archive.tar.bz2",
        "Version 3.11.2",
        "Done.Thanks",
        "shop.comm",
        "https://shop.com-please-wait",
        "http://xn--はじめ.shop",
        "a" * 64 + ".com",
        "https://t.co/" + "a" * 41,
        "https://shop.com/" + "a" * 4090,
    ],
)
def test_what_only_looks_like_a_link_weighs_its_characters(text: str) -> None:
    heavy = sum(ord(character) > 4351 for character in text)
    assert weighted_length(text) == len(text) + heavy


@pytest.mark.parametrize(
    ("text", "left_over"),
    [
        ("shop.com.", 1),
        ("https://shop.com/a,", 1),
        ("https://shop.com/a......", 6),
        ("https://shop.com/(", 1),
        ("https://shop.com/a!(b)", 4),
        ("https://t.co/AbC's", 2),
        ("https://t.co/AbC-", 1),
        ("shop.com:80", 3),
        ("shop.com?a=b", 4),
        ("https://shop.com?!", 2),
    ],
)
def test_what_trails_a_link_weighs_by_itself(text: str, left_over: int) -> None:
    assert weighted_length(text) == 23 + left_over


def test_several_links_in_one_sentence_without_spaces_weigh_23_each() -> None:
    assert (
        weighted_length("shop.comと店.みんなとexample.jp/aです") == 23 * 2 + 2 * len("と店みんなとです") + 1
    )


def test_two_links_joined_by_a_dot_are_one() -> None:
    assert weighted_length("shop.com.shop.com") == 23


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("", False),
        (" ", True),
        ("a" * 280, True),
        ("a" * 281, False),
        ("あ" * 140, True),
        ("あ" * 141, False),
        ("a" * 256 + " https://shop.com/" + "b" * 500, True),
        ("👩🏾‍🚀" * 140, True),
        ("Hi\ufeff", False),
        ("Hi\ufffe", False),
        ("Hi\uffff", False),
        ("\u2066Hi\u2069", True),
    ],
)
def test_a_post_is_valid_from_1_to_280_without_forbidden_characters(text: str, valid: bool) -> None:
    assert fit(text).valid is valid


def test_a_text_that_fits_is_its_own_only_part() -> None:
    assert fit("Hi Maria!\n\nAll is well. ") == Fit(24, True, ["Hi Maria!\n\nAll is well. "])


def test_a_blank_text_longer_than_a_post_has_no_parts() -> None:
    assert fit(" " * 300).parts == []


def test_the_sign_off_follows_a_text_that_fits() -> None:
    assert fit("All is well.", sign_off="^AN").parts == ["All is well. ^AN"]


def test_a_long_reply_is_cut_between_sentences_and_signed_once() -> None:
    first, second = (
        "We looked at your order " + "very " * 40 + "closely.",
        "It leaves tomorrow, Dr. Berg says.",
    )
    parts = fit(f"{first} {second}", sign_off="^AN", limit=250).parts
    assert parts == [f"{first} (1/2)", f"{second} ^AN (2/2)"]


@pytest.mark.parametrize(
    "named",
    [
        "Mr. Berg", "Mx. Berg", "Prof. Berg", "Hr. Berg", "Frau Prof. Dr. Berg", "Sr. Ruiz", "Sra. Ruiz",
        "Srta. Ruiz", "Dra. Ruiz", "Ud. Ruiz", "Sr. Silva", "Dra. Silva", "Eng. Silva", "Sig. Rossi",
        "sig. Rossi", "Sig.ra Rossi", "Dott. Rossi", "Dott.ssa Rossi", "Avv. Rossi", "Ing. Rossi", "M. Petit",
        "Mme. Petit", "Dhr. De Vries", "Mevr. De Vries", "mevr. De Vries", "Drs. De Vries", "Sn. Yılmaz",
        "Doç. Yılmaz",
        "Av. Yılmaz", "p. Nowak", "mgr. Nowak", "inż. Nowak", "ul. Nowa", "m.in. Nowak", "p. Novák",
        "Ing. Novák", "MUDr. Novák", "sl. Nováková", "t.ex. Berg", "Hr. Åberg", "د. سالم", "أ. سالم",
    ],
)  # fmt: skip
def test_nobody_is_cut_off_from_his_title(named: str) -> None:
    title = named.rsplit(" ", 1)[0]
    for words in (30, 40, 48):
        parts = without_numbers(fit("abcd " * words + f"{named} " + "abcd " * 60).parts)
        assert not any(part.endswith(title) for part in parts)


@pytest.mark.parametrize(
    "ended", ["Napište nám.", "Skriv till mej.", "Please come in.", "No puede ir.", "Lo vemos al."]
)
def test_words_that_look_like_titles_elsewhere_end_sentences(ended: str) -> None:
    parts = without_numbers(fit("abcd " * 40 + f"{ended} " + "Abcd " * 40).parts)
    assert parts[0].endswith(ended)


def test_a_long_sentence_is_cut_between_words() -> None:
    parts = without_numbers(fit("Hi. " + "parcel " * 80).parts)
    assert len(parts) == 3
    assert all(part.endswith("parcel") for part in parts)


def test_japanese_is_cut_after_its_full_stops() -> None:
    parts = without_numbers(fit("お荷物の状況を確認いたします。少々お待ちください！" * 10).parts)
    assert len(parts) > 1
    assert all(part[-1] in "。！" for part in parts)


def test_arabic_is_cut_after_its_question_marks() -> None:
    parts = without_numbers(fit("هل يمكنك إرسال رقم الطلب؟ " * 20).parts)
    assert len(parts) > 1
    assert all(part[-1] == "؟" for part in parts)


@pytest.mark.parametrize(
    "whole", ["👨‍👩‍👧‍👦", "🇵🇱", "👍🏽", "e\u0301\u0323", "@maria_99 ", "https://shop.com/a/b?c=d "]
)
def test_what_belongs_together_is_never_cut(whole: str) -> None:
    parts = without_numbers(fit(f"x{whole * 300}").parts)
    assert len(parts) > 1
    assert all(squeezed(part).removeprefix("x").replace(whole.strip(), "") == "" for part in parts)


def test_the_sign_off_does_not_stand_alone_when_it_alone_does_not_fit() -> None:
    parts = fit("word " * 55 + "word", sign_off="^AN").parts
    assert parts[-1] == "word ^AN (2/2)"


def test_more_than_nine_parts_leave_room_for_two_digits() -> None:
    parts = fit("あ" * 2000).parts
    assert len(parts) > 9
    assert all(fits(part) for part in parts)
    assert parts[-1].endswith(f"({len(parts)}/{len(parts)})")


def test_a_character_heavier_than_a_post_is_cut_all_the_same() -> None:
    text = "a" + "\u0301" * 1000
    parts = fit(text).parts
    assert all(fits(part) for part in parts)
    assert "".join(without_numbers(parts)) == text


def test_a_limit_without_room_for_a_link_and_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        fit("Hi", limit=20)


@given(ANY_TEXT | AWKWARD_TEXT, st.sampled_from(["", "^AN", "– Ana"]), st.integers(40, 400))
@example("\ud83d", "", LIMIT)
@settings(deadline=None)
def test_every_part_fits_and_nothing_is_lost(text: str, sign_off: str, limit: int) -> None:
    parts = fit(text, sign_off=sign_off, limit=limit).parts
    assert all(fits(part, limit) for part in parts)
    assert squeezed("".join(without_numbers(parts) if len(parts) > 1 else parts)) == squeezed(text + sign_off)


@given(AWKWARD_TEXT)
@settings(deadline=None)
def test_cuts_fall_between_characters_as_people_see_them(text: str) -> None:
    characters = {squeezed(character) for character in regex.findall(r"\X", text)}
    for part in without_numbers(fit(text).parts):
        first = regex.match(r"\s*(\X)", part)
        assert not part.strip() or (first and squeezed(first[1]) in characters)


@given(ANY_TEXT | AWKWARD_TEXT)
@settings(deadline=None)
def test_the_length_is_that_of_the_normalized_text(text: str) -> None:
    assert weighted_length(unicodedata.normalize("NFC", text)) == weighted_length(text)


@given(
    st.text(st.sampled_from("abc XYZ,!-"), max_size=80), st.text(st.sampled_from("abc XYZ,!-"), max_size=80)
)
def test_plain_text_weighs_the_sum_of_its_halves(left: str, right: str) -> None:
    assert weighted_length(left + right) == weighted_length(left) + weighted_length(right)


@given(st.text(st.sampled_from("a\u0301\u0316\u0344é\u0323ạ가"), min_size=200, max_size=400))
@settings(deadline=None)
def test_long_runs_of_accents_are_ordered_as_unicode_orders_them(text: str) -> None:
    assert composed(text) == unicodedata.normalize("NFC", text)


def cpu_seconds(work: Callable[[str], object], text: str) -> float:
    before = time.process_time()
    work(text)
    return time.process_time() - before


@pytest.mark.parametrize("work", [weighted_length, fit])
@pytest.mark.parametrize(
    "unit",
    [
        "a.", "a.com", "a_.", "あ.", "x.co/(", "x.co?!", "xn--.", "(", "http://", "@", ".", "!)",
        "\u0301", "\u0301\u0316", "😀\u200d", "🇦", "あ", " ", "a ",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_length_of_hostile_text(work: Callable[[str], object], unit: str) -> None:
    """Eight times the text takes about eight times as long, where the square would take 64. A machine that
    slows down in between makes it look like more, never like less: once is enough."""
    short, long = (unit * (length // len(unit)) for length in (3_000, 24_000))
    assert any(cpu_seconds(work, long) < 30 * max(cpu_seconds(work, short), 0.005) for _ in range(5))


def test_a_sign_off_and_a_number_stand_apart_from_words_from_right_to_left() -> None:
    arabic = "نعتذر عن التأخير ونتابع الأمر الآن مع فريق الشحن. "
    (one,) = fit(arabic.strip(), sign_off="^AH").parts
    assert one == f"{arabic.strip()}\u200f \u200e^AH"
    parts = fit(arabic * 9, sign_off="^AH").parts
    assert parts[0].endswith(f"\u200f (1/{len(parts)})")
    assert parts[-1].endswith(f"\u200f \u200e^AH\u200f ({len(parts)}/{len(parts)})")
    assert all(fits(part) for part in parts)
    assert [bare(part, "^AH") for part in parts] == without_numbers(
        [part.replace("\u200f \u200e^AH", "") for part in parts]
    )


def test_a_name_from_right_to_left_at_the_end_does_not_take_the_number_along() -> None:
    parts = fit("word " * 80 + "ليلى").parts
    assert parts[-1].endswith("ليلى\u200e (2/2)")
    assert fit("Lo sentimos.", sign_off="^AH").parts == ["Lo sentimos. ^AH"]
