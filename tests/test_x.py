"""What X's ids, headers and refusals mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
import time_machine

from socialdesk.desk import Desk
from socialdesk.errors import AccountBlocked
from socialdesk.sandbox import World
from socialdesk.sandbox.ids import Snowflakes
from socialdesk.workers.line import Line
from socialdesk.x import connect, ids, payloads, refusals
from socialdesk.x.budgets import Budgets, come_back_at
from tests.conftest import HANDLE

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_an_id_tells_when_it_was_made() -> None:
    """The first snowflake X explains in its documentation."""
    assert ids.made_at("1050118621198921728").replace(microsecond=0) == datetime(
        2018, 10, 10, 20, 19, 24, tzinfo=UTC
    )


def test_an_earlier_id_is_as_much_earlier_as_asked() -> None:
    x_id = "1050118621198921728"
    before = ids.earlier(x_id, timedelta(minutes=15))
    assert ids.made_at(x_id) - ids.made_at(before) == timedelta(minutes=15)
    assert ids.earlier("5", timedelta(days=1)) == "1"


@pytest.mark.parametrize("wrong", ["", "1e5", "-3", "9" * 19, "9" * 40, "12 ", "٣", 12, None, ["1"]])
def test_what_is_no_id_is_not_taken_for_one(wrong: object) -> None:
    assert not ids.is_id(wrong)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [(None, 15), ("soon", 15), ("", 15), ("1", 15), ("-5", 15), ("9" * 30, 15), ("+60", 60), ("+86400", 900)],
)
def test_after_a_429_neither_at_once_nor_next_week(reset: str | None, seconds: int) -> None:
    with time_machine.travel(NOON, tick=False):
        said = str(int(NOON.timestamp()) + int(reset)) if reset and reset.startswith("+") else reset
        headers = {} if said is None else {"x-rate-limit-reset": said}
        assert come_back_at(headers) == NOON + timedelta(seconds=seconds)


def test_budgets_are_what_the_headers_say_and_nonsense_is_passed_over() -> None:
    budgets = Budgets()
    reset = str(int(NOON.timestamp()))
    said = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "299", "x-rate-limit-reset": reset}
    budgets.see("GET", "/2/users/12345/mentions", said)
    budgets.see("GET", "/2/dm_events", said | {"x-rate-limit-remaining": "many"})

    assert {name: (each.limit, each.remaining, each.resets_at) for name, each in budgets.all().items()} == {
        "GET /2/users/:id/mentions": (300, 299, NOON)
    }


def test_the_real_headers_are_seen(world: World, line: Line) -> None:
    line.our_x_id()
    (budget,) = line.x.budgets.all().values()
    assert budget.limit - budget.remaining == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"detail": "You cannot send messages to this user."}', "does not receive direct messages"),
        (b'{"errors": [{"message": "User has been suspended."}]}', "is suspended on X"),
        (b'{"title": "Odd"}', "X refused this: Odd"),
        (b'{"errors": "none"}', "X refused this: 403"),
    ],
)
def test_refusals_are_put_into_words(body: bytes, told: str) -> None:
    response = requests.Response()
    response.status_code, response._content = 403, body
    assert refusals.is_definite(response)
    assert told in str(refusals.refusal(response))


def test_a_refusal_that_is_not_json_is_not_certain() -> None:
    response = requests.Response()
    response.status_code, response._content = 403, b"<html>go away</html>"
    assert not refusals.is_definite(response)


def test_a_group_conversation_is_not_taken_for_a_customers() -> None:
    event = {
        "id": "1900000000000000001",
        "text": "hello all",
        "sender_id": "77",
        "dm_conversation_id": "1900000000000000000",
        "created_at": "2026-11-20T12:00:00.000Z",
    }
    page = payloads.direct_messages_page({"data": [event], "meta": {}}, our_x_id="5")
    assert [each.reason for each in page.rejected] == ["not a conversation between us and one person"]


def test_a_long_post_is_read_whole(world: World, line: Line) -> None:
    world.add_user("maria", "María", longer_posts=True)
    text = f"@{HANDLE} " + "muy largo " * 60
    world.post("maria", text)

    (item,) = line.x.mentions(line.our_x_id(), since_id=None).items
    assert item.text.strip() == text.strip()


def test_keys_that_x_does_not_know_are_told(
    line: Line, x_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_NORTHWIND_ACCESS_TOKEN_SECRET", "another")
    with pytest.raises(AccountBlocked, match="does not accept this account's keys"):
        connect(x_desk.settings.x, "NORTHWIND").me()


def test_the_sandbox_makes_ids_as_x_does() -> None:
    assert ids.made_at(Snowflakes().next(NOON)) == NOON
