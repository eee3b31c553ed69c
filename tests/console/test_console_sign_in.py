"""Coming in: passwords, sessions, and what other sites may not do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from socialdesk.console.app import create_app
from socialdesk.console.sign_in import safe
from socialdesk.desk import Desk
from tests.conftest import PASSWORD, Cast

Browser = Callable[[], TestClient]
WRONG = "That user name and password do not belong together."


def test_an_agent_signs_in_and_lands_where_she_wanted_to_go(visitor: Browser, cast: Cast) -> None:
    browser = visitor()
    asked = browser.get("/queue?status=resolved")
    assert asked.headers["location"] == "/sign-in?next=%2Fqueue%3Fstatus%3Dresolved"
    credentials = {"username": "Ana", "password": PASSWORD, "next": "/queue?status=resolved"}
    answer = browser.post("/sign-in", data=credentials)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?status=resolved")
    assert cast.ana.name in browser.get("/queue").text


@pytest.mark.parametrize("username", ["ana", "nobody"])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(
    visitor: Browser, cast: Cast, username: str
) -> None:
    assert cast
    answer = visitor().post("/sign-in", data={"username": username, "password": "wrong password"})
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(visitor: Browser, cast: Cast) -> None:
    assert cast
    answer = visitor().post("/sign-in", data={"username": "ana", "password": PASSWORD})
    session, device = (cookie.lower() for cookie in answer.headers.get_list("set-cookie"))
    assert session.startswith("desk=")
    assert device.startswith("desk-device=")
    for cookie in (session, device):
        assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.split("; "))


def test_over_https_the_cookie_is_bound_to_the_host(desk: Desk, cast: Cast) -> None:
    assert cast
    secure = TestClient(create_app(desk), base_url="https://127.0.0.1", follow_redirects=False)
    credentials = {"username": "ana", "password": PASSWORD}
    answer = secure.post("/sign-in", data=credentials, headers={"Origin": "https://127.0.0.1"})
    assert answer.headers["set-cookie"].startswith("__Host-desk=")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]


def test_the_page_for_an_invitation_is_there_for_somebody_who_is_signed_in(ana: TestClient) -> None:
    assert "Your invitation" in ana.get("/invitation").text
    refused = ana.post("/invitation", data={"token": "none", "password": PASSWORD})
    assert (refused.status_code, "Your invitation" in refused.text) == (422, True)
    assert "Ana Horvat" not in refused.text


def test_signing_out_ends_the_session_on_the_server(ana: TestClient) -> None:
    token = ana.cookies["desk"]
    assert ana.post("/sign-out").headers["location"] == "/sign-in"
    ana.cookies.set("desk", token)
    assert ana.get("/queue").status_code == 303


def test_signing_in_again_ends_the_session_before(ana: TestClient) -> None:
    token = ana.cookies["desk"]
    ana.post("/sign-in", data={"username": "ben", "password": PASSWORD})
    assert ana.cookies["desk"] != token
    ana.cookies.clear()
    ana.cookies.set("desk", token)
    assert ana.get("/queue").status_code == 303


@pytest.mark.parametrize(
    "address",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb", ""],
)
def test_nobody_is_sent_to_another_site(address: str) -> None:
    assert safe(address) == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_a_form_of_another_site_does_nothing(ana: TestClient, headers: dict[str, str]) -> None:
    assert ana.post("/sign-out", headers=headers).status_code == 403
    assert ana.get("/queue").status_code == 200


def test_a_browser_that_only_tells_the_origin_is_served(ana: TestClient) -> None:
    headers = {"Sec-Fetch-Site": "", "Origin": "http://127.0.0.1:8080"}
    assert ana.post("/sign-out", headers=headers).status_code == 303


def test_a_huge_form_is_refused(ana: TestClient) -> None:
    assert ana.post("/fit", content=b"x" * 300_000).status_code == 413


def test_every_answer_binds_the_browser(visitor: Browser) -> None:
    browser = visitor()
    for path in ("/sign-in", "/queue", "/no-such-page"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_pages_hold_nothing_that_the_policy_forbids(ana: TestClient, maria: object, kenji: object) -> None:
    assert maria
    assert kenji
    for path in ("/sign-in", "/queue", "/cases/1", "/cases/2"):
        page = ana.get(path).text
        for forbidden in (" style=", "<style", " onclick=", "javascript:"):
            assert forbidden not in page


def test_static_files_are_kept_by_browsers_for_as_long_as_they_are_the_same(visitor: Browser) -> None:
    browser = visitor()
    sheet = browser.get("/sign-in").text.split('<link rel="stylesheet" href="')[1].split('"')[0]
    answer = browser.get(sheet)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
