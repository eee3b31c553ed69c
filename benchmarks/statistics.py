"""How long the supervisors' figures take over many messages: filled by bulk SQL, read as the page reads them,
and the page itself, through its door.

python -m benchmarks.statistics sqlite:///var/figures.db 500000
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from time import perf_counter
from typing import Any

from sqlalchemy import event, insert
from sqlmodel import Session

from benchmarks.asking import Asker
from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.bulk import insert_rows
from socialdesk.cases import Case
from socialdesk.console.app import create_app
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.desk import assemble
from socialdesk.figures import durations, promised, reports, rollups, still_waiting, sums, waits
from socialdesk.figures.asking import Asked
from socialdesk.figures.buckets import Bucket, hour_of
from socialdesk.figures.waits import Wait
from socialdesk.languages import LANGUAGES
from socialdesk.messages import Message
from socialdesk.people import agents, sign_ins
from socialdesk.people.agents import Role
from socialdesk.settings import AccountSettings, Settings

SEED, DAYS, BATCH, WAITING = 7, 365, 20_000, 12_000
A_CASE = 4  # messages
OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
PROMISED = {
    "rules": [{"first_response_minutes": 60, "calendar": "office"}],
    "calendars": {"office": {"zone": "Europe/Rome", "hours": OFFICE}},
}
PERIODS = {"7 days": 7, "30 days": 30, "90 days": 90, "a year": 365}


def fill(database: Database, messages: int) -> None:
    """A year of cases with four messages each, answered but for the last ones."""
    database.upgrade()
    now, chance = clock.now().replace(microsecond=0), random.Random(SEED)
    with database.transaction() as session:
        session.add(Account(handle="NorthwindHelp", credentials="NORTHWIND", enrolled_at=now))
        session.flush()
        session.connection().execute(insert(Customer).values(x_id="1", first_seen_at=now))
    cases = messages // A_CASE
    for first in range(0, cases, BATCH):
        with database.transaction(durable=False) as session:
            _fill(session, range(first + 1, min(first + BATCH, cases) + 1), cases, now, chance)


def _fill(session: Session, numbers: range, cases: int, now: datetime, chance: random.Random) -> None:
    figures: rollups.Figures = defaultdict(Counter)
    topics: rollups.Topics = Counter()
    lengths: waits.Lengths = Counter()
    found = [_case(number, cases, now, chance) for number in numbers]
    insert_rows(session, Case, found)
    insert_rows(session, Message, [row for case in found for row in _messages(case)])
    answered = [_wait(case, chance) for case in found if case["status"] != "waiting"]
    insert_rows(session, Wait, answered)
    for case in found:
        bucket = Bucket(hour_of(case["opened_at"]), 1, case["language"], case["visibility"])
        figures[bucket].update(received=A_CASE, opened=1, replied=int(case["status"] != "waiting"))
        figures[bucket].update(dict(promised.of_case(case)))
        topics[bucket, case["topic"]] += 1
    for wait in answered:
        bucket = Bucket(hour_of(wait["began_at"]), 1, wait["language"], wait["visibility"])
        figures[bucket]["responded"] += 1
        for step in durations.steps_of(wait["answered_at"] - wait["began_at"], wait["open_seconds"]):
            lengths[bucket, step] += 1
    rollups.add(session, figures, topics)
    waits.add_lengths(session, lengths)


def _case(number: int, cases: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    at = now - timedelta(days=DAYS) * (1 - number / cases)
    waiting = number > cases - WAITING
    return {
        "id": number,
        "account_id": 1,
        "customer_id": 1,
        "status": "waiting" if waiting else "resolved",
        "language": chance.choice(tuple(LANGUAGES)),
        "topic": chance.choice(("delivery", "refund", "login")),
        "visibility": chance.choice(("public", "private")),
        "opened_at": at,
        "last_message_at": at,
        "customer_wrote_at": at,
        "waiting_since": at if waiting else None,
        "unanswered_since": at if waiting else None,
        "due_at": at + timedelta(hours=1) if waiting else None,
        "first_in_target": None if waiting else chance.random() < 0.9,
        "excerpt": "",
    }


def _messages(case: dict[str, Any]) -> list[dict[str, Any]]:
    number = int(str(case["id"]))
    shared = {"account_id": 1, "case_id": number, "customer_id": 1, "direction": "inbound", "text": ""}
    about = {name: case[name] for name in ("language", "visibility")}
    when = {"sent_at": case["opened_at"], "taken_in_at": case["opened_at"]}
    told = {"confidence": 1.0, "language_source": "detector"}
    return [shared | about | when | told | {"x_id": f"{number}{turn}"} for turn in range(A_CASE)]


def _wait(case: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    began_at, took = case["opened_at"], chance.lognormvariate(7, 1.5)
    assert isinstance(began_at, datetime)
    return {
        "case_id": case["id"],
        "account_id": 1,
        "language": case["language"],
        "visibility": case["visibility"],
        "reopened": False,
        "began_at": began_at,
        "answered_at": began_at + timedelta(seconds=took),
        "open_seconds": took / 3,
    }


def measure(database: Database, days: int, *, rounds: int = 20) -> tuple[float, float, int]:
    """Median and 95th percentile in milliseconds of what one page asks, and in how many statements."""
    took, statements = [], 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(database.engine, "before_cursor_execute", count)
    for _ in range(rounds):
        begun = perf_counter()
        with database.reading() as session:
            _page(session, clock.now().astimezone(UTC), days)
        took.append((perf_counter() - begun) * 1000)
    cuts = quantiles(took, n=20, method="inclusive")
    return cuts[9], cuts[18], statements // rounds


def _page(session: Session, now: datetime, days: int) -> None:
    """With the period before to compare with."""
    asked = Asked(now - timedelta(days=days), now)
    before = asked.before()
    assert before
    waiting = still_waiting.read(session, asked, compared=before)
    for each in (asked, before):
        reports.of(session, each, waiting, sums.corrections(session, each))
    sums.by_hour(session, asked)
    sums.topics(session, asked)


def pages(database: Database, url: str, *, rounds: int = 20) -> Iterator[tuple[str, float, float, int]]:
    """The same of the whole page, as a supervisor's browser gets it."""
    account = AccountSettings(handle="NorthwindHelp", credentials="NORTHWIND")
    settings = Settings.model_validate({"accounts": [account], "database": {"url": url}, "targets": PROMISED})
    desk, today = assemble(settings), clock.now().date()
    with database.transaction() as session:
        sofia = agents.find(session, "sofia") or agents.hire(
            session, username="sofia", name="Sofia", role=Role.SUPERVISOR, password="correct horse battery"
        )
        token = sign_ins.open_for(session, sofia)
    client = Asker(create_app(desk), token)
    for name, days in PERIODS.items():
        path = f"/languages?from={today - timedelta(days=days - 1)}&to={today}"
        yield name, *asyncio.run(_asked_for(client, desk.database, path, rounds))


async def _asked_for(client: Asker, database: Database, path: str, rounds: int) -> tuple[float, float, int]:
    took: list[float] = []
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    for number in range(rounds + 3):
        if number == 3:  # the first ones fill what is remembered
            took.clear()
            event.listen(database.engine, "before_cursor_execute", count)
        begun = perf_counter()
        assert await client.get(path) == 200
        took.append((perf_counter() - begun) * 1000)
    event.remove(database.engine, "before_cursor_execute", count)
    cuts = quantiles(took, n=20, method="inclusive")
    return cuts[9], cuts[18], asked // rounds


def main() -> None:
    url, messages = sys.argv[1], int(sys.argv[2])
    database = Database(url)
    begun = perf_counter()
    fill(database, messages)
    print(f"{messages:,} messages filled in {perf_counter() - begun:.0f} s")
    for name, days in PERIODS.items():
        p50, p95, statements = measure(database, days)
        print(f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {statements} statements")
    for name, p50, p95, statements in pages(database, url):
        print(f"the page over {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {statements} statements")


if __name__ == "__main__":
    main()
