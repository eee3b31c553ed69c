"""What `socialdesk replies check` finds: texts missing, outdated, out of step, unsafe or too long."""

from __future__ import annotations

from pathlib import Path

import pytest

from socialdesk import phrases
from socialdesk.errors import TemplateError
from socialdesk.templating import parity, stamps
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Edit, Library
from socialdesk.templating.parity import Kind
from tests import small_library
from tests.small_library import complaints, write

SHIPPED = Path(__file__).parent.parent / "replies"


@pytest.fixture
def replies(tmp_path: Path) -> Path:
    return small_library.written(tmp_path)


def test_the_shipped_library_has_no_problems() -> None:
    assert complaints(SHIPPED) == []


def test_a_whole_library_has_no_problems(replies: Path) -> None:
    assert complaints(replies) == []


def test_a_missing_text_is_a_problem(replies: Path) -> None:
    (replies / "pl/thanks.private.txt.j2").unlink()
    assert complaints(replies) == ["pl/thanks.private.txt.j2 is missing."]


def test_a_file_that_nothing_declares_is_a_problem(replies: Path) -> None:
    write(replies, "pl/thansk.private", "Dzień dobry")
    assert complaints(replies) == ["pl/thansk.private.txt.j2 is not in catalog.toml."]


def test_a_language_that_forgets_a_variable_is_out_of_step(replies: Path) -> None:
    write(replies, "de/thanks.private", "Guten Tag,")
    write(replies, "pl/thanks.private", "Dzień dobry {{ customer_name }}")
    assert complaints(replies) == [
        "de/thanks.private.txt.j2 does not use customer_name, as the other languages do.",
        "pl/thanks.private.txt.j2 uses customer_name, which catalog.toml says it does without.",
    ]


def test_a_variable_belongs_to_one_channel(replies: Path) -> None:
    """The private text has a delivery date, the public one need not."""
    assert "delivery_date" not in small_library.TEXTS["en/order_late.public"]
    assert complaints(replies) == []


def test_a_variable_that_no_text_uses_is_a_problem(replies: Path) -> None:
    for language in ("en", "de", "pl", "ja", "ar"):
        write(replies, f"{language}/write_to_us.public", f"{language}: write to us")
    stamps.write(replies, _as_they_are(replies))
    assert complaints(replies) == ["catalog.toml gives write_to_us dm_link, but no text uses it."]


def test_a_public_text_must_fit_with_its_sign_off(replies: Path) -> None:
    write(replies, "ja/order_late.public", "あ" * 137)
    assert complaints(replies) == []
    write(replies, "ja/order_late.public", "あ" * 138)
    assert complaints(replies) == ["ja/order_late.public.txt.j2 can come to 282 of 280 with its sign-off."]


def test_the_desks_own_link_is_welcome_in_public_and_counts_23(replies: Path) -> None:
    write(replies, "en/write_to_us.public", "a" * 250 + "{% if dm_link %} {{ dm_link }}{% endif %}")
    stamps.write(replies, _as_they_are(replies))
    assert (
        complaints(replies) == ["en/write_to_us.public.txt.j2 can come to 280 of 280 with its sign-off."][:0]
    )
    write(replies, "en/write_to_us.public", "a" * 251 + "{% if dm_link %} {{ dm_link }}{% endif %}")
    stamps.write(replies, _as_they_are(replies))
    assert complaints(replies) == ["en/write_to_us.public.txt.j2 can come to 281 of 280 with its sign-off."]


@pytest.mark.parametrize("text", ["See https://shop.example", "See www.shop.example", "Ask @shop"])
def test_a_public_text_with_a_link_or_a_mention_is_a_problem(replies: Path, text: str) -> None:
    write(replies, "de/order_late.public", text)
    assert "de/order_late.public.txt.j2 has a link or a mention in public" in complaints(replies)[0]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("de/thanks.private", "Guten Tag \u202e", "nobody can see (U+202E RIGHT-TO-LEFT OVERRIDE)"),
        ("de/thanks.private", "Guten\u200b Tag", "has signs that nobody can see (U+200B ZERO WIDTH SPACE)"),
        ("de/thanks.private", "Guten Tag [name]", "“[name]” stands for something that nobody fills in"),
        ("de/thanks.private", "Guten Tag, am ⟦Datum⟧", "“Datum” stands for something that nobody fills in"),
        ("de/thanks.private", "<order> ist da", "“<order>” stands for something that nobody fills in"),
        (
            "de/thanks.private",
            "[na{% if customer_name %}me]{% else %} {% endif %}",
            "“[name]” stands for something that nobody fills in",
        ),
        ("de/thanks.private", "{% if customer_name %}{% else %}[date]{% endif %}", "“[date]” stands for"),
        ("de/order_late.public", "$ACME und $NWND", "one cashtag in a post, and it has $ACME, $NWND"),
    ],
)  # fmt: skip
def test_a_text_that_could_never_be_sent_is_a_problem(replies: Path, name: str, text: str, told: str) -> None:
    write(replies, name, f"{text} {{{{ customer_name }}}}" if "thanks" in name else text)
    (complaint,) = complaints(replies)
    assert complaint.startswith(f"{name}.txt.j2 could never be sent: ")
    assert told in complaint


@pytest.mark.parametrize(
    "text",
    [
        "{% if customer_name %}{% endif %}",
        "{{ customer_name }}",
        "{% if customer_name %}{{ customer_name }}さま{% endif %}",
        "{% if customer_name %}{% else %}Guten Tag{% endif %}",
        "{# {{ customer_name }} #}{{ customer_name }}",
    ],
)
def test_a_text_that_comes_to_nothing_is_a_problem(replies: Path, text: str) -> None:
    write(replies, "de/thanks.private", text)
    told = "comes out empty for some customers: there would be nothing to send."
    assert complaints(replies)[0] == f"de/thanks.private.txt.j2 {told}"


def test_what_an_agent_fills_in_is_never_empty(replies: Path) -> None:
    write(replies, "de/order_late.private", "{{ delivery_date }}{{ customer_name }}")
    assert complaints(replies) == []


def test_a_text_that_is_too_long_for_anything_is_a_problem_and_not_the_end_of_the_check(
    replies: Path,
) -> None:
    write(replies, "de/write_to_us.public", "{{dm_link}}" * 186)
    assert complaints(replies) == [
        "de/write_to_us.public.txt.j2:"
        " The reply template 'write_to_us' comes out longer than 10,000 characters."
    ]


def test_a_translation_is_older_than_its_source_until_somebody_says_that_it_fits(replies: Path) -> None:
    write(replies, "en/thanks.private", small_library.TEXTS["en/thanks.private"] + " See you soon.")
    assert complaints(replies) == [
        f"{language}/thanks.private.txt.j2 is older than en/thanks.private.txt.j2."
        for language in ("de", "pl", "ja", "ar")
    ]
    stamps.write(replies, _as_they_are(replies))
    assert complaints(replies) == []


def test_blank_space_around_a_text_makes_no_translation_older(replies: Path) -> None:
    write(replies, "en/thanks.private", f"\n{small_library.TEXTS['en/thanks.private']}\n\n")
    assert complaints(replies) == []


def test_a_new_translation_says_which_version_it_was_written_from(replies: Path) -> None:
    follows = _as_they_are(replies)
    stamps.write(replies, {key: version for key, version in follows.items() if key.language != "ja"})
    assert complaints(replies)[0] == (
        "ja/order_late.public.txt.j2 does not say which version of en/order_late.public.txt.j2"
        " it was written from."
    )


def test_a_library_without_versions_keeps_no_track_of_them(replies: Path) -> None:
    (replies / stamps.FILE).unlink()
    write(replies, "en/thanks.private", small_library.TEXTS["en/thanks.private"] + " See you soon.")
    assert complaints(replies) == []


@pytest.mark.parametrize("content", ["[de", 'de = "thanks"', "\udcff"])
def test_versions_that_cannot_be_read_are_refused_with_one_sentence(replies: Path, content: str) -> None:
    (replies / stamps.FILE).write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(TemplateError, match="cannot be understood: delete it"):
        Library.load(replies)


def test_other_words_take_the_place_of_a_files(replies: Path) -> None:
    library = Library.load(replies)
    key = library.key("thanks", "de", "private")
    edited = library.edited({key: Edit("Guten Tag{{ customer_name }}, danke.", None, library.version(key))})
    assert edited.render(*key, {"customer_name": ""}) == "Guten Tag, danke."
    assert library.render(*key, {"customer_name": ""}).endswith("vielen Dank für Ihre Worte.")
    assert parity.problems(edited) == []


def test_other_words_that_are_unsafe_are_not_offered(replies: Path) -> None:
    library = Library.load(replies)
    key = library.key("thanks", "de", "private")
    edited = library.edited({key: Edit("{{ 'a' * 10**8 }}", None, library.version(key))})
    assert "thanks" not in [entry.id for entry in edited.offers("de", "private")]
    assert {problem.kind for problem in parity.problems(edited)} == {Kind.REFUSED}


def test_at_the_desk_the_template_and_the_language_are_named_and_no_file(replies: Path) -> None:
    (replies / "pl/thanks.private.txt.j2").unlink()
    write(replies, "ja/order_late.public", "あ" * 138)
    write(replies, "pl/order_late.private", "{{ customer_name }}{{ delivery_date }}")
    write(replies, "de/order_late.private", "Guten Tag,\n\n{% for each in customer_name %}{% endfor %}")
    write(replies, "ar/thansk.private", "Hello")
    write(replies, "en/thanks.private", small_library.TEXTS["en/thanks.private"] + " Bye.")
    told = [problem.told for problem in parity.problems(Library.load(replies))]
    assert told == [
        "“The order is late” in German, line 3: a template may hold plain {{ names }} and {% if name %},"
        " and nothing else: {% for %} repeats something.",
        "“Thanks for the kind words” in Polish is missing.",
        "“The order is late” in Polish uses customer_name, which that language does without.",
        "“The order is late” in Japanese can come to 282 of 280 with its sign-off.",
        *(
            f"“Thanks for the kind words” in {language} is older than “Thanks for the kind words” in English."
            for language in ("German", "Japanese", "Arabic")
        ),
        "There is a file for “thansk” in Arabic, which no template asks for.",
    ]


def test_a_reader_of_another_language_reads_its_name_in_his(replies: Path) -> None:
    (replies / "pl/thanks.private.txt.j2").unlink()
    library = Library.load(replies)
    with phrases.read_in("de"):
        [problem] = parity.problems(library)
    assert "Polnisch" in problem.told
    assert problem.text == "pl/thanks.private.txt.j2 is missing."


def _as_they_are(replies: Path) -> dict[Key, str]:
    library = Library.load(replies)
    return {key: library.source_version(key) for key in library.translations()}
