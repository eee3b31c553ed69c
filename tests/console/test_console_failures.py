"""What an agent sees when the desk itself is in trouble."""

from __future__ import annotations

from dataclasses import replace

from starlette.testclient import TestClient
from structlog.testing import capture_logs

from socialdesk.console.app import create_app
from socialdesk.database import Database
from socialdesk.desk import Desk
from tests.console.conftest import SAME_SITE


def browser_at(desk: Desk) -> TestClient:
    return TestClient(
        create_app(desk), base_url="http://localhost", headers=SAME_SITE, cookies={"desk": "token"}
    )


def test_without_the_database_the_page_says_so(desk: Desk) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    answer = browser_at(replace(desk, database=nowhere)).get("/queue")
    assert answer.status_code == 503
    assert "The database did not do its work" in answer.text
    nowhere.close()


def test_a_failure_nobody_thought_of_has_a_name_that_the_log_knows(desk: Desk) -> None:
    browser = browser_at(desk)
    browser.app.state.desk = None  # type: ignore[attr-defined]
    with capture_logs() as logged:
        answer = browser.get("/queue")
    assert answer.status_code == 500
    assert logged[0]["failure"] in answer.text
    assert "AttributeError" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
