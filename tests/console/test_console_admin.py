"""The admins' page: what X still grants, and where each setting came from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from socialdesk import accounts, clock
from socialdesk.accounts import Account
from socialdesk.desk import Desk
from socialdesk.messages import Visibility
from socialdesk.people.agents import Agent
from socialdesk.replying import allowances
from socialdesk.settings import Settings, origins
from socialdesk.settings.origins import Origin
from tests.conftest import Cast
from tests.console.conftest import Visitor


@pytest.fixture
def admin(signed_in: Visitor, desk: Desk, cast: Cast) -> TestClient:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = "admin"
    return signed_in("sofia")


def test_what_x_still_grants_is_told(admin: TestClient, desk: Desk) -> None:
    soon = clock.now() + timedelta(minutes=10)
    with desk.database.transaction() as session:
        (account,) = accounts.all_of(session)
        allowances.keep(session, account.id or 0, Visibility.PRIVATE, limit=15, remaining=4, resets_at=soon)
    assert "4 of 15" in admin.get("/admin").text


def test_what_is_paused_says_why(admin: TestClient, desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.get_one(Account, 1).pause(
            [Visibility.PUBLIC], until=clock.now() + timedelta(hours=1), why="X wants its credit paid."
        )
    assert "X wants its credit paid." in admin.get("/admin").text


def test_each_setting_says_who_said_it(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIALDESK_SENDING__UNDO_SECONDS", "7")
    made = make_settings(polling={"mentions_seconds": 31}, sending={"undo_seconds": 7})
    known = {each.name: each for each in origins.of(made)}
    assert (known["polling.mentions_seconds"].value, known["polling.mentions_seconds"].origin) == (
        "31.0",
        Origin.FILE,
    )
    assert known["sending.undo_seconds"].origin == Origin.ENVIRONMENT
    assert known["log.level"].origin == Origin.DEFAULT
    assert {name.split(".")[0] for name in known} == set(Settings.model_fields)


def test_a_databases_password_is_never_shown(make_settings: Callable[..., Settings]) -> None:
    made = make_settings(database={"url": "postgresql://desk:hunter2@127.0.0.1/desk"})
    assert "hunter2" not in str(list(origins.of(made)))
