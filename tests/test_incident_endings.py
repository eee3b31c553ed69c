"""The end of an incident: who was held hears that it is over, once, and the cases are let go."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from sqlmodel import col, select

from socialdesk import clock
from socialdesk.audit import AuditEntry
from socialdesk.cases import Status
from socialdesk.casework import optouts
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, NotAllowed
from socialdesk.incidents import finals, incidents, releasing, standing, variants
from socialdesk.incidents.incidents import ClosingReply, Ending
from socialdesk.incidents.variants import Reading
from socialdesk.polling.cursors import Channel
from socialdesk.replies import Reply, State
from socialdesk.sandbox import World
from socialdesk.templating.catalog import Key
from socialdesk.workers.incident_watcher import tend
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from tests.automated import replies_of
from tests.conftest import HANDLE, Cast
from tests.outgoing import approve, our_posts, send_all
from tests.test_incidents import (
    PACZKA,
    PARCEL,
    approved,
    ask,
    case_of,
    held,
    members,
    opened,
    take_words_from,
    tend_on,
    told_in,
    whisper,
)


def close(
    desk: Desk, cast: Cast, incident: int, ending: Ending = Ending.RESOLVE, *, tells: bool = True
) -> None:
    """Sofia has read the drawn texts of the closing reply."""
    with desk.database.transaction() as session:
        library, sample = desk.library_now(session), desk.settings.incidents.sample
        shown = variants.of_incident(
            session, incidents.find(session, incident), variants.OVER, library, sample
        )
        reading = Reading(variants.OVER, [each.stamp for each in shown if each.drawn], library, sample)
        releasing.close(session, incident, ending=ending, final=reading if tells else None, by=cast.sofia)


def closing_replies(desk: Desk) -> list[Reply]:
    return [each for each in replies_of(desk) if each.template_id == variants.OVER]


def told(desk: Desk) -> list[tuple[str, str | None]]:
    with desk.database.reading() as session:
        rows = session.exec(select(ClosingReply).order_by(col(ClosingReply.case_id))).all()
        return [(row.did, row.why) for row in rows]


def several_held(desk: Desk, line: Line, world: World, cast: Cast) -> int:
    """@maria and @pavel in public, @kenji by direct message; all of them have the holding reply."""
    ask(world, line, "maria")
    ask(world, line, "pavel", PACZKA)
    whisper(world, line, "kenji")
    incident = opened(desk, cast)
    tend(desk)
    approved(desk, cast, incident)
    tend_on(desk, 10)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        send_all(line)
        tend(desk)
    return incident


def test_who_was_held_is_told_once_by_a_person_and_then_his_case_is_let_go(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = held(x_desk, line, world, cast)
    ask(world, line, "late_one")
    with time_machine.travel(clock.now() + timedelta(seconds=30)):
        tend(x_desk)
    with x_desk.database.reading() as session:
        found = releasing.foresee(session, incidents.find(session, incident))
        assert (found.to_resolve, found.to_stay, found.to_tell) == (1, 1, 1)
    close(x_desk, cast, incident)
    tend_on(x_desk, 2)
    (reply,) = closing_replies(x_desk)
    assert (reply.state, reply.automated, reply.approved_by_id) == (State.APPROVED, False, cast.sofia.id)
    assert case_of(x_desk, "maria").status == Status.WAITING
    assert case_of(x_desk, "late_one").status == Status.WAITING
    assert send_all(line) == 1
    tend_on(x_desk, 2)
    assert case_of(x_desk, "maria").status == Status.RESOLVED
    assert case_of(x_desk, "late_one").status == Status.WAITING
    assert told(x_desk) == [("sent", None)]
    assert len(our_posts(world)) == 2
    ask(world, line, "too_late")
    tend_on(x_desk, 2)
    assert case_of(x_desk, "too_late").id not in members(x_desk, incident)
    with pytest.raises(AlreadyDone):
        close(x_desk, cast, incident, tells=False)


def test_an_incident_can_be_closed_without_a_word(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    incident = held(x_desk, line, world, cast)
    close(x_desk, cast, incident, tells=False)
    tend_on(x_desk, 2)
    assert case_of(x_desk, "maria").status == Status.RESOLVED
    assert closing_replies(x_desk) == []


def test_each_is_told_in_his_language_where_he_wrote_and_spaced_out(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = several_held(x_desk, line, world, cast)
    close(x_desk, cast, incident)
    tend_on(x_desk, 10)
    found = closing_replies(x_desk)
    assert sorted(each.visibility for each in found) == ["private", "public", "public"]
    assert len({each.text for each in found}) == 3
    dues = sorted(each.due_at for each in found if each.due_at)
    apart = x_desk.settings.incidents.apart
    assert all(later - earlier >= apart - timedelta(milliseconds=1) for earlier, later in pairwise(dues))


def test_who_has_opted_out_written_or_been_answered_since_is_left_out_with_the_reason(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = several_held(x_desk, line, world, cast)
    with x_desk.database.transaction() as session:
        kenji = session.exec(select(Customer).where(Customer.handle == "kenji")).one()
        optouts.opt_out(session, kenji, by=cast.ana)
    later = clock.now() + timedelta(minutes=5)
    with time_machine.travel(later):
        asked = next(each.id for each in world.posts() if PARCEL in each.text)
        world.post("maria", f"@{HANDLE} ¿Y cuándo llega?", in_reply_to=asked)
        poll(line, Channel.MENTIONS)
        approve(x_desk, "pavel", cast.ana)
        send_all(line)
        close(x_desk, cast, incident)
        tend_on(x_desk, 4)
        send_all(line)
        tend(x_desk)
    assert closing_replies(x_desk) == []
    assert dict.fromkeys(did for did, _ in told(x_desk)) == {"left": None}
    whys = {why for _, why in told(x_desk)}
    assert whys == {
        "The customer has written since the holding reply.",
        "The case has been answered otherwise meanwhile.",
        "The customer has asked to hear nothing more from us.",
    }
    with x_desk.database.reading() as session:
        stands, reasons = standing.finals(session, incidents.find(session, incident))
    assert (stands["left"], stands["waiting"]) == (3, 0)
    assert {why for why, _ in reasons} == whys
    assert case_of(x_desk, "maria").status == Status.WAITING
    assert case_of(x_desk, "maria").snoozed_until is None


def test_a_case_in_which_something_is_wrong_keeps_no_other_from_its_closing_reply(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = several_held(x_desk, line, world, cast)
    take_words_from(x_desk, "maria", to="pavel")
    close(x_desk, cast, incident)
    tend_on(x_desk, 10)
    nothing = "There is nothing of the customer's in this case to answer."
    assert told(x_desk) == [("left", nothing), ("sent", None), ("sent", None)]
    assert told_in(x_desk, "maria", finals.TOLD) == [nothing]


def test_stopping_takes_back_what_has_not_left_and_lets_the_cases_go(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = several_held(x_desk, line, world, cast)
    close(x_desk, cast, incident, Ending.QUEUE)
    tend(x_desk)
    assert [each.state for each in closing_replies(x_desk)] == [State.APPROVED] * len(closing_replies(x_desk))
    with pytest.raises(NotAllowed), x_desk.database.transaction() as session:
        finals.stop(session, incident, by=cast.ana)
    with x_desk.database.transaction() as session:
        assert finals.stop(session, incident, by=cast.sofia) == len(closing_replies(x_desk))
    tend_on(x_desk, 3)
    assert {each.state for each in closing_replies(x_desk)} == {State.CANCELLED}
    assert case_of(x_desk, "maria").snoozed_until is None
    with pytest.raises(AlreadyDone), x_desk.database.transaction() as session:
        finals.stop(session, incident, by=cast.sofia)


def test_no_closing_reply_goes_out_before_the_drawn_texts_are_read(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = held(x_desk, line, world, cast)
    with pytest.raises(BadInput, match="tick each of them"), x_desk.database.transaction() as session:
        reading = Reading(variants.OVER, (), x_desk.library, 3)
        releasing.close(session, incident, ending=Ending.QUEUE, final=reading, by=cast.sofia)
    with x_desk.database.reading() as session:
        assert incidents.find(session, incident).closed_at is None
    close(x_desk, cast, incident)
    with x_desk.database.reading() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.kind == "incident_closed")).one()
    assert (entry.details["template"], entry.details["read"]) == (variants.OVER, "es")


def test_a_closing_reply_whose_words_have_changed_is_a_draft(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = held(x_desk, line, world, cast)
    close(x_desk, cast, incident)
    with x_desk.database.transaction() as session:
        kept = incidents.find(session, incident)
        version = x_desk.library.version(Key(variants.OVER, "es", "public"))
        kept.final_versions = (kept.final_versions or "").replace(version, "another")
    tend_on(x_desk, 2)
    assert [each.state for each in closing_replies(x_desk)] == [State.DRAFT]
    assert told(x_desk) == [("proposed", "The words have changed since they were approved for the incident.")]
