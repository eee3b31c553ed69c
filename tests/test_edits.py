"""Edited posts: one message in its newest version, whatever order they come in, and what it said before."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count, permutations

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import Session, col, select

from socialdesk import cases, clock, intake, messages, replies, search, versions
from socialdesk.cases import Case, Status
from socialdesk.casework import corrections
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.messages import Incoming, Message
from socialdesk.polling.cursors import Channel
from socialdesk.replies import State
from socialdesk.replying import drafts
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.versions import MessageVersion
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.reconciler import reconcile
from socialdesk.workers.sender import send_next
from tests.conftest import HANDLE, Cast
from tests.stories import MARIA, all_cases, arrive, direct_message, post

FIRST = f"@{HANDLE} ¿Dónde está mi paquete? Lo espero desde el lunes."
SECOND = f"@{HANDLE} ¿Dónde está mi paquete? Lo espero desde el martes pasado."
THIRD = f"@{HANDLE} Quiero devolver este pedido y que me devolváis el dinero."
_people = count(700_001)


def edited(*texts: str, author: str = MARIA, all_known: bool = False, minutes: float = 0) -> list[Incoming]:
    """The versions of one post, each as X told it when it was the newest, or as it tells them all later."""
    first = post(author, texts[0], minutes=minutes)
    ids = [first.x_id, *(str(int(first.x_id) + 7 * n) for n in range(1, len(texts)))]
    return [
        replace(first, x_id=ids[n], text=text, versions=tuple(ids if all_known else ids[: n + 1]))
        for n, text in enumerate(texts)
    ]


def outcome(session: Session, author: str) -> object:
    """What does not depend on the order: messages, what they said before, and what the cases show."""
    said = session.exec(select(Message).join(Customer).where(Customer.x_id == author)).all()
    before = versions.of_messages(session, [each.id or 0 for each in said])
    found = session.exec(select(Case).join(Customer).where(Customer.x_id == author)).all()
    return (
        sorted(
            (each.text, each.language, each.sent_at, tuple(old.text for old in before.get(each.id or 0, ())))
            for each in said
        ),
        sorted((each.excerpt, each.language, each.topic, each.status, each.opened_at) for each in found),
    )


@pytest.mark.parametrize("first", [0, 1])
def test_two_processes_that_bring_two_versions_of_a_post_store_one_message(desk: Desk, first: int) -> None:
    both = edited(FIRST, THIRD)
    here, there = (
        intake.read(desk.database, 1, [both[first]]),
        intake.read(desk.database, 1, [both[1 - first]]),
    )

    def take_in() -> None:
        with desk.database.transaction() as session:
            intake.take_in(session, 1, there, reopen_days=14)

    other = threading.Thread(target=take_in)
    with desk.database.transaction() as session:
        intake.take_in(session, 1, here, reopen_days=14)
        other.start()
        other.join(0.3)  # it waits for the customer, or on SQLite for the lock
    other.join(30)

    with desk.database.reading() as session:
        (message,) = session.exec(select(Message)).all()
        assert message.text == messages.clean(THIRD)
        before = versions.of_messages(session, [message.id or 0])
        assert [each.text for each in before[message.id or 0]] == [messages.clean(FIRST)]


def test_an_edited_post_is_one_message_with_its_earlier_text_kept(
    world: World, x_desk: Desk, line: Line
) -> None:
    world.add_user("maria", "María")
    first = world.post("maria", FIRST)
    poll(line, Channel.MENTIONS)
    newest = world.edit_post(first.id, THIRD)
    poll(line, Channel.MENTIONS)
    poll(line, Channel.MENTIONS)

    with x_desk.database.reading() as session:
        (message,) = session.exec(select(Message)).all()
        (case,) = all_cases(session)
        (before,) = versions.of_messages(session, [message.id or 0])[message.id or 0]
        kinds = [each.kind for each in cases.events(session, case.id or 0)]
        found = [search.find(session, words).hits for words in ("devolver", "paquete")]
    assert (message.x_id, message.text, message.edited_at is not None) == (newest.id, THIRD, True)
    assert (before.x_id, before.text, before.language) == (first.id, FIRST, "es")
    assert (case.excerpt, case.topic) == (THIRD, "returns_and_refunds")
    assert kinds == ["opened", "edited"]
    assert [len(hits) for hits in found] == [1, 0]


def test_a_post_that_was_edited_before_it_was_first_seen_is_one_message(
    world: World, x_desk: Desk, line: Line
) -> None:
    world.add_user("maria", "María")
    first = world.post("maria", FIRST)
    newest = world.edit_post(first.id, SECOND)
    world.post("maria", f"@{HANDLE} ¿hola?", in_reply_to=newest.id)

    assert poll(line, Channel.MENTIONS) == 2
    with x_desk.database.reading() as session:
        assert newest.id in set(session.exec(select(Message.x_id)))
        assert [each.x_id for each in session.exec(select(MessageVersion))] == [first.id]
        assert len(all_cases(session)) == 1


@pytest.mark.parametrize("all_known", [False, True])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_versions_may_come_in_any_order(desk: Desk, order: Sequence[int], all_known: bool) -> None:
    story = edited(FIRST, SECOND, THIRD, all_known=all_known)
    for n in order:
        arrive(desk, story[n])
    for each in story:
        assert arrive(desk, each) == []

    with desk.database.reading() as session:
        (message,) = session.exec(select(Message)).all()
        before = session.exec(select(MessageVersion).order_by(col(MessageVersion.x_id))).all()
        (case,) = all_cases(session)
    assert (message.x_id, message.text) == (story[2].x_id, THIRD)
    assert [(each.x_id, each.text) for each in before] == [(story[0].x_id, FIRST), (story[1].x_id, SECOND)]
    assert (case.excerpt, case.status) == (THIRD, Status.WAITING)


def test_all_versions_in_one_batch_are_one_message(desk: Desk) -> None:
    story = edited(FIRST, SECOND, THIRD)

    assert arrive(desk, *reversed(story)) == [story[2].x_id]
    with desk.database.reading() as session:
        assert [each.text for each in session.exec(select(Message))] == [THIRD]
        assert len(session.exec(select(MessageVersion)).all()) == 2


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4), min_size=1, max_size=5))
def test_however_versions_are_shuffled_repeated_and_batched_the_outcome_is_the_same(
    desk: Desk, deliveries: list[list[int]]
) -> None:
    def told(*batches: Sequence[int]) -> object:
        author = str(next(_people))
        words = edited(FIRST, SECOND, THIRD, author=author)
        words += edited("Hola, ¿hay alguien que me pueda ayudar?", SECOND, author=author, minutes=5)
        words += [replace(direct_message(author, "Gracias, ya lo he recibido todo.", minutes=9))]
        for batch in batches:
            arrive(desk, *(words[n] for n in batch))
        with desk.database.reading() as session:
            return outcome(session, author)

    assert told(*deliveries, range(6)) == told(*([n] for n in range(6)))


def test_an_edit_after_our_answer_is_not_answered_twice(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    world.add_user("maria", "María")
    first = world.post("maria", FIRST)
    poll(line, Channel.MENTIONS)
    answer(x_desk, cast, "Lo miramos ahora mismo. ^AH")
    send_next(line)
    world.edit_post(first.id, SECOND)
    poll(line, Channel.MENTIONS)

    with x_desk.database.reading() as session:
        (case,) = all_cases(session)
    assert (case.status, case.waiting_since, case.excerpt) == (Status.ANSWERED, None, SECOND)


def test_a_reply_goes_to_the_newest_version(world: World, x_desk: Desk, line: Line, cast: Cast) -> None:
    world.add_user("maria", "María")
    first = world.post("maria", FIRST)
    poll(line, Channel.MENTIONS)
    answer(x_desk, cast, "Lo miramos ahora mismo. ^AH")
    newest = world.edit_post(first.id, SECOND)
    poll(line, Channel.MENTIONS)
    send_next(line)

    (sent,) = [each for each in world.posts() if each.author_id == world.user(HANDLE).id]
    assert sent.in_reply_to == newest.id


def test_a_reply_in_doubt_is_found_under_the_version_that_it_answered(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    world.add_user("maria", "María")
    first = world.post("maria", FIRST)
    poll(line, Channel.MENTIONS)
    reply_id = answer(x_desk, cast, "Lo miramos ahora mismo. ^AH")
    world.faults.add(Fault("POST /2/tweets", Kind.ACCEPT_THEN_DROP))
    send_next(line)
    world.edit_post(first.id, SECOND)
    poll(line, Channel.MENTIONS)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        reconcile(line)

    with x_desk.database.reading() as session:
        assert replies.find(session, reply_id).state == State.SENT
    assert len([each for each in world.posts() if each.author_id == world.user(HANDLE).id]) == 1


def test_a_batch_without_edits_costs_no_query_more(desk: Desk) -> None:
    """The tables of versions are asked about with the same statement as the messages."""
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    arrive(desk, post(MARIA), direct_message(MARIA))

    about_versions = [each for each in asked if "message_versions" in each]
    assert len(about_versions) == 2  # before the language is read, and inside the transaction
    assert all(" messages" in each for each in about_versions)


def test_an_agents_language_survives_the_edit(desk: Desk) -> None:
    story = edited(FIRST, "ok")
    arrive(desk, story[0])
    with desk.database.transaction() as session:
        message = session.exec(select(Message)).one()
        message.language, message.language_source = "pt", corrections.BY_AGENT
    arrive(desk, story[1])

    with desk.database.reading() as session:
        message = session.exec(select(Message)).one()
    assert (message.text, message.language) == ("ok", "pt")


def answer(desk: Desk, cast: Cast, text: str) -> int:
    """An approved answer to the first case."""
    with desk.database.transaction() as session:
        reply = drafts.write(session, all_cases(session)[0], text=text, by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
    return reply.id or 0
