"""Who is at a case: kept in the database, so that every console of the desk tells the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.worklists import presence
from socialdesk.worklists.presence import Presence, Present
from tests.conftest import Cast
from tests.stories import arrive, post

SOON = timedelta(seconds=1)


@pytest.fixture
def case(desk: Desk) -> Case:
    arrive(desk, post("101", "Mi paquete no ha llegado todavía", conversation="conversation-of-101"))
    with desk.database.reading() as session:
        return session.exec(select(Case)).one()


@pytest.fixture
def note(database: Database, case: Case) -> Callable[..., None]:
    def noted(by: Agent, *, writing: bool = False) -> None:
        with database.transaction(durable=False) as session:
            presence.note(session, case.id or 0, by, writing=writing)

    return noted


def there(database: Database) -> dict[str, bool]:
    """Who is there, and whether he writes."""
    with database.reading() as session:
        return {each.initials: each.writing for each in presence.now_there(session)}


def test_colleagues_at_a_case_are_known_with_its_account(
    database: Database, cast: Cast, case: Case, note: Callable[..., None]
) -> None:
    note(cast.ana)
    with database.reading() as session:
        found = presence.now_there(session)
    assert list(found) == [
        Present(case.id or 0, case.account_id, cast.ana.id or 0, "Ana Horvat", "AH", writing=False)
    ]


def test_who_writes_goes_on_writing_for_some_seconds_though_he_only_looks_meanwhile(
    database: Database, cast: Cast, note: Callable[..., None]
) -> None:
    begun = clock.now()
    with time_machine.travel(begun, tick=False) as clock_hand:
        note(cast.ana, writing=True)
        note(cast.ana)
        assert there(database) == {"AH": True}
        clock_hand.shift(presence.WRITING_LASTS + SOON)
        assert there(database) == {"AH": False}


def test_who_is_not_heard_of_for_some_seconds_is_gone(
    database: Database, cast: Cast, note: Callable[..., None]
) -> None:
    with time_machine.travel(clock.now(), tick=False) as clock_hand:
        note(cast.ana)
        clock_hand.shift(presence.LASTS - SOON)
        note(cast.ben)
        assert there(database) == {"AH": False, "BO": False}
        clock_hand.shift(2 * SOON)
        assert there(database) == {"BO": False}


def test_who_leaves_is_gone_at_once(
    database: Database, cast: Cast, case: Case, note: Callable[..., None]
) -> None:
    note(cast.ana)
    note(cast.ben)
    with database.transaction() as session:
        presence.leave(session, case.id or 0, cast.ana)
    assert there(database) == {"BO": False}


def test_rows_are_replaced_and_old_ones_swept(
    database: Database, cast: Cast, note: Callable[..., None]
) -> None:
    with time_machine.travel(clock.now(), tick=False) as clock_hand:
        for _ in range(3):
            note(cast.ana)
        clock_hand.shift(2 * presence.LASTS + SOON)
        note(cast.ben)
    with database.reading() as session:
        assert [row.agent_id for row in session.exec(select(Presence))] == [cast.ben.id]


def test_what_was_noted_some_seconds_ago_need_not_be_written_again(
    database: Database, cast: Cast, case: Case, note: Callable[..., None]
) -> None:
    def is_noted(*, writing: bool) -> bool:
        with database.reading() as session:
            return presence.is_noted(session, case.id or 0, cast.ana, writing=writing)

    with time_machine.travel(clock.now(), tick=False) as clock_hand:
        assert not is_noted(writing=False)
        note(cast.ana)
        assert is_noted(writing=False)
        assert not is_noted(writing=True)
        note(cast.ana, writing=True)
        assert is_noted(writing=True)
        clock_hand.shift(presence.NOTED_EVERY + SOON)
        assert not is_noted(writing=False)
