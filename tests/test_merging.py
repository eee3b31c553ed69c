"""Merging cases, splitting them at a message, undoing both, and what comes in afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import Session, col, select

from socialdesk import cases, clock, counts, replies, search
from socialdesk.cases import Case, Status
from socialdesk.casework import snoozing
from socialdesk.casework.notes import Mention
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, Conflict, NotFound
from socialdesk.figures import reports
from socialdesk.messages import Incoming, Message
from socialdesk.placing import linked, merging
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, outbox
from socialdesk.replying.outbox import Outgoing
from socialdesk.worklists import queues
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, NOON, US, all_cases, arrive, direct_message, post

PARCEL = "¿Dónde está mi paquete? Lo espero desde el lunes."
INVOICE = "Otra cosa: necesito una factura de mi último pedido."


def threads(desk: Desk) -> dict[int | None, list[str]]:
    """X's ids of what is in each case, in the order it was written."""
    with desk.database.reading() as session:
        found: dict[int | None, list[str]] = {case.id: [] for case in all_cases(session)}
        for each in session.exec(select(Message).order_by(col(Message.sent_at), col(Message.id))):
            found[each.case_id].append(each.x_id)
    return found


def shown(session: Session, case_id: int) -> dict[str, Any]:
    """What the lists, the statistics and the page tell of a case."""
    case = session.get_one(Case, case_id)
    return case.model_dump(exclude={"id", "assignee_id"})


def split(desk: Desk, cast: Cast, at: Incoming, case_id: int = 1) -> int:
    with desk.database.transaction() as session:
        message = session.exec(select(Message).where(Message.x_id == at.x_id)).one()
        return merging.split(session, case_id, message.id or 0, by=cast.ana).id or 0


def merge(desk: Desk, cast: Cast, one: int, other: int) -> int:
    with desk.database.transaction() as session:
        return merging.merge(session, one, other, by=cast.ana)[0].id or 0


def unmerge(desk: Desk, cast: Cast, case_id: int) -> None:
    with desk.database.transaction() as session:
        merging.unmerge(session, case_id, by=cast.ben)


def draft(desk: Desk, cast: Cast, case_id: int, *, approved: bool = False, words: str = "Lo miramos.") -> int:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, case_id), text=words, by=cast.ana)
        if approved:
            replies.approve(session, reply, by=cast.ana)
        return reply.id or 0


def claimed(desk: Desk) -> Outgoing:
    with desk.database.transaction() as session:
        found = outbox.claim(session, 1)
    assert found
    return found


def counts_are_right(desk: Desk) -> bool:
    with desk.database.transaction() as session:
        return counts.rebuild(session)


@pytest.fixture
def three(desk: Desk) -> list[Incoming]:
    """Maria asks for her parcel, insists, and then wants something else, all in one conversation."""
    first = post(MARIA, PARCEL)
    insists = post(MARIA, "Nadie contesta.", minutes=5, conversation=first.x_id, answers=first.x_id)
    more = post(MARIA, INVOICE, minutes=60, conversation=first.x_id, answers=first.x_id)
    arrive(desk, first, insists, more)
    return [first, insists, more]


@pytest.fixture
def two(desk: Desk) -> tuple[Incoming, Incoming]:
    """Maria begins two conversations."""
    story = post(MARIA, PARCEL), post(MARIA, INVOICE, minutes=30)
    arrive(desk, *story)
    return story


def test_a_split_makes_two_cases_with_what_belongs_to_each(
    desk: Desk, cast: Cast, three: list[Incoming]
) -> None:
    new = split(desk, cast, three[2])
    first, second, third = (each.x_id for each in three)

    assert threads(desk) == {1: [first, second], new: [third]}
    with desk.database.reading() as session:
        old, rest = session.get_one(Case, 1), session.get_one(Case, new)
        assert (old.waiting_since, rest.waiting_since) == (NOON, NOON + timedelta(minutes=60))
        assert (old.excerpt, rest.excerpt) == ("Nadie contesta.", INVOICE)
        assert (rest.status, rest.language, rest.opened_at) == (Status.WAITING, "es", rest.waiting_since)
        assert (rest.customer_id, rest.follows_id) == (old.customer_id, 1)
        assert linked.ids(session, old) == [new]
        assert [hit.case.id for hit in search.find(session, "factura").hits] == [new]
    assert counts_are_right(desk)


def test_later_words_go_to_the_later_part(desk: Desk, cast: Cast, three: list[Incoming]) -> None:
    new = split(desk, cast, three[2])
    later = post(MARIA, "¿Y la factura?", conversation=three[0].x_id, minutes=90)
    arrive(desk, later)
    assert arrive(desk, later, *three) == []

    assert threads(desk)[new] == [three[2].x_id, later.x_id]


@pytest.mark.parametrize(("minutes", "part"), [(-5, 0), (2, 0), (70, 1)])
def test_words_that_come_late_find_their_part_and_move_nothing(
    desk: Desk, cast: Cast, three: list[Incoming], minutes: float, part: int
) -> None:
    same = three[0].x_id
    new = split(desk, cast, three[2])
    arrive(desk, post(MARIA, "¿Y la factura?", conversation=same, minutes=90))
    late = post(MARIA, "¿Hola?", conversation=same, minutes=minutes)
    arrive(desk, late)
    arrive(desk, late)

    found = threads(desk)
    assert late.x_id in found[(1, new)[part]]
    assert {each.x_id for each in three[:2]} <= set(found[1])
    assert three[2].x_id in found[new]
    assert len(found) == 2


def test_an_undone_split_leaves_the_case_as_it_was(desk: Desk, cast: Cast, three: list[Incoming]) -> None:
    with desk.database.reading() as session:
        before = shown(session, 1)
    new = split(desk, cast, three[2])
    with desk.database.transaction() as session:
        merging.rejoin(session, new, by=cast.ben)

    assert threads(desk) == {1: [each.x_id for each in three], new: []}
    with desk.database.reading() as session:
        assert shown(session, 1) == before
        sign = session.get_one(Case, new)
        assert (sign.merged_into_id, sign.status, sign.waiting_since) == (1, Status.RESOLVED, None)
    later = post(MARIA, "¿Y bien?", conversation=three[0].x_id, minutes=90)
    arrive(desk, later)
    assert threads(desk)[1][-1] == later.x_id
    assert counts_are_right(desk)


def test_a_draft_goes_with_the_message_it_answers(desk: Desk, cast: Cast, three: list[Incoming]) -> None:
    reply = draft(desk, cast, 1)
    new = split(desk, cast, three[2])
    with desk.database.reading() as session:
        assert session.get_one(Reply, reply).case_id == new
        assert drafts.of_case(session, session.get_one(Case, 1)) is None
    with desk.database.transaction() as session:
        merging.rejoin(session, new, by=cast.ana)
        assert session.get_one(Reply, reply).case_id == 1


def test_a_draft_for_what_stays_stays(desk: Desk, cast: Cast, three: list[Incoming]) -> None:
    reply = draft(desk, cast, 1)
    arrive(desk, post(MARIA, "Una cosa más.", conversation=three[0].x_id, minutes=80))
    with desk.database.reading() as session:
        last = session.exec(select(Message).order_by(col(Message.id).desc()).limit(1)).one()
    with desk.database.transaction() as session:
        merging.split(session, 1, last.id or 0, by=cast.ana)
        assert session.get_one(Reply, reply).case_id == 1


def test_an_approved_reply_goes_along_and_is_sent_from_there(
    desk: Desk, cast: Cast, three: list[Incoming]
) -> None:
    draft(desk, cast, 1, approved=True)
    new = split(desk, cast, three[2])
    at = NOON + timedelta(minutes=61)
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, 1)
        assert outgoing
        assert outgoing.answers_x_id == three[2].x_id
        outbox.sent(session, outgoing, x_id="1900000000000900000", at=at)

    assert threads(desk)[new][-1] == "1900000000000900000"
    with desk.database.reading() as session:
        old, rest = session.get_one(Case, 1), session.get_one(Case, new)
        assert (rest.status, rest.first_response_at) == (Status.ANSWERED, at)
        assert (old.status, old.first_response_at) == (Status.WAITING, None)


def test_what_was_sent_goes_with_its_own_message(desk: Desk, cast: Cast, three: list[Incoming]) -> None:
    reply = draft(desk, cast, 1, approved=True)
    at = NOON + timedelta(minutes=61)
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, 1)
        assert outgoing
        outbox.sent(session, outgoing, x_id="1900000000000900001", at=at)
    with desk.database.reading() as session:
        before = shown(session, 1)
    new = split(desk, cast, three[1])
    with desk.database.reading() as session:
        assert session.get_one(Reply, reply).case_id == new
        assert session.get_one(Case, new).first_response_at == at
        assert session.get_one(Case, 1).first_response_at is None
    with desk.database.transaction() as session:
        merging.rejoin(session, new, by=cast.ana)
    with desk.database.reading() as session:
        assert shown(session, 1) == before


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN])
def test_nothing_is_split_or_merged_while_nobody_knows_whether_a_reply_is_on_x(
    desk: Desk, cast: Cast, three: list[Incoming], state: State
) -> None:
    arrive(desk, direct_message(MARIA, INVOICE, minutes=-60 * 24 * 30))
    reply = draft(desk, cast, 1, approved=True)
    outgoing = claimed(desk)
    if state == State.UNKNOWN:
        with desk.database.transaction() as session:
            outbox.unknown(session, outgoing, why="X gave no answer.")
    with pytest.raises(Conflict, match="on its way to X"):
        split(desk, cast, three[2])
    with pytest.raises(Conflict, match="on its way to X"):
        merge(desk, cast, 1, 2)
    assert len(threads(desk)[1]) == 3
    with desk.database.reading() as session:
        assert session.get_one(Reply, reply).state == state


def test_a_case_is_not_split_at_its_beginning(desk: Desk, cast: Cast, three: list[Incoming]) -> None:
    arrive(desk, post(US, "Buenos días.", to=MARIA, conversation=three[0].x_id, minutes=-1))
    with pytest.raises(BadInput, match="begins with this message"):
        split(desk, cast, three[0])
    with desk.database.transaction() as session, pytest.raises(NotFound):
        merging.split(session, 1, 999, by=cast.ana)


def test_a_resolved_case_makes_two_resolved_ones(desk: Desk, cast: Cast, three: list[Incoming]) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    new = split(desk, cast, three[2])
    with desk.database.reading() as session:
        assert {session.get_one(Case, each).status for each in (1, new)} == {Status.RESOLVED}
    assert counts_are_right(desk)


def test_a_merge_makes_one_case_of_two(desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]) -> None:
    reply = draft(desk, cast, 2)
    with desk.database.reading() as session:
        assert [each.id for each in merging.candidates(session, session.get_one(Case, 1))] == [2]
    assert merge(desk, cast, 1, 2) == 1

    assert threads(desk) == {1: [each.x_id for each in two], 2: []}
    with desk.database.reading() as session:
        one, sign = all_cases(session)
        assert (one.status, one.waiting_since, one.excerpt) == (Status.WAITING, NOON, INVOICE)
        assert (sign.merged_into_id, sign.status) == (1, Status.RESOLVED)
        assert session.get_one(Reply, reply).case_id == 1
        assert [hit.case.id for hit in search.find(session, "factura").hits] == [1]
        assert merging.candidates(session, one) == []
        assert merging.may_be_undone(sign, cases.events(session, 2))
        with pytest.raises(AlreadyDone, match="go on there"):
            sign.reopen(by=cast.ana)
        assert sum(line.unanswered for line in reports.by_language(session)) == 1
    assert counts_are_right(desk)


def test_a_merged_case_is_in_no_list_and_in_no_count(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    merge(desk, cast, 1, 2)
    with desk.database.reading() as session:
        assert queues.page(session, Status.RESOLVED).rows == []
        assert queues.numbers(session, Status.RESOLVED).by_status[Status.RESOLVED] == 0
        assert len(queues.page(session, Status.WAITING).rows) == 1
    unmerge(desk, cast, 2)
    with desk.database.reading() as session:
        assert queues.numbers(session, Status.WAITING).by_status[Status.WAITING] == 2
    assert counts_are_right(desk)


def test_later_words_of_a_merged_conversation_follow_it(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    merge(desk, cast, 2, 1)
    later = post(MARIA, "¿Y la factura?", conversation=two[1].x_id, minutes=90)
    late = post(MARIA, "Por favor.", conversation=two[1].x_id, minutes=45)
    earliest = post(MARIA, "Buenos días.", conversation=two[1].x_id, minutes=-45)
    arrive(desk, later)
    arrive(desk, late)
    arrive(desk, earliest)
    assert arrive(desk, *two, late, later, earliest) == []

    story = [earliest, two[0], two[1], late, later]
    assert threads(desk) == {1: [each.x_id for each in story], 2: []}


def test_an_undone_merge_gives_back_what_came_from_the_case(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    reply = draft(desk, cast, 2)
    with desk.database.reading() as session:
        before = shown(session, 1), shown(session, 2)
    merge(desk, cast, 1, 2)
    unmerge(desk, cast, 2)

    assert threads(desk) == {1: [two[0].x_id], 2: [two[1].x_id]}
    with desk.database.reading() as session:
        assert (shown(session, 1), shown(session, 2)) == before
        assert session.get_one(Reply, reply).case_id == 2
    later = post(MARIA, "¿Y la factura?", conversation=two[1].x_id, minutes=90)
    arrive(desk, later)
    assert threads(desk)[2][-1] == later.x_id
    assert counts_are_right(desk)


def test_who_waits_after_a_split_is_shown_though_a_reminder_was_set_while_he_was_answered(
    desk: Desk, cast: Cast
) -> None:
    first = post(MARIA, PARCEL)
    more = post(MARIA, INVOICE, minutes=5, conversation=first.x_id)
    answer = post(US, "Lo miramos.", minutes=9, answers=more.x_id, conversation=first.x_id, to=MARIA)
    arrive(desk, first, more, answer)
    snoozed(desk, cast, 1)
    new = split(desk, cast, more)
    with desk.database.reading() as session:
        old, rest = session.get_one(Case, 1), session.get_one(Case, new)
        assert (old.status, old.snoozed_until) == (Status.WAITING, None)
        assert (rest.status, rest.snoozed_until) == (Status.ANSWERED, None)
        assert [row[0].id for row in queues.page(session, Status.WAITING).rows] == [1]
        kinds = [each.kind for each in cases.events(session, 1)]
        assert kinds[kinds.index("snoozed") :] == ["snoozed", "split", "woken"]
    assert counts_are_right(desk)


def test_so_is_who_waits_after_an_undone_merge(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    theirs = two[1].x_id
    arrive(desk, post(US, "Lo miramos.", minutes=40, answers=theirs, conversation=theirs, to=MARIA))
    merge(desk, cast, 1, 2)
    snoozed(desk, cast, 1)
    with desk.database.reading() as session:
        assert session.get_one(Case, 1).status == Status.ANSWERED
    unmerge(desk, cast, 2)
    with desk.database.reading() as session:
        old, rest = session.get_one(Case, 1), session.get_one(Case, 2)
        assert (old.status, old.snoozed_until) == (Status.WAITING, None)
        assert (rest.status, rest.snoozed_until) == (Status.ANSWERED, None)
    assert counts_are_right(desk)


def test_who_waited_when_he_was_put_aside_stays_so_after_a_split(
    desk: Desk, cast: Cast, three: list[Incoming]
) -> None:
    snoozed(desk, cast, 1)
    split(desk, cast, three[2])
    with desk.database.reading() as session:
        assert session.get_one(Case, 1).snoozed_until
    assert counts_are_right(desk)


def snoozed(desk: Desk, cast: Cast, case_id: int, *, hours: int = 5) -> None:
    with desk.database.transaction() as session:
        snoozing.snooze(cases.hold(session, case_id), clock.now() + timedelta(hours=hours), by=cast.ben)


def whole(desk: Desk) -> list[dict[str, Any]]:
    """Everything that is known of every case."""
    with desk.database.reading() as session:
        return [case.model_dump() for case in all_cases(session)]


def kinds_since_merging(desk: Desk, case_id: int) -> list[str]:
    with desk.database.reading() as session:
        kinds = [each.kind for each in cases.events(session, case_id)]
    return kinds[kinds.index("took_in") :]


@pytest.mark.parametrize("aside", [1, 2])
def test_whoever_waits_in_either_case_waits_in_the_merged_one(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming], aside: int
) -> None:
    snoozed(desk, cast, aside)
    before = whole(desk)
    merge(desk, cast, 1, 2)

    with desk.database.reading() as session:
        assert session.get_one(Case, 1).snoozed_until is None
        assert [row[0].id for row in queues.page(session, Status.WAITING).rows] == [1]
    assert kinds_since_merging(desk, 1) == (["took_in", "woken"] if aside == 1 else ["took_in"])
    assert counts_are_right(desk)
    unmerge(desk, cast, 2)
    assert whole(desk) == before
    assert counts_are_right(desk)


@pytest.mark.parametrize("hours", [(3, 9), (9, 3)])
def test_two_cases_that_are_put_aside_come_back_at_the_earlier_moment(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming], hours: tuple[int, int]
) -> None:
    for case_id, each in enumerate(hours, start=1):
        snoozed(desk, cast, case_id, hours=each)
    before = whole(desk)
    merge(desk, cast, 1, 2)
    assert whole(desk)[0]["snoozed_until"] == min(case["snoozed_until"] for case in before)
    assert kinds_since_merging(desk, 1) == (["took_in"] if hours == (3, 9) else ["took_in", "snoozed"])
    unmerge(desk, cast, 2)
    assert whole(desk) == before
    assert counts_are_right(desk)


def test_a_case_put_aside_stays_so_in_one_where_nobody_waits(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    snoozed(desk, cast, 2)
    before = whole(desk)
    merge(desk, cast, 1, 2)
    assert whole(desk)[0]["snoozed_until"] == before[1]["snoozed_until"]
    assert whole(desk)[0]["status"] == Status.WAITING
    unmerge(desk, cast, 2)
    assert whole(desk) == before


def test_nobody_is_put_aside_again_who_has_written_since(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    snoozed(desk, cast, 1)
    merge(desk, cast, 1, 2)
    arrive(desk, post(MARIA, "¿Y bien?", conversation=two[0].x_id, minutes=90))
    unmerge(desk, cast, 2)
    assert [case["snoozed_until"] for case in whole(desk)] == [None, None]


def test_what_would_have_come_back_meanwhile_is_back(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    snoozed(desk, cast, 1)
    merge(desk, cast, 1, 2)
    with time_machine.travel(clock.now() + timedelta(hours=6)):
        unmerge(desk, cast, 2)
    assert [case["snoozed_until"] for case in whole(desk)] == [None, None]


@pytest.fixture
def reminded(desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]) -> int:
    """The older of the two has our answer, and Ben is called to it in five hours; in the other she waits."""
    theirs = two[0].x_id
    arrive(desk, post(US, "Lo miramos.", minutes=20, answers=theirs, conversation=theirs, to=MARIA))
    snoozed(desk, cast, 1)
    return 1


def test_a_reminder_comes_back_when_the_merge_that_ended_it_is_undone(
    desk: Desk, cast: Cast, reminded: int
) -> None:
    before = whole(desk)
    assert before[0]["status"] == Status.ANSWERED
    merge(desk, cast, 1, 2)
    assert (whole(desk)[0]["status"], whole(desk)[0]["snoozed_until"]) == (Status.WAITING, None)
    unmerge(desk, cast, 2)
    assert whole(desk) == before
    assert counts_are_right(desk)


def test_the_newer_cases_reminder_comes_back_too(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    theirs = two[1].x_id
    arrive(desk, post(US, "Lo miramos.", minutes=40, answers=theirs, conversation=theirs, to=MARIA))
    snoozed(desk, cast, 2)
    before = whole(desk)
    merge(desk, cast, 1, 2)
    unmerge(desk, cast, 2)
    assert whole(desk) == before
    assert counts_are_right(desk)


def test_a_reminder_that_was_due_while_the_cases_were_one_calls_once_they_are_two(
    desk: Desk, cast: Cast, reminded: int
) -> None:
    merge(desk, cast, 1, 2)
    with time_machine.travel(clock.now() + timedelta(hours=6)):
        unmerge(desk, cast, 2)
        with desk.database.transaction() as session:
            assert snoozing.wake_due(session) == 1
        with desk.database.reading() as session:
            assert session.exec(select(Mention.agent_id, Mention.case_id)).all() == [(cast.ben.id, 1)]
            assert session.get_one(Case, 1).status == Status.ANSWERED
        assert counts_are_right(desk)


def test_a_moment_set_for_both_calls_to_the_answered_one_and_hides_nobody_who_waits(
    desk: Desk, cast: Cast, reminded: int
) -> None:
    merge(desk, cast, 1, 2)
    snoozed(desk, cast, 1, hours=8)
    both = whole(desk)[0]["snoozed_until"]
    unmerge(desk, cast, 2)
    told = [(case["status"], case["snoozed_until"]) for case in whole(desk)]
    assert told == [(Status.ANSWERED, both), (Status.WAITING, None)]
    assert counts_are_right(desk)


@pytest.mark.parametrize("answered", [False, True])
def test_nobody_who_waits_in_a_third_case_is_hidden_when_the_merge_of_the_second_is_undone(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming], answered: bool
) -> None:
    theirs = two[0].x_id
    if answered:
        arrive(desk, post(US, "Lo miramos.", minutes=20, answers=theirs, conversation=theirs, to=MARIA))
    arrive(desk, post(MARIA, "Y no puedo entrar en mi cuenta.", minutes=45))
    snoozed(desk, cast, 1)
    merge(desk, cast, 1, 2)
    merge(desk, cast, 1, 3)
    unmerge(desk, cast, 2)
    with desk.database.reading() as session:
        assert {row[0].id for row in queues.page(session, Status.WAITING).rows} == {1, 2}
    assert counts_are_right(desk)


def test_a_case_is_put_aside_again_when_a_third_one_was_in_it_and_has_left(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming], reminded: int
) -> None:
    arrive(desk, post(MARIA, "Y no puedo entrar en mi cuenta.", minutes=45))
    before = whole(desk)
    merge(desk, cast, 1, 2)
    merge(desk, cast, 1, 3)
    unmerge(desk, cast, 3)
    unmerge(desk, cast, 2)
    assert whole(desk) == before
    assert counts_are_right(desk)


def test_a_reminder_does_not_come_back_when_she_has_written_since(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming], reminded: int
) -> None:
    merge(desk, cast, 1, 2)
    arrive(desk, post(MARIA, "¿Y bien?", conversation=two[0].x_id, minutes=90))
    unmerge(desk, cast, 2)
    told = [(case["status"], case["snoozed_until"]) for case in whole(desk)]
    assert told == [(Status.WAITING, None), (Status.WAITING, None)]


def test_the_assignee_that_a_merge_brought_goes_back_with_it(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    with desk.database.transaction() as session:
        cases.hold(session, 2).assign(cast.ben, by=cast.ben)
    merge(desk, cast, 1, 2)
    assert whole(desk)[0]["assignee_id"] == cast.ben.id
    unmerge(desk, cast, 2)
    assert [case["assignee_id"] for case in whole(desk)] == [None, cast.ben.id]


def test_what_came_in_meanwhile_goes_back_with_its_conversation(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    merge(desk, cast, 1, 2)
    later = post(MARIA, "¿Y la factura?", conversation=two[1].x_id, minutes=90)
    other = post(MARIA, "¿Y el paquete?", conversation=two[0].x_id, minutes=95)
    arrive(desk, later, other)
    unmerge(desk, cast, 2)

    assert threads(desk) == {1: [two[0].x_id, other.x_id], 2: [two[1].x_id, later.x_id]}
    late = post(MARIA, "Por favor.", conversation=two[1].x_id, minutes=60)
    arrive(desk, late)
    assert threads(desk)[2] == [two[1].x_id, late.x_id, later.x_id]


def test_what_was_resolved_together_stays_resolved_apart(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    merge(desk, cast, 1, 2)
    with desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    unmerge(desk, cast, 2)
    with desk.database.reading() as session:
        assert {case.status for case in all_cases(session)} == {Status.RESOLVED}


def test_an_open_case_opens_the_resolved_one_it_is_merged_into(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    with (
        time_machine.travel(NOON + timedelta(minutes=40), tick=False),
        desk.database.transaction() as session,
    ):
        cases.hold(session, 1).resolve(by=cast.ana)
    with desk.database.reading() as session:
        before = shown(session, 1), shown(session, 2)
    merge(desk, cast, 1, 2)
    with desk.database.reading() as session:
        one = session.get_one(Case, 1)
        assert (one.status, one.waiting_since) == (Status.WAITING, two[1].sent_at)
        assert one.resolved_at is None
    unmerge(desk, cast, 2)
    with desk.database.reading() as session:
        assert (shown(session, 1), shown(session, 2)) == before


def test_a_direct_message_and_a_post_can_be_one_matter(desk: Desk, cast: Cast) -> None:
    first = direct_message(MARIA, PARCEL)
    arrive(desk, first)
    with desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    public = post(MARIA, INVOICE, minutes=10)
    arrive(desk, public)
    assert merge(desk, cast, 1, 2) == 1
    later = post(MARIA, "¿Y bien?", conversation=public.x_id, minutes=20), direct_message(MARIA, minutes=30)
    arrive(desk, *later)
    assert threads(desk)[1] == [first.x_id, public.x_id, *(each.x_id for each in later)]
    unmerge(desk, cast, 2)
    assert threads(desk) == {1: [first.x_id, later[1].x_id], 2: [public.x_id, later[0].x_id]}


def test_merges_are_undone_last_one_first(desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]) -> None:
    third = post(MARIA, "Y una queja.", minutes=50)
    arrive(desk, third)
    merge(desk, cast, 3, 2)
    merge(desk, cast, 2, 1)
    with pytest.raises(Conflict, match="undo that first"):
        unmerge(desk, cast, 3)
    later = post(MARIA, "¿Y la queja?", conversation=third.x_id, minutes=90)
    arrive(desk, later)
    assert threads(desk)[1] == [two[0].x_id, two[1].x_id, third.x_id, later.x_id]
    unmerge(desk, cast, 2)
    unmerge(desk, cast, 3)
    assert threads(desk) == {1: [two[0].x_id], 2: [two[1].x_id], 3: [third.x_id, later.x_id]}


def test_only_one_customers_open_matters_are_merged(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    arrive(desk, post(KENJI, "同じ問題です。", conversation=two[0].x_id, minutes=40))
    for one, other, why in ((1, 3, "one customer"), (1, 1, "with itself")):
        with pytest.raises(BadInput, match=why):
            merge(desk, cast, one, other)
    with pytest.raises(NotFound):
        merge(desk, cast, 1, 99)
    with pytest.raises(AlreadyDone, match="not merged"):
        unmerge(desk, cast, 2)
    merge(desk, cast, 1, 2)
    with pytest.raises(AlreadyDone, match="was merged into case 1"):
        merge(desk, cast, 1, 2)
    unmerge(desk, cast, 2)
    with pytest.raises(AlreadyDone, match="not merged"):
        unmerge(desk, cast, 2)
    with desk.database.transaction() as session, pytest.raises(AlreadyDone, match="not split"):
        merging.rejoin(session, 2, by=cast.ana)


def test_nobodys_draft_is_lost_in_a_merge(desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]) -> None:
    mine, theirs = draft(desk, cast, 1), draft(desk, cast, 2, words="Aquí está.")
    with pytest.raises(Conflict, match="Both cases have a draft"):
        merge(desk, cast, 1, 2)
    with desk.database.transaction() as session:
        replies.cancel(session, session.get_one(Reply, mine), by=cast.ana)
    merge(desk, cast, 1, 2)
    with desk.database.reading() as session:
        kept = drafts.of_case(session, session.get_one(Case, 1))
        assert kept
        assert (kept.id, kept.text) == (theirs, "Aquí está.")


def test_a_draft_is_stale_when_the_merge_brought_what_its_author_had_not_seen(
    desk: Desk, cast: Cast, two: tuple[Incoming, Incoming]
) -> None:
    reply = draft(desk, cast, 1)
    merge(desk, cast, 1, 2)
    with desk.database.transaction() as session, pytest.raises(Conflict, match="read it first"):
        replies.approve(session, session.get_one(Reply, reply), by=cast.ana)


def test_a_case_that_was_split_and_merged_tells_it(desk: Desk, cast: Cast, three: list[Incoming]) -> None:
    new = split(desk, cast, three[2])
    with desk.database.transaction() as session:
        merging.rejoin(session, new, by=cast.ben)
    unmerge(desk, cast, new)

    with desk.database.reading() as session:
        told = {
            case_id: [(each.kind, each.agent_id) for each in cases.events(session, case_id) if each.agent_id]
            for case_id in (1, new)
        }
        ana, ben = cast.ana.id, cast.ben.id
        assert told[1] == [("split", ana), ("took_in", ben), ("gave_back", ben)]
        assert told[new] == [("split_off", ana), ("merged", ben), ("unmerged", ben)]
    assert threads(desk)[new] == [three[2].x_id]
    assert clock.now() > NOON
