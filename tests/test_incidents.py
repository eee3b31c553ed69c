"""Incidents: which cases belong to one, its holding reply, and how they are let go again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from socialdesk import cases, clock
from socialdesk.audit import AuditEntry
from socialdesk.automation import trying
from socialdesk.cases import Case, Status
from socialdesk.casework import optouts
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, NotAllowed
from socialdesk.history import CaseEvent
from socialdesk.incidents import holding, incidents, joining, releasing, spacing, standing, variants
from socialdesk.incidents.incidents import Became, Ending, HoldingReply, Incident, IncidentCase
from socialdesk.languages import LANGUAGES
from socialdesk.messages import Direction, Message
from socialdesk.polling.cursors import Channel
from socialdesk.replies import State
from socialdesk.sandbox import World
from socialdesk.templating.catalog import Key
from socialdesk.workers.incident_watcher import tend
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.sender import send_next
from tests.automated import ACKNOWLEDGE, replies_of, run, switch_on, understood
from tests.conftest import HANDLE, Cast
from tests.outgoing import approve, our_posts, send_all

PARCEL = "¿Dónde está mi paquete? Lo espero desde el lunes y nadie me contesta."
PACZKA = "Gdzie jest moja paczka? Czekam od poniedziałku i nikt mi nie odpowiada."
DELIVERY = "orders_and_delivery"
HOLDING = variants.HOLDING


def ask(world: World, line: Line, handle: str, text: str = PARCEL) -> str:
    world.add_user(handle, handle)
    said = world.post(handle, f"@{HANDLE} {text}")
    poll(line, Channel.MENTIONS)
    return said.id


def whisper(world: World, line: Line, handle: str, text: str = PARCEL) -> None:
    world.add_user(handle, handle)
    world.direct_message(handle, HANDLE, text)
    poll(line, Channel.DIRECT_MESSAGES)


def case_of(desk: Desk, handle: str) -> Case:
    with desk.database.reading() as session:
        query = select(Case).join(Customer, col(Customer.id) == Case.customer_id)
        return session.exec(query.where(Customer.handle == handle)).one()


def opened(desk: Desk, cast: Cast, *, words: str = "", languages: Sequence[str] = ()) -> int:
    with desk.database.transaction() as session:
        incident = incidents.open_new(
            session,
            by=cast.sofia,
            account_id=1,
            name="Parcels in the south",
            begins_at=clock.now() - timedelta(hours=2),
            topic=DELIVERY,
            languages=languages,
            words=words,
        )
        return incident.id or 0


def approved(desk: Desk, cast: Cast, incident_id: int, template: str = HOLDING) -> None:
    """Sofia has read the drawn texts."""
    with desk.database.transaction() as session:
        library = desk.library_now(session)
        found = variants.of_incident(
            session, incidents.find(session, incident_id), template, library, desk.settings.incidents.sample
        )
        read = [each.stamp for each in found if each.drawn]
        variants.approve(session, incident_id, template, by=cast.sofia, read=read, library=library, sample=3)


def tend_on(desk: Desk, passes: int = 6) -> None:
    """As the worker does, with the time between."""
    for number in range(passes):
        with time_machine.travel(clock.now() + number * spacing.EVERY):
            tend(desk)


def decided(desk: Desk) -> list[tuple[str, str | None]]:
    with desk.database.reading() as session:
        rows = session.exec(select(HoldingReply).order_by(col(HoldingReply.case_id))).all()
        return [(row.did, row.why) for row in rows]


def told_in(desk: Desk, handle: str, kind: str) -> list[str | None]:
    """The reasons that the case's history gives."""
    with desk.database.reading() as session:
        query = select(CaseEvent).where(CaseEvent.kind == kind, CaseEvent.case_id == case_of(desk, handle).id)
        return [each.details["because"] for each in session.exec(query)]


def members(desk: Desk, incident_id: int) -> set[int]:
    with desk.database.reading() as session:
        query = select(IncidentCase.case_id).where(joining.linked(incident_id))
        return set(session.exec(query))


def take_words_from(desk: Desk, handle: str, *, to: str) -> None:
    """As if somebody had split the case meanwhile: there is nothing of the customer's left in it."""
    case, other = case_of(desk, handle), case_of(desk, to)
    with desk.database.transaction() as session:
        words = select(Message).where(Message.case_id == case.id, Message.direction == Direction.INBOUND)
        for message in session.exec(words):
            message.case_id = other.id or 0


def held(x_desk: Desk, line: Line, world: World, cast: Cast) -> int:
    """An incident with @maria's case, whose holding reply is on X."""
    ask(world, line, "maria")
    incident = opened(x_desk, cast)
    approved(x_desk, cast, incident)
    tend_on(x_desk)
    send_all(line)
    tend(x_desk)
    return incident


def test_cases_about_the_same_join_by_themselves_and_others_do_not(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    ask(world, line, "maria")
    ask(world, line, "pavel", "Mi tarjeta fue rechazada, no puedo pagar el pedido con mi tarjeta.")
    incident = opened(x_desk, cast, languages=["es"])
    tend(x_desk)
    ask(world, line, "late_one")
    ask(world, line, "polish", PACZKA)
    tend(x_desk)
    expected = {case_of(x_desk, handle).id for handle in ("maria", "late_one")}
    assert members(x_desk, incident) == expected
    with x_desk.database.reading() as session:
        events = session.exec(select(CaseEvent).where(CaseEvent.kind == incidents.JOINED)).all()
        assert {each.case_id for each in events} == expected
        assert {each.details["name"] for each in events} == {"Parcels in the south"}
        found = incidents.of_cases(session, [each or 0 for each in expected])
    assert {each.id for each in found.values()} == {incident}


def test_words_narrow_what_joins(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    ask(world, line, "maria", PARCEL + " Correos de Sevilla")
    ask(world, line, "pablo")
    incident = opened(x_desk, cast, words="SEVILLA\ncádiz")
    tend(x_desk)
    assert members(x_desk, incident) == {case_of(x_desk, "maria").id}


def test_what_was_taken_out_stays_out_until_a_supervisor_puts_it_in(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    ask(world, line, "maria")
    incident, case_id = opened(x_desk, cast), case_of(x_desk, "maria").id or 0
    tend(x_desk)
    with x_desk.database.transaction() as session:
        joining.take_out(session, incident, case_id, by=cast.ana)
    tend(x_desk)
    assert members(x_desk, incident) == set()
    with pytest.raises(NotAllowed), x_desk.database.transaction() as session:
        joining.add(session, incident, case_id, by=cast.ana)
    with x_desk.database.transaction() as session:
        joining.add(session, incident, case_id, by=cast.sofia)
    with pytest.raises(AlreadyDone), x_desk.database.transaction() as session:
        joining.add(session, incident, case_id, by=cast.sofia)
    assert members(x_desk, incident) == {case_id}


def test_each_customer_is_held_once_where_and_in_the_language_he_wrote(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    ask(world, line, "maria")
    ask(world, line, "polish", PACZKA)
    whisper(world, line, "quiet")
    incident = opened(x_desk, cast)
    tend(x_desk)
    assert replies_of(x_desk) == []  # nothing goes out before it is approved
    approved(x_desk, cast, incident)
    tend_on(x_desk)
    tend_on(x_desk)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert send_all(line) == 3
    written = {each.case_id: each for each in replies_of(x_desk)}
    assert len(written) == 3
    for handle, language, visibility in (("maria", "es", "public"), ("polish", "pl", "public")):
        reply = written[case_of(x_desk, handle).id or 0]
        assert reply.text == x_desk.library.sources[Key(HOLDING, language, visibility)].strip()
        assert (reply.state, reply.automated, reply.approved_by_id) == (State.SENT, True, None)
    assert written[case_of(x_desk, "quiet").id or 0].visibility == "private"
    assert len(our_posts(world)) == 2
    assert [did for did, _ in decided(x_desk)] == [Became.SENT] * 3
    assert case_of(x_desk, "maria").first_response_at is None


def test_a_case_in_which_something_is_wrong_keeps_no_other_from_its_holding_reply(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    for handle in ("maria", "pavel", "kenji"):
        ask(world, line, handle)
    incident = opened(x_desk, cast)
    tend(x_desk)
    take_words_from(x_desk, "maria", to="kenji")
    approved(x_desk, cast, incident)
    tend_on(x_desk, 10)
    nothing = "There is nothing of the customer's in this case to answer."
    assert decided(x_desk) == [(Became.LEFT, nothing), (Became.SENT, None), (Became.SENT, None)]
    assert told_in(x_desk, "maria", holding.HELD) == [nothing]


def test_a_held_case_is_put_aside_and_comes_back_when_the_customer_writes(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    asked = ask(world, line, "maria")
    approved(x_desk, cast, opened(x_desk, cast))
    tend_on(x_desk)
    send_all(line)
    tend(x_desk)
    held = case_of(x_desk, "maria")
    assert (held.status, held.snoozed_until is not None) == (Status.WAITING, True)
    world.post("maria", f"@{HANDLE} ¿Y cuándo llega?", in_reply_to=asked)
    poll(line, Channel.MENTIONS)
    tend_on(x_desk)
    assert case_of(x_desk, "maria").snoozed_until is None
    assert len(replies_of(x_desk)) == 1


def test_what_stands_against_a_rule_stands_against_an_incident(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line, "answered")
    run(x_desk, rules)
    send_all(line)
    for handle in ("left", "blocked", "robot"):
        ask(world, line, handle)
    with x_desk.database.transaction() as session:
        people = {each.handle: each for each in session.exec(select(Customer))}
        optouts.opt_out(session, people["left"])
        people["blocked"].blocked_at = clock.now()
        people["robot"].business = True
    incident = opened(x_desk, cast)
    approved(x_desk, cast, incident)
    tend_on(x_desk)
    assert [did for did, _ in decided(x_desk)] == [Became.LEFT] * 4
    with x_desk.database.reading() as session:
        found = standing.of(session, incidents.find(session, incident))
        told = session.exec(select(CaseEvent).where(CaseEvent.kind == holding.HELD)).all()
    assert sorted(why for why, _ in found.reasons) == [
        "One automated reply has been sent in this interaction already.",
        "The customer has asked to hear nothing more from us.",
        "The customer is blocked, or the conversation is muted.",
        "X says that this account is a brand's.",
    ]
    assert len(told) == 4


def test_a_rule_says_nothing_more_to_who_was_held(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line, "maria")
    approved(x_desk, cast, opened(x_desk, cast))
    tend_on(x_desk)
    run(x_desk, rules)
    assert [each.template_id for each in replies_of(x_desk)] == [HOLDING]


def test_a_rule_may_be_for_cases_that_join_an_incident(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, URGENT)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line, "maria")
    assert run(x_desk, rules) == 0
    opened_with_all(x_desk, cast)
    assert (run(x_desk, rules), run(x_desk, rules)) == (1, 0)
    assert case_of(x_desk, "maria").priority == "urgent"
    with x_desk.database.reading() as session:
        trial = trying.attempt(session, rules.rules[0], days=1, settings=x_desk.settings)
    assert [each.case_id for each in trial.meant] == [case_of(x_desk, "maria").id]


URGENT = """
[[rules]]
id = "hit"
title = "Cases of an incident are urgent"
when = "incident"
do = "priority"
priority = "urgent"
"""


def test_two_workers_at_once_hold_each_customer_once(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    for number in range(6):
        ask(world, line, f"someone_{number}")
    approved(x_desk, cast, opened(x_desk, cast))
    together = Barrier(2)

    def work() -> None:
        together.wait()
        tend_on(x_desk, 12)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work) for _ in range(2)]:
            done.result()
    assert len(replies_of(x_desk)) == 6
    assert len({each.case_id for each in replies_of(x_desk)}) == 6


def test_the_schema_lets_no_customer_have_two_holding_replies(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    for handle in ("maria", "pablo"):
        ask(world, line, handle)
    incident, person = opened(x_desk, cast), case_of(x_desk, "maria").customer_id
    with pytest.raises(IntegrityError), x_desk.database.transaction() as session:
        for case_id in (1, 2):
            row: dict[str, Any] = {
                "incident_id": incident,
                "case_id": case_id,
                "customer_id": person,
                "at": clock.now(),
            }
            session.add(HoldingReply(did=Became.SENT, **row))
            session.flush()


def test_holding_replies_leave_spaced_out(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    for number in range(5):
        ask(world, line, f"someone_{number}")
    approved(x_desk, cast, opened(x_desk, cast))
    with time_machine.travel(clock.now(), tick=False):
        tend(x_desk)
    assert len(replies_of(x_desk)) <= 2  # those of the next seconds
    tend_on(x_desk, 8)
    due = sorted(each.due_at for each in replies_of(x_desk) if each.due_at)
    gaps = [later - earlier for earlier, later in pairwise(due)]
    assert len(due) == 5
    assert min(gaps) >= x_desk.settings.incidents.apart - timedelta(milliseconds=500)


def test_stopping_takes_back_what_has_not_left_and_another_approval_goes_on(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    ask(world, line, "maria")
    incident = opened(x_desk, cast)
    approved(x_desk, cast, incident)
    tend_on(x_desk)
    with pytest.raises(NotAllowed), x_desk.database.transaction() as session:
        holding.stop(session, incident, by=cast.ana)
    with x_desk.database.transaction() as session:
        assert holding.stop(session, incident, by=cast.sofia) == 1
    tend_on(x_desk)
    assert send_all(line) == 0
    assert decided(x_desk) == [(Became.TAKEN_BACK, None)]
    approved(x_desk, cast, incident)
    tend_on(x_desk)
    assert send_all(line) == 1
    kinds = ("incident_opened", "incident_approved", "incident_stopped")
    with x_desk.database.reading() as session:
        told = session.exec(select(AuditEntry.kind).where(col(AuditEntry.kind).in_(kinds))).all()
    assert sorted(told) == sorted([*kinds, "incident_approved"])


def test_nothing_is_approved_before_the_drawn_texts_are_read(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    ask(world, line, "maria")
    incident = opened(x_desk, cast)
    with x_desk.database.transaction() as session:
        library = x_desk.library_now(session)
        found = variants.of_incident(session, incidents.find(session, incident), HOLDING, library, 3)
        assert {each.language for each in found} == set(LANGUAGES)
        assert all(each.fits for each in found)
        drawn = [each for each in found if each.drawn]
        assert len(drawn) == 3
        for read in ([], [each.stamp for each in drawn[1:]], ["es.000000000000"]):
            with pytest.raises(BadInput):
                variants.approve(
                    session, incident, HOLDING, by=cast.sofia, read=read, library=library, sample=3
                )
        with pytest.raises(NotAllowed):
            variants.approve(session, incident, HOLDING, by=cast.ana, read=[], library=library, sample=3)


def test_a_text_with_a_gap_that_only_an_agent_can_fill_is_not_approved(x_desk: Desk, cast: Cast) -> None:
    with pytest.raises(BadInput, match="answer by"):
        approved(x_desk, cast, opened(x_desk, cast), template="apology_and_follow_up")


def test_words_edited_after_the_approval_go_to_nobody(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    ask(world, line, "maria")
    incident = opened(x_desk, cast)
    approved(x_desk, cast, incident)
    with x_desk.database.transaction() as session:
        held = incidents.hold(session, incident)
        held.versions = (held.versions or "").replace(
            x_desk.library.version(Key(HOLDING, "es", "public")), "another"
        )
    tend_on(x_desk)
    assert [did for did, _ in decided(x_desk)] == [Became.PROPOSED]
    assert [each.state for each in replies_of(x_desk)] == [State.DRAFT]


def test_closing_brings_put_aside_cases_back_to_the_queue(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = held(x_desk, line, world, cast)
    assert case_of(x_desk, "maria").snoozed_until
    with x_desk.database.transaction() as session:
        releasing.close(session, incident, ending=Ending.QUEUE, by=cast.sofia)
    tend(x_desk)
    back = case_of(x_desk, "maria")
    assert (back.status, back.snoozed_until) == (Status.WAITING, None)
    assert [each.state for each in replies_of(x_desk)] == [State.SENT]


def test_a_case_that_somebody_answers_is_owed_nothing(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    ask(world, line, "maria")
    incident = opened(x_desk, cast)
    tend(x_desk)
    with x_desk.database.transaction() as session:
        cases.hold(session, case_of(x_desk, "maria").id or 0).resolve(by=cast.ana)
    approved(x_desk, cast, incident)
    tend_on(x_desk)
    assert decided(x_desk) == []


def test_only_supervisors_open_incidents(x_desk: Desk, cast: Cast) -> None:
    about: dict[str, Any] = {"account_id": 1, "name": "Parcels", "begins_at": clock.now()}
    with x_desk.database.transaction() as session:
        with pytest.raises(NotAllowed):
            incidents.open_new(session, by=cast.ana, **about)
        for wrong in ({"name": " "}, {"topic": "weather"}, {"languages": ["xx"]}):
            with pytest.raises(BadInput):
                incidents.open_new(session, by=cast.sofia, **about | wrong)
        assert of_all(session) == []


def of_all(session: Session) -> list[Incident]:
    return list(session.exec(select(Incident)))


def test_what_people_wrote_leaves_before_holding_replies(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    for handle in ("maria", "pablo"):
        ask(world, line, handle)
    incident = opened_with_all(x_desk, cast)
    with x_desk.database.transaction() as session:
        joining.take_out(session, incident, case_of(x_desk, "pablo").id or 0, by=cast.ana)
    approved(x_desk, cast, incident)
    tend_on(x_desk)
    answer = approve(x_desk, "pablo", cast.ana)
    assert send_next(line)
    states = {each.id: each.state for each in replies_of(x_desk)}
    assert states.pop(answer) == State.SENT
    assert list(states.values()) == [State.APPROVED]


def opened_with_all(desk: Desk, cast: Cast) -> int:
    incident = opened(desk, cast)
    tend(desk)
    return incident
