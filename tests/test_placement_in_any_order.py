"""Messages may come in any order, and several times: the cases are the same as in the right order."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, col, select

from socialdesk import accounts, cases, intake
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.messages import Incoming, Message, Visibility
from socialdesk.people.agents import Agent, Role
from socialdesk.placing import linked
from socialdesk.settings import AccountSettings
from socialdesk.tables import METADATA
from socialdesk.unplaced import UnplacedMessage
from tests.stories import NOON, US

REOPEN_DAYS = 14
TEXTS = (
    "¿Dónde está mi paquete? Lo espero desde el lunes y nadie me contesta.",
    "Wo bleibt mein Paket? Ich warte seit Montag und niemand antwortet mir.",
    "アカウントにログインできません。助けてください。",
    "🙂🙂",
)
PEOPLE = ("1", "2", "3")
CONVERSATIONS = ("10", "11", "12")
_people = count(5_000_000, 1_000)
_accounts = count()


@dataclass(frozen=True)
class Written:
    """One message of an imaginary story, before it has its place in time."""

    author: str
    private: bool
    conversation: str
    ours: bool
    answers: int | None
    text: str
    minutes: int


writing = st.builds(
    Written,
    author=st.sampled_from(PEOPLE),
    private=st.booleans(),
    conversation=st.sampled_from(CONVERSATIONS),
    ours=st.sampled_from((False, False, True)),
    answers=st.none() | st.integers(-2, 20),
    text=st.sampled_from(TEXTS),
    minutes=st.sampled_from((0, 0, 1, 7, 60, 60 * 24, 60 * 24 * 13, 60 * 24 * 15)),
)


@st.composite
def deliveries(draw: st.DrawFn, messages: int) -> list[list[int]]:
    """Batches of positions: each message at least once, in any order."""
    order = draw(st.permutations(range(messages)))
    again = draw(st.lists(st.integers(0, max(messages - 1, 0)), max_size=messages // 2)) if messages else []
    sequence = [*order]
    for at, each in enumerate(again):
        sequence.insert((at * 7 + each) % (len(sequence) + 1), each)
    cuts = sorted(draw(st.sets(st.integers(1, max(len(sequence) - 1, 1)), max_size=len(sequence))))
    return [sequence[start:end] for start, end in zip([0, *cuts], [*cuts, len(sequence)], strict=True)]


def told(story: Sequence[Written]) -> list[Incoming]:
    """The story as X would tell it, oldest first; parents may be missing, later, or the post itself."""
    base = next(_people)
    at, found = NOON, []
    for number, each in enumerate(story):
        at += timedelta(minutes=each.minutes)
        author = str(base + int(each.author))
        to_nobody = each.ours and each.answers is not None and not each.private
        answers = str(10_000 + each.answers) if each.answers is not None else None
        found.append(
            Incoming(
                x_id=str(10_000 + number),
                visibility=Visibility.PRIVATE if each.private else Visibility.PUBLIC,
                author_x_id=US if each.ours else author,
                customer_x_id=None if to_nobody else author,
                conversation_id=f"{US}-{author}" if each.private else f"{base}{each.conversation}",
                in_reply_to_x_id=None if each.private else answers,
                text=each.text,
                sent_at=at,
            )
        )
    return found


class Desk:
    """One account after the other in one database, so that two tellings do not know of each other."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.agent = Agent(username="ana", name="Ana", role=Role.AGENT, password_hash="", hired_at=NOON)
            session.add(self.agent)

    def account(self) -> int:
        handle = f"Desk{next(_accounts)}"
        with self.database.transaction() as session:
            accounts.enrol(session, [AccountSettings(handle=handle, credentials="DESK")])
            return next(each.id or 0 for each in accounts.all_of(session) if each.handle == handle)

    def take_in(self, account_id: int, batch: Sequence[Incoming]) -> None:
        read = intake.read(self.database, account_id, batch)
        with self.database.transaction() as session:
            intake.take_in(session, account_id, read, reopen_days=REOPEN_DAYS)

    def resolve_all(self, account_id: int) -> None:
        with self.database.transaction() as session:
            for case in session.exec(select(Case).where(Case.account_id == account_id)).all():
                if case.status != Status.RESOLVED and case.merged_into_id is None:
                    cases.hold(session, case.id or 0).resolve(by=self.agent)

    def outcome(self, account_id: int) -> tuple[dict[frozenset[str], Any], set[str]]:
        """What each case shows, by the messages in it, and what waits for a case."""
        with self.database.reading() as session:
            rows = session.exec(
                select(Case).where(Case.account_id == account_id, col(Case.merged_into_id).is_(None))
            ).all()
            inside = {case.id: _inside(session, case) for case in rows}
            shown = {
                inside[case.id]: _shown(case, inside, linked.ids(session, case, most=200)) for case in rows
            }
            waiting = session.exec(
                select(UnplacedMessage.x_id).where(UnplacedMessage.account_id == account_id)
            )
            return shown, set(waiting)

    def stored(self, account_id: int) -> list[str]:
        with self.database.reading() as session:
            return sorted(session.exec(select(Message.x_id).where(Message.account_id == account_id)))


def _inside(session: Session, case: Case) -> frozenset[str]:
    return frozenset(session.exec(select(Message.x_id).where(Message.case_id == case.id)))


def _shown(case: Case, inside: dict[int | None, frozenset[str]], linked: list[int]) -> Any:
    return (
        case.customer_id,
        case.conversation_id,
        str(case.status),
        case.opened_at,
        case.waiting_since,
        case.last_message_at,
        case.customer_wrote_at,
        case.first_response_at,
        case.language,
        case.language_sure,
        str(case.visibility),
        case.excerpt,
        inside.get(case.follows_id),
        {inside[case_id] for case_id in linked if case_id in inside},
    )


@pytest.fixture(scope="module")
def sqlite_desk(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    file = tmp_path_factory.mktemp("any-order") / "desk.db"
    shutil.copy(migrated_sqlite, file)
    database = Database(f"sqlite:///{file}")
    yield Desk(database)
    database.close()


@pytest.fixture
def postgres_desk(migrated_postgres: str) -> Iterator[Desk]:
    database = Database(migrated_postgres)
    tables = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
    with database.transaction() as session:
        # The log of deeds refuses that even to its owner, unless he puts its guards aside.
        session.connection().execute(text("SET LOCAL session_replication_role = replica"))
        session.connection().execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    yield Desk(database)
    database.close()


def check(desk: Desk, data: st.DataObject) -> None:
    story = told(data.draw(st.lists(writing, min_size=1, max_size=14)))
    batches = data.draw(deliveries(len(story)))
    right, other = desk.account(), desk.account()
    for each in story:
        desk.take_in(right, [each])
    for batch in batches:
        desk.take_in(other, [story[at] for at in batch])

    assert desk.outcome(other) == desk.outcome(right)
    shown, waiting = desk.outcome(other)
    assert sorted([*desk.stored(other), *waiting]) == sorted(each.x_id for each in story)
    assert {x_id for inside in shown for x_id in inside} | waiting == {each.x_id for each in story}


def check_after_resolving(desk: Desk, data: st.DataObject) -> None:
    """The beginning comes in the right order, an agent resolves everything, the rest comes anyhow."""
    story = told(data.draw(st.lists(writing, min_size=2, max_size=12)))
    known = data.draw(st.sets(st.integers(0, len(story) - 1), min_size=1))
    before = [each for at, each in enumerate(story) if at in known]
    rest = [each for at, each in enumerate(story) if at not in known]
    batches = data.draw(deliveries(len(rest))) if rest else []
    moment = before[-1].sent_at + timedelta(minutes=data.draw(st.integers(1, 60 * 24 * 3)))
    right, other = desk.account(), desk.account()
    for account_id in (right, other):
        with time_machine.travel(before[-1].sent_at, tick=False):
            for each in before:
                desk.take_in(account_id, [each])
        with time_machine.travel(moment, tick=False):
            desk.resolve_all(account_id)
    later = max(moment, story[-1].sent_at) + timedelta(hours=1)
    with time_machine.travel(later, tick=False):
        for each in rest:
            desk.take_in(right, [each])
        for batch in batches:
            desk.take_in(other, [rest[at] for at in batch])

    assert desk.outcome(other) == desk.outcome(right)


OFTEN = settings(
    max_examples=60,
    phases=(Phase.generate,),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)
SELDOM = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
)


@OFTEN
@given(data=st.data())
def test_any_order_makes_the_same_cases(sqlite_desk: Desk, data: st.DataObject) -> None:
    check(sqlite_desk, data)


@OFTEN
@given(data=st.data())
def test_any_order_after_an_agent_has_resolved_makes_the_same_cases(
    sqlite_desk: Desk, data: st.DataObject
) -> None:
    check_after_resolving(sqlite_desk, data)


@SELDOM
@given(data=st.data())
def test_any_order_makes_the_same_cases_on_postgresql(postgres_desk: Desk, data: st.DataObject) -> None:
    check(postgres_desk, data)


@SELDOM
@given(data=st.data())
def test_any_order_after_resolving_makes_the_same_cases_on_postgresql(
    postgres_desk: Desk, data: st.DataObject
) -> None:
    check_after_resolving(postgres_desk, data)


SHAPES: dict[str, Callable[[int], int | None]] = {
    "chain": lambda n: n - 1 if n else None,
    "circle": lambda n: (n + 1) % 300,
    "each answers itself": lambda n: n,
    "parents never come": lambda n: n + 5_000,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_a_chain_of_three_hundred_is_one_case_whatever_its_shape(
    sqlite_desk: Desk, shape: str, backwards: bool
) -> None:
    above: Callable[[int], int | None] = SHAPES[shape]
    written = [Written("0", False, "77", n % 2 == 1, above(n), TEXTS[0], 1) for n in range(300)]
    author = str(next(_people))
    story = [
        replace(
            each,
            author_x_id=US if each.author_x_id == US else author,
            # In a sound chain our answers find their addressee by what they answer.
            customer_x_id=None if each.author_x_id == US and shape == "chain" else author,
        )
        for each in told(written)
    ]
    account = sqlite_desk.account()
    order = story[::-1] if backwards else story
    for start in range(0, 300, 7):
        sqlite_desk.take_in(account, order[start : start + 7])

    shown, waiting = sqlite_desk.outcome(account)
    assert {len(inside) for inside in shown} == {300}
    assert waiting == set()


def test_people_are_not_told_apart_by_the_order_they_come_in(sqlite_desk: Desk) -> None:
    story = told([Written(who, False, "80", False, None, TEXTS[0], 1) for who in ("1", "2", "1", "2")])
    account = sqlite_desk.account()
    sqlite_desk.take_in(account, story[::-1])

    shown, _ = sqlite_desk.outcome(account)
    assert {frozenset({"10000", "10002"}), frozenset({"10001", "10003"})} == set(shown)
    with sqlite_desk.database.reading() as session:
        assert session.exec(select(Customer).where(Customer.x_id == story[0].author_x_id)).one()
