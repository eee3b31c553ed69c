"""Taking up an invitation: it stands for the password alone, and ends whatever the person's sign-ins were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from starlette.testclient import TestClient

from socialdesk import audit
from socialdesk.database import Database
from socialdesk.people import codes
from socialdesk.people.agents import Agent
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import Visitor
from tests.console.test_console_codes import turn_on
from tests.people import hire

Browser = Callable[[], TestClient]
NEW = "blue harbour 12"
pytestmark = pytest.mark.usefixtures("secrets_key")


@pytest.fixture(autouse=True)
def in_the_middle_of_a_step() -> Iterator[None]:
    """A code that was read is still that of its step, however long a test takes."""
    middle = codes.now_step() * codes.STEP_SECONDS + codes.STEP_SECONDS // 2
    with time_machine.travel(datetime.fromtimestamp(middle, UTC), tick=False):
        yield


@pytest.fixture
def olga(signed_in: Visitor, database: Database, password_hash: str) -> TestClient:
    """The admin."""
    hire(database, "olga", "admin", password_hash)
    return signed_in("olga")


def invited(admin: TestClient, agent: Agent) -> str:
    """The token that is shown."""
    page = admin.post(f"/people/{agent.id}/invitation", data={"password": PASSWORD}).text
    token = page.partition('id="invitation">')[2].partition("<")[0]
    assert len(token) > 20
    return token


def test_whoever_takes_one_up_is_signed_out_everywhere_else(
    olga: TestClient, signed_in: Visitor, visitor: Browser, cast: Cast
) -> None:
    old, new = signed_in("ben"), visitor()
    token = invited(olga, cast.ben)
    assert old.get("/queue").status_code == 200  # until it is taken up
    assert new.post("/invitation", data={"token": token, "password": NEW}).headers["location"] == "/"
    assert new.get("/queue").status_code == 200
    assert old.get("/queue").status_code == 303


def test_a_one_time_code_is_asked_all_the_same(
    olga: TestClient, signed_in: Visitor, visitor: Browser, cast: Cast
) -> None:
    ben, new = signed_in("ben"), visitor()
    telephone, _ = turn_on(ben)
    answer = new.post("/invitation", data={"token": invited(olga, cast.ben), "password": NEW})
    assert answer.headers["location"].startswith("/sign-in/code")
    assert new.get("/queue").status_code == 303
    assert ben.get("/queue").status_code == 303
    assert new.post("/sign-in/code", data={"code": "000000"}).status_code == 422
    assert new.post("/sign-in/code", data={"code": telephone.shows()}).status_code == 303
    assert new.get("/queue").status_code == 200


def test_a_browser_of_somebody_else_is_theirs_no_more(
    olga: TestClient, signed_in: Visitor, cast: Cast
) -> None:
    turn_on(signed_in("ben"))
    token = invited(olga, cast.ben)
    olga.post("/invitation", data={"token": token, "password": NEW})
    assert olga.get("/queue").headers["location"].startswith("/sign-in")


def test_the_audit_log_tells_of_it(
    olga: TestClient, visitor: Browser, database: Database, cast: Cast
) -> None:
    token = invited(olga, cast.ben)
    visitor().post("/invitation", data={"token": token, "password": NEW})
    with database.reading() as session:
        told = [(each.who, each.kind, each.subject) for each in audit.newest(session, most=3)]
    assert told == [
        ("ben", "invitation_accepted", "ben"),
        ("ben", "password_changed", "ben"),
        ("olga", "agent_invited", "ben"),
    ]


@pytest.mark.parametrize("action", ["invitation", "codes/resetting"])
def test_an_open_screen_is_not_enough_to_take_somebodys_place(
    olga: TestClient, signed_in: Visitor, database: Database, cast: Cast, action: str
) -> None:
    turn_on(signed_in("ben"))
    for given in ({}, {"password": "wrong"}):
        answer = olga.post(f"/people/{cast.ben.id}/{action}", data=given)
        assert (answer.status_code, "That is not your password." in answer.text) == (422, True)
    for _ in range(9):
        answer = olga.post(f"/people/{cast.ben.id}/{action}", data={"password": "wrong"})
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    with database.reading() as session:
        assert codes.asked_of(session, cast.ben)
        assert "agent_invited" not in {each.kind for each in audit.newest(session)}


def test_the_invited_persons_own_name_is_no_password(olga: TestClient, visitor: Browser, cast: Cast) -> None:
    token = invited(olga, cast.ben)
    answer = visitor().post("/invitation", data={"token": token, "password": "Okoro-ben-2026"})
    assert (answer.status_code, "soon be guessed" in answer.text) == (422, True)
