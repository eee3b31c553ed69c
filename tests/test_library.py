"""The reply templates that ship with the desk, and what a template or a value may not do."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from socialdesk import fitting, guards
from socialdesk.errors import NotFound, TemplateError
from socialdesk.languages.codes import LANGUAGES
from socialdesk.templating import parity
from socialdesk.templating.library import Edit, Library, TemplateEntry, harmless
from tests.small_library import complaints

REPLIES = Path(__file__).parent.parent / "replies"
SHIPPED = Library.load(REPLIES)
LONGEST = SHIPPED.catalog.longest
LONGEST_NAME = {"customer_name": LONGEST["customer_name"]}
NOTHING_KNOWN = dict.fromkeys(LONGEST, "")
ONE_TEMPLATE = """
languages = ["en"]
[variables.customer_name]
example = "Maria"
longest = "Maria Magdalena"
[[templates]]
id = "greeting"
topic = "other"
title = "Greeting"
channels = ["private"]
variables = ["customer_name"]
"""


@pytest.fixture
def folder_with(tmp_path: Path) -> Callable[[str], Path]:
    """A reply folder holding one private English text, `greeting`, with the source it is given."""

    def write(source: str, catalog: str = ONE_TEMPLATE) -> Path:
        (tmp_path / "en").mkdir(exist_ok=True)
        (tmp_path / "catalog.toml").write_text(catalog, encoding="utf-8")
        (tmp_path / "en/greeting.private.txt.j2").write_text(source, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def replies(tmp_path: Path) -> Path:
    """A copy of the shipped library that a test may spoil."""
    return shutil.copytree(REPLIES, tmp_path / "replies")


def test_the_shipped_library_speaks_every_language_of_the_desk() -> None:
    assert set(SHIPPED.catalog.languages) == set(LANGUAGES)


def texts_in(language: str, values: dict[str, str]) -> Iterator[tuple[TemplateEntry, str, str]]:
    """Each template of that language as it comes out, with its channel."""
    for entry in SHIPPED.templates:
        for channel in entry.channels:
            yield entry, channel, SHIPPED.render(entry.id, language, channel, values)


def fits(entry: TemplateEntry, channel: str, text: str) -> bool:
    if "{" in text or text != unicodedata.normalize("NFC", text):
        return False
    if channel == "public":
        link = 24 if "dm_link" in entry.variables else 0
        return fitting.weighted_length(text) <= 240 + link
    return len(text) <= 800


def reads_well(text: str) -> bool:
    return not text.startswith((",", " ", "さま")) and not any(
        each in text for each in ("  ", " ,", " ،", ",,", " さま")
    )


@pytest.mark.parametrize("language", SHIPPED.catalog.languages)
def test_every_template_renders_and_fits(language: str) -> None:
    longest = list(texts_in(language, LONGEST))
    assert len(longest) > len(SHIPPED.templates)
    assert [(entry.id, channel) for entry, channel, text in longest if not fits(entry, channel, text)] == []


@pytest.mark.parametrize("language", SHIPPED.catalog.languages)
def test_every_template_reads_well_without_a_name(language: str) -> None:
    nameless = texts_in(language, NOTHING_KNOWN)
    assert [(entry.id, channel) for entry, channel, text in nameless if not reads_well(text)] == []


@pytest.mark.parametrize("language", SHIPPED.catalog.languages)
def test_public_replies_of_one_language_all_differ(language: str) -> None:
    offered = SHIPPED.offers(language, "public")
    texts = [SHIPPED.render(each.id, language, "public", NOTHING_KNOWN) for each in offered]
    public = [each for each in SHIPPED.templates if "public" in each.channels]
    assert len(set(texts)) == len(texts) == len(public)


# What only one of the two countries says; docs/replies.md asks for words that both do.
ONE_COUNTRYS = re.compile(
    r"palavras?-passe|\b(?:incómodo|incômodo|telemóvel|celular|utilizador\w*|usuári\w*|ficheiros?|equipas?|equipes?"
    r"|registo|registro|você|vocês|encomenda\w*|morada|autocarro|casa de banho|ecrã|tela)\b"
    r"|\best(?:ou|á|amos|ão) a \w+r\b|\best(?:ou|á|amos|ão) \w+ndo\b",
    re.IGNORECASE,
)


def test_portuguese_is_that_of_both_countries() -> None:
    said = {key.file: text for key, text in SHIPPED.sources.items() if key.language == "pt"}
    assert {file: found[0] for file, text in said.items() if (found := ONE_COUNTRYS.search(text))} == {}


def test_what_is_offered_exists_in_that_language_and_visibility(replies: Path) -> None:
    before = [each.id for each in SHIPPED.offers("sv", "private")]
    (replies / "sv/gift_card.private.txt.j2").unlink()
    offered = [each.id for each in Library.load(replies).offers("sv", "private")]
    assert offered == [each for each in before if each != "gift_card"]
    assert Library.load(replies).offers("xx", "public") == []


def test_a_template_is_found_by_its_id() -> None:
    assert SHIPPED.find("gift_card").topic == "gift_cards"
    with pytest.raises(NotFound, match=r"“\.\./catalog”"):
        SHIPPED.find("../catalog")


@pytest.mark.parametrize(
    ("template", "language", "visibility"),
    [("please_send_dm", "en", "private"), ("gift_card", "xx", "public"), ("gift_card", "../en", "public")],
)
def test_a_text_that_does_not_exist_is_not_found(template: str, language: str, visibility: str) -> None:
    with pytest.raises(NotFound, match="There is no reply template “"):
        SHIPPED.render(template, language, visibility, LONGEST_NAME)


def test_a_missing_value_is_named() -> None:
    with pytest.raises(TemplateError, match="'gift_card' needs a value for customer_name"):
        SHIPPED.render("gift_card", "en", "private", {})


@pytest.mark.parametrize("name", ["{{7*7}}", "{% raw %}", "{{ customer_name }}", "{# hidden #}", "%s{0}"])
def test_a_name_that_looks_like_a_template_stays_text(name: str) -> None:
    text = SHIPPED.render("gift_card", "en", "private", {"customer_name": name})
    assert text.startswith(f"Hello {name},\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("@everyone", "@\u2060everyone"),
        ("＠everyone", "＠\u2060everyone"),
        ("#boycott $ACME", "#\u2060boycott $\u2060ACME"),
        ("https://evil.example/a", "https:\u2060//evil.\u2060example/a"),
        ("❤.ws", "❤.\u2060ws"),
        ("a..com", "a..\u2060com"),
        ("Maria\n\nBuy now\u2028there", "Maria Buy now there"),
        ("\u202eairaM\u2069\x00\u200b\ufeff", "airaM"),
        ("evil\u2060.\u200bcom", "evil.\u2060com"),
        ("\ud800Maria\uffff", "Maria"),
        ("J. R. Smith, Inc. … wait...", "J. R. Smith, Inc. … wait..."),
        (
            "👩\u200d👩\u200d👧 #️⃣ 🏴\U000e0067\U000e0062\U000e007f",
            "👩\u200d👩\u200d👧 #️⃣ 🏴\U000e0067\U000e0062\U000e007f",
        ),
        (" \u200f\t ", ""),
    ],
)
def test_a_hostile_name_comes_out_harmless(value: str, expected: str) -> None:
    assert harmless(value) == expected


@pytest.mark.parametrize("name", ["evil.com", "https://evil.com/a?b=c", "www.evil.co.uk"])
def test_a_name_that_is_a_link_does_not_count_as_one(name: str) -> None:
    joiners = harmless(name).count("\u2060")
    assert fitting.weighted_length(harmless(name)) == len(name) + 2 * joiners


def test_the_desks_own_link_stays_one(folder_with: Callable[..., Path]) -> None:
    catalog = ONE_TEMPLATE.replace("customer_name", "dm_link").replace("example =", "link = true\nexample =")
    library = Library.load(folder_with("Write to us.{% if dm_link %} {{ dm_link }}{% endif %}", catalog))
    link = "https://x.com/messages/compose?recipient_id=2244994945"
    assert library.render("greeting", "en", "private", {"dm_link": link}) == f"Write to us. {link}"
    assert library.render("greeting", "en", "private", {"dm_link": ""}) == "Write to us."
    for none in ("javascript:alert(1)", "https://x.com/\u202e", "https://x.com/ @everyone"):
        with pytest.raises(TemplateError, match="needs a web address for dm_link"):
            library.render("greeting", "en", "private", {"dm_link": none})


def test_a_value_as_long_as_a_book_is_refused() -> None:
    with pytest.raises(TemplateError, match="far too long"):
        SHIPPED.render("gift_card", "en", "private", {"customer_name": "a" * 10_001})


def test_an_output_of_more_than_ten_thousand_characters_is_refused(folder_with: Callable[..., Path]) -> None:
    library = Library.load(folder_with("{{ customer_name }}" * 3))
    with pytest.raises(TemplateError, match="10,000"):
        library.render("greeting", "en", "private", {"customer_name": "a" * 5_000})


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ customer_name.__class__ }}",
        "{{ customer_name['__class__'] }}",
        "{{ customer_name|attr('__class__') }}",
        "{{ customer_name|upper }}",
        "{{ lipsum.__globals__ }}",
        "{{ lipsum }}",
        "{{ range(9) }}",
        "{{ self }}",
        "{{ self.__init__ }}",
        "{{ order_number }}",
        "{{ customer_name() }}",
        "{{ customer_name.format(1) }}",
        "{{ 'a' * 10**8 }}",
        "{{ 9**9**9 }}",
        "{{ 'a' }}",
        "{{ customer_name ~ customer_name }}",
        "{{ customer_name if customer_name }}",
        "{% include 'catalog.toml' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% for each in customer_name %}{{ each }}{% endfor %}",
        "{% macro m() %}{% endmacro %}",
        "{% set customer_name = 'x' %}",
        "{% filter upper %}x{% endfilter %}",
        "{% block b %}{% endblock %}",
        "{% if customer_name is defined %}x{% endif %}",
        "{% if not customer_name %}x{% endif %}",
        "{% if customer_name %}{% if customer_name %}x{% endif %}{% endif %}",
        "{% if customer_name %}x{% elif customer_name %}y{% endif %}",
        "{% autoescape true %}x{% endautoescape %}",
        "{% autoescape customer_name %}{{ customer_name }}{% endautoescape %}",
        "{% with a = 1 %}x{% endwith %}",
        "{% call a() %}x{% endcall %}",
        "{% set a %}x{% endset %}",
        "{% from 'x' import y %}",
        "{% raw %}x{% endraw %}",
        "Hello{% raw %}",
        "Hello{% print %}",
        "{% print customer_name %}",
        "Hello {%- raw -%} \n",
        "{% debug %}",
        "{{ customer_name",
        "{{ " + "(" * 900 + "customer_name" + ")" * 900 + " }}",
        "a" * 2_049,
        " \n",
    ],
)
def test_whatever_is_not_text_or_a_plain_variable_is_refused(
    folder_with: Callable[..., Path], source: str
) -> None:
    folder = folder_with(source)
    library = Library.load(folder)
    assert library.offers("en", "private") == []
    with pytest.raises(TemplateError) as refusal:
        library.render("greeting", "en", "private", {"customer_name": "Maria"})
    sentence = str(refusal.value)
    assert sentence.startswith("“Greeting” in English, line 1: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert any(each.startswith(f"{folder}/en/greeting.private.txt.j2:1: ") for each in complaints(folder))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{% autoescape true %}x{% endautoescape %}", "{% autoescape %} is neither."),
        ("{% with %}x{% endwith %}", "{% with %} is neither."),
        ("x{% raw %}", "{% raw %} is neither."),
        ("print {{ customer_name }}{%- print -%}", "{% print %} is neither."),
        (
            "{% if customer_name %}x{% elif customer_name %}y{% endif %}",
            "instead of {% elif %}, write {% endif %} and begin another {% if name %}.",
        ),
        (
            "{% if customer_name %}{% if customer_name %}x{% endif %}{% endif %}",
            "one {% if %} stands within another.",
        ),
    ],
)
def test_what_was_written_is_named_and_what_to_write_instead(
    folder_with: Callable[..., Path], source: str, told: str
) -> None:
    (complaint, *_) = complaints(folder_with(f"Hello,\n{source}"))
    assert "greeting.private.txt.j2:2: a template may hold plain {{ names }} and {% if name %}" in complaint
    assert complaint.endswith(f"and nothing else: {told}")


TAGS = (
    "if customer_name", "if", "elif customer_name", "else", "endif", "autoescape true", "autoescape", "raw",
    "endautoescape", "endraw", "with a = 1", "with", "endwith", "for a in b", "for a, b in c recursive",
    "endfor", "set a = 1", "set a", "set a.b = 1", "endset", "block b", "block b scoped required", "endblock",
    "filter upper", "endfilter", "macro m(a=1, b)", "endmacro", "call(a) m()", "endcall", "print a", "print",
    "include 'x' ignore missing", "import 'x' as y", "from 'x' import a as b", "extends 'x'", "do a", "break",
    "trans", "debug", "é", "",
)  # fmt: skip
WITHIN = (
    "customer_name", "order_number", " ", "a", ".", "'", '"', "|", "upper", "(", ")", "[", "]", "{", "}", ",",
    ":", "~", "+", "-", "*", "**", "//", "%", "==", "is", "not", "in", "and", "or", "if", "else", "1",
    "1.5e9", "0x", "'\\u'", "'\\N{x}'", "none", "true", "self", "loop", "_", "é", "名前", "\n", "\0", "\\",
    "=", "!", "a.1", "a['b':1]",
)  # fmt: skip
PIECES = (
    "Hello ", "\n", "\r\n", "{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "{%-", "-%}", "{%+", "{{-", "-}}",
    "%", "[name]", "⟦date⟧", "\u202e", "\u200b", "$AB ", "@a", "\ufeff", "\0", "{{ customer_name }}",
)  # fmt: skip
SYNTAX = st.lists(
    st.sampled_from(PIECES)
    | st.sampled_from(TAGS).map("{{% {} %}}".format)
    | st.lists(st.sampled_from(WITHIN), max_size=8).map(lambda words: "{{ " + "".join(words) + " }}")
    | st.tuples(st.sampled_from("([{-~ "), st.integers(1, 400)).map(lambda each: "{{ " + each[0] * each[1])
    | st.text(st.characters(), max_size=4),
    max_size=14,
).map("".join)


@pytest.fixture(scope="module")
def greeting(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of one text."""
    folder = tmp_path_factory.mktemp("replies")
    (folder / "en").mkdir()
    (folder / "catalog.toml").write_text(ONE_TEMPLATE, encoding="utf-8")
    (folder / "en/greeting.private.txt.j2").write_text("Hello {{ customer_name }}", encoding="utf-8")
    return Library.load(folder)


@given(source=SYNTAX | st.text(max_size=40))
@example(source="{% autoescape true %}x{% endautoescape %}")
@example(source="{% print %}")
@example(source="⟦⟧")
@example(source="{% if customer_name %}" * 80)
@example(source="{{ " + "-" * 1_900 + "1 }}")
@example(source="{{ customer_name }}" * 100)
@example(source="\ud800")
@settings(deadline=None, max_examples=400)
def test_a_text_of_any_kind_is_sound_or_refused_with_a_sentence(greeting: Library, source: str) -> None:
    """And what is sound can be sent."""
    key = greeting.key("greeting", "en", "private")
    edited = greeting.edited({key: Edit(source, None, "")})
    found = [each for each in parity.problems(edited) if each.key == key]
    assert all(each.told and each.text.startswith(key.file) for each in found)
    assert all(each.line >= 1 for each in edited.refused.values())
    if not any(each.grave for each in found):
        for name in ("Maria", "Maria Magdalena", ""):
            text = edited.render(*key, {"customer_name": name})
            assert guards.objections(text, key.visibility) == []


def test_the_line_of_a_mistake_is_named(folder_with: Callable[..., Path]) -> None:
    assert (
        "greeting.private.txt.j2:3: a template may hold plain"
        in complaints(folder_with("Hello,\n\n{{ f() }}"))[0]
    )


def test_a_text_that_is_not_utf8_is_refused(folder_with: Callable[..., Path]) -> None:
    folder = folder_with("")
    (folder / "en/greeting.private.txt.j2").write_bytes("Grüße".encode("latin-1"))
    assert "save it as UTF-8" in complaints(folder)[0]


def test_a_text_may_do_without_a_name_it_was_not_given(folder_with: Callable[..., Path]) -> None:
    source = "Hello{% if customer_name %} {{ customer_name }}{% else %} there{% endif %}."
    library = Library.load(folder_with(source))
    assert library.render("greeting", "en", "private", {"customer_name": "\u200b"}) == "Hello there."


@pytest.mark.parametrize(
    ("mistake", "reason"),
    [
        ("title = ", "cannot be understood"),
        ('[[templates]]\nid = "other"', "wrong at templates.1"),
        ("[templates]", "cannot be understood"),
        ("surprise = 1", "wrong at templates.0.surprise"),
        (ONE_TEMPLATE.partition('longest = "Maria Magdalena"')[2], "greeting is declared twice"),
        (
            '[[templates]]\nid="b"\ntopic="other"\ntitle="B"\nchannels=["public"]\nvariables=["a_b"]',
            "uses a_b",
        ),
        ("[variables.self]", "wrong at variables.self"),
    ],
)
def test_a_wrong_catalog_is_refused_with_one_sentence(
    folder_with: Callable[..., Path], mistake: str, reason: str
) -> None:
    with pytest.raises(TemplateError, match=reason) as refusal:
        Library.load(folder_with("Hello {{ customer_name }}", ONE_TEMPLATE + mistake))
    assert "\n" not in str(refusal.value)


def test_a_folder_without_a_catalog_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"catalog\.toml cannot be read"):
        Library.load(tmp_path)


def test_many_threads_render_from_one_library() -> None:
    def greet(number: int) -> bool:
        text = SHIPPED.render("gift_card", "en", "private", {"customer_name": f"Ana {number}"})
        return text.startswith(f"Hello Ana {number},\n")

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(greet, range(2_000)))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Hello {customer_name},", "{customer_name}"),
        ("Hello {{customer_name},", "braces"),
        ("Hello {customer_name}},", "{customer_name}"),
        ("Hello {customerName},", "{customerName}"),
        ("Hello {custmer name},", "{custmer name}"),
        ("Hello {name},", "{name}"),
        ("Hello ${customer_name},", "{customer_name}"),
        ("Hello [customer_name],", "[customer_name]"),
        ("Hello [Customer Name],", "[Customer Name]"),
        ("Hello <customer_name>,", "<customer_name>"),
        ("Hello %(customer_name)s,", "%(customer_name)"),
        ("Hello %customer_name%,", "%customer_name%"),
        ("Hello {{ customer_name }}},", "a brace too many"),
        ("{% if customer_name %}Hello [customer_name],{% endif %}", "[customer_name]"),
        ("Hello,\n\nyour parcel comes on {delivery_date}.", "greeting.private.txt.j2:3:"),
    ],
)
def test_a_variable_that_is_written_wrongly_is_refused(
    folder_with: Callable[[str], Path], source: str, told: str
) -> None:
    refused = " ".join(map(str, Library.load(folder_with(source)).refused.values()))
    assert told in refused


@pytest.mark.parametrize(
    "source",
    [
        "Hello (again) [for real]: 5 < 7 > 3, {see below}, 10 % (off).",
        "Hi ({{ customer_name }}) :-}",
        "[1] Go.",
    ],
)
def test_other_brackets_stay_as_they_are(folder_with: Callable[[str], Path], source: str) -> None:
    assert not Library.load(folder_with(source)).refused
