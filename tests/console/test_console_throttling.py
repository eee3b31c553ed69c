"""Wrong passwords make the next try wait; the right one from a browser that is known does not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
import time_machine
from httpx2 import Response
from sqlmodel import func, select
from starlette.testclient import TestClient

from socialdesk import clock
from socialdesk.console.app import create_app
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import TooOften
from socialdesk.people import brakes, passwords
from socialdesk.people.agents import Agent
from socialdesk.people.brakes import LIMITS, Brake, Key, Kind
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import SAME_SITE, Visitor

FREE = LIMITS[Kind.AGENT].free
Browsers = Callable[[str], TestClient]


@pytest.fixture
def browser_at(desk: Desk, cast: Cast) -> Browsers:
    """A browser at that address."""
    assert cast
    app = create_app(desk)

    def made(address: str) -> TestClient:
        return TestClient(
            app,
            base_url="http://127.0.0.1:8080",
            headers=SAME_SITE,
            follow_redirects=False,
            client=(address, 50_000),
        )

    return made


def tries(browser: TestClient, username: str = "ana", password: str = "wrong password") -> Response:
    return browser.post("/sign-in", data={"username": username, "password": password})


def later(**moment: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**moment), tick=True)


@pytest.mark.parametrize("username", ["ana", "nobody"])
def test_after_some_wrong_passwords_the_next_try_waits_whoever_it_is(
    browser_at: Browsers, username: str
) -> None:
    browser = browser_at("192.0.2.1")
    for _ in range(FREE + 1):
        assert tries(browser, username).status_code == 422
    refused = tries(browser, username)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 2
    assert "That was wrong too often: try again in" in refused.text
    with later(seconds=5):
        assert tries(browser, username).status_code == 422


def test_each_wrong_password_makes_the_wait_longer_up_to_a_minute(database: Database) -> None:
    key, waits = Key(Kind.AGENT, "ana"), []
    moment = clock.now()
    for _ in range(FREE + 12):
        with time_machine.travel(moment, tick=False), database.transaction() as session:
            brakes.press(session, [key])
        with time_machine.travel(moment, tick=False), database.reading() as session:
            wait = _wait(session, key)
        waits.append(wait.total_seconds())
        moment += wait
    assert waits == [0] * FREE + [1, 2, 4, 8, 16, 32] + [60] * 6
    with time_machine.travel(moment + brakes.FORGOTTEN, tick=True), database.transaction() as session:
        brakes.press(session, [key])
        assert _wait(session, key) == timedelta()


def _wait(session: object, key: Key) -> timedelta:
    try:
        brakes.refuse(session, [key])  # type: ignore[arg-type]
    except TooOften as error:
        return error.wait
    return timedelta()


def test_the_right_password_waits_too_and_no_longer_than_a_minute(browser_at: Browsers) -> None:
    for number in range(FREE + 1):
        tries(browser_at(f"192.0.2.{number}"))
    assert tries(browser_at("198.51.100.7"), password=PASSWORD).status_code == 429
    with later(seconds=61):
        assert tries(browser_at("198.51.100.7"), password=PASSWORD).status_code == 303


def test_the_right_password_clears_what_was_held_against_the_name(browser_at: Browsers) -> None:
    browser = browser_at("192.0.2.1")
    for _ in range(3):
        for _ in range(FREE):
            assert tries(browser).status_code == 422
        assert tries(browser, password=PASSWORD).status_code == 303


def test_where_an_agent_has_signed_in_before_a_flood_from_elsewhere_does_not_keep_her_out(
    browser_at: Browsers,
) -> None:
    hers = browser_at("192.0.2.1")
    assert tries(hers, password=PASSWORD).status_code == 303
    assert hers.post("/sign-out").status_code == 303
    for number in range(FREE + 1):
        tries(browser_at(f"198.51.100.{number}"))
    assert tries(browser_at("203.0.113.9"), password=PASSWORD).status_code == 429
    assert tries(hers, password=PASSWORD).status_code == 303


def test_a_known_browser_has_a_brake_of_its_own_and_serves_one_agent(browser_at: Browsers) -> None:
    hers = browser_at("192.0.2.1")
    assert tries(hers, password=PASSWORD).status_code == 303
    for _ in range(FREE + 1):
        assert tries(hers).status_code == 422
    assert tries(hers).status_code == 429
    for number in range(FREE + 1):
        tries(browser_at(f"198.51.100.{number}"), "ben")
    assert tries(hers, "ben", PASSWORD).status_code == 429


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2:ffff::9"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_one_address_that_tries_many_names_is_slowed(browser_at: Browsers, first: str, second: str) -> None:
    for number in range(LIMITS[Kind.ADDRESS].free + 1):
        assert tries(browser_at(first), f"name{number}").status_code == 422
    assert tries(browser_at(second), "another").status_code == 429
    assert tries(browser_at("203.0.113.9"), "another").status_code == 422


def test_an_own_account_does_not_clear_the_address_for_guessing_others(browser_at: Browsers) -> None:
    browser, refused = browser_at("192.0.2.1"), 0
    for number in range(LIMITS[Kind.ADDRESS].free + 2):
        refused += tries(browser, f"name{number}").status_code == 429
        browser.cookies.clear()
        tries(browser, "ben", PASSWORD)
    assert refused


def test_a_thousand_wrong_passwords_are_few_looks_and_she_still_gets_in(
    browser_at: Browsers, database: Database
) -> None:
    hers = browser_at("192.0.2.1")
    assert tries(hers, password=PASSWORD).status_code == 303

    def flood(number: int) -> int:
        return tries(browser_at(f"198.51.100.{number % 250}"), password=f"guess {number}").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(flood, range(1000)))
    looked_at = sum(answer == 422 for answer in answers)
    assert looked_at < 20
    assert answers.count(429) >= 900
    assert tries(hers, password=PASSWORD).status_code == 303
    with database.reading() as session:
        assert session.exec(select(func.count()).select_from(Brake)).one() <= 252


def test_the_table_of_brakes_does_not_grow_without_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brakes, "MOST_KEPT", 50)
    for number in range(200):
        with database.transaction() as session:
            brakes.press(session, [Key(Kind.AGENT, f"name{number}")])
    with database.reading() as session:
        assert session.exec(select(func.count()).select_from(Brake)).one() <= 51


def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    browser_at: Browsers, database: Database, cast: Cast
) -> None:
    with database.transaction() as session:  # the cast's are kept with less work than the desk's own
        session.get_one(Agent, cast.ana.id).password_hash = passwords.hashed(PASSWORD)
    took: dict[str, list[float]] = {"ana": [], "nobody": []}
    for turn in range(12):
        for username, times in took.items():
            browser = browser_at(f"192.0.2.{turn}")
            begun = perf_counter()
            with later(hours=2 * turn + 1):
                assert tries(browser, username).status_code == 422
            times.append(perf_counter() - begun)
    known, unknown = (median(times[2:]) for times in took.values())
    assert 0.6 < known / unknown < 1.7


def test_when_too_many_wait_for_their_turn_the_others_are_answered_at_once(
    browser_at: Browsers, signed_in: Visitor
) -> None:
    working = signed_in("ben")
    places = [
        passwords._places.acquire(blocking=False) for _ in range(passwords.AT_ONCE + passwords.MOST_WAITING)
    ]
    try:
        assert all(places)
        busy = tries(browser_at("192.0.2.1"), password=PASSWORD)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
        assert working.get("/queue").status_code == 200
    finally:
        for _ in places:
            passwords._places.release()
    for _ in range(FREE):
        assert tries(browser_at("192.0.2.1")).status_code == 422
    assert tries(browser_at("192.0.2.1"), password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaa", "12121212", "ana12345", "x" * 257, "tab\tinside it"]
)
def test_a_password_that_is_easily_guessed_is_refused(browser_at: Browsers, password: str) -> None:
    browser = browser_at("192.0.2.1")
    tries(browser, password=PASSWORD)
    answer = browser.post("/account/password", data={"current": PASSWORD, "new": password})
    assert answer.status_code == 422
