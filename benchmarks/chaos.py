"""Two hundred replies, two hundred deaths: is any sent twice, or lost?

A worker like the real one is killed by SIGKILL again and again at random moments while it sends public
replies, direct messages and threads, and X misbehaves: it takes words and says nothing, answers with errors
and pages of HTML or not at all, and shows its timeline late. Times are shortened alike, see chaos_worker.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlmodel import Session, col, func, select

from benchmarks import engines
from benchmarks.chaos_worker import READ_SECONDS
from benchmarks.engines import ENGINES
from socialdesk import cases, desk, replies, settings
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart
from socialdesk.people.agents import Agent, Role, hire
from socialdesk.polling.cursors import Channel
from socialdesk.replies import UNDER_WAY, Reply, State
from socialdesk.replying import drafts
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.server import SandboxServer
from socialdesk.workers.line import open_lines
from socialdesk.workers.poller import poll

HANDLE = "NorthwindHelp"
KEYS = {
    name: f"chaos-{name}"
    for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
}
SHORTEST_LIFE, LONGEST_LIFE = 0.1, 0.6  # seconds
PATIENCE = 300  # seconds until everything has to be settled when the killing is over
PRIVATE_EACH, THREAD_EACH = 3, 4  # every third reply is a direct message, every fourth a thread

_SENTENCE = "Wir haben das nachgesehen und sagen Ihnen hier genau, wie es nun weitergeht (Punkt {}). "


@dataclass(frozen=True, slots=True)
class Course:
    """What became of one run: `again` counts attempts beyond each part's first; `held` replies are left for
    an agent, with the reason."""

    engine: str
    lag: float
    seed: int
    deaths: int
    parts: int
    again: int
    twice: int
    lost: int
    held: int
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--lags", type=float, nargs="+", default=[0.2, 2, 30], help="of X's timeline, seconds"
    )
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    wanted = parser.parse_args()
    courses = []
    for engine in wanted.engines:
        for lag in wanted.lags:
            for seed in wanted.seeds:
                courses.append(_run(engine, lag, seed, wanted.replies, wanted.kills))
                _tell(courses[-1:], Console(stderr=True), "so far")
    _tell(courses, Console(), f"{wanted.replies} replies, {wanted.kills} × kill -9")
    return 1 if any(course.twice or course.lost for course in courses) else 0


def _run(engine: str, lag: float, seed: int, count: int, kills: int) -> Course:
    random.seed(seed)
    begun = time.monotonic()
    world = _world()
    with tempfile.TemporaryDirectory() as name, SandboxServer(world) as server:
        Path(name).chmod(0o711)  # as root, PostgreSQL runs as somebody else and has to get through
        with engines.started(engine, Path(name)) as new_url:
            file = _settings(Path(name), server.url, new_url("chaos"))
            opened = _desk(file)
            agent = _read_the_questions(world, opened, count)
            world.index_lag = timedelta(seconds=lag)
            _misbehave(world)
            with _workers(file, settle=lag + 3 * READ_SECONDS + 1) as workers:
                deaths = _kill_again_and_again(workers, opened, agent, count, kills)
                _wait_until_settled(workers, opened.database)
            found = _compare(world, opened.database)
            opened.database.close()
    return Course(ENGINES[engine], lag, seed, deaths, *found, time.monotonic() - begun)


def _world() -> World:
    world = World()
    world.requests = deque(maxlen=1)
    world.add_user(HANDLE, "Northwind Help")
    world.add_app(HANDLE, **KEYS)
    world.limits.change("*", Limit(1_000_000))
    return world


def _settings(folder: Path, api_url: str, database_url: str) -> Path:
    os.environ |= {f"X_CHAOS_{name.upper()}": value for name, value in KEYS.items()}
    file = folder / "settings.toml"
    file.write_text(
        f'[x]\napi_url = "{api_url}"\n[database]\nurl = "{database_url}"\n[log]\nlevel = "error"\n'
        "[sending]\nevery_seconds = 0.05\n"
        "[polling]\nmentions_seconds = 600\ndirect_messages_seconds = 600\nown_posts_seconds = 1\n"
        f'[[accounts]]\nhandle = "{HANDLE}"\ncredentials = "CHAOS"\n'
    )
    return file


def _desk(file: Path) -> Desk:
    configured = settings.load(file)
    database = Database(configured.database.url)
    database.upgrade()
    database.close()
    return desk.assemble(configured)


def _read_the_questions(world: World, opened: Desk, count: int) -> Agent:
    for number in range(count):
        world.add_user(f"customer{number}", f"Kunde {number}")
        if _is_private(number):
            world.direct_message(f"customer{number}", HANDLE, f"Wo bleibt mein Paket? {number}")
        else:
            world.post(f"customer{number}", f"@{HANDLE} Wo bleibt mein Paket? {number}")
    (line,) = open_lines(opened)
    for channel in (Channel.MENTIONS, Channel.DIRECT_MESSAGES):
        poll(line, channel)
    with opened.database.transaction() as session:
        return hire(
            session, username="ana", name="Ana Horvat", role=Role.AGENT, password="not for signing in"
        )


def _is_private(number: int) -> bool:
    return number % PRIVATE_EACH == 0


def _misbehave(world: World) -> None:
    for fault, probability in (
        (Fault("POST *", Kind.ACCEPT_THEN_DROP), 0.05),
        (Fault("POST *", Kind.TRUNCATE), 0.01),
        (Fault("POST *", Kind.EMPTY), 0.01),
        (Fault("*", Kind.HTML, status=503), 0.02),
        (Fault("*", Kind.STATUS, status=500), 0.02),
        (Fault("*", Kind.DROP), 0.02),
        (Fault("*", Kind.HANG, seconds=2 * READ_SECONDS), 0.01),
        (Fault("POST *", Kind.SLOW, seconds=1.5 * READ_SECONDS), 0.02),
        (Fault("POST *", Kind.SLOW, seconds=0.1), 0.5),
    ):
        fault.probability, fault.times = probability, None
        world.faults.add(fault)


@contextmanager
def _workers(file: Path, settle: float) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.chaos_worker", str(file), str(settle)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as workers:
        yield workers
        assert workers.stdin
        workers.stdin.close()


@contextmanager
def _worker(workers: subprocess.Popen[str]) -> Iterator[None]:
    """A worker, until it is killed at the end of the block."""
    assert workers.stdin and workers.stdout
    workers.stdin.write("live\n")
    workers.stdin.flush()
    worker = int(workers.stdout.readline())
    try:
        yield
    finally:
        os.kill(worker, signal.SIGKILL)


def _kill_again_and_again(
    workers: subprocess.Popen[str], opened: Desk, agent: Agent, count: int, kills: int
) -> int:
    """While agents go on approving, as many in each life."""
    approved = 0
    for death in range(1, kills + 1):
        with _worker(workers):
            while approved * kills < death * count:
                _approve(opened, agent, approved)
                approved += 1
            time.sleep(random.uniform(SHORTEST_LIFE, LONGEST_LIFE))
    return kills


def _approve(opened: Desk, agent: Agent, number: int) -> None:
    parts = 2 + number % 3 if number % THREAD_EACH == 1 else 1
    text = f"Antwort {number}. " + "".join(_SENTENCE.format(each) for each in range(3 * parts - 2))
    with opened.database.transaction() as session:
        query = select(Case.id).join(Customer, col(Customer.id) == Case.customer_id)
        case_id = session.exec(query.where(Customer.handle == f"customer{number}")).one()
        reply = drafts.write(session, cases.hold(session, case_id or 0), text=text, by=agent)
        replies.approve(session, reply, by=agent, sign_off=opened.settings.replies.sign_off)


def _wait_until_settled(workers: subprocess.Popen[str], database: Database) -> None:
    deadline = time.monotonic() + PATIENCE
    with _worker(workers):
        while _under_way(database) and time.monotonic() < deadline:
            time.sleep(0.2)


def _under_way(database: Database) -> bool:
    with database.reading() as session:
        return (
            session.exec(select(Reply.id).where(col(Reply.state).in_(UNDER_WAY)).limit(1)).first() is not None
        )


def _compare(world: World, database: Database) -> tuple[int, int, int, int, int]:
    """How many parts there were, how often they were tried again, and how many are twice or in the wrong
    place on X, are not there, and wait for an agent."""
    with database.reading() as session:
        wanted = _wanted(session)
        held = session.exec(select(Reply.id).where(Reply.state == State.HELD)).all()
        attempts = session.exec(select(func.sum(Reply.attempts))).one()
        linked = set(session.exec(select(ReplyPart.x_id).where(col(ReplyPart.x_id).is_not(None))))
    shown, ids = _shown(world)
    twice = sum((shown - Counter(set(wanted))).values())
    lost = sum(place not in shown for place, reply_id in wanted.items() if reply_id not in held)
    return len(wanted), attempts - len(wanted), twice, lost + len(linked ^ ids), len(held)


Place = tuple[str, str]  # what it answers, and its words


def _wanted(session: Session) -> dict[Place, int]:
    """Where each part belongs, and of which reply it is."""
    wanted = {}
    before: dict[int, str | None] = {}
    for reply, part, answered in _rows(session):
        wanted[(before.get(part.reply_id) or answered, part.text)] = part.reply_id
        before[part.reply_id] = None if reply.private else part.x_id
    return wanted


def _rows(session: Session) -> Sequence[tuple[Reply, ReplyPart, str]]:
    query = (
        select(Reply, ReplyPart, Message, Customer)
        .join(ReplyPart, col(ReplyPart.reply_id) == Reply.id)
        .join(Message, col(Message.id) == Reply.answers_id)
        .join(Customer, col(Customer.id) == Message.customer_id)
        .order_by(col(ReplyPart.reply_id), col(ReplyPart.number))
    )
    return [
        (reply, part, customer.x_id if reply.private else message.x_id)
        for reply, part, message, customer in session.exec(query)
    ]


def _shown(world: World) -> tuple[Counter[Place], set[str]]:
    us = world.user(HANDLE).id
    posts = [post for post in world.posts() if post.author_id == us]
    messages = [message for message in world.direct_messages() if message.sender_id == us]
    places = [(post.in_reply_to or "", post.given_text) for post in posts]
    places += [(message.recipient_id, message.text) for message in messages]
    return Counter(places), {post.id for post in posts} | {message.id for message in messages}


def _tell(courses: Sequence[Course], console: Console, title: str) -> None:
    table = Table(
        "database",
        "timeline late by",
        "seed",
        "deaths",
        "parts",
        "tried again",
        "sent twice",
        "lost",
        "held",
        "took",
        title=title,
    )
    for each in courses:
        table.add_row(
            each.engine,
            f"{each.lag:g} s",
            *map(str, (each.seed, each.deaths, each.parts, each.again, each.twice, each.lost, each.held)),
            f"{each.seconds:.0f} s",
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
