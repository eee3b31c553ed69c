"""Handover figures, and the accuracy of topics, on the supervisors' page and from the command line."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from socialdesk import cases, clock, replies
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.replying import drafts, outbox
from tests.conftest import HANDLE, Cast
from tests.console.conftest import Town
from tests.program import Program
from tests.stories import NOON


@pytest.fixture
def handed_over(desk: Desk, cast: Cast, town: Town, maria: Case) -> Case:
    """Maria was asked for a direct message and wrote one; Pavel was asked as well, and has not."""
    town.meet("103", "pavel", "Pavel")
    pavel = town.writes("103", "Kde je můj balík? Čekám už týden.", minutes_ago=15)
    for case in (maria, pavel):
        with desk.database.transaction() as session:
            _send(session, case, cast)
    three_days_on = clock.now() + timedelta(days=3) - NOON
    town.writes("101", "Es el pedido azul.", minutes_ago=-three_days_on / timedelta(minutes=1), private=True)
    return maria


def _send(session: Session, case: Case, cast: Cast) -> None:
    held = cases.hold(session, case.id or 0)
    reply = drafts.write(session, held, text="Escríbenos.", by=cast.ana, template_id="please_send_dm")
    replies.approve(session, reply, by=cast.ana)
    outgoing = outbox.claim(session, held.account_id)
    assert outgoing
    outbox.sent(session, outgoing, x_id=f"19990000000000000{reply.id}", at=clock.now())


@pytest.fixture
def stats(desk: Desk, tmp_path: Path, program: Program) -> Callable[..., str]:
    """What `socialdesk stats` prints about this desk."""
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[database]\nurl = "{desk.settings.database.url}"\n[[accounts]]\nhandle = "{HANDLE}"\n'
        'credentials = "NORTHWIND"\n[log]\nlevel = "error"\n'
    )

    def told(*options: str) -> str:
        arguments = ("stats", *options, "--settings", file)
        ended = program.run(*arguments, folder=tmp_path, environment=dict(os.environ))
        assert ended.code == 0, ended.complained
        return ended.said

    return told


def test_the_page_tells_how_many_came_and_how_fast(sofia: TestClient, handed_over: Case) -> None:
    page = sofia.get("/languages").text
    table = page.partition("<caption>From public to direct message</caption>")[2].partition("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[2:]]
    told = [[re.sub(r"<[^>]*>", "", cell).strip() for cell in row] for row in rows]
    assert [row[:4] for row in told] == [
        ["Please send a direct message", "Czech", "1", "0 0 %"],
        ["Please send a direct message", "Spanish", "1", "1 100 %"],
    ]
    assert told[0][4] == "–"
    assert re.fullmatch(r"\d+ (d|h|min|s)( \d+ \w+)?", told[1][4])
    assert "within 7 days" in page


@pytest.mark.parametrize(
    ("only", "told"), [("account=1", True), ("account=2", False), ("channel=private", False)]
)
def test_they_follow_the_account_and_the_channel(
    sofia: TestClient, handed_over: Case, only: str, told: bool
) -> None:
    assert handed_over.account_id == 1
    page = sofia.get(f"/languages?days=7&details=1&{only}").text
    assert ("<caption>From public to direct message</caption>" in page) is told


def test_without_handovers_the_page_says_so(sofia: TestClient, maria: Case) -> None:
    assert "No public reply of this period asked for a direct message." in sofia.get("/languages").text


def test_the_command_line_tells_the_same(stats: Callable[..., str], handed_over: Case) -> None:
    lines = {row["language"]: row for row in map(json.loads, stats("--json").splitlines())}
    (maria,), (pavel,) = lines["es"]["handovers"], lines["cs"]["handovers"]
    assert (maria["template"], maria["sent"], maria["arrived_within_7_days"]) == ("please_send_dm", 1, 1)
    assert maria["median_minutes"] > 0
    assert (pavel["arrived_within_7_days"], pavel["median_minutes"]) == (0, None)
    assert lines["es"]["accuracy"] is not None
    by_template = list(map(json.loads, stats("--by", "template", "--json").splitlines()))
    assert by_template == [pavel, maria]
    assert "handovers" not in stats("--csv")


def test_the_accuracy_of_topics_is_told_too(stats: Callable[..., str], handed_over: Case) -> None:
    (row,) = map(json.loads, stats("--by", "topic", "--json").splitlines())
    assert row == {"topic": "orders_and_delivery", "seen": 2, "corrected": 0, "accuracy": 1.0}
    (told,) = csv.DictReader(io.StringIO(stats("--by", "topic", "--csv")))
    assert (told["topic"], told["seen"]) == ("orders_and_delivery", "2")
    assert "orders_and_delivery" in stats("--by", "topic")
    assert "1.00" in stats("--by", "topic")
