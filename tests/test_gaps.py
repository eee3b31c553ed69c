"""What X offers no more is recorded, searched for once, and shown until somebody has seen it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import Session, select

from socialdesk import clock
from socialdesk.automation import trying
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, XUnavailable
from socialdesk.messages import Message
from socialdesk.polling import cursors, gaps
from socialdesk.polling.cursors import Channel
from socialdesk.polling.gaps import Gap, GapState
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.workers.gap_search import search_gap
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from tests.automated import run, runs_of, switch_on, understood
from tests.conftest import HANDLE, Cast

SEARCH = "GET /2/tweets/search/recent"
LOST, SEEN = 150, 800


@pytest.fixture
def overflow(world: World, x_desk: Desk, line: Line) -> list[str]:
    """Ids of what was written, oldest first, while the desk was down: more than X's list holds."""
    world.add_user("maria", "María")
    world.post("maria", f"@{HANDLE} antes de la noche")
    poll(line, Channel.MENTIONS)
    written = [world.post("maria", f"@{HANDLE} {n}").id for n in range(LOST + SEEN)]
    poll(line, Channel.MENTIONS)
    return written


def stored(desk: Desk) -> set[str]:
    with desk.database.reading() as session:
        return set(session.exec(select(Message.x_id)))


def the_gap(session: Session) -> Gap:
    return session.exec(select(Gap)).one()


def test_a_gap_is_recorded_searched_for_within_its_budget_and_then_called_filled(
    overflow: list[str], world: World, x_desk: Desk, line: Line
) -> None:
    assert len(stored(x_desk)) == 1 + SEEN
    with x_desk.database.reading() as session:
        gap = the_gap(session)
        assert (gap.state, gap.to_x_id) == (GapState.OPEN, overflow[LOST])
        assert gap.length is not None
        assert cursors.all_of(session)[0].newest_x_id == overflow[-1]

    world.faults.add(Fault(SEARCH, Kind.DROP))
    with pytest.raises(XUnavailable):
        search_gap(line)
    while search_gap(line):
        pass

    assert set(overflow) <= stored(x_desk)
    asked = len(world.requests)
    assert search_gap(line) == 0
    assert len(world.requests) == asked
    with x_desk.database.reading() as session:
        assert (the_gap(session).state, the_gap(session).found) == (GapState.FILLED, LOST)
        assert gaps.unseen(session)


LATE = """
[[rules]]
id = "late"
title = "What a gap's search finds is tagged"
when = "gap"
do = "tag"
tag = "found late"
[[rules]]
id = "sorry"
title = "Say that it was read"
when = "gap"
do = "propose"
template = "acknowledge"
"""


@pytest.mark.parametrize(("days_down", "did"), [(0, ["tagged", "proposed"]), (3, ["tagged"])])
def test_rules_are_for_what_the_search_brings_in_late(
    world: World, x_desk: Desk, line: Line, cast: Cast, days_down: int, did: list[str]
) -> None:
    """What is too old for an answer without a person may be tagged all the same."""
    rules = understood(x_desk, LATE)
    world.add_user("maria", "María")
    world.post("maria", f"@{HANDLE} antes de la noche")
    poll(line, Channel.MENTIONS)
    world.add_user("pablo", "Pablo")
    lost = world.post("pablo", f"@{HANDLE} ¿Dónde está mi paquete? Lo espero desde el lunes.").id
    for number in range(SEEN):
        world.post("maria", f"@{HANDLE} {number}")
    with time_machine.travel(clock.now() + timedelta(days=days_down)):
        switch_on(x_desk, rules, cast.sofia)
        poll(line, Channel.MENTIONS)
        assert run(x_desk, rules) == 0
        while search_gap(line):
            pass
        assert (run(x_desk, rules), run(x_desk, rules)) == (len(did), 0)
        with x_desk.database.reading() as session:
            message = session.exec(select(Message).where(Message.x_id == lost)).one()
            meant = [
                [
                    each.case_id
                    for each in trying.attempt(session, rule, days=7, settings=x_desk.settings).meant
                ]
                for rule in rules.rules
            ]
    assert [(each.did, each.message_id) for each in runs_of(x_desk)] == [(each, message.id) for each in did]
    assert meant == [[message.case_id], [message.case_id] if len(did) == 2 else []]


def test_a_gap_is_shown_until_it_is_seen_and_seen_once(x_desk: Desk, line: Line, cast: Cast) -> None:
    now = clock.now()
    with x_desk.database.transaction() as session:
        gaps.record(session, 1, Channel.MENTIONS, from_x_id=None, to_x_id="5", from_at=None, to_at=now)
    assert search_gap(line) == 0  # there was no X yet: nothing to be asked
    with x_desk.database.transaction() as session:
        (gap,) = gaps.unseen(session)
        assert gap.searched_at
        gap.acknowledge(by=cast.ana)
    with x_desk.database.reading() as session:
        assert not gaps.unseen(session)
        with pytest.raises(AlreadyDone):
            the_gap(session).acknowledge(by=cast.ana)
