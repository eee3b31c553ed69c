"""The admins' page: what X still grants, and where each setting came from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from socialdesk import accounts, clock, settings
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


def test_an_option_of_the_command_is_said_to_be_one(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIALDESK_CONSOLE__PORT", "9000")
    made = make_settings().with_option("console", port=9001)
    known = {each.name: each for each in origins.of(made)}
    assert (known["console.port"].value, known["console.port"].origin) == ("9001", Origin.COMMAND)
    assert known["console.host"].origin == Origin.DEFAULT


def test_what_a_command_sets_itself_stands_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the demo does, which other variables are meant for."""
    monkeypatch.setenv("SOCIALDESK_LOG__LEVEL", "error")
    monkeypatch.setenv("SOCIALDESK_DEMO_SENDING__UNDO_SECONDS", "7")
    content = {"log": {"level": "info"}, "sending": {"undo_seconds": 3}}
    made = settings.build(content, folder=tmp_path, prefix="SOCIALDESK_DEMO_", by_command=True)
    known = {each.name: each for each in origins.of(made)}
    assert (known["log.level"].value, known["log.level"].origin) == ("info", Origin.COMMAND)
    undo = known["sending.undo_seconds"]
    assert (undo.value, undo.origin) == ("7.0", Origin.ENVIRONMENT)
    assert undo.variable == "SOCIALDESK_DEMO_SENDING__UNDO_SECONDS"


def test_a_databases_password_is_never_shown(make_settings: Callable[..., Settings]) -> None:
    made = make_settings(database={"url": "postgresql://desk:hunter2@127.0.0.1/desk"})
    assert "hunter2" not in str(list(origins.of(made)))
