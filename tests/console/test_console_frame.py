"""What stands around every page: the palette, light or dark, few bytes, and words for a closed door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Membership
from socialdesk.worklists.presence import Presence
from tests.conftest import Cast

ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


def found(browser: TestClient, query: str) -> list[str]:
    """Where the palette leads to."""
    return [each["address"] for each in browser.get("/palette", params={"q": query}).json()]


@pytest.mark.parametrize("query", ["@maria", "mar", "María", "1", "#1", "case 1", "Case #1"])
def test_the_palette_finds_a_case_by_handle_name_and_number(
    ana: TestClient, maria: Case, kenji: Case, query: str
) -> None:
    assert kenji
    assert found(ana, query) == [f"/cases/{maria.id}"]


@pytest.mark.parametrize("query", ["", " ", "case 9999", "99999999999", "\0", "nobody"])
def test_the_palette_finds_nothing_where_nothing_is(ana: TestClient, maria: Case, query: str) -> None:
    assert maria
    assert found(ana, query) == []


def ways(browser: TestClient) -> dict[str, str]:
    """What the palette calls each place that it leads to, by address."""
    return {each["address"]: each["name"] for each in browser.get("/palette?ways=true").json()}


def test_the_palette_leads_to_every_list_language_and_topic(ana: TestClient, sofia: TestClient) -> None:
    sofia.post("/views", data={"name": "Lost parcels", "filter": "waiting.pl", "shared": "true"})
    places = ways(ana)
    assert places["/queue?status=unassigned"] == "Unassigned"
    assert places["/queue?status=waiting"] == "Waiting for us"
    assert places["/queue?status=waiting&language=pl"] == "Polish"
    assert places["/queue?status=waiting&topic=payment"] == "Payment"
    assert places["/views/1"] == "Lost parcels"
    assert places["/figures/me"] == "Your figures"
    assert "/queue?status=due" not in places  # there are no targets


@pytest.mark.parametrize("role", ["read_only", "agent", "supervisor", "admin"])
def test_the_palette_leads_nowhere_that_is_shut(ana: TestClient, desk: Desk, cast: Cast, role: str) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ana.id).role = role
    places = ways(ana)
    answers = {address: ana.get(address).status_code for address in places}
    assert {address for address, status in answers.items() if status not in (200, 303)} == set()
    assert ("/tokens" in places) == (role == "admin")
    assert ("/money" in places) == (role in ("supervisor", "admin"))
    assert ("/figures/me" in places) == (role != "read_only")


def test_cases_of_other_accounts_do_not_exist_for_the_palette(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        other = Account(handle="SouthwindHelp", credentials="SOUTHWIND", enrolled_at=clock.now())
        session.add(other)
        session.flush()
        session.add(Membership(agent_id=cast.ana.id or 0, account_id=other.id or 0, role="agent"))
    assert found(ana, "maria") == []
    assert found(ana, f"{maria.id}") == []
    assert ana.post(f"/cases/{maria.id}/presence", data={"doing": "looking"}).status_code == 404


def test_the_palette_asks_a_script_to_sign_in_and_leads_nowhere(visitor: Callable[[], TestClient]) -> None:
    assert visitor().get("/palette?q=a", headers={"X-Fragment": "palette"}).status_code == 401


def test_an_idle_page_writes_nothing_and_a_busy_one_seldom(ana: TestClient, desk: Desk, maria: Case) -> None:
    def seen() -> list[object]:
        with desk.database.reading() as session:
            return [(row.seen_at, row.wrote_at) for row in session.exec(select(Presence))]

    ana.get(f"/cases/{maria.id}")
    assert seen() == []
    ana.post(f"/cases/{maria.id}/presence", data={"doing": "looking"})
    first = seen()
    ana.post(f"/cases/{maria.id}/presence", data={"doing": "looking"})
    assert len(first) == 1
    assert seen() == first
    ana.post(f"/cases/{maria.id}/presence", data={"doing": "gone"})
    assert seen() == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_light_or_dark_is_kept_by_the_browser(ana: TestClient, look: str) -> None:
    assert 'data-look="' not in ana.get("/queue").text
    answer = ana.post("/account/look", data={"look": look})
    assert answer.headers["location"] == "/account?done=look"
    assert f'data-look="{look}"' in ana.get("/queue").text
    ana.post("/account/look", data={"look": "system"})
    assert 'data-look="' not in ana.get("/queue").text


def test_only_a_look_that_there_is_can_be_chosen(ana: TestClient) -> None:
    assert ana.post("/account/look", data={"look": '"><b>'}).status_code == 422
    ana.cookies.set("desk-look", "pink")
    assert "pink" not in ana.get("/queue").text


def test_pages_are_compressed_for_our_own_pages_and_for_nobody_elses(ana: TestClient, maria: Case) -> None:
    path = f"/cases/{maria.id}"
    assert ana.get(path).headers["content-encoding"] == "gzip"
    assert ana.get(path, headers={"Sec-Fetch-Site": "none"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in ana.get(path, headers=ELSEWHERE).headers
    del ana.headers["Sec-Fetch-Site"]
    assert "content-encoding" not in ana.get(path).headers


def test_files_of_the_console_are_always_compressed(ana: TestClient) -> None:
    sheet = ana.get("/queue").text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = ana.get(sheet, headers=ELSEWHERE)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]


def test_a_door_that_is_shut_says_what_to_do(ana: TestClient) -> None:
    answer = ana.get("/audit")
    assert answer.status_code == 403
    assert "Not for you" in answer.text
    assert "ask a supervisor or an admin of this desk" in answer.text
    assert 'href="/queue"' in answer.text
