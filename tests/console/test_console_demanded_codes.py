"""Where one-time codes are demanded, whoever has none sets them up after the password, and nothing else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from starlette.testclient import TestClient

from socialdesk import audit
from socialdesk.cases import Case
from socialdesk.console.doors import ANYBODY, DOORS
from socialdesk.console.owing import OPEN
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.people import admission, codes, first_run, invitations, keys, sign_ins
from socialdesk.people.agents import Agent, Role
from socialdesk.replying import jottings
from socialdesk.settings import Settings
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import Visitor
from tests.people import hire

Browser = Callable[[], TestClient]
WORDS = 'Lo sentimos, <María>: lo miramos "ahora".'
KEY = "the-key-that-the-desk-has-at-first--"


@pytest.fixture(autouse=True)
def a_key(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if not database.is_sqlite:
        monkeypatch.setenv(keys.VARIABLE, KEY)


@pytest.fixture(autouse=True)
def in_the_middle_of_a_step() -> Iterator[None]:
    middle = codes.now_step() * codes.STEP_SECONDS + codes.STEP_SECONDS // 2
    with time_machine.travel(datetime.fromtimestamp(middle, UTC), tick=False):
        yield


@pytest.fixture
def wanted() -> str:
    return "required"


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings], wanted: str) -> Iterator[Desk]:
    desk = assemble(make_settings(sign_in={"codes": wanted}))
    yield desk
    desk.database.close()


def password_of(browser: TestClient, username: str, back: str = "/") -> str:
    """Where the right password leads."""
    given = {"username": username, "password": PASSWORD, "next": back}
    return browser.post("/sign-in", data=given).headers["location"]


def shown_code(page: str) -> str:
    return codes.at_step(secret_in(page), codes.now_step())


def secret_in(page: str) -> str:
    secret = re.search(r"otpauth://totp/\S+?secret=([A-Z2-7]{32})&", html.unescape(page))
    assert secret
    return secret[1]


def test_the_password_leads_to_setting_them_up_and_that_to_where_one_was_going(
    visitor: Browser, cast: Cast, maria: Case
) -> None:
    browser, case = visitor(), f"/cases/{maria.id}"
    there = password_of(browser, "ana", case)
    assert there == f"/account/codes?next=%2Fcases%2F{maria.id}"
    page = browser.get(there).text
    assert "This desk wants them of you" in page
    assert 'href="/account"' not in page
    assert browser.post("/account/codes/confirmation", data={"code": "000000"}).status_code == 422
    assert browser.get(case).headers["location"] == there
    done = browser.post("/account/codes/confirmation", data={"code": shown_code(page), "next": case})
    assert f'href="{case}">I have kept them' in done.text
    assert browser.get(case).status_code == 200

    later = visitor()
    assert password_of(later, "ana").startswith("/sign-in/code")


def test_until_then_every_other_door_is_shut(visitor: Browser, cast: Cast) -> None:
    browser = visitor()
    password_of(browser, "sofia")
    open_doors = set()
    for (method, path), verb in DOORS.items():
        if verb is ANYBODY or path == "/sign-out":
            continue
        answer = browser.request(method, re.sub(r"{\w+_id}", "1", path))
        to_codes = answer.headers.get("location", "").startswith("/account/codes?next=")
        if not (to_codes or answer.headers.get("location") == "/account/codes" or answer.status_code == 401):
            open_doors.add((method, path))
    assert open_doors == OPEN - {("POST", "/sign-out")}
    assert browser.get("/live").status_code == 401
    assert browser.get("/queue", headers={"X-Fragment": "live"}).status_code == 401
    assert browser.post("/sign-out").headers["location"] == "/sign-in"


def test_whoever_was_signed_in_before_is_asked_for_the_password_first(
    visitor: Browser, desk: Desk, cast: Cast
) -> None:
    """So that an open screen is not enough."""
    browser = visitor()
    password_of(browser, "ana")
    with desk.database.transaction() as session:
        codes.turn_off(session, session.get_one(Agent, cast.ana.id))
    page = browser.get("/account/codes?next=/search").text
    assert "otpauth" not in page
    assert browser.post("/account/codes", data={"password": "wrong"}).status_code == 422
    begun = browser.post("/account/codes", data={"password": PASSWORD, "next": "/search"})
    assert begun.headers["location"] == "/account/codes?next=%2Fsearch"
    assert "otpauth" in browser.get(begun.headers["location"]).text


def test_the_first_admin_is_led_there_too(visitor: Browser, desk: Desk) -> None:
    with desk.database.transaction() as session:
        token = first_run.offer(session)
    told = {"token": token, "username": "olga", "name": "Olga", "password": "blue harbour 12"}
    browser = visitor()
    assert browser.post("/setup", data=told).headers["location"] == "/account/codes"
    assert "otpauth" in browser.get("/account/codes").text
    assert browser.get("/").headers["location"] == "/account/codes"


def test_so_is_whoever_was_invited(visitor: Browser, desk: Desk, cast: Cast) -> None:
    with desk.database.transaction() as session:
        token = invitations.invite(session, session.get_one(Agent, cast.ana.id))
    browser = visitor()
    taken = browser.post("/invitation", data={"token": token, "password": "blue harbour 12"})
    assert taken.headers["location"] == "/account/codes"
    assert "otpauth" in browser.get("/account/codes").text


def test_each_sign_in_begins_a_secret_which_stays_the_same_while_the_page_is_read_again(
    visitor: Browser, cast: Cast
) -> None:
    first, second = visitor(), visitor()
    there = password_of(first, "ana")
    begun = secret_in(first.get(there).text)
    assert secret_in(first.get(there).text) == begun
    anew = secret_in(second.get(password_of(second, "ana")).text)
    assert anew != begun


def test_whoever_had_the_password_first_does_not_know_the_secret_that_is_confirmed(
    visitor: Browser, cast: Cast
) -> None:
    thief, ana = visitor(), visitor()
    planted = thief.get(password_of(thief, "ana")).text
    page = ana.get(password_of(ana, "ana")).text
    assert thief.get("/account/codes").headers["location"].startswith("/sign-in")
    wrong = ana.post("/account/codes/confirmation", data={"code": shown_code(planted)})
    assert wrong.status_code == 422
    assert ana.post("/account/codes/confirmation", data={"code": shown_code(page)}).status_code == 200


def test_nor_by_beginning_one_from_a_session_that_was_open_before(
    visitor: Browser, desk: Desk, cast: Cast
) -> None:
    ana = visitor()
    password_of(ana, "ana")
    with desk.database.transaction() as session:
        codes.turn_off(session, session.get_one(Agent, cast.ana.id))
        other = sign_ins.open_for(session, session.get_one(Agent, cast.ana.id))
    ana.post("/account/codes", data={"password": PASSWORD})
    assert "otpauth" in ana.get("/account/codes").text
    with desk.database.reading() as session:
        hour = timedelta(hours=1)
        assert sign_ins.resume(session, other, idle=hour, longest=hour) is None


def fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def composed(case: Case, cast: Cast) -> dict[str, str]:
    return {"text": WORDS, "as": "public", "writer": str(cast.ana.id), "seen": "1"}


def signing_in_with(browser: TestClient, address: str, data: dict[str, str]) -> str:
    """The page that the right password leads to, with words that came while nobody was signed in."""
    refused = browser.post(address, data=data)
    assert refused.status_code == 401
    given = fields(refused.text) | {"username": "ana", "password": PASSWORD}
    return browser.post("/sign-in", data=given).text


def jotted(desk: Desk, case: Case, cast: Cast) -> list[str]:
    with desk.database.reading() as session:
        return [each.text for each in jottings.of_agent(session, case.id or 0, cast.ana.id or 0)]


def test_a_replys_words_are_put_into_the_case_once_the_codes_are_on(
    visitor: Browser, desk: Desk, cast: Cast, maria: Case
) -> None:
    browser = visitor()
    page = signing_in_with(browser, f"/cases/{maria.id}/replies", composed(maria, cast))
    assert jotted(desk, maria, cast) == []
    assert WORDS in html.unescape(page)
    wrong = browser.post("/account/codes/confirmation", data=fields(page) | {"code": "000000"}).text
    assert jotted(desk, maria, cast) == []
    right = fields(wrong) | {"code": shown_code(wrong)}
    done = browser.post("/account/codes/confirmation", data=right)
    assert f'href="/cases/{maria.id}">I have kept them' in done.text
    assert jotted(desk, maria, cast) == [WORDS]


def test_a_notes_words_are_below_the_recovery_codes(visitor: Browser, cast: Cast, maria: Case) -> None:
    browser, place = visitor(), f"/cases/{maria.id}/notes"
    page = signing_in_with(browser, place, {"note": WORDS, "writer": str(cast.ana.id)})
    done = browser.post("/account/codes/confirmation", data=fields(page) | {"code": shown_code(page)}).text
    assert f'action="{place}"' in done
    assert WORDS in html.unescape(done)
    assert browser.post(place, data=fields(done) | {"note": WORDS}).status_code == 303


def test_anothers_words_go_no_further(visitor: Browser, desk: Desk, cast: Cast, maria: Case) -> None:
    browser = visitor()
    refused = browser.post(f"/cases/{maria.id}/replies", data=composed(maria, cast)).text
    signed_in = browser.post("/sign-in", data=fields(refused) | {"username": "ben", "password": PASSWORD})
    assert signed_in.headers["location"].startswith("/account/codes")
    assert jotted(desk, maria, cast) == []


@pytest.mark.parametrize("place", ["replies", "notes"])
def test_words_of_a_session_that_came_to_owe_codes_are_kept(
    visitor: Browser, desk: Desk, cast: Cast, maria: Case, place: str
) -> None:
    browser = visitor()
    password_of(browser, "ana")
    with desk.database.transaction() as session:
        codes.turn_off(session, session.get_one(Agent, cast.ana.id))
    data = composed(maria, cast) if place == "replies" else {"note": WORDS, "writer": str(cast.ana.id)}
    refused = browser.post(f"/cases/{maria.id}/{place}", data=data)
    assert (refused.status_code, "otpauth" in refused.text) == (401, False)
    wrong = browser.post("/account/codes", data=fields(refused.text) | {"password": "wrong"})
    page = browser.post("/account/codes", data=fields(wrong.text) | {"password": PASSWORD}).text
    done = browser.post("/account/codes/confirmation", data=fields(page) | {"code": shown_code(page)}).text
    assert jotted(desk, maria, cast) == ([WORDS] if place == "replies" else [])
    assert (WORDS in html.unescape(done)) == (place == "notes")
    assert f'href="/cases/{maria.id}">I have kept them' in done


def test_a_lost_telephone_is_an_admins_matter_and_leads_there_anew(
    visitor: Browser, desk: Desk, database: Database, cast: Cast
) -> None:
    browser = visitor()
    page = browser.get(password_of(browser, "ana")).text
    browser.post("/account/codes/confirmation", data={"code": shown_code(page)})
    assert browser.get("/queue").status_code == 200
    with database.transaction() as session:
        admission.codes_off(session, session.get_one(Agent, cast.ana.id), by=cast.sofia)
    assert browser.get("/queue").headers["location"].startswith("/sign-in")
    assert password_of(browser, "ana") == "/account/codes"
    with database.reading() as session:
        assert "codes_off" in [each.kind for each in audit.newest(session)]


def test_another_telephone_takes_the_place_of_the_one_before(visitor: Browser, cast: Cast) -> None:
    browser = visitor()
    page = browser.get(password_of(browser, "ana")).text
    browser.post("/account/codes/confirmation", data={"code": shown_code(page)})
    assert "Set up another telephone" in browser.get("/account").text
    removed = browser.post("/account/codes/removal", data={"password": PASSWORD})
    assert removed.headers["location"].startswith("/account/codes?next=")
    assert browser.get("/queue").headers["location"].startswith("/account/codes")
    anew = browser.get(removed.headers["location"]).text
    assert shown_code(anew) != shown_code(page)


@pytest.mark.parametrize("wanted", ["admins"])
def test_they_can_be_demanded_of_admins_alone(
    visitor: Browser, signed_in: Visitor, database: Database, cast: Cast, password_hash: str
) -> None:
    hire(database, "olga", Role.ADMIN, password_hash)
    assert signed_in("sofia").get("/queue").status_code == 200
    assert password_of(visitor(), "olga") == "/account/codes"


def test_without_a_key_the_page_says_what_is_missing(
    visitor: Browser, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(keys.VARIABLE, "short")
    browser = visitor()
    assert password_of(browser, "ana") == "/account/codes"
    refused = browser.post("/account/codes", data={"password": PASSWORD})
    assert (refused.status_code, "at least 32 characters" in refused.text) == (422, True)
    assert browser.get("/queue").headers["location"] == "/account/codes?next=%2Fqueue"
