"""The page on which admins say who is told of what, on both databases."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk.desk import Desk
from socialdesk.people import keys
from socialdesk.people.agents import Agent
from socialdesk.webhooks import Webhook
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import Visitor

ASKED = {"name": "Tools", "url": "https://Tools.example.com/told", "kinds": ["opened"], "password": PASSWORD}


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(webhooks={"hosts": ["tools.example.com"]})


@pytest.fixture
def olga(desk: Desk, cast: Cast, signed_in: Visitor) -> TestClient:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = "admin"
    return signed_in("sofia")


def secrets(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list(session.exec(select(Webhook.secret)))


def test_the_secret_is_shown_once_and_kept_sealed(olga: TestClient, desk: Desk, secrets_key: str) -> None:
    page = olga.post("/webhooks", data=ASKED)
    shown = page.text.split('id="secret">')[1].split("<")[0]
    assert shown.startswith("whsec_")
    (kept,) = secrets(desk)
    assert keys.is_sealed(kept)
    assert shown not in kept
    assert shown not in olga.get("/webhooks").text


def test_without_a_place_for_a_key_the_page_says_who_can_make_one(
    olga: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    with desk.database.reading() as session:
        file = keys.file_of(session)
    page = olga.post("/webhooks", data=ASKED)
    if file:
        assert (page.status_code, file.exists()) == (200, True)
        return
    assert page.status_code == 422
    assert "Secrets need a key that is not in the database" in html.unescape(page.text)
    assert secrets(desk) == []
