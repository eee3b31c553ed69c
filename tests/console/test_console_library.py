"""The parity board, a text's page, its editor and its history."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.console import differences
from socialdesk.console.app import create_app
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.settings import Settings
from socialdesk.templating.library import Library
from socialdesk.templating.texts import Shelf
from tests import small_library
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import SAME_SITE, Town

THANKS = "/replies/thanks/de/private"
OLD_WORDS = small_library.TEXTS["de/thanks.private"]
NEW_WORDS = OLD_WORDS.replace("vielen Dank für Ihre Worte", "das freut uns sehr")


@pytest.fixture
def replies(tmp_path: Path) -> Path:
    return small_library.written(tmp_path)


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings], replies: Path) -> Iterator[Desk]:
    desk = assemble(make_settings(paths={"replies": replies}))
    yield desk
    desk.database.close()


def read(browser: TestClient, address: str) -> str:
    """The page as a person reads it."""
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def save(browser: TestClient, text: str, *, seen: int = 0, step: str = "save", to: str = THANKS) -> str:
    """The page that follows."""
    answer = browser.post(f"{to}/editing", data={"text": text, "seen": str(seen), "step": step})
    assert answer.status_code == 303, answer.text
    return read(browser, answer.headers["location"])


def seen(page: str) -> int:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found
    return int(found[1])


def typed(page: str) -> str:
    return html.unescape(page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]).strip()


@pytest.fixture
def spoilt(desk: Desk, replies: Path) -> Desk:
    """The same desk on files of which some are spoilt, each in its own way."""
    (replies / "ja/thanks.private.txt.j2").unlink()
    small_library.write(replies, "de/thanks.private", "Guten Tag,")
    small_library.write(replies, "pl/thanks.private", "{{ 7 * 7 }}")
    small_library.write(replies, "de/order_late.public", "ä" * 276)
    small_library.write(replies, "en/order_late.private", "Hello{{ customer_name }}: {{ delivery_date }}")
    small_library.write(replies, "ar/write_to_us.public", "@shop {{ dm_link }}")
    return replace(desk, shelf=Shelf(Library.load(replies)))


def at(desk: Desk, cast: Cast, username: str = "ana") -> TestClient:
    """The browser of one of the cast at that desk."""
    assert cast
    browser = TestClient(create_app(desk), base_url="http://127.0.0.1:8080", headers=SAME_SITE)
    browser.post("/sign-in", data={"username": username, "password": PASSWORD})
    return browser


def test_the_board_tells_how_each_text_stands(spoilt: Desk, cast: Cast) -> None:
    page = read(at(spoilt, cast), "/replies")
    for told in (
        "Japanese, private: missing",
        "German, private: variables differ",
        "Polish, private: refused",
        "German, public: too long, private: out of date",
        "Arabic, public: link or mention",
        "English, private: whole",
    ):
        assert told in page


def test_a_text_that_is_refused_is_not_offered_and_says_why_it_cannot_be_used(
    spoilt: Desk, cast: Cast, town: Town
) -> None:
    town.meet("141", "piotr", "Piotr")
    case = town.writes("141", "Dziękuję za szybką pomoc, jestem bardzo zadowolony", private=True)
    browser = at(spoilt, cast)
    assert "template=thanks" not in read(browser, f"/cases/{case.id}?in=pl")
    answer = browser.get(f"/cases/{case.id}?template=thanks&as=private&in=pl")
    assert answer.status_code == 422
    assert "a template may hold plain {{ names }} and {% if name %}, and nothing else" in html.unescape(
        answer.text
    )


def test_a_whole_library_has_nothing_to_be_mended(ana: TestClient) -> None:
    assert "20 whole" in read(ana, "/replies")
    assert "Nothing to be mended." in read(ana, "/replies?only=problems")


def test_every_agent_reads_the_texts_and_only_supervisors_edit_them(
    ana: TestClient, sofia: TestClient
) -> None:
    assert f'href="{THANKS}/editing"' not in read(ana, "/replies/thanks/de")
    assert f'href="{THANKS}/editing"' in read(sofia, "/replies/thanks/de")
    assert 'href="/replies"' in ana.get("/queue").text
    assert ana.get(f"{THANKS}/editing").status_code == 403
    assert ana.post(f"{THANKS}/editing", data={"text": "x", "seen": "0", "step": "save"}).status_code == 403


def test_a_text_is_shown_with_every_kind_of_value(ana: TestClient) -> None:
    page = read(ana, "/replies/order_late/de")
    assert "Guten Tag Maria,\n\nneuer Liefertermin: 24 September" in page
    assert "Guten Tag Maximiliane von und zu Hohenlohe-Langenburg-Schillings," in page
    assert "Guten Tag,\n\nneuer Liefertermin: 24 September" in page
    assert " of 280 as X counts, signed" in page
    assert small_library.TEXTS["en/order_late.public"] in page


def test_arabic_is_shown_and_written_from_right_to_left(ana: TestClient, sofia: TestClient) -> None:
    assert '<p class="text" dir="rtl" lang="ar">' in ana.get("/replies/thanks/ar").text
    assert 'dir="rtl" lang="ar" spellcheck' in sofia.get("/replies/thanks/ar/private/editing").text


@pytest.mark.parametrize(
    "address",
    [
        "/replies/nothing/de",
        "/replies/thanks/xx",
        "/replies/..%2F..%2Fsettings/de",
        f"/replies/{'a' * 81}/de",
    ],
)
def test_what_is_not_in_the_catalog_is_not_found(ana: TestClient, address: str) -> None:
    assert ana.get(address).status_code in (404, 422)


def test_a_channel_that_a_template_has_not_is_not_found(sofia: TestClient) -> None:
    assert sofia.get("/replies/thanks/de/public/editing").status_code == 404
    assert sofia.get("/replies/thanks/de/shouted/editing").status_code == 422


def test_new_words_are_offered_at_once(sofia: TestClient, ana: TestClient, town: Town, desk: Desk) -> None:
    town.meet("140", "eva", "Eva")
    case: Case = town.writes("140", "Vielen Dank für die schnelle Hilfe, das war wirklich nett")
    assert "Saved" in save(sofia, NEW_WORDS)
    page = read(ana, f"/cases/{case.id}?template=thanks&as=private&in=de")
    assert "Guten Tag Eva,\n\ndas freut uns sehr." in page


def test_checking_saves_nothing_and_shows_how_it_would_read(sofia: TestClient) -> None:
    answer = sofia.post(f"{THANKS}/editing", data={"text": NEW_WORDS, "seen": "0", "step": "check"})
    page = html.unescape(answer.text)
    assert "Nothing speaks against it." in page
    assert "Guten Tag Maria,\n\ndas freut uns sehr." in page
    assert "das freut uns sehr" not in read(sofia, "/replies/thanks/de")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the reply template is empty"),
        (
            "Guten Tag,\n{{ order_number }}",
            "“Thanks for the kind words” in German, line 2: order_number is none of the names",
        ),
        ("{{ customer_name", "some braces here do not close"),
        ("{{ ''.__class__ }}", "and nothing else"),
        ("{{ customer_name|attr('x') }}", "and nothing else"),
        ("{{ lipsum.__globals__ }}", "and nothing else"),
        ("{% include '/etc/passwd' %}", "and nothing else"),
        ("{{ 'a' * 10**8 }}", "and nothing else"),
        ("{% for a in customer_name %}{% for b in a %}x{% endfor %}{% endfor %}", "and nothing else"),
        ("ä" * 1_025, "at most 2,048 bytes"),
        ("My long text {% autoescape true %}x{% endautoescape %}", "{% autoescape %} is neither."),
        ("Guten Tag,\n{% elif customer_name %}", "some braces here do not close"),
        ("Guten Tag{{ customer_name }} \u202e!", "it has signs that nobody can see (U+202E"),
        ("Guten Tag [name] …{{ customer_name }}", "“[name]” stands for something that nobody fills in"),
        ("<order> ⟦Datum⟧{{ customer_name }}", "“<order>” stands for something that nobody fills in"),
        ("{% if customer_name %}{% endif %}", "comes out empty for some customers"),
        ("Guten Tag{{ customer_name }}{% raw %}", "{% raw %} is neither."),
    ],
)
def test_what_must_not_go_out_is_refused_and_nothing_typed_is_lost(
    sofia: TestClient, text: str, why: str
) -> None:
    for step in ("save", "anyway"):
        answer = sofia.post(f"{THANKS}/editing", data={"text": text, "seen": "0", "step": step})
        assert answer.status_code == 422
        assert why in html.unescape(answer.text)
        assert typed(answer.text) == text
    assert "Nobody has changed this text" in read(sofia, f"{THANKS}/history")


def test_a_text_too_large_for_any_form_is_answered_with_a_page(sofia: TestClient) -> None:
    answer = sofia.post(f"{THANKS}/editing", data={"text": "ä" * 60_000, "seen": "0", "step": "save"})
    assert answer.status_code == 413
    assert "<h1>Too much at once</h1>" in answer.text
    assert "256 kB is the most." in answer.text


def test_what_may_be_mended_later_is_saved_when_the_supervisor_insists(sofia: TestClient) -> None:
    answer = sofia.post(f"{THANKS}/editing", data={"text": "Guten Tag, danke.", "seen": "0", "step": "save"})
    assert answer.status_code == 422
    assert "does not use customer_name" in answer.text
    assert 'value="anyway"' in answer.text
    page = save(sofia, "Guten Tag, danke.", step="anyway")
    assert "Variables differ, edited here" in page


def test_who_was_slower_sees_both_texts_and_may_still_save_his(sofia: TestClient) -> None:
    save(sofia, NEW_WORDS)
    other = NEW_WORDS.replace("sehr", "ungemein")
    answer = sofia.post(f"{THANKS}/editing", data={"text": other, "seen": "0", "step": "save"})
    assert answer.status_code == 409
    page = html.unescape(answer.text)
    assert "What stands there now" in page
    assert "das freut uns sehr." in page
    assert typed(answer.text) == other
    save(sofia, other, seen=seen(page))


def test_the_history_tells_who_did_what_and_what_changed(sofia: TestClient, ana: TestClient) -> None:
    save(sofia, NEW_WORDS)
    answer = sofia.post(f"{THANKS}/restoring", data={"seen": "1"})
    assert "The file's words stand again." in read(sofia, answer.headers["location"])
    page = read(ana, f"{THANKS}/history")
    assert page.count("<bdi>Sofia Lindgren</bdi></strong>") == 2
    assert page.index("went back to the file's text") < page.index("changed the text")
    words = re.sub(r"<[^>]+>", "", page)
    assert "[gone: vielen][new: das]" in words
    assert "[gone: das][new: vielen]" in words


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Thank you.", "Thank you all.", ["same: Thank you", "new:  all", "same: ."]),
        (
            "ご連絡をお待ちしております",
            "ご返信をお待ちしております",
            ["same: ご", "gone: 連絡", "new: 返信", "same: をお待ちしております"],
        ),
        ("شكرًا لكم", "شكرًا", ["same: شكرًا", "gone:  لكم"]),
        ("", "x", ["new: x"]),
        ("x", "x", ["same: x"]),
    ],
)
def test_what_changed_is_told_by_word_and_in_japanese_by_character(
    before: str, after: str, told: list[str]
) -> None:
    pieces = differences.between(before, after)
    assert [f"{each.kind}: {each.text}" for each in pieces] == told
    assert "".join(each.text for each in pieces if each.kind != "gone") == after
    assert "".join(each.text for each in pieces if each.kind != "new") == before


def test_nothing_is_restored_twice(sofia: TestClient) -> None:
    answer = sofia.post(f"{THANKS}/restoring", data={"seen": "0"})
    assert answer.status_code == 409
    assert "stand there already" in answer.text


def test_a_translation_is_out_of_date_until_it_is_confirmed(sofia: TestClient) -> None:
    page = read(sofia, "/replies/thanks/en/private/editing")
    assert "the other languages' texts are out of date" in page
    save(sofia, typed(page) + " Bye.", to="/replies/thanks/en/private")
    page = read(sofia, f"{THANKS}/editing")
    assert (
        "“Thanks for the kind words” in German is older than “Thanks for the kind words” in English." in page
    )
    assert "Ours still fits it" in page
    answer = sofia.post(f"{THANKS}/confirming", data={"seen": "0"})
    assert "Noted" in read(sofia, answer.headers["location"])
    assert "German, private: whole" in read(sofia, "/replies")
    assert "Polish, private: out of date" in read(sofia, "/replies")
    assert "found that it still fits its source text" in read(sofia, f"{THANKS}/history")


def test_the_files_new_words_are_shown_beside_those_edited_here(
    sofia: TestClient, desk: Desk, cast: Cast, replies: Path
) -> None:
    save(sofia, NEW_WORDS)
    small_library.write(replies, "de/thanks.private", "Guten Tag{{ customer_name }}, danke.")
    browser = at(replace(desk, shelf=Shelf(Library.load(replies))), cast, "sofia")
    page = read(browser, f"{THANKS}/editing")
    assert "The file's new text" in page
    assert "Guten Tag{{ customer_name }}, danke." in page
    answer = browser.post(f"{THANKS}/confirming", data={"seen": "1"}, follow_redirects=True)
    assert "Whole, edited here" in html.unescape(answer.text)


def test_a_text_is_shown_as_text_whatever_it_holds(sofia: TestClient) -> None:
    hostile = "<script>alert(1)</script></textarea><img src=x onerror=alert(1)>{{ customer_name }}"
    answer = sofia.post(f"{THANKS}/editing", data={"text": hostile, "seen": "0", "step": "save"})
    page = sofia.get(answer.headers["location"]).text + sofia.get(f"{THANKS}/editing").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
