"""The search page: what an agent types, what it shows, and the way to the case."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from sqlalchemy import event
from sqlalchemy import text as sql
from sqlmodel import col, select
from starlette.testclient import TestClient

from socialdesk import cases, search
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.messages import Message
from socialdesk.replying import drafts
from socialdesk.search import Source, patience
from tests.conftest import Cast
from tests.console.conftest import Town


def found(page: str) -> list[int]:
    return [int(case_id) for case_id in re.findall(r'class="open" href="/cases/(\d+)', page)]


def said(page: str) -> str:
    """The words of the page's list, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", page.partition('class="search"')[2])).split())


def index(desk: Desk) -> None:
    """Make every message findable, whether intake has done so or not."""
    with desk.database.transaction() as session:
        oldest_first = select(Message).order_by(col(Message.id))
        texts = {message.id or 0: message.text for message in session.exec(oldest_first)}
        search.forget(session, list(texts))
        search.index(session, Source.MESSAGE, texts)


@pytest.fixture
def written(desk: Desk, maria: Case, kenji: Case) -> None:
    assert maria and kenji
    index(desk)


def test_words_lead_to_the_case_and_are_marked(ana: TestClient, written: None, maria: Case) -> None:
    page = ana.get("/search", params={"q": "donde PEDI"}).text
    assert found(page) == [maria.id]
    assert "<mark>dónde</mark>" in page
    assert "<mark>pedi</mark>do" in page
    assert re.search(rf'href="/cases/{maria.id}#message-\d+"', page)
    assert re.search(r'role="status">\s*1 case\s*<', page)


def test_texts_keep_their_language_and_direction(ana: TestClient, town: Town, desk: Desk) -> None:
    town.meet("300", "layla_q", "ليلى القحطاني")
    town.writes("300", "السلام عليكم، طلبي تأخر أسبوعا كاملا، متى يصل؟")
    index(desk)
    page = ana.get("/search", params={"q": "اسبوعا"}).text
    assert '<span dir="rtl" lang="ar">' in page
    assert "<mark>أسبوعا</mark>" in page


def test_a_part_of_a_japanese_word_is_enough(ana: TestClient, written: None, kenji: Case) -> None:
    page = ana.get("/search", params={"q": "グイン"}).text
    assert found(page) == [kenji.id]
    assert "<mark>グイン</mark>" in page


@pytest.mark.parametrize("query", ["@maria", "garcia", "101"])
def test_a_customer_leads_to_his_cases(ana: TestClient, written: None, maria: Case, query: str) -> None:
    page = ana.get("/search", params={"q": query}).text
    assert found(page) == [maria.id]
    assert "Last words:" in said(page)


def test_the_address_of_a_post_leads_to_its_case(
    ana: TestClient, desk: Desk, written: None, maria: Case
) -> None:
    with desk.database.reading() as session:
        x_id = session.exec(select(Message.x_id).where(Message.case_id == maria.id)).one()
    page = ana.get("/search", params={"q": f"https://x.com/maria/status/{x_id}?s=20"}).text
    assert found(page) == [maria.id]


def test_a_draft_is_found_and_said_to_be_one(
    ana: TestClient, desk: Desk, cast: Cast, written: None, maria: Case
) -> None:
    with desk.database.transaction() as session:
        drafts.write(session, cases.hold(session, maria.id or 0), text="Lo sentimos mucho.", by=cast.ben)
    page = ana.get("/search", params={"q": "sentimos"}).text
    assert f'href="/cases/{maria.id}#composer"' in page
    assert "Not sent: Lo sentimos mucho." in said(page)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "What do you look for?"),
        ("  ", "What do you look for?"),
        ("?", "That is too short."),
        ("x", "That is too short."),
        ("zzyzx", "Nothing found."),
    ],
)
def test_a_page_with_nothing_on_it_says_why(ana: TestClient, written: None, query: str, words: str) -> None:
    page = ana.get("/search", params={"q": query})
    assert page.status_code == 200
    assert found(page.text) == []
    assert words in said(page.text)


@pytest.mark.parametrize(
    "query",
    [
        '" OR *',
        "NEAR(",
        "col:",
        "a AND",
        "!",
        ":*",
        "\\",
        "'",
        "%",
        "\0",
        "\x1b[2J",
        "x" * 10_000,
        "<b>x</b>",
    ],
)
def test_whatever_is_typed_stays_words(ana: TestClient, written: None, query: str) -> None:
    page = ana.get("/search", params={"q": query})
    assert page.status_code == 200
    assert found(page.text) == []
    assert "<b>x" not in page.text


def test_what_customers_write_stays_words_too(ana: TestClient, town: Town, desk: Desk) -> None:
    town.writes("300", "<script>alert(1)</script> where is my parcel")
    index(desk)
    page = ana.get("/search", params={"q": "alert parcel"}).text
    assert "<script>alert" not in page
    assert escape("<script>") + "<mark>alert</mark>" in page


def test_pages_follow_each_other(ana: TestClient, town: Town, desk: Desk) -> None:
    for number in range(45):
        town.writes(str(500 + number), "Where is my parcel? I ordered it last week", minutes_ago=200 - number)
    index(desk)
    seen: list[int] = []
    address = "/search?q=parcel"
    for _ in range(3):
        page = ana.get(address).text
        seen += found(page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(onward[1]) if onward else ""
    assert address == ""
    assert len(seen) == len(set(seen)) == 45
    assert seen == sorted(seen, reverse=True)


def test_the_query_stands_in_the_field_again(ana: TestClient, written: None) -> None:
    assert (
        'name="q" value="&lt;mi&gt; &#34;paquete&#34;"'
        in ana.get("/search", params={"q": '<mi>  "paquete"'}).text
    )
    assert 'name="q" value=""' in ana.get("/queue").text


def test_a_refresh_does_not_search_again(ana: TestClient, written: None) -> None:
    page = ana.get("/search?q=paquete", headers={"X-Fragment": "live"}).text
    assert found(page) == []
    assert 'id="health"' in page


def test_only_agents_may_search(visitor: object, written: None) -> None:
    browser = visitor()  # type: ignore[operator]
    assert browser.get("/search?q=paquete").headers["location"].startswith("/sign-in?")


@pytest.mark.parametrize("before", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_that_makes_no_sense_is_refused(ana: TestClient, before: str) -> None:
    assert ana.get(f"/search?q=paquete&before={before}").status_code == 422


@pytest.mark.parametrize("query", ["paquete", "the zzyzx", "@maria", "garcia", "1999000000000000001", "靴"])
def test_a_page_of_hits_takes_few_statements(ana: TestClient, desk: Desk, written: None, query: str) -> None:
    asked: list[str] = []
    ana.get("/queue")  # which keeps for a moment what every page shows
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    ana.get("/search", params={"q": query})
    told = [each for each in asked if not each.startswith(("BEGIN", "SET", "PRAGMA"))]
    assert len(told) <= 8, told


@pytest.fixture
def far_apart(written: None, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socialdesk.console.search.ENOUGH_SECONDS", 0.0)
    put_far_back(desk)


def put_far_back(desk: Desk) -> None:
    """So much was written since that nothing of it is told at once."""
    with desk.database.transaction() as session:
        newer = {"id": 2_000_000, "source": 2_000_000, "words": " nobody "}
        connection = session.connection()
        connection.execute(sql("INSERT INTO search_entries VALUES (:id, 'customer', :source, :words)"), newer)
        if desk.database.is_sqlite:
            connection.execute(sql("INSERT INTO search_words (rowid, words) VALUES (:id, :words)"), newer)


def test_what_is_not_found_at_once_is_searched_for_further_back(ana: TestClient, far_apart: None) -> None:
    page = ana.get("/search", params={"q": "paquete"}).text
    assert found(page) == []
    assert "Nothing found so far. Older messages are not searched yet." in said(page)
    further = re.search(r'rel="next" href="([^"]+)">Search further back', page)
    assert further
    assert f'data-further="{further[1]}"' in page
    whole = ana.get(unescape(further[1])).text
    assert found(whole)
    assert "Not searched" not in said(whole)
    assert "Search further back" not in whole


def test_who_goes_further_back_gets_on_however_little_time_there_is(
    ana: TestClient, far_apart: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "ENOUGH_SECONDS", 0.0)
    address, pages = "/search?q=paquete", 0
    seen: list[int] = []
    while address:
        page = ana.get(address).text
        pages, seen = pages + 1, seen + found(page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(onward[1]) if onward else ""
    assert pages > 2
    assert len(seen) == len(set(seen)) > 0


def test_a_search_that_takes_too_long_says_so(
    ana: TestClient, written: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LONGEST_SECONDS", 0.0)
    page = ana.get("/search", params={"q": "paquete"})
    assert page.status_code == 503
    assert "That search takes too long: add a word that fewer messages have." in said(page.text)
    assert 'name="q" value="paquete"' in page.text
    answer = ana.get("/palette", params={"q": "paquete"}, headers={"accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("That search takes too long")
