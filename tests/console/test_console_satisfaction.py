"""The customer's page after the contact, the box on the resolve form, and the transcript's page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import cases, clock
from socialdesk.cases import Case
from socialdesk.console.app import create_app
from socialdesk.console.pages import Pages
from socialdesk.desk import Desk, assemble
from socialdesk.languages import LANGUAGES
from socialdesk.mail import Mail
from socialdesk.messages import Visibility
from socialdesk.replies import Reply
from socialdesk.satisfaction import Satisfaction, links
from socialdesk.satisfaction.questions import ClosingQuestion, State, Way
from socialdesk.settings import Settings
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import SAME_SITE, Open, Town, every_light

PUBLIC_URL = "https://support.northwind.example"
MAIL = {"host": "127.0.0.1", "port": 2525, "sender": "help@northwind.example", "security": "none"}


@pytest.fixture
def desk(database: object, make_settings: Callable[..., Settings]) -> Iterator[Desk]:
    """One that offers the question, by link, and sends mails."""
    told = {"ask": "offer", "by": "link", "public_url": PUBLIC_URL}
    desk = assemble(make_settings(satisfaction=told, mail=MAIL))
    yield desk
    desk.database.close()


@pytest.fixture
def anybody(desk: Desk) -> TestClient:
    return TestClient(create_app(desk), base_url=PUBLIC_URL, headers=SAME_SITE, follow_redirects=False)


@pytest.fixture
def address(desk: Desk, kenji: Case, cast: Cast) -> str:
    """Of the question about Kenji's case."""
    return asked(desk, kenji, cast)


def asked(desk: Desk, case: Case, cast: Cast, language: str = "ja") -> str:
    with desk.database.transaction() as session:
        question = ClosingQuestion(
            case_id=case.id or 0,
            account_id=case.account_id,
            customer_id=case.customer_id,
            resolved_at=clock.now(),
            wanted_by_id=cast.ana.id or 0,
            state=State.ASKED,
            language=language,
            way=Way.LINK,
            asked_at=clock.now(),
            expires_at=clock.now() + timedelta(days=7),
        )
        made = links.make(question, PUBLIC_URL)
        session.add(question)
        cases.hold(session, case.id or 0).resolve(by=cast.ana)
    return made.removeprefix(PUBLIC_URL)


def question(desk: Desk) -> ClosingQuestion:
    with desk.database.reading() as session:
        return session.exec(select(ClosingQuestion)).one()


def test_a_customer_answers_without_signing_in(desk: Desk, anybody: TestClient, address: str) -> None:
    answer = anybody.post(address, data={"answer": "yes", "comment": "助かりました"})
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert (question(desk).helped, question(desk).comment) == (True, "助かりました")
    assert "助かりました" in anybody.get(address).text


def test_looking_answers_nothing(desk: Desk, anybody: TestClient, address: str) -> None:
    for method in ("GET", "GET", "HEAD"):
        anybody.request(method, address)
    assert question(desk).answered_at is None


def test_the_page_sets_no_cookie_and_is_not_to_be_found(anybody: TestClient, address: str) -> None:
    page = anybody.get(address)
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text and "style=" not in page.text


def test_the_page_names_nobody_but_us(anybody: TestClient, address: str) -> None:
    text = anybody.get(address).text
    assert "NorthwindHelp" in text
    for other in ("kenji", "健二", "アカウントに", "Ana", "/queue"):
        assert other not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_customers_language(
    desk: Desk, anybody: TestClient, kenji: Case, cast: Cast, language: str
) -> None:
    page = anybody.get(asked(desk, kenji, cast, language), headers={"Accept-Language": "fi"}).text
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page


def test_an_answer_can_be_changed_for_an_hour(desk: Desk, anybody: TestClient, address: str) -> None:
    anybody.post(address, data={"answer": "no"})
    anybody.post(address, data={"answer": "yes"})
    assert question(desk).helped is True
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert anybody.post(address, data={"answer": "no"}).status_code == 409
        assert "<form" not in anybody.get(address).text
    assert question(desk).helped is True


def test_an_address_that_was_never_given_out_tells_nothing(anybody: TestClient, address: str) -> None:
    assert anybody.get("/s/never-given-out").status_code == 404
    assert anybody.post("/s/never-given-out", data={"answer": "yes"}).status_code == 404


def test_whoever_tries_addresses_is_slowed_down(anybody: TestClient, address: str) -> None:
    codes = [anybody.get(f"/s/guess-{number}").status_code for number in range(30)]
    assert codes[0] == 404
    assert codes[-1] == 429
    assert anybody.post("/sign-in", data={"username": "ana", "password": PASSWORD}).status_code == 303


def test_one_question_takes_few_answers_at_a_time(anybody: TestClient, address: str) -> None:
    codes = [anybody.post(address, data={"answer": "yes"}).status_code for _ in range(9)]
    assert (codes[0], codes[-1]) == (303, 429)


def test_another_site_cannot_answer(desk: Desk, anybody: TestClient, address: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert anybody.post(address, data={"answer": "yes"}, headers=headers).status_code == 403
    assert question(desk).answered_at is None


def test_a_comment_has_an_end(desk: Desk, anybody: TestClient, address: str) -> None:
    anybody.post(address, data={"answer": "yes", "comment": "あ" * 900})
    assert len(question(desk).comment or "") == 500
    assert anybody.post(address, data={"answer": "yes", "comment": "あ" * 9000}).status_code == 422


def test_what_a_customer_says_is_told_on_the_case(
    desk: Desk, anybody: TestClient, address: str, sofia: TestClient, kenji: Case
) -> None:
    anybody.post(address, data={"answer": "no", "comment": "<b>遅い</b>"})
    page = sofia.get(f"/cases/{kenji.id}").text
    assert "The customer says that we were not able to help: “&lt;b&gt;遅い&lt;/b&gt;”" in page


def test_whoever_resolves_a_case_decides_whether_to_ask(desk: Desk, ana: TestClient, kenji: Case) -> None:
    assert 'name="ask"' in ana.get(f"/cases/{kenji.id}").text
    ana.post(f"/cases/{kenji.id}/resolution", data={"ask": "true"})
    assert (question(desk).state, question(desk).case_id) == (State.WANTED, kenji.id)


def test_nothing_is_offered_for_who_wrote_only_in_public(desk: Desk, ana: TestClient, maria: Case) -> None:
    assert 'name="ask"' not in ana.get(f"/cases/{maria.id}").text


def test_a_case_resolved_without_the_box_is_not_asked_about(desk: Desk, ana: TestClient, kenji: Case) -> None:
    ana.post(f"/cases/{kenji.id}/resolution")
    with desk.database.reading() as session:
        assert session.exec(select(ClosingQuestion)).all() == []


def test_the_figures_are_a_table_that_flags_few_answers(desk: Desk) -> None:
    rows = [Satisfaction(1, "ja", 40, 30, 27), Satisfaction(1, "pl", 9, 4, 1), Satisfaction(1, "cs", 2, 0, 0)]
    drawn = Pages(desk.settings.paths.templates, "").draw("satisfaction/_figures.html", satisfaction=rows)
    japanese, polish, czech = drawn.split("<tr>")[2:]
    assert "90 %" in japanese and "few answers" not in japanese
    assert "25 %" in polish and "few answers" in polish
    assert "–" in czech


# The transcript


def fields(page: str, way: str) -> dict[str, str]:
    form = next(each for each in page.split("<form")[1:] if f'name="way" value="{way}"' in each)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def send(browser: TestClient, case: Case, way: str, **more: Any) -> Any:
    told = fields(browser.get(f"/cases/{case.id}/transcript").text, way)
    return browser.post(f"/cases/{case.id}/transcript", data=told | more)


def test_an_agent_sees_the_transcript_before_it_is_sent(ana: TestClient, kenji: Case) -> None:
    page = ana.get(f"/cases/{kenji.id}/transcript").text
    assert "アカウントにログインできません" in page
    assert 'lang="ja" dir="ltr"' in page
    assert f'href="/cases/{kenji.id}/transcript"' in ana.get(f"/cases/{kenji.id}").text


def test_it_is_sent_by_direct_message(desk: Desk, ana: TestClient, kenji: Case) -> None:
    answer = send(ana, kenji, "dm")
    assert answer.status_code == 303
    assert "The transcript is on its way." in ana.get(answer.headers["location"]).text
    with desk.database.reading() as session:
        reply = session.exec(select(Reply)).one()
    assert reply.visibility == Visibility.PRIVATE
    assert "sent the customer the transcript by direct message" in ana.get(f"/cases/{kenji.id}").text


def test_it_is_mailed_once_the_address_is_sure(desk: Desk, ana: TestClient, kenji: Case) -> None:
    refused = send(ana, kenji, "mail", address="kenji@kunde.example")
    assert refused.status_code == 422
    assert 'name="sure"' in refused.text
    told = fields(refused.text, "mail") | {"address": "kenji@kunde.example", "sure": "true"}
    for _ in range(2):
        assert ana.post(f"/cases/{kenji.id}/transcript", data=told).status_code == 303
    with desk.database.reading() as session:
        letter = session.exec(select(Mail)).one()
    assert '<html lang="ja" dir="ltr">' in (letter.html or "")
    assert "アカウントにログインできません" in letter.text


def test_what_the_customer_wrote_since_is_shown_first(ana: TestClient, town: Town, kenji: Case) -> None:
    told = fields(ana.get(f"/cases/{kenji.id}/transcript").text, "dm")
    town.writes("102", "まだですか", minutes_ago=1, private=True)
    answer = ana.post(f"/cases/{kenji.id}/transcript", data=told)
    assert answer.status_code == 409
    assert "まだですか" in answer.text


def test_an_arabic_transcript_runs_from_right_to_left(desk: Desk, ana: TestClient, kenji: Case) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, kenji.id or 0).language = "ar"
    send(ana, kenji, "mail", address="kenji@kunde.example", sure="true")
    with desk.database.reading() as session:
        letter = session.exec(select(Mail)).one()
    assert '<html lang="ar" dir="rtl">' in (letter.html or "")


@pytest.mark.browser
def test_the_customers_page_fits_a_small_screen(open_page: Open, desk: Desk, kenji: Case, cast: Cast) -> None:
    path = asked(desk, kenji, cast, "ar")
    page = open_page(path, None, viewport={"width": 320, "height": 640})
    for scheme in every_light(page):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), scheme
    page.locator("button[value=yes]").click()
    page.wait_for_load_state()
    assert question(desk).helped is True


@pytest.mark.browser
def test_the_transcripts_page_fits_a_small_screen(open_page: Open, kenji: Case) -> None:
    page = open_page(f"/cases/{kenji.id}/transcript", "ana", viewport={"width": 320, "height": 640})
    for scheme in every_light(page):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), scheme
