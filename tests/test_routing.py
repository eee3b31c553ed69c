"""Who gets which case and why: languages, shifts, limits, turns, and what is told when there is nobody."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import Session, col, select

from socialdesk import cases, clock, counts, customers
from socialdesk.cases import Case, Status
from socialdesk.casework import snoozing
from socialdesk.console import happenings
from socialdesk.customers import Customer, Profile
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.history import CaseEvent
from socialdesk.people import skills
from socialdesk.people.agents import Agent
from socialdesk.routing import relief, running, shifts
from socialdesk.routing.choosing import Because, Choice, Matter, Person, Stalled, Why, choose
from socialdesk.routing.crew import Crew
from socialdesk.routing.shifts import Plan
from socialdesk.settings.promises import CalendarSettings
from socialdesk.settings.sections import Routing
from socialdesk.workers import router
from socialdesk.worklists import presence
from tests.conftest import Cast
from tests.people import hire, place
from tests.stories import KENJI, MARIA, PAVEL, arrive, direct_message, post

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
EVENING = MONDAY + timedelta(hours=10)
TURNS, LOAD = Routing(method="round_robin"), Routing(method="least_loaded")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BY_DAY, BY_NIGHT = "08:00-18:00", "18:00-08:00"


@pytest.fixture(autouse=True)
def monday() -> object:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def works(desk: Desk, agent: Agent, hours: str = BY_DAY, limit: int | None = None, **levels: str) -> None:
    """Every day of the week, in UTC."""
    with desk.database.transaction() as session:
        known = session.get_one(Agent, agent.id)
        shifts.plan(session, known, Plan("UTC", dict.fromkeys(DAYS, (hours,)), (), limit), by=None)
        skills.learn(session, known, levels)


def writes(desk: Desk, author: str, text: str = "¿Dónde está mi paquete? Lo espero desde el lunes.") -> int:
    """The id of the new case."""
    arrive(desk, post(author, text))
    with desk.database.reading() as session:
        return session.exec(select(Case.id).order_by(col(Case.id).desc())).first() or 0


def holders(desk: Desk) -> dict[int, int | None]:
    with desk.database.reading() as session:
        return {case.id or 0: case.assignee_id for case in session.exec(select(Case).order_by(col(Case.id)))}


def told(desk: Desk, case_id: int) -> list[str]:
    """The small print of the case about who has it."""
    with desk.database.reading() as session:
        events = [e for e in cases.events(session, case_id) if e.kind in ("assigned", "not_routed")]
        return [happenings.sentence(each, {}) or "" for each in events]


def route(desk: Desk, routing: Routing = TURNS) -> int:
    given = running.run(desk.database, routing)
    with desk.database.transaction() as session:
        assert counts.rebuild(session)
    return given


def let_go(desk: Desk, case_id: int, by: Agent) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, case_id).assign(None, by=by)


def test_as_it_is_set_at_first_nothing_is_routed(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="writes")
    case_id = writes(desk, MARIA)
    assert not router.route(desk)
    assert holders(desk) == {case_id: None}


def test_a_case_goes_to_whoever_writes_its_language_and_says_so(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="reads")
    works(desk, cast.ben, es="writes")
    case_id = writes(desk, MARIA)
    assert route(desk) == 1
    assert route(desk) == 0
    assert holders(desk) == {case_id: cast.ben.id}
    assert told(desk, case_id) == [
        "Given to Ben Okoro, who writes Spanish and is on shift until 18:00 (UTC)."
    ]


def test_without_a_writer_it_goes_to_a_reader(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="reads")
    works(desk, cast.ben, BY_NIGHT, es="writes")
    case_id = writes(desk, MARIA)
    route(desk)
    assert holders(desk) == {case_id: cast.ana.id}
    assert told(desk, case_id)[0].startswith("Given to Ana Horvat, who reads Spanish")


def test_in_its_turn_everybody_gets_as_many_also_over_a_restart(desk: Desk, cast: Cast) -> None:
    for agent in (cast.ana, cast.ben, cast.sofia):
        works(desk, agent, es="writes")
    for number in range(6):
        writes(desk, f"31{number}")
        again = assemble(desk.settings)
        assert running.run(again.database, TURNS) == 1
        again.database.close()
    found = list(holders(desk).values())
    assert found == [cast.ana.id, cast.ben.id, cast.sofia.id] * 2


def test_by_load_it_goes_to_whoever_has_the_fewest(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="writes")
    first, second = writes(desk, MARIA), writes(desk, KENJI)
    route(desk, LOAD)
    works(desk, cast.ben, es="writes")
    third, fourth, fifth = (writes(desk, f"31{number}") for number in range(3))
    route(desk, LOAD)
    assert holders(desk) == {
        first: cast.ana.id,
        second: cast.ana.id,
        third: cast.ben.id,
        fourth: cast.ben.id,
        fifth: cast.ana.id,
    }


def test_nobody_is_given_more_than_his_limit_and_the_rest_say_why_they_wait(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, limit=2, es="writes")
    ids = [writes(desk, f"31{number}") for number in range(4)]
    assert route(desk) == 2
    assert route(desk) == 0
    assert [holders(desk)[each] for each in ids] == [cast.ana.id, cast.ana.id, None, None]
    assert told(desk, ids[1])[0].endswith("1 case waited there before it.")
    full = "Whoever could take it in Spanish and is on shift has as many cases as they may have: "
    assert told(desk, ids[2]) == told(desk, ids[3]) == [f"{full}Ana Horvat 2 of 2."]


def test_a_reason_names_who_knows_the_language_and_not_who_could_stand_in(desk: Desk, cast: Cast) -> None:
    """Ana writes Spanish and comes in the evening; Ben stands in by day, and has all that he may have."""
    works(desk, cast.ana, BY_NIGHT, es="writes")
    works(desk, cast.ben, limit=1, it="writes")
    stand_in = Routing(method="round_robin", fallback={"es": ("it",)})
    ids = [writes(desk, f"31{number}") for number in range(2)]
    route(desk, stand_in)
    assert holders(desk)[ids[0]] == cast.ben.id
    assert told(desk, ids[1]) == [
        "Nobody who knows Spanish is on shift until 18:00 (UTC), and whoever could stand in has as many cases"
        " as they may have."
    ]
    works(desk, cast.ana, limit=1, es="writes")
    route(desk, stand_in)
    third = writes(desk, "319")
    route(desk, stand_in)
    assert told(desk, third) == [
        "Whoever could take it in Spanish and is on shift has as many cases as they may have:"
        " Ana Horvat 1 of 1."
    ]


def test_only_cases_that_wait_for_somebody_count_towards_his_limit(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, limit=1, es="writes")
    answered, snoozed, third = (writes(desk, f"31{number}") for number in range(3))
    assert route(desk) == 1
    with desk.database.transaction() as session:
        cases.hold(session, answered).resolve(by=cast.ana)
    assert route(desk) == 1
    with desk.database.transaction() as session:
        snoozing.snooze(cases.hold(session, snoozed), clock.now() + timedelta(hours=3), by=cast.ana)
    assert route(desk) == 1
    assert holders(desk)[third] == cast.ana.id


def test_what_is_urgent_is_given_first(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, limit=1, es="writes")
    older, exposed = writes(desk, MARIA), writes(desk, KENJI)
    with desk.database.transaction() as session:
        cases.hold(session, exposed).exposed = True
    route(desk)
    assert holders(desk) == {older: None, exposed: cast.ana.id}


def test_a_case_says_once_why_it_waits_and_goes_when_the_shift_begins(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, BY_NIGHT, es="writes")
    case_id = writes(desk, MARIA)
    for _ in range(3):
        route(desk)
    assert told(desk, case_id) == ["Nobody who could take it in Spanish is on shift until 18:00 (UTC)."]
    with time_machine.travel(EVENING, tick=False):
        assert route(desk) == 1
    assert holders(desk) == {case_id: cast.ana.id}
    assert told(desk, case_id)[1:] == [
        "Given to Ana Horvat, who writes Spanish and is on shift until Tuesday 08:00 (UTC)."
    ]


def test_a_desk_without_anybody_who_reads_it_says_that(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="none", it="writes")
    case_id = writes(desk, MARIA)
    route(desk)
    assert told(desk, case_id) == ["Not given to anybody: nobody who works for this account reads Spanish."]


def test_whoever_is_away_is_given_nothing_until_he_is_back(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="writes")
    case_id = writes(desk, MARIA)
    with desk.database.transaction() as session:
        shifts.leave(session, cast.ana, clock.now() + timedelta(hours=1))
    assert route(desk) == 0
    assert told(desk, case_id) == ["Whoever could take it in Spanish is away until 11:00 (UTC)."]
    with desk.database.transaction() as session:
        shifts.come_back(session, cast.ana)
    assert route(desk) == 1


def test_other_accounts_people_and_those_who_only_read_are_given_nothing(
    desk: Desk, cast: Cast, password_hash: str
) -> None:
    rita = hire(desk.database, "rita", "read_only", password_hash)
    for agent in (cast.ana, cast.ben, rita):
        works(desk, agent, es="writes")
    case_id = writes(desk, MARIA)
    place(desk.database, cast.ana, "agent", {1: "read_only"})
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ben.id).disabled_at = clock.now()
    assert route(desk) == 0
    assert holders(desk) == {case_id: None}


def test_who_handed_it_back_is_not_given_it_again_at_once(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="writes")
    case_id = writes(desk, MARIA)
    route(desk)
    let_go(desk, case_id, cast.ana)
    for _ in range(2):
        assert route(desk) == 0
    assert told(desk, case_id)[-1] == "Whoever could take it in Spanish has handed it back just now."
    assert len(told(desk, case_id)) == 3
    with time_machine.travel(MONDAY + timedelta(minutes=61), tick=False):
        assert route(desk) == 1
    works(desk, cast.ben, es="reads")
    let_go(desk, case_id, cast.ana)
    route(desk)
    assert holders(desk) == {case_id: cast.ben.id}


def test_who_had_the_customer_before_is_preferred_while_on_shift(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="writes")
    first = writes(desk, MARIA)
    route(desk)
    with desk.database.transaction() as session:
        cases.hold(session, first).resolve(by=cast.ana)
    works(desk, cast.ben, es="writes")
    other = writes(desk, KENJI)
    second = writes(desk, MARIA)
    route(desk)
    assert (holders(desk)[other], holders(desk)[second]) == (cast.ben.id, cast.ana.id)
    assert told(desk, second)[0].startswith("Given to Ana Horvat, who had this customer before")


def test_a_language_that_stands_in_comes_before_anybody(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, pl="none", it="writes")
    works(desk, cast.ben, cs="reads")
    case_id = writes(desk, PAVEL, "Gdzie jest moja paczka? Zamówiłem ją tydzień temu i nadal nie przyszła.")
    routing = Routing(method="round_robin", fallback={"pl": ("cs",)}, otherwise="anyone")
    route(desk, routing)
    assert holders(desk) == {case_id: cast.ben.id}
    assert told(desk, case_id)[0].startswith("Given to Ben Okoro, who reads Czech")


@pytest.mark.parametrize(
    ("otherwise", "expected"), [("nobody", None), ("supervisor", "sofia"), ("anyone", "ana")]
)
def test_when_nobody_reads_it_the_settings_say_who(
    desk: Desk, cast: Cast, otherwise: str, expected: str | None
) -> None:
    works(desk, cast.ana, es="none")
    works(desk, cast.sofia, es="none")
    case_id = writes(desk, MARIA)
    route(desk, Routing.model_validate({"method": "round_robin", "otherwise": otherwise}))
    named = {cast.ana.id: "ana", cast.sofia.id: "sofia", None: None}
    assert named[holders(desk)[case_id]] == expected


def test_where_nothing_is_known_of_a_language_everybody_counts_as_reading_it(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, it="writes")
    case_id = writes(desk, MARIA)
    route(desk)
    assert holders(desk) == {case_id: cast.ana.id}
    assert "it is not known who reads" in told(desk, case_id)[0]


def test_what_somebody_has_taken_or_is_writing_in_is_left_alone(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="writes")
    taken, written = writes(desk, MARIA), writes(desk, KENJI)
    with desk.database.transaction() as session:
        cases.hold(session, taken).assign(cast.ben, by=cast.ben)
        presence.note(session, written, cast.ben, writing=True)
    assert route(desk) == 0
    assert running.give(desk.database, taken, Crew(TURNS)) is False
    assert holders(desk) == {taken: cast.ben.id, written: None}


def test_two_routers_at_once_give_each_case_once_and_keep_the_limits(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, limit=4, es="writes")
    works(desk, cast.ben, limit=3, es="writes")
    for number in range(10):
        writes(desk, f"31{number}")
    both = Barrier(2)

    def run(_: int) -> int:
        both.wait()
        return running.run(desk.database, TURNS)

    with ThreadPoolExecutor(2) as threads:
        given_by_each = list(threads.map(run, range(2)))
    assert sum(given_by_each) == 7
    found = list(holders(desk).values())
    assert [found.count(cast.ana.id), found.count(cast.ben.id), found.count(None)] == [4, 3, 3]
    with desk.database.transaction() as session:
        assert len(session.exec(select(CaseEvent).where(CaseEvent.kind == "assigned")).all()) == 7
        assert counts.rebuild(session)


def test_after_the_shift_what_waits_goes_back_and_comes_again_to_the_same_person(
    desk: Desk, cast: Cast
) -> None:
    works(desk, cast.ana, es="writes")
    waiting, answered = writes(desk, MARIA), writes(desk, KENJI)
    route(desk)
    with desk.database.transaction() as session:
        cases.hold(session, answered).status = Status.ANSWERED
    routing = Routing(method="round_robin", off_shift_minutes=30)
    with time_machine.travel(MONDAY.replace(hour=18, minute=15), tick=False):
        assert relief.give_back(desk.database, routing) == 0
    with time_machine.travel(MONDAY.replace(hour=18, minute=40), tick=False):
        assert relief.give_back(desk.database, TURNS) == 0
        assert relief.give_back(desk.database, routing) == 1
        assert relief.give_back(desk.database, routing) == 0
        route(desk)
    assert holders(desk) == {waiting: None, answered: cast.ana.id}
    assert told(desk, waiting)[1] == "Taken back from Ana Horvat, whose shift is over"
    works(desk, cast.ben, es="writes")
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        route(desk)
    assert holders(desk)[waiting] == cast.ana.id


def test_a_snoozed_or_private_case_is_routed_when_it_waits(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, ja="writes")
    arrive(desk, direct_message(KENJI))
    with desk.database.transaction() as session:
        cases.hold(session, 1).snoozed_until = clock.now() + timedelta(hours=1)
    assert route(desk) == 0
    with desk.database.transaction() as session:
        cases.hold(session, 1).snoozed_until = None
    assert route(desk) == 1


def test_more_than_one_tick_gives_are_given_by_the_next(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, limit=1000, es="writes")
    with desk.database.transaction() as session:
        _crowd(session, running.MOST_AT_A_TIME + 5)
    assert [route(desk), route(desk), route(desk)] == [running.MOST_AT_A_TIME, 5, 0]


def test_everybody_is_read_once_for_all_cases_of_a_pass(desk: Desk, cast: Cast) -> None:
    """Ana has room for one case of two, and Ben takes the other."""
    works(desk, cast.ana, limit=1, es="writes")
    works(desk, cast.ben, es="reads")
    ids = [writes(desk, f"31{number}") for number in range(2)]
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert running.run(desk.database, TURNS) == 2
    assert [holders(desk)[each] for each in ids] == [cast.ana.id, cast.ben.id]
    assert told(desk, ids[1])[0].startswith("Given to Ben Okoro, who reads Spanish")
    read = [each for each in asked if "FROM agent_languages" in each]
    assert len(read) == 2, "for the look at the desk, and for the first case"


def test_a_further_case_of_a_pass_takes_twelve_statements(desk: Desk, cast: Cast) -> None:
    for agent in (cast.ana, cast.ben, cast.sofia):
        works(desk, agent, es="writes")
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    taken = []
    for number in (4, 14):
        with desk.database.transaction() as session:
            _crowd(session, number)
        asked.clear()
        assert running.run(desk.database, TURNS) == number
        taken.append(len(asked))
    assert (taken[1] - taken[0]) / 10 <= 12


def test_what_another_has_given_or_planned_meanwhile_is_known_at_the_next_case(
    desk: Desk, cast: Cast
) -> None:
    works(desk, cast.ana, limit=2, es="writes")
    works(desk, cast.ben, limit=2, es="writes")
    ids = [writes(desk, f"31{number}") for number in range(5)]
    crew = Crew(TURNS)
    assert running.give(desk.database, ids[0], crew)
    assert running.give(desk.database, ids[1], Crew(TURNS))
    assert running.give(desk.database, ids[2], Crew(TURNS))
    assert running.give(desk.database, ids[3], crew)
    assert not running.give(desk.database, ids[4], crew)
    works(desk, cast.ben, limit=3, es="writes")
    assert running.give(desk.database, ids[4], crew)
    ana, ben = cast.ana.id, cast.ben.id
    assert [holders(desk)[each] for each in ids] == [ana, ben, ana, ben, ben]


def test_who_is_disabled_meanwhile_is_given_nothing_more(desk: Desk, cast: Cast) -> None:
    works(desk, cast.ana, es="writes")
    ids = [writes(desk, f"31{number}") for number in range(2)]
    crew = Crew(TURNS)
    assert running.give(desk.database, ids[0], crew)
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ana.id).disabled_at = clock.now()
    assert not running.give(desk.database, ids[1], crew)


def _crowd(session: Session, number: int) -> None:
    customers.learn(session, [Profile("77", "crowd", "Crowd")])
    session.flush()
    customer = session.exec(select(Customer)).one()
    for minutes in range(number):
        case = cases.open_new(
            session,
            account_id=1,
            customer_id=customer.id or 0,
            conversation_id=f"c{minutes}",
            visibility="public",
            at=MONDAY - timedelta(minutes=minutes + 1),
        )
        case.language, case.waiting_since = "es", case.opened_at


# Nights in which the clocks of these zones change, and days without anything special.
MOMENTS = st.builds(
    lambda night, minutes: night + timedelta(minutes=minutes),
    st.sampled_from((datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC))),
    st.integers(0, 3 * 24 * 60),
)
ZONES = st.sampled_from(("UTC", "Europe/Rome", "Europe/Warsaw", "America/Sao_Paulo", "Asia/Tokyo"))
HOURS = st.tuples(st.integers(0, 23), st.integers(0, 23)).map(lambda each: f"{each[0]:02}:00-{each[1]:02}:00")
LEVELS = st.dictionaries(st.sampled_from(("es", "pl", "cs")), st.sampled_from(("none", "reads", "writes")))


@st.composite
def persons(draw: st.DrawFn) -> list[Person]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        zone, hours = draw(ZONES), draw(HOURS)
        week = dict.fromkeys(draw(st.sets(st.sampled_from(DAYS), min_size=1)), (hours,))
        calendar = CalendarSettings.model_validate({"zone": zone, "hours": week}).calendar()
        found.append(
            Person(
                agent_id=number + 1,
                name=f"Person {number + 1}",
                calendar=draw(st.sampled_from((calendar, calendar, None))),
                levels=draw(LEVELS),
                answers_at=draw(st.sampled_from((None, frozenset({1}), frozenset({2})))),
                leads_at=draw(st.sampled_from((None, frozenset[int]()))),
                most_waiting=draw(st.integers(1, 3)),
                waiting=draw(st.integers(0, 3)),
                turn=draw(st.integers(0, 9)),
                away=draw(st.booleans()),
            )
        )
    return found


def free(person: Person, at: datetime) -> bool:
    """Told by the rule's own words, and the shift by the clock on the wall."""
    if person.away or person.waiting >= person.most_waiting or person.calendar is None:
        return False
    wall = at.astimezone(person.calendar.zone)
    minute = wall.hour * 60 + wall.minute
    today = person.calendar.week[wall.weekday()]
    yesterday = person.calendar.week[(wall.weekday() - 1) % 7]
    return any(a <= minute < b for a, b in today) or any(minute < b - 24 * 60 for _, b in yesterday)


@given(
    people=persons(),
    at=MOMENTS,
    language=st.sampled_from(("es", "pl", "cs", "und")),
    before=st.none() | st.integers(1, 6),
    handed_back=st.frozensets(st.integers(1, 6), max_size=3),
    method=st.sampled_from(("round_robin", "least_loaded")),
    fallback=st.sampled_from(({}, {"pl": ("cs",)}, {"es": ("pl", "cs")})),
    otherwise=st.sampled_from(("nobody", "supervisor", "anyone")),
)
def test_whoever_is_chosen_is_there_and_free_and_nobody_who_fits_better_was(
    people: list[Person],
    at: datetime,
    language: str,
    before: int | None,
    handed_back: frozenset[int],
    method: str,
    fallback: Mapping[str, tuple[str, ...]],
    otherwise: str,
) -> None:
    routing = Routing.model_validate({"method": method, "fallback": fallback, "otherwise": otherwise})
    found = choose(people, Matter(1, language, before, handed_back), routing, at)
    takers = [
        each
        for each in people
        if free(each, at) and each.answers_at != frozenset({2}) and each.agent_id not in handed_back
    ]
    readers = [each for each in takers if each.levels.get(language) in ("reads", "writes")]
    writers = [each for each in readers if each.levels[language] == "writes"]
    if isinstance(found, Stalled):
        assert readers == []
        assert found.until is None or found.until > at
        assert otherwise != "anyone" or takers == []
        return
    assert found.person in takers
    if readers:
        assert found.person in readers
    if writers and found.person.agent_id != before:
        assert found.person in writers
    known_reader_before = next((each for each in readers if each.agent_id == before), None)
    if known_reader_before:
        assert found == Choice(known_reader_before, Because.BEFORE, language)
    elif writers and method == "least_loaded":
        assert found.person.waiting == min(each.waiting for each in writers)
    elif writers:
        assert found.person.turn == min(each.turn for each in writers)


def test_nobody_at_all_is_a_reason_too() -> None:
    assert choose([], Matter(1, "es"), TURNS, MONDAY) == Stalled(Why.NOBODY, "es", anybody=True)


def test_the_database_is_left_alone_while_nothing_waits(desk: Desk, database: Database, cast: Cast) -> None:
    works(desk, cast.ana, es="writes")
    assert route(desk) == 0
