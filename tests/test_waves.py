"""Waves: what stands out against other weeks, what does not, and who is told how often."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from socialdesk import clock
from socialdesk.audit import AuditEntry
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, NotAllowed
from socialdesk.figures.buckets import DAILY, hour_of
from socialdesk.figures.rollups import TopicCount
from socialdesk.history import CaseEvent
from socialdesk.incidents import noticing, watching, waves
from socialdesk.incidents.rises import Rise
from socialdesk.incidents.waves import Wave
from socialdesk.settings import Incidents
from tests.conftest import Cast
from tests.stories import NOON

BOUNDS = Incidents()
WEEK = timedelta(weeks=1)
PAYMENT = "payment"


def opened(
    session: Session,
    number: int,
    *,
    minutes_ago: float = 5,
    language: str = "es",
    topic: str | None = PAYMENT,
    weeks_ago: int = 0,
) -> None:
    """So many cases at about that time, one after the other within two minutes."""
    at = clock.now() - weeks_ago * WEEK - timedelta(minutes=minutes_ago)
    person = session.exec(select(Customer)).first() or Customer(
        x_id="77", handle="maria", name="María", first_seen_at=clock.now()
    )
    session.add(person)
    session.flush()
    for each in range(number):
        moment = at + timedelta(seconds=each * 120 / number)
        case = Case(
            account_id=1,
            customer_id=person.id,
            visibility="public",
            language=language,
            topic=topic,
            opened_at=moment,
            last_message_at=moment,
            customer_wrote_at=moment,
            waiting_since=moment,
        )
        session.add(case)


def known_since(session: Session, weeks: int) -> None:
    """The desk has history that far back."""
    start = hour_of(clock.now() - weeks * WEEK) // DAILY * DAILY
    here: dict[str, Any] = {"account_id": 1, "language": "en", "visibility": "public"}
    session.add(TopicCount(grain=DAILY, start=start, topic="other", cases=1, **here))


def usually(session: Session, number: int, *, language: str = "es", weeks: int = 8) -> None:
    """So many within each of several quarters of the hour, in each of the weeks before."""
    known_since(session, weeks + 1)
    for week in range(1, weeks + 1):
        for quarter in (5, 20, 35, 50):
            opened(session, number, minutes_ago=quarter, language=language, weeks_ago=week)


@pytest.fixture(autouse=True)
def at_noon() -> object:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def notice(desk: Desk) -> int:
    return noticing.notice(desk.database, desk.settings.incidents)


def going_on(desk: Desk) -> Sequence[Wave]:
    with desk.database.reading() as session:
        return waves.going_on(session)


def test_a_topic_that_jumps_is_a_wave_in_its_language(desk: Desk) -> None:
    with desk.database.transaction() as session:
        usually(session, 2)
        opened(session, 20)
    assert (notice(desk), notice(desk)) == (1, 0)
    (wave,) = going_on(desk)
    assert (wave.topic, wave.tongues, wave.came, wave.minutes) == (PAYMENT, ["es"], 20, 10)
    assert wave.usual == 2
    assert NOON - timedelta(minutes=6) < wave.began_at.astimezone(NOON.tzinfo) < NOON


def test_what_is_usual_at_this_hour_of_the_week_is_none(desk: Desk) -> None:
    with desk.database.transaction() as session:
        usually(session, 12)
        opened(session, 14)
    assert notice(desk) == 0


def test_several_languages_at_once_are_one_wave(desk: Desk) -> None:
    with desk.database.transaction() as session:
        known_since(session, 9)
        for language in ("es", "pl", "ja", "de"):
            opened(session, 5, language=language)  # too few for a wave, each for itself
    assert notice(desk) == 1
    (wave,) = going_on(desk)
    assert wave.tongues == ["de", "es", "ja", "pl"]


def test_a_new_desk_needs_more_to_be_sure(desk: Desk) -> None:
    with desk.database.transaction() as session:
        opened(session, BOUNDS.least_cases_new - 1)
    assert notice(desk) == 0
    with desk.database.transaction() as session:
        opened(session, 1)
    assert notice(desk) == 1
    (wave,) = going_on(desk)
    assert wave.usual is None


def test_cases_without_a_topic_and_few_cases_are_no_wave(desk: Desk) -> None:
    with desk.database.transaction() as session:
        known_since(session, 9)
        opened(session, 60, topic=None)
        opened(session, BOUNDS.least_cases - 1)
    assert notice(desk) == 0


def test_a_wave_is_told_once_on_its_newest_case_and_ends(desk: Desk, at_noon: time_machine.Traveller) -> None:
    with desk.database.transaction() as session:
        known_since(session, 9)
        opened(session, 15)
    for minute in range(5):
        at_noon.move_to(NOON + timedelta(minutes=minute))
        notice(desk)
    with desk.database.reading() as session:
        (event,) = session.exec(select(CaseEvent).where(CaseEvent.kind == noticing.FOUND)).all()
        newest = session.exec(select(Case.id).order_by(col(Case.opened_at).desc())).first()
    assert (event.case_id, event.details["topic"], event.details["came"]) == (newest, PAYMENT, 15)
    at_noon.move_to(NOON + timedelta(hours=4))
    notice(desk)
    assert going_on(desk) == []


def test_a_wave_that_a_supervisor_dismissed_is_not_told_again(desk: Desk, cast: Cast) -> None:
    with desk.database.transaction() as session:
        known_since(session, 9)
        opened(session, 15)
    notice(desk)
    (wave,) = going_on(desk)
    with pytest.raises(NotAllowed), desk.database.transaction() as session:
        waves.dismiss(session, wave.id or 0, by=cast.ana)
    with desk.database.transaction() as session:
        waves.dismiss(session, wave.id or 0, by=cast.sofia)
    with pytest.raises(AlreadyDone), desk.database.transaction() as session:
        waves.dismiss(session, wave.id or 0, by=cast.sofia)
    with desk.database.transaction() as session:
        opened(session, 15, minutes_ago=3, language="pl")
    assert notice(desk) == 0
    with desk.database.reading() as session:
        assert waves.untold(session) == []
        told = session.exec(select(AuditEntry).where(AuditEntry.kind == "wave_dismissed")).one()
    assert told.who == "sofia"
    (wave,) = going_on(desk)
    assert (wave.tongues, wave.dismissed_by_id) == (["es", "pl"], cast.sofia.id)


def test_looking_when_nothing_happens_asks_one_short_question(desk: Desk) -> None:
    with desk.database.reading() as session:
        assert watching.look(session, BOUNDS) == []


@given(before=st.integers(0, 400), more=st.integers(0, 200), periods=st.integers(1, 8))
def test_more_cases_are_never_less_surprising(before: int, more: int, periods: int) -> None:
    few, many = Rise(more, before, periods), Rise(more + 1, before, periods)
    assert 0 <= many.chance <= few.chance + 1e-12 <= 1 + 2e-12
    assert many.stands_out(BOUNDS) or not few.stands_out(BOUNDS)


@given(came=st.integers(0, 500), before=st.integers(0, 4_000))
def test_what_is_near_the_usual_never_stands_out(came: int, before: int) -> None:
    rise = Rise(came, before, 8)
    if came < 3 * before / 8 or came < BOUNDS.least_cases:
        assert not rise.stands_out(BOUNDS)


DAYS, STREAMS = 30, (0.5, 3, 12, 40, 120)  # cases an hour, each a steady stream


def test_steady_streams_give_next_to_no_false_alarms() -> None:
    """30 days of five streams from one case in two hours to two in a minute, looked at each minute."""
    dice = random.Random(7)
    alarms = sum(len(alarms_of(dice, hourly, DAYS)) for hourly in STREAMS)
    assert alarms == 0


@pytest.mark.parametrize(("hourly", "within"), [(300, 5), (60, 10), (20, 20), (6, 40)])
def test_five_times_as_many_are_found_within_minutes(hourly: float, within: int) -> None:
    dice = random.Random(11)
    found = [first_alarm(dice, hourly) for _ in range(20)]
    assert sorted(found)[10] <= within


def alarms_of(dice: random.Random, hourly: float, days: int, jump_at: int | None = None) -> list[int]:
    """The minutes in which a look at the stream sees a wave; the eight weeks before are drawn as well."""
    lengths = [BOUNDS.window_minutes // part for part in (6, 3, 1)]
    last: deque[int] = deque([0] * lengths[-1], maxlen=lengths[-1])
    before = [drawn(dice, hourly * 8 * length / 60) for length in lengths]
    alarms = []
    for minute in range(days * 24 * 60):
        pace = hourly * (5 if jump_at is not None and minute >= jump_at else 1)
        last.append(drawn(dice, pace / 60))
        if minute % 60 == 0:  # other hours of the week, which have their own past
            before = [drawn(dice, hourly * 8 * length / 60) for length in lengths]
        if minute < lengths[-1]:
            continue
        came = [sum(list(last)[-length:]) for length in lengths]
        if any(
            now >= BOUNDS.least_cases and Rise(now, then, 8).stands_out(BOUNDS)
            for now, then in zip(came, before, strict=True)
        ):
            alarms.append(minute)
    return alarms


def first_alarm(dice: random.Random, hourly: float) -> int:
    """How many minutes after the jump; as many as there are when it is never seen."""
    found = alarms_of(dice, hourly, 1, jump_at=120)
    return next((minute - 120 for minute in found if minute >= 120), 24 * 60)


def drawn(dice: random.Random, mean: float) -> int:
    """Poisson's: by waiting times where few are expected, as the normal that it is like where many are."""
    if mean > 50:
        return max(0, round(dice.gauss(mean, mean**0.5)))
    number, left = 0, dice.expovariate(1)
    while left < mean:
        number, left = number + 1, left + dice.expovariate(1)
    return number
