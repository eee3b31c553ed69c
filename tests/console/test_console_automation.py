"""The page of the rules: what they did, trying them, switching them, and the texts released for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page
from starlette.testclient import TestClient

from socialdesk.automation import book, releases, switches
from socialdesk.automation.rules import Rule
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.templating.catalog import Key
from tests.automated import replies_of, run
from tests.conftest import REPLIES, Cast
from tests.console.conftest import Open, Town, every_light, every_width
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out
from tests.stories import NOON

RULE = "/automation/account_in_public"
LOCKED = "No puedo iniciar sesión en mi cuenta, ¿qué hago? Mi cuenta está bloqueada."


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    """When the town's people write: what rules may answer is never old."""
    with time_machine.travel(NOON):
        yield


def the_rule(desk: Desk, rule_id: str = "account_in_public") -> Rule:
    return book.read(desk.settings, desk.library).find(rule_id)


def texts_on(page: str) -> list[str]:
    return re.findall(r'name="text" value="([^"]+)"', page)


def test_supervisors_see_every_rule_off_and_agents_see_none(ana: TestClient, sofia: TestClient) -> None:
    page = sofia.get("/automation").text
    assert page.count("Switch on") == len(
        re.findall(r"\[\[rules\]\]$", (REPLIES / "rules.toml").read_text(), re.M)
    )
    assert "Switch off" not in page
    assert ana.get("/automation").status_code == 403
    assert ana.post(f"{RULE}/switch", data={"to": "on"}).status_code == 403
    assert 'href="/automation"' not in ana.get("/queue").text


def test_a_rule_is_tried_released_switched_on_and_answers(desk: Desk, sofia: TestClient, town: Town) -> None:
    town.writes("101", LOCKED, minutes_ago=60)
    page = sofia.get(RULE).text
    assert "it would have been for 1 case in 1 language." in page
    spanish = [each for each in texts_on(page) if each.startswith("es.")]
    assert sofia.post(f"{RULE}/releases", data={"text": spanish}).status_code == 303
    assert sofia.post(f"{RULE}/switch", data={"to": "on"}).status_code == 303
    assert sofia.post(f"{RULE}/switch", data={"to": "on"}).status_code == 409
    assert "Switch off" in sofia.get("/automation").text

    assert replies_of(desk) == []  # what was written before it was on is nothing to it
    assert "Released" in sofia.get(RULE).text
    withdrawn = {"language": "es", "visibility": "public"}
    assert sofia.post(f"{RULE}/withdrawal", data=withdrawn).status_code == 303
    assert "Released" not in sofia.get(RULE).text


def test_words_that_changed_after_they_were_read_are_not_released(sofia: TestClient) -> None:
    answer = sofia.post(f"{RULE}/releases", data={"text": ["es.public.another"]})
    assert answer.status_code == 422
    assert "has changed since you read it" in answer.text


def test_what_a_rule_did_stands_on_the_case_with_the_reason(
    desk: Desk, cast: Cast, ana: TestClient, sofia: TestClient, town: Town
) -> None:
    rule = the_rule(desk)
    with desk.database.transaction() as session:
        switches.switch_on(session, rule, by=cast.sofia)
        releases.release(session, desk.library, [Key("please_send_dm", "es", "public")], by=cast.sofia)
    case = town.writes("101", LOCKED, minutes_ago=-1)
    assert run(desk, book.RuleBook((rule,))) == 1
    page = ana.get(f"/cases/{case.id}").text
    assert "Automated" in page
    assert "Answered by the rule “A public post about an account: ask for a direct message”." in page
    assert "A customer opens a case (" in page
    assert "<dt>Sent</dt>" in sofia.get("/automation").text


def test_a_rule_that_stopped_itself_says_so_on_every_page(
    desk: Desk, cast: Cast, sofia: TestClient, ana: TestClient
) -> None:
    rule = the_rule(desk)
    with desk.database.transaction() as session:
        switches.switch_on(session, rule, by=cast.sofia)
        switches.stop(session, rule, why="Of its last 3 replies X refused 3.")
    assert "The rule account_in_public has stopped itself." in ana.get("/queue").text
    assert "X refused 3" in sofia.get("/automation").text
    assert ana.get("/health.json").json()[0]["stopped_rules"] == ["account_in_public"]
    assert sofia.post(f"{RULE}/switch", data={"to": "off"}).status_code == 303
    desk_page = sofia.get("/automation").text
    assert "X refused 3" not in desk_page.partition("<main")[2]


@pytest.mark.browser
def test_the_pages_stand_in_every_light_and_on_every_screen(
    open_page: Open, town: Town, maria: Case, tmp_path: Path
) -> None:
    town.writes("109", "لا أستطيع تسجيل الدخول إلى حسابي، حسابي مغلق", minutes_ago=5)
    town.writes("102", LOCKED, minutes_ago=3)
    page: Page = open_page("/automation")
    for address in ("/automation", RULE):
        page.goto(address)
        for light in every_light(page):
            for width in every_width(page, 320, 1280):
                scrolls_not_sideways(page)
                page.screenshot(path=tmp_path / f"{address.count('/')}-{light}-{width}.png", full_page=True)
            shuts_nobody_out(page)
