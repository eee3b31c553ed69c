"""A database full of cases that came in and were worked on by the desk's own code, only faster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from sqlalchemy import text
from sqlmodel import Session, col, select

from benchmarks.intake import REOPEN_DAYS
from benchmarks.traffic import Traffic, profile
from socialdesk import clock, counts, customers, intake
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.intake import Read
from socialdesk.languages import Evidence
from socialdesk.messages import Incoming, Message
from socialdesk.people.agents import Agent

PERIOD = timedelta(days=30)
MESSAGES_A_CASE = 1.3  # about: it only stretches the messages over the period
CHUNK = 500
ANSWERED = 0.6  # of the messages
RESOLVED = 0.65  # of the cases that were answered


@dataclass(frozen=True, slots=True)
class Filled:
    """`messages` counts ours too; `by_status` is from the kept counts, `counts_right` whether those are."""

    messages: int
    seconds: float
    by_status: dict[str, int]
    counts_right: bool


class Filling:
    """One database that is filled further and further."""

    def __init__(self, database: Database, account_id: int, agent: Agent) -> None:
        self._database = database
        self._account_id = account_id
        self._agent = agent
        self._cases = 0
        self._messages = 0
        self._seconds = 0.0

    def up_to(self, cases: int) -> None:
        """Until there are so many cases; what is added is spread over the last days up to now."""
        begun = perf_counter()
        messages = int((cases - self._cases) * MESSAGES_A_CASE)
        traffic = Traffic(self._cases + 1, clock.now() - PERIOD, PERIOD, messages)
        while missing := cases - self._count():
            self._add(traffic, min(CHUNK, missing))  # a message opens one case at most
        self._cases = cases
        self._gather_statistics()
        self._seconds += perf_counter() - begun

    def checked(self) -> Filled:
        with self._database.transaction() as session:
            by_status = _by_status(session)
            return Filled(self._messages, self._seconds, by_status, counts.rebuild(session))

    def _count(self) -> int:
        with self._database.reading() as session:
            return sum(counts.by_status_and_language(session).values())

    def _add(self, traffic: Traffic, messages: int) -> None:
        written = traffic.take(messages)
        answers = [traffic.answer(each) for each in written if traffic.chance(ANSWERED)]
        done = {each.x_id for each in answers if traffic.chance(RESOLVED)}
        with self._database.transaction() as session:
            self._introduce(session, written)
            batch = [Read(each, _evidence(each)) for each in written + answers]
            intake.take_in(session, self._account_id, batch, reopen_days=REOPEN_DAYS)
            self._resolve(session, done)
        self._messages += len(batch)

    def _introduce(self, session: Session, written: Sequence[Incoming]) -> None:
        people = dict.fromkeys(each.author_x_id for each in written)
        customers.learn(session, [profile(x_id) for x_id in people])

    def _resolve(self, session: Session, answers: set[str]) -> None:
        query = (
            select(Case).join(Message, col(Message.case_id) == Case.id).where(col(Message.x_id).in_(answers))
        )
        for case in session.exec(query.where(Case.status == Status.ANSWERED)).unique():
            case.resolve(by=self._agent)

    def _gather_statistics(self) -> None:
        """PostgreSQL does this by itself within minutes of such growth; SQLite never does."""
        if not self._database.is_sqlite:
            with self._database.transaction() as session:
                session.connection().execute(text("ANALYZE"))


def _by_status(session: Session) -> dict[str, int]:
    by_status = dict.fromkeys(map(str, Status), 0)
    for (status, _), number in counts.by_status_and_language(session).items():
        by_status[status] += number
    return by_status


def _evidence(message: Incoming) -> Evidence:
    """What detection would say, without its time."""
    language = message.x_language or "en"
    return Evidence(language, 1.0, None, "script" if language == "ja" else "detector", language)
