"""Where one-time codes are demanded, the tokens of whoever has none are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from socialdesk import audit, clock
from socialdesk.console.app import create_app
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.people.codes import CodeSecret
from socialdesk.people.refusals import REFUSED
from socialdesk.settings import Settings
from tests.conftest import Cast
from tests.console.conftest import bearer, token


@pytest.fixture
def wanted() -> str:
    return "offered"


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings], wanted: str) -> Iterator[Desk]:
    desk = assemble(make_settings(sign_in={"codes": wanted}))
    yield desk
    desk.database.close()


@pytest.mark.parametrize(("wanted", "status"), [("offered", 200), ("admins", 200), ("required", 403)])
def test_a_token_is_good_once_its_agent_has_the_codes_that_are_demanded(
    desk: Desk, database: Database, cast: Cast, status: int
) -> None:
    client = TestClient(create_app(desk), base_url="http://127.0.0.1:8080")
    headers = bearer(token(desk, cast.ana))
    answer = client.get("/api/v1/cases", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert "one-time codes" in answer.json()["detail"]
        with database.reading() as session:
            assert REFUSED in [each.kind for each in audit.newest(session)]
        with database.transaction() as session:
            session.add(CodeSecret(agent_id=cast.ana.id or 0, secret="A" * 32, since=clock.now()))
        assert client.get("/api/v1/cases", headers=headers).status_code == 200
