"""What the desk says of itself: how far behind, whether as much comes in as usual, and how to monitors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from socialdesk import clock, health
from socialdesk.console.app import create_app
from socialdesk.desk import Desk
from socialdesk.messages import Visibility
from socialdesk.polling import cursors, rates
from socialdesk.polling.cursors import Channel
from socialdesk.polling.rates import WEEK, Rate
from tests.stories import MARIA, arrive, post

HOUR = timedelta(hours=1)


@pytest.fixture
def monitor(desk: Desk) -> Iterator[TestClient]:
    with TestClient(create_app(desk), base_url="http://127.0.0.1:8080") as browser:
        yield browser


def wrote(desk: Desk, *, weeks: int, each: int) -> None:
    """As many messages in this hour of each of those weeks, and none now."""
    arrive(desk, *[post(MARIA, f"¿Dónde está? {n}") for n in range(weeks * each)])
    with desk.database.transaction() as session:
        for number in range(weeks * each):
            at = clock.now() - (number // each + 1) * WEEK - HOUR / 2
            if number == weeks * each - 1:
                at -= HOUR  # history reaches a little further back than the hours that are compared
            session.connection().execute(
                text("UPDATE messages SET sent_at = :at WHERE id = :id").bindparams(id=number + 1, at=at)
                if not desk.database.is_sqlite
                else text("UPDATE messages SET sent_at = :at WHERE id = :id").bindparams(
                    id=number + 1, at=f"{at:%Y-%m-%d %H:%M:%S.%f}"
                )
            )


@pytest.mark.parametrize(
    ("rate", "too_few"),
    [
        (Rate(HOUR, came=0, before=80, weeks=8), True),
        (Rate(HOUR, came=1, before=160, weeks=8), True),
        (Rate(HOUR, came=0, before=16, weeks=8), False),  # two are usual: none may be chance
        (Rate(HOUR, came=8, before=80, weeks=8), False),
        (Rate(HOUR, came=30, before=80, weeks=8), False),
        (Rate(HOUR, came=0, before=16, weeks=2), False),  # so much is not known after two weeks
        (Rate(HOUR, came=50_000, before=800_000, weeks=8), True),
    ],
)
def test_silence_is_told_from_chance(rate: Rate, too_few: bool) -> None:
    assert rate.too_few is too_few


def test_an_hour_without_messages_is_an_alarm_where_ten_are_usual(desk: Desk) -> None:
    wrote(desk, weeks=4, each=10)
    with desk.database.transaction() as session:
        cursor = cursors.find(session, 1, Channel.MENTIONS)
        cursor.read()
        rates.measure(session, cursor)
    with desk.database.reading() as session:
        (account,) = health.read(session, desk.settings.polling)
    (mentions,) = account.channels
    assert mentions.rate
    assert (mentions.rate.came, mentions.rate.weeks, mentions.too_quiet) == (0, 4, True)
    assert account.worried


def test_a_week_of_history_raises_no_alarm(desk: Desk) -> None:
    wrote(desk, weeks=1, each=20)
    with desk.database.reading() as session:
        assert rates.of(session, 1, Visibility.PUBLIC) is None


def test_monitors_get_one_word_and_nothing_about_anybody(desk: Desk, monitor: TestClient) -> None:
    with desk.database.transaction() as session:
        for channel in Channel:
            cursors.find(session, 1, channel).read()
    assert monitor.get("/healthz").json() == {"status": "ok"}
    assert monitor.head("/healthz").status_code == 200
    assert monitor.get("/health.json").status_code == 401


@pytest.mark.parametrize(
    ("troubled", "status"), [([Channel.MENTIONS], "degraded"), (list(Channel), "failed")]
)
def test_monitors_hear_of_trouble(
    desk: Desk, monitor: TestClient, troubled: list[Channel], status: str
) -> None:
    with desk.database.transaction() as session:
        for channel in Channel:
            cursors.find(session, 1, channel).read()
        for channel in troubled:
            cursors.find(session, 1, channel).failed("X is down.")
    answer = monitor.get("/healthz")
    assert answer.json() == {"status": status}
    assert answer.status_code == (503 if status == "failed" else 200)
