"""One's own account, the people's page and the audit log, as browsers meet them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import audit, clock
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.people import admission, agents, first_run, sign_ins, tokens
from socialdesk.people.agents import Agent, Role
from socialdesk.people.sign_ins import SignIn
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import Visitor

Browser = Callable[[], TestClient]
NEW = "seven green tortoises"
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def admin(sofia: TestClient, database: Database, cast: Cast) -> TestClient:
    """Sofia, who is an admin now."""
    with database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = Role.ADMIN
    return sofia


def enters(browser: TestClient, password: str = PASSWORD, username: str = "ana") -> bool:
    answer = browser.post("/sign-in", data={"username": username, "password": password}, headers=FIREFOX)
    return answer.status_code == 303


def test_a_new_password_ends_the_other_sessions_and_renews_this_one(
    visitor: Browser, signed_in: Visitor, ana: TestClient
) -> None:
    other, token = signed_in("ana"), ana.cookies["desk"]
    refused = ana.post("/account/password", data={"current": "wrong password", "new": NEW})
    assert (refused.status_code, "That is not your password." in refused.text) == (422, True)
    assert other.get("/queue").status_code == 200
    assert ana.post("/account/password", data={"current": PASSWORD, "new": NEW}).status_code == 303
    assert other.get("/queue").status_code == 303
    assert ana.get("/account?done=password").status_code == 200
    assert ana.cookies["desk"] != token
    ana.cookies.clear()
    ana.cookies.set("desk", token)
    assert ana.get("/queue").status_code == 303
    assert not enters(visitor())
    assert enters(visitor(), NEW)


def test_the_password_is_asked_for_ever_more_slowly(ana: TestClient) -> None:
    wrong = {"current": "wrong password", "new": NEW}
    statuses = [ana.post("/account/password", data=wrong).status_code for _ in range(8)]
    assert statuses[:6] == [422] * 6
    assert statuses[-1] == 429


def test_sessions_are_listed_and_ended_one_by_one_or_all(visitor: Browser, ana: TestClient) -> None:
    first, second = visitor(), visitor()
    assert enters(first)
    assert enters(second)
    page = ana.get("/account").text
    assert page.count("Firefox on Linux") >= 2
    assert page.count("This browser") == 1
    addresses = [part.split('"')[0] for part in page.split('action="/account/sessions/')[1:]]
    newest = next(address for address in addresses if address != "ending")
    assert ana.post(f"/account/sessions/{newest}").status_code == 303
    assert second.get("/queue").status_code == 303
    assert first.get("/queue").status_code == 200
    assert ana.post("/account/sessions/ending").status_code == 303
    assert first.get("/queue").status_code == 303
    assert ana.get("/queue").status_code == 200


def test_nobody_ends_the_session_of_another_from_the_own_page(
    database: Database, cast: Cast, ana: TestClient, signed_in: Visitor
) -> None:
    bens = signed_in("ben")
    with database.reading() as session:
        found = sign_ins.resume(
            session, bens.cookies["desk"], idle=sign_ins.SEEN_EVERY, longest=sign_ins.SEEN_EVERY
        )
    assert found
    assert ana.post(f"/account/sessions/{found[1].id}/ending").status_code == 404
    assert bens.get("/queue").status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "headers"),
    [
        ("GET", "/health.json", {}),
        ("GET", "/queue", {"X-Fragment": "live"}),
        ("GET", "/views/counts", {"X-Fragment": "counts"}),
        ("POST", "/cases/{case}/presence", {"X-Fragment": "presence"}),
        ("POST", "/cases/{case}/replies", {"X-Fragment": "kept"}),
        ("POST", "/cases/{case}/replies", None),
        ("GET", "/queue", None),
    ],
)
def test_only_what_somebody_does_keeps_a_session_alive(
    database: Database,
    ana: TestClient,
    maria: Case,
    method: str,
    address: str,
    headers: dict[str, str] | None,
) -> None:
    """An open page asks for news by itself, though everybody has gone home."""

    def seen_at() -> datetime:
        with database.reading() as session:
            return session.exec(select(SignIn.last_seen_at)).one()

    before = seen_at()
    with time_machine.travel(clock.now() + 2 * sign_ins.SEEN_EVERY, tick=False):
        kept = {"keep": "true", "text": "Lo miramos.", "as": "public", "seen": "1"}
        data = {"doing": "looking"} | kept if method == "POST" else None
        answer = ana.request(method, address.format(case=maria.id), headers=headers, data=data)
        assert answer.is_success
    assert (seen_at() == before) == (headers is not None)


def test_an_admin_signs_somebody_out(cast: Cast, ana: TestClient, admin: TestClient) -> None:
    assert "1 browser" in admin.get("/people").text
    assert admin.post(f"/people/{cast.ana.id}/sessions/ending").status_code == 303
    assert ana.get("/queue").status_code == 303
    assert admin.get("/people").status_code == 200
    assert admin.post("/people/999/sessions/ending").status_code == 404


def test_who_is_disabled_stays_signed_out_when_let_in_again(
    database: Database, cast: Cast, ana: TestClient
) -> None:
    with database.transaction() as session:
        admission.disable(session, agents.known(session, "ana"))
    assert ana.get("/queue").status_code == 303
    with database.transaction() as session:
        admission.enable(session, agents.known(session, "ana"))
    assert ana.get("/queue").status_code == 303
    assert enters(ana)


def test_who_is_disabled_has_no_token_any_more_when_let_in_again(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        for name, days in (("Export", 30), ("Report", 30), ("Old", 1)):
            agent = agents.known(session, "ana")
            secret = tokens.issue(session, agent, name=name, scopes=["cases:read"], days=days)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        with database.transaction() as session:
            admission.disable(session, agents.known(session, "ana"), by=cast.sofia)
        with database.transaction() as session:
            admission.enable(session, agents.known(session, "ana"), by=cast.sofia)
        with database.reading() as session:
            assert tokens.good(session) == []
            token, agent = tokens.given_out(session, secret) or pytest.fail("it was given out")
            assert not tokens.is_good(token, agent)
            told = [each for each in audit.newest(session) if each.kind == "token_revoked"]
    assert sorted((each.who, each.details["name"]) for each in told) == [
        ("sofia", "Export"),
        ("sofia", "Report"),
    ]


def test_the_audit_log_tells_who_came_in_and_who_did_not(
    visitor: Browser, ana: TestClient, admin: TestClient, database: Database
) -> None:
    visitor().post("/sign-in", data={"username": "ben", "password": "wrong password"})
    visitor().post("/sign-in", data={"username": "my secret password", "password": "wrong password"})
    ana.get("/audit")
    ana.post("/sign-out")
    page = admin.get("/audit").text
    for told in ("Failed to sign in", "Was refused a page", "Signed out", "Signed in", "testclient"):
        assert told in page
    assert "my secret password" not in page
    with database.reading() as session:
        found = [(each.who, each.kind, each.subject) for each in reversed(audit.newest(session))]
        assert audit.verify(session).broken is None
    assert found[2:] == [
        ("somebody", "sign_in_failed", "ben"),
        ("somebody", "sign_in_failed", None),
        ("ana", "refused", "/audit"),
        ("ana", "signed_out", None),
    ]


def test_the_audit_log_is_read_in_words_of_the_readers_language(
    database: Database, cast: Cast, admin: TestClient
) -> None:
    with database.transaction() as session:
        told: dict[str, Any] = {
            "role": "agent",
            "before": "admin",
            "final": False,
            "sessions": 12000,
            "reply": 12000,
        }
        audit.record(session, "role_changed", by=cast.sofia.id, automated="true", **told)
    page = admin.get("/audit", headers={"Accept-Language": "de"}).text
    assert "Rolle: <bdi>" in page
    for shown in ("<bdi>ja</bdi>", "<bdi>nein</bdi>", "<bdi>12.000</bdi>", "<bdi>12000</bdi>"):
        assert shown in page
    for raw in ("<bdi>true</bdi>", "<bdi>False</bdi>", "<bdi>no</bdi>", "<bdi>agent</bdi>"):
        assert raw not in page


def test_the_audit_log_is_read_page_by_page(database: Database, cast: Cast, admin: TestClient) -> None:
    for number in range(120):
        with database.transaction() as session:
            audit.record(session, "signed_in", by=cast.ana.id, subject=f"entry-{number}-")
    pages, address = [], "/audit"
    while address:
        pages.append(admin.get(address).text)
        address = pages[-1].split('<a href="/audit?before=')[-1].split('"')[0]
        address = f"/audit?before={address}" if address.isdigit() else ""
    assert len(pages) == 3
    for number in range(120):
        assert sum(f"entry-{number}-" in page for page in pages) == 1


FIRST = {"username": "sofia", "name": "Sofia Lindgren", "password": NEW}


@pytest.fixture
def token(database: Database) -> str:
    with database.transaction() as session:
        token = first_run.offer(session)
    assert token
    return token


def test_the_first_admin_is_made_with_the_token_and_nobody_after(
    visitor: Browser, token: str, database: Database
) -> None:
    browser = visitor()
    assert 'href="/setup"' in browser.get("/sign-in").text
    assert "Set-up token" in browser.get("/setup").text
    assert browser.post("/setup", data=FIRST | {"token": "guessed"}).status_code == 403
    assert browser.post("/setup", data=FIRST | {"token": token, "password": "short"}).status_code == 422
    assert browser.post("/setup", data=FIRST | {"token": token}).status_code == 303
    assert browser.get("/people").status_code == 200
    late = visitor()
    assert late.get("/setup").headers["location"] == "/sign-in"
    late.post("/setup", data=FIRST | {"token": token, "username": "mallory"})
    with database.transaction() as session:
        assert [agent.username for agent in agents.all_of(session)] == ["sofia"]
        assert first_run.offer(session) is None


def test_without_a_token_nobody_sets_the_desk_up(visitor: Browser, database: Database) -> None:
    for token in ("", "guessed"):
        assert visitor().post("/setup", data=FIRST | {"token": token}).status_code == 403
    with database.reading() as session:
        assert not agents.anybody(session)
