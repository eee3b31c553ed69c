"""How many messages a second go through the intake, in batches as a poller brings them, on one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from unittest.mock import patch

from sqlalchemy import text

from benchmarks.traffic import Traffic
from socialdesk import clock, intake, languages
from socialdesk.database import Database
from socialdesk.languages import Context, Evidence
from socialdesk.messages import Incoming, Visibility
from socialdesk.polling import cursors
from socialdesk.polling.cursors import Channel
from socialdesk.workers.storing import BATCH

SEED = 1
REOPEN_DAYS = 14
Batch = tuple[Channel, Sequence[Incoming]]


@dataclass(frozen=True, slots=True)
class Seconds:
    """On the wall's clock, and of this process's CPU: a database server's own is not in it."""

    wall: float = 0.0
    cpu: float = 0.0

    @classmethod
    def now(cls) -> Seconds:
        return cls(perf_counter(), process_time())

    def __sub__(self, other: Seconds) -> Seconds:
        return Seconds(self.wall - other.wall, self.cpu - other.cpu)

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)


@dataclass(frozen=True, slots=True)
class Round:
    """`whole` is what the messages took, `detecting` the part of it inside languages.detect."""

    messages: int
    whole: Seconds
    detecting: Seconds

    @property
    def rest(self) -> Seconds:
        return self.whole - self.detecting


@dataclass(frozen=True, slots=True)
class Throughput:
    """Medians over the rounds, in messages a second; `share` is detection's part of the wall time."""

    wall: float
    cpu: float
    wall_without_detection: float
    cpu_without_detection: float
    share: float


class _Stopwatch:
    """Detects as ever and adds up how long that took."""

    def __init__(self) -> None:
        self.seconds = Seconds()
        self._detect = languages.detect

    def __call__(self, text: str, context: Context) -> Evidence:
        begun = Seconds.now()
        try:
            return self._detect(text, context)
        finally:
            self.seconds += Seconds.now() - begun


def measure(database: Database, account_id: int, *, messages: int, rounds: int) -> Throughput:
    """The rounds follow each other in one database, as days do; a short one before them warms up.

    PostgreSQL has looked at its tables before each, as it does of itself once a minute.
    """
    intake.warm_up()
    lasting = timedelta(days=1)
    traffic = Traffic(SEED, clock.now() - lasting, lasting, messages * (rounds + 1))
    _take_in(database, account_id, traffic.take(2 * BATCH))
    return _medians([_round(database, account_id, traffic.take(messages)) for _ in range(rounds)])


def _round(database: Database, account_id: int, messages: Sequence[Incoming]) -> Round:
    with database.transaction() as session:
        session.connection().execute(text("ANALYZE"))
    stopwatch = _Stopwatch()
    with patch.object(languages, "detect", stopwatch):
        begun = Seconds.now()
        stored = _take_in(database, account_id, messages)
        whole = Seconds.now() - begun
    assert stored == len(messages), "every message is new"
    return Round(stored, whole, stopwatch.seconds)


def _take_in(database: Database, account_id: int, messages: Sequence[Incoming]) -> int:
    stored = 0
    for channel, batch in _batches(messages):
        fresh = intake.read(database, account_id, batch)
        with database.transaction(durable=False) as session:
            stored += len(intake.take_in(session, account_id, fresh, reopen_days=REOPEN_DAYS))
            cursors.find(session, account_id, channel).passed(fresh[-1].incoming.x_id)
    return stored


def _batches(messages: Sequence[Incoming]) -> Iterator[Batch]:
    """Posts and direct messages come by different channels, in different batches."""
    for channel, visibility in (
        (Channel.MENTIONS, Visibility.PUBLIC),
        (Channel.DIRECT_MESSAGES, Visibility.PRIVATE),
    ):
        come = [message for message in messages if message.visibility == visibility]
        yield from ((channel, come[at : at + BATCH]) for at in range(0, len(come), BATCH))


def _medians(rounds: Sequence[Round]) -> Throughput:
    def speed(seconds: Callable[[Round], float]) -> float:
        return median(each.messages / seconds(each) for each in rounds)

    return Throughput(
        wall=speed(lambda each: each.whole.wall),
        cpu=speed(lambda each: each.whole.cpu),
        wall_without_detection=speed(lambda each: each.rest.wall),
        cpu_without_detection=speed(lambda each: each.rest.cpu),
        share=median(each.detecting.wall / each.whole.wall for each in rounds),
    )
