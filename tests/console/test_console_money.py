"""The page that tells supervisors what X charges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from socialdesk import accounts, clock
from socialdesk.desk import Desk, assemble
from socialdesk.figures import charges
from socialdesk.settings import Settings
from tests.conftest import HANDLE
from tests.console.conftest import Town
from tests.stories import NOON


@pytest.fixture
def desk(database: object, make_settings: Callable[..., Settings]) -> Iterator[Desk]:
    """One that may spend a tenth of a cent a month."""
    assert database
    desk = assemble(make_settings(money={"monthly_budget": {f"@{HANDLE}": 0.001}}))
    yield desk
    desk.database.close()


@pytest.fixture
def written(town: Town) -> None:
    """This month, in public and in private."""
    just_now = (NOON - clock.now()) / timedelta(minutes=1)
    town.writes("101", "Mi paquete no ha llegado todavía.", minutes_ago=just_now)
    town.writes("102", "アカウントにログインできません。", minutes_ago=just_now, private=True)


def test_the_month_is_told_by_account_day_and_kind(sofia: TestClient, written: None) -> None:
    page = sofia.get("/money").text
    assert "This month, by account" in page
    assert "@NorthwindHelp" in page
    assert "Mentions read" in page
    assert "Direct messages read" in page
    assert "$0.010" in page


def test_a_budget_that_will_be_exceeded_is_said_to_be(sofia: TestClient, written: None) -> None:
    assert "The budget will be exceeded." in sofia.get("/money").text


def test_a_month_without_anything_says_so_or_shows_the_budget_alone(sofia: TestClient) -> None:
    page = sofia.get("/money").text
    assert "Within the budget." in page
    assert "By day, account and kind" in page


def test_agents_do_not_see_the_money(ana: TestClient) -> None:
    assert ana.get("/money").status_code == 403


def test_a_day_whose_reads_were_all_written_down_is_told_without_a_word_about_it(
    desk: Desk, sofia: TestClient
) -> None:
    with desk.database.transaction() as session:
        account = accounts.all_of(session)[0].id or 0
        charges.record(session, account, {"post 1": "mention_reads", "post 2": "mention_reads"}, owned=False)
    page = sofia.get("/money").text
    assert "By day, account and kind" in page
    assert "reads reckoned" not in page
