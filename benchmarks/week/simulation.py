"""The week itself: step by step, with the clock moved on for the desk and for X alike."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import time_machine
from rich.console import Console

from benchmarks.week import curve, staff, supervisor
from benchmarks.week.crowd import Crowd
from benchmarks.week.staff import Staff
from socialdesk import desk as desks
from socialdesk import logs, settings
from socialdesk.automation import book, releases, switches
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import XError
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED
from socialdesk.people.agents import Agent
from socialdesk.polling.cursors import Channel
from socialdesk.sandbox import World
from socialdesk.sandbox.scripts import SHOP, SHOP_NAME
from socialdesk.sandbox.server import SandboxServer
from socialdesk.templating.catalog import Key
from socialdesk.workers import closing, incident_watcher, router, rule_runner, waker
from socialdesk.workers.line import Line, open_lines
from socialdesk.workers.poller import poll_when_due
from socialdesk.workers.reconciler import reconcile
from socialdesk.workers.schedule import send_due

TICK = timedelta(minutes=2)
SEED = 20
LONGEST_AFTERMATH = timedelta(hours=36)  # until the last answer has come and gone
FALLBACK = {language: ["en"] for language in (*LANGUAGES, OTHER, UNDETERMINED) if language != "en"}
SATISFACTION: dict[str, str] = {"ask": "always", "by": "dm"}
KEYS = {
    name: f"week-{name}"
    for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
}

progress = Console(stderr=True, highlight=False)


@dataclass
class Week:
    """What was simulated, with the desk and the X that it left behind."""

    desk: Desk
    world: World
    crowd: Crowd
    staff: Staff
    seconds: float  # that it took


def run(database_url: str, folder: Path, *, conversations: int, hours: int) -> Iterator[Week]:
    """Simulates so many hours; the clock stands at their end while the result is looked at."""
    chance, begun = random.Random(SEED), time.perf_counter()
    with time_machine.travel(curve.START, tick=False) as traveller:
        world = _world(conversations)
        with SandboxServer(world) as server, _desk(server.url, database_url, folder) as desk:
            people = staff.hire(desk, round(conversations * 1.6), chance)
            _switch_rules_on(desk, people)
            end = curve.START + timedelta(hours=hours)
            plan = [each for each in curve.arrivals(conversations, chance) if each.at < end]
            crowd = Crowd(world, plan, chance)
            _live(traveller, desk, crowd, people, chance, end)
            yield Week(desk, world, crowd, people, time.perf_counter() - begun)


def _world(conversations: int) -> World:
    world = World(max_posts=20 * conversations)
    world.requests = type(world.requests)(maxlen=None)
    world.index_lag = timedelta(seconds=20)
    world.add_user(SHOP, SHOP_NAME)
    world.add_app(SHOP, **KEYS)
    return world


@contextmanager
def _desk(api_url: str, database_url: str, folder: Path) -> Iterator[Desk]:
    os.environ |= {f"X_WEEK_{name.upper()}": value for name, value in KEYS.items()}
    configured = settings.build(
        {
            "x": {"api_url": api_url},
            "database": {"url": database_url},
            "accounts": [{"handle": SHOP, "credentials": "WEEK"}],
            "approvals": {"rules": [{"channel": "public", "words": "free"}]},
            "routing": {"method": "least_loaded", "fallback": FALLBACK, "off_shift_minutes": 30},
            "satisfaction": SATISFACTION,
            "retention": {"recheck_hours": 0},
            "log": {"level": "error"},
        },
        folder=folder,
        prefix="SOCIALDESK_WEEK_",
    )
    database = Database(database_url)
    database.upgrade()
    database.close()
    logs.configure(configured.log)
    desk = desks.assemble(configured)
    try:
        yield desk
    finally:
        desk.database.close()


def _switch_rules_on(desk: Desk, people: Staff) -> None:
    """All of `replies/rules.toml`, with every text that they send released."""
    with desk.database.transaction() as session:
        boss, library = session.get_one(Agent, people.supervisor_id), desk.library_now(session)
        for rule in book.read(desk.settings, library).rules:
            switches.switch_on(session, rule, by=boss)
            if rule.do != "send" or not rule.template:
                continue
            entry = library.find(rule.template)
            keys = [Key(entry.id, *each) for each in _texts(library.catalog.languages, entry.channels)]
            releases.release(session, library, keys, by=boss)


def _texts(languages: object, channels: object) -> Iterator[tuple[str, str]]:
    for language in languages:  # type: ignore[attr-defined]
        for channel in channels:  # type: ignore[attr-defined]
            yield language, channel


def _live(
    traveller: time_machine.Traveller,
    desk: Desk,
    crowd: Crowd,
    people: Staff,
    chance: random.Random,
    end: datetime,
) -> None:
    (line,) = open_lines(desk)
    now, quiet = curve.START, timedelta(0)
    while now < end or (quiet < timedelta(hours=1) and now < end + LONGEST_AFTERMATH):
        crowd.write(now)
        staff.work(desk, people, now, TICK, chance)
        supervisor.work(desk, people, now)
        _step(desk, line)
        quiet = timedelta(0) if not crowd.done else quiet + TICK
        now += TICK
        traveller.move_to(now, tick=False)
        if now.hour == 0 and now.minute == 0:
            progress.print(f"{now:%A %d %B}: {sum(crowd.written.values()):,} messages so far")


def _step(desk: Desk, line: Line) -> None:
    """What the workers' schedule does meanwhile."""
    steps = [partial(poll_when_due, line, channel) for channel in Channel]
    ours = (waker.wake, rule_runner.run_rules, router.route, incident_watcher.look, incident_watcher.tend)
    steps += [partial(each, desk) for each in (*ours, closing.ask)]
    for step in (*steps, partial(_send, line), partial(reconcile, line)):
        try:
            step()
        except XError as error:
            progress.print(f"{type(error).__name__}: {error}")


def _send(line: Line) -> int:
    sent = 0
    while more := send_due(line):
        sent += more
    return sent
