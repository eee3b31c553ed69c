"""The console's own sentences: every one in every language, with the values and the forms it needs."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message

from socialdesk import phrases
from socialdesk.languages import LANGUAGES
from socialdesk.phrases import gathering
from socialdesk.phrases.stored import retold

PACKAGE = gathering.ROOT / "socialdesk"
OTHERS = sorted(set(LANGUAGES) - {phrases.SOURCE})
VALUE = re.compile(r"%(?:\([a-z_]+\)s|%)|%")
MARKUP = re.compile(r"</?[a-z]+[^>]*>")
# Said otherwise in Portugal; as in the reply texts, what both countries say comes first.
BRAZILIAN = re.compile(
    r"\b(?:você|equipe|usuários?|arquivos?|tela|salv(?:ar|e|o|os|a|as)|contato|registro|celular|baixar|console"
    r"|compartilh\w+|caractere|est(?:á|ão) \w+[aei]ndo|em uma?)\b",
    re.IGNORECASE,
)


@cache
def source() -> Catalog:
    return gathering.gathered()


def translated(language: str) -> list[tuple[Message, list[str]]]:
    """Each sentence with its forms in the language."""
    catalog = gathering.translations(language)
    found = [(each, catalog.get(_key(each))) for each in source() if each.id]
    return [(each, _forms(there) if there else []) for each, there in found]


def _key(message: Message) -> str:
    return message.id[0] if message.pluralizable else str(message.id)


def _forms(message: Message) -> list[str]:
    return list(message.string or ()) if message.pluralizable else [str(message.string)]


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language: str) -> None:
    missing = [_key(each) for each, forms in translated(language) if not forms or not all(forms)]
    assert missing == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_values_and_the_markup_of_its_source(language: str) -> None:
    wrong = [
        (form, str(each.id))
        for each, forms in translated(language)
        for form in forms
        if not any(_parts(form) == _parts(source) for source in _sources(each))
    ]
    assert wrong == []


def _sources(message: Message) -> list[str]:
    return list(message.id) if message.pluralizable else [str(message.id)]


def _parts(text: str) -> tuple[list[str], list[str]]:
    """A number may be said in words where it is one or two."""
    values = sorted(set(VALUE.findall(text)) - {"%(number)s"})
    return values, sorted(MARKUP.findall(text))


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_with_a_number_has_the_forms_of_its_language(language: str) -> None:
    wanted = gathering.translations(language).num_plurals
    counted = [(each, forms) for each, forms in translated(language) if each.pluralizable]
    assert [each.id for each, forms in counted if len(forms) != wanted] == []


def test_portuguese_is_that_of_portugal_where_it_is_not_everybodys() -> None:
    said = [form for _, forms in translated("pt") for form in forms]
    assert [form for form in said if BRAZILIAN.search(form)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_kept_that_the_desk_says_no_more(language: str) -> None:
    said = {_key(each) for each in source() if each.id}
    kept = {_key(each) for each in gathering.translations(language) if each.id}
    assert kept - said == set()


@pytest.mark.parametrize("language", OTHERS)
def test_what_was_stored_in_english_is_retold(language: str) -> None:
    plain = phrases.mark("This reply is cancelled already.")
    named = phrases.mark("There is no case %(number)s.")
    for sentence, stored in ((plain, plain), (named, "There is no case 7.")):
        with phrases.read_in(language):
            told = phrases.gettext(sentence, number=7)
            assert told != stored
            assert retold(stored) == told
            assert retold(f"{stored} {stored}") == f"{told} {told}"
    with phrases.read_in(language):
        assert retold("X said: nothing of ours.") == "X said: nothing of ours."


def test_no_sentence_stands_where_the_gathering_does_not_see_it() -> None:
    """Inside an f-string, that is."""
    found = [
        f"{file.relative_to(PACKAGE)}:{call.lineno}"
        for file in PACKAGE.rglob("*.py")
        for joined in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("_", "gettext", "ngettext", "mark", "bare")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    assert found == []


def test_the_titles_of_the_templates_are_sentences_to_translate() -> None:
    assert "Where is my order?" in {_key(each) for each in source() if each.id}


def test_whoever_reads_no_language_of_the_desk_reads_english() -> None:
    with phrases.read_in("tlh"):
        assert phrases.reader() == phrases.SOURCE
        assert phrases.gettext("Case %(number)s", number=7) == "Case 7"


def test_a_language_is_read_inside_the_block_alone() -> None:
    with phrases.read_in("ar"):
        assert phrases.locale().text_direction == "rtl"
    assert phrases.locale().text_direction == "ltr"
