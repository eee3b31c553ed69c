"""What X shows no more: its text leaves the desk in time, the case tells it, and the counts stay."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
import time_machine
from sqlmodel import Session, select

from socialdesk import cases, clock, counts, replies, search
from socialdesk.cases import Status
from socialdesk.desk import Desk
from socialdesk.errors import BadInput, RateLimited
from socialdesk.figures import reports
from socialdesk.figures.first_responses import NO_RESPONSES
from socialdesk.figures.reports import LanguageFigures
from socialdesk.messages import Gone, Message, Visibility
from socialdesk.placing.vanishing import MOST_SILENCES
from socialdesk.polling.cursors import Channel
from socialdesk.replies import State
from socialdesk.replying import approvals, drafts, outbox
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.server import SandboxServer
from socialdesk.versions import MessageVersion
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.schedule import Schedule
from socialdesk.workers.sender import send_next
from socialdesk.workers.storing import take_in
from socialdesk.workers.watcher import watch
from tests.conftest import HANDLE, Cast
from tests.stories import all_cases

LOST = f"@{HANDLE} ¿Dónde está mi paquete? Lo espero desde el lunes, me llamo Segismundo."
LOOKUPS = "/2/tweets"
NOTHING: dict[str, list[object]] = {"data": []}


@pytest.fixture
def written(world: World, line: Line) -> str:
    """X's id of what María wrote, taken in."""
    world.add_user("maria", "María")
    x_id = world.post("maria", LOST).id
    poll(line, Channel.MENTIONS)
    return x_id


def a_day_later() -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(hours=24))


def the_message(session: Session) -> Message:
    return session.exec(select(Message)).one()


def kinds(session: Session) -> list[str]:
    return [each.kind for each in cases.events(session, all_cases(session)[0].id or 0)]


def figures(session: Session) -> list[LanguageFigures]:
    """Those of today, but for how long who still waits has waited."""
    return [replace(line, responses=NO_RESPONSES) for line in reports.by_language(session)]


def looks(world: World) -> int:
    return [request.path for request in world.requests].count(LOOKUPS)


def test_a_deleted_post_leaves_no_text_in_the_desk_and_every_count_as_it_was(
    sandbox: SandboxServer, x_desk: Desk, line: Line, written: str
) -> None:
    with x_desk.database.reading() as session:
        before = counts.of_account(session, line.account_id), figures(session)
    assert requests.delete(f"{sandbox.url}/sandbox/posts/{written}", timeout=10).json()["deleted"]
    with a_day_later():
        assert watch(line) == 1
        assert watch(line) == 0

    with x_desk.database.reading() as session:
        message, (case,) = the_message(session), all_cases(session)
        found = search.find(session, "Segismundo").hits
        after = counts.of_account(session, line.account_id), figures(session)
        told = cases.events(session, case.id or 0)[-1]
    assert (message.text, message.gone, message.language) == ("", Gone.DELETED, "es")
    assert (case.excerpt, case.status) == ("The customer deleted this post.", Status.WAITING)
    assert found == []
    assert after == before
    assert (told.kind, told.details) == ("message_gone", {"message": written, "why": "deleted"})


@pytest.mark.parametrize(("change", "gone"), [("protected", Gone.PROTECTED), ("suspended", Gone.SUSPENDED)])
def test_an_author_who_vanishes_takes_his_text_along_and_brings_it_back(
    sandbox: SandboxServer, x_desk: Desk, line: Line, written: str, change: str, gone: Gone
) -> None:
    maria = f"{sandbox.url}/sandbox/users/maria"
    assert requests.put(maria, json={change: True}, timeout=10).json()[change]
    with a_day_later():
        assert watch(line) == 1
        with x_desk.database.reading() as session:
            message = the_message(session)
            assert (message.text, message.gone, message.x_id) == ("", gone, written)
        requests.put(maria, json={change: False}, timeout=10)
        with a_day_later():
            assert watch(line) == 1

    with x_desk.database.reading() as session:
        message, (case,) = the_message(session), all_cases(session)
        assert (message.text, message.gone, message.gone_at) == (LOST, None, None)
        assert case.excerpt == LOST
        assert kinds(session)[-2:] == ["message_gone", "message_back"]
        assert len(search.find(session, "Segismundo").hits) == 1


def test_earlier_versions_go_with_the_post(world: World, x_desk: Desk, line: Line, written: str) -> None:
    newest = world.edit_post(written, f"@{HANDLE} Ya no hace falta, gracias.")
    poll(line, Channel.MENTIONS)
    world.delete_post(newest.id)
    with a_day_later():
        watch(line)

    with x_desk.database.reading() as session:
        assert [each.text for each in session.exec(select(MessageVersion))] == [""]
    assert poll(line, Channel.MENTIONS) == 0


def test_an_edit_that_takes_our_name_out_is_seen_by_the_watcher(
    world: World, x_desk: Desk, line: Line, written: str
) -> None:
    newest = world.edit_post(written, "Ya ha llegado mi paquete, muchas gracias a todos.")
    assert poll(line, Channel.MENTIONS) == 0
    with a_day_later():
        watch(line)

    with x_desk.database.reading() as session:
        message = the_message(session)
        assert (message.x_id, message.text) == (newest.id, newest.text)


def test_each_post_is_looked_up_once_a_day_and_a_hundred_at_a_time(
    world: World, x_desk: Desk, line: Line
) -> None:
    world.add_user("maria", "María")
    for n in range(130):
        world.post("maria", f"@{HANDLE} mensaje número {n}")
    poll(line, Channel.MENTIONS)
    assert watch(line) == 0
    assert looks(world) == 0
    with a_day_later():
        watch(line)
        watch(line)
        assert looks(world) == 2
        bought = world.ledger.in_dollars()[HANDLE]["days"][clock.now().date().isoformat()]
    assert bought["items"]["post read"] == {"count": 130, "usd": 0.65}


@pytest.mark.parametrize(("days", "looked"), [(6, 1), (8, 0)])
def test_posts_of_resolved_cases_are_watched_for_some_days(
    world: World, x_desk: Desk, line: Line, written: str, cast: Cast, days: int, looked: int
) -> None:
    with x_desk.database.transaction() as session:
        all_cases(session)[0].resolve(by=cast.ana)
    with time_machine.travel(clock.now() + timedelta(days=days)):
        watch(line)
    assert looks(world) == looked


def test_what_x_does_not_answer_about_stays_as_it_is_and_due(
    world: World, x_desk: Desk, line: Line, written: str
) -> None:
    world.delete_post(written)
    world.limits.change("GET /2/tweets", Limit(0))
    with a_day_later():
        with pytest.raises(RateLimited):
            watch(line)
        with x_desk.database.reading() as session:
            assert the_message(session).text == LOST
        with pytest.raises(RateLimited):
            watch(line)
        assert looks(world) == 1


def test_a_public_reply_to_a_deleted_post_is_refused_and_a_private_one_is_not(
    world: World, x_desk: Desk, line: Line, written: str, cast: Cast
) -> None:
    with x_desk.database.transaction() as session:
        reply = drafts.write(session, all_cases(session)[0], text="Lo miramos. ^AH", by=cast.ana)
    world.delete_post(written)
    with a_day_later():
        watch(line)

        with (
            x_desk.database.transaction() as session,
            pytest.raises(BadInput, match=r"deleted this post\. .* write a direct message instead"),
        ):
            approvals.approve(
                session,
                replies.find(session, reply.id or 0),
                by=cast.ana,
                library=x_desk.library,
                settings=x_desk.settings,
            )
        with x_desk.database.transaction() as session:
            assert replies.find(session, reply.id or 0).state == State.DRAFT
            private = drafts.write(
                session, all_cases(session)[0], text="Lo miramos.", by=cast.ana, visibility=Visibility.PRIVATE
            )
            replies.approve(session, private, by=cast.ana)
        send_next(line)
    assert [each.text for each in world.direct_messages()] == ["Lo miramos."]


def test_a_public_reply_goes_to_the_newest_post_that_is_still_there(
    world: World, x_desk: Desk, line: Line, written: str, cast: Cast
) -> None:
    later = world.post("maria", f"@{HANDLE} ¿Me contestáis?", in_reply_to=written)
    poll(line, Channel.MENTIONS)
    world.delete_post(later.id)
    with a_day_later():
        watch(line)
        with x_desk.database.transaction() as session:
            (case,) = all_cases(session)
            reply = drafts.write(session, case, text="Sí. ^AH", by=cast.ana, visibility=Visibility.PUBLIC)
            replies.approve(session, reply, by=cast.ana)
            assert session.get_one(Message, reply.answers_id).x_id == written


@pytest.mark.parametrize("change", ["deleted", "protected"])
def test_a_refused_reply_tells_that_the_post_is_gone_and_the_watcher_tells_why(
    world: World, x_desk: Desk, line: Line, written: str, cast: Cast, change: str
) -> None:
    with x_desk.database.transaction() as session:
        reply = drafts.write(session, all_cases(session)[0], text="Lo miramos. ^AH", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
    if change == "deleted":
        world.delete_post(written)
    else:
        world.user("maria").protected = True
    send_next(line)

    with x_desk.database.reading() as session:
        message = the_message(session)
        assert (message.text, message.gone) == ("", Gone.DELETED)
        assert replies.find(session, reply.id or 0).state == State.HELD
        assert not outbox.anything_due(session, line.account_id)
    watch(line)
    with x_desk.database.reading() as session:
        assert the_message(session).gone == change


def test_an_edit_that_comes_in_after_the_deletion_brings_no_text_back(
    world: World, x_desk: Desk, line: Line, written: str
) -> None:
    edited = world.edit_post(written, f"@{HANDLE} Segunda versión")
    late = line.x.posts([edited.id], our_x_id=line.our_x_id()).found
    world.delete_post(edited.id)
    with a_day_later():
        watch(line)
        take_in(line, Channel.MENTIONS, late)
        with x_desk.database.reading() as session:
            assert (the_message(session).text, the_message(session).gone) == ("", Gone.DELETED)
        watch(line)
        with x_desk.database.reading() as session:
            assert (the_message(session).text, the_message(session).gone) == ("", Gone.DELETED)


def test_an_answer_that_cannot_be_read_changes_nothing(
    world: World, x_desk: Desk, line: Line, written: str
) -> None:
    world.faults.add(
        Fault("GET /2/tweets", Kind.STATUS, status=200, body={"errors": ["?", {"parameter": "ids"}]})
    )
    with a_day_later():
        assert watch(line) == 0
    with x_desk.database.reading() as session:
        assert (the_message(session).text, the_message(session).gone) == (LOST, None)


def test_a_post_of_which_x_never_tells_anything_counts_as_deleted_and_may_come_back(
    world: World, x_desk: Desk, line: Line, written: str
) -> None:
    world.faults.add(Fault("GET /2/tweets", Kind.STATUS, status=200, body=NOTHING, times=MOST_SILENCES))
    with a_day_later():
        assert [watch(line) for _ in range(MOST_SILENCES)] == [0] * (MOST_SILENCES - 1) + [1]
        asked = looks(world)
        assert (watch(line), looks(world)) == (0, asked)
        with x_desk.database.reading() as session:
            assert (the_message(session).text, the_message(session).gone) == ("", Gone.DELETED)
        with a_day_later():
            assert watch(line) == 1

    with x_desk.database.reading() as session:
        message = the_message(session)
        assert (message.text, message.gone, message.silences) == (LOST, None, None)


def test_what_x_shows_and_nobody_can_read_stays_in_the_desk(
    world: World, x_desk: Desk, line: Line, written: str
) -> None:
    unreadable = {"data": [{"id": written, "text": 7}]}
    again = MOST_SILENCES + 1
    world.faults.add(Fault("GET /2/tweets", Kind.STATUS, status=200, body=unreadable, times=again))
    with a_day_later():
        assert [watch(line) for _ in range(again)] == [0] * again

    with x_desk.database.reading() as session:
        assert (the_message(session).text, the_message(session).silences) == (LOST, None)


def test_an_answer_between_two_silences_begins_the_count_anew(
    world: World, x_desk: Desk, line: Line, written: str
) -> None:
    silent = Fault("GET /2/tweets", Kind.STATUS, status=200, body=NOTHING)
    with a_day_later():
        world.faults.add(silent)
        assert watch(line) == 0
        assert watch(line) == 0

    with x_desk.database.reading() as session:
        message = the_message(session)
        assert (message.text, message.silences, message.looked_at is None) == (LOST, None, False)


def test_the_schedule_looks_by_itself(world: World, x_desk: Desk, line: Line, written: str) -> None:
    world.delete_post(written)
    deadline = time.monotonic() + 20
    with a_day_later(), Schedule(x_desk):
        while not gone(x_desk):
            assert time.monotonic() < deadline
            threading.Event().wait(0.1)


def gone(desk: Desk) -> str | None:
    with desk.database.reading() as session:
        return the_message(session).gone


def test_a_case_that_was_merged_away_shows_nothing_of_it_either(
    world: World, x_desk: Desk, line: Line, written: str
) -> None:
    world.post("maria", f"@{HANDLE} otra cosa")
    poll(line, Channel.MENTIONS)
    with x_desk.database.transaction() as session:
        first, second = all_cases(session)
        message = session.exec(select(Message).where(Message.x_id == written)).one()
        message.case_id = second.id or 0
        first.merge_into(second)
    world.delete_post(written)
    with a_day_later():
        watch(line)

    with x_desk.database.reading() as session:
        assert [each.excerpt for each in all_cases(session)] == [
            "The customer deleted this post.",
            f"@{HANDLE} otra cosa",
        ]
        assert all(each.topic_words is None for each in all_cases(session))
