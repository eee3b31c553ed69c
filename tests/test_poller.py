"""Reading X through the real client: nothing missed, nothing twice, one bad item stops nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from socialdesk import accounts, clock, replies
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import AccountBlocked, RateLimited, XUnavailable
from socialdesk.messages import Message
from socialdesk.polling import cursors, gaps, quarantine
from socialdesk.polling.cursors import Channel
from socialdesk.polling.quarantine import QuarantinedItem
from socialdesk.replying import drafts
from socialdesk.sandbox import World
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.records import RawItem
from socialdesk.settings import AccountSettings
from socialdesk.workers.line import Line, open_lines
from socialdesk.workers.poller import poll
from socialdesk.workers.sender import send_next
from tests.conftest import HANDLE, KEYS, Cast
from tests.stories import all_cases

MENTIONS = "GET /2/users/:id/mentions"


def stored(desk: Desk) -> set[str]:
    with desk.database.reading() as session:
        return set(session.exec(select(Message.x_id)))


def test_every_mention_of_a_long_absence_is_taken_in(world: World, x_desk: Desk, line: Line) -> None:
    world.add_user("maria", "María")
    written = {world.post("maria", f"@{HANDLE} mensaje número {n} de muchos").id for n in range(230)}

    assert poll(line, Channel.MENTIONS) == 230
    assert stored(x_desk) == written


def test_the_cursor_stands_at_the_newest_message_stored(world: World, x_desk: Desk, line: Line) -> None:
    world.add_user("maria", "María")
    last = [world.post("maria", f"@{HANDLE} hola {n}") for n in range(3)][-1]
    poll(line, Channel.MENTIONS)

    with x_desk.database.transaction() as session:
        cursor = cursors.find(session, line.account_id, Channel.MENTIONS)
        assert (cursor.newest_x_id, cursor.trouble) == (last.id, None)
        assert cursor.read_at is not None


def test_a_mention_that_x_shows_late_is_not_missed(world: World, x_desk: Desk, line: Line) -> None:
    world.add_user("maria", "María")
    world.index_lag = timedelta(seconds=0.5)
    late = world.post("maria", f"@{HANDLE} llego tarde")
    world.index_lag = timedelta(0)
    world.post("maria", f"@{HANDLE} y yo después")
    assert poll(line, Channel.MENTIONS) == 1

    deadline = time.monotonic() + 10
    while not poll(line, Channel.MENTIONS):
        assert time.monotonic() < deadline
    assert late.id in stored(x_desk)


@pytest.mark.parametrize("spelling", ["tweet", "post"])
def test_both_of_xs_spellings_are_understood(
    world: World, x_desk: Desk, line: Line, spelling: str, keys: None
) -> None:
    from socialdesk.x import connect

    world.add_user("maria", "María")
    question = world.post("maria", f"@{HANDLE} 1 < 2 & 3 > 2, ¿verdad?", lang="es")
    x = connect(x_desk.settings.x.model_copy(update={"spelling": spelling}), "NORTHWIND")

    (item,) = x.mentions(line.our_x_id(), since_id=None).items
    assert (item.x_id, item.conversation_id, item.x_language) == (question.id, question.id, "es")
    assert item.text == f"@{HANDLE} 1 < 2 & 3 > 2, ¿verdad?"
    assert item.author_x_id == world.user("maria").id


def test_strangers_are_asked_for_by_name_once(world: World, x_desk: Desk, line: Line) -> None:
    world.add_user("maria", "María García")
    world.post("maria", f"@{HANDLE} hola")
    poll(line, Channel.MENTIONS)
    world.post("maria", f"@{HANDLE} hola otra vez")
    poll(line, Channel.MENTIONS)

    with x_desk.database.reading() as session:
        (customer,) = session.exec(select(Customer)).all()
    assert (customer.handle, customer.name) == ("maria", "María García")
    assert [request.path for request in world.requests].count("/2/users") == 1


def test_mentions_are_kept_when_x_will_not_tell_the_names(world: World, x_desk: Desk, line: Line) -> None:
    world.faults.add(Fault("GET /2/users", Kind.HTML, status=503))
    world.add_user("maria", "María")
    world.post("maria", f"@{HANDLE} hola")

    assert poll(line, Channel.MENTIONS) == 1
    with x_desk.database.reading() as session:
        assert session.exec(select(Customer)).one().handle is None


def raw(**changes: Any) -> dict[str, Any]:
    whole = {
        "id": "1900000000000000001",
        "text": "hello",
        "author_id": "77",
        "conversation_id": "1900000000000000001",
        "created_at": "2026-11-20T12:00:00.000Z",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (raw(author_id=None), "author_id is missing"),
        (raw(id="9" * 40), "id is no id of X's"),
        (raw(id="1e5"), "id is no id of X's"),
        (raw(id=7), "id is no id of X's"),
        (raw(text=None), "text is missing"),
        (raw(text=["a"]), "text is no text"),
        (
            raw(created_at="0001-01-01T00:00:00Z"),
            "created_at is before the first post on X, or in the future",
        ),
        (
            raw(created_at="2999-01-01T00:00:00Z"),
            "created_at is before the first post on X, or in the future",
        ),
        (raw(created_at="yesterday"), "created_at is missing or no moment"),
        (raw(referenced_tweets="none"), "the referenced posts are no list"),
        ("not an object", "a str where an object should be"),
    ],
)
def test_one_bad_item_is_set_aside_with_its_reason_and_the_rest_go_on(
    world: World, x_desk: Desk, line: Line, item: Any, reason: str
) -> None:
    world.add_user("maria", "María")
    question = world.post("maria", f"@{HANDLE} ¿dónde está mi pedido?")
    world.raw_items.append(RawItem("mentions", item, times=2))

    assert poll(line, Channel.MENTIONS) == 1
    assert poll(line, Channel.MENTIONS) == 0

    assert stored(x_desk) == {question.id}
    with x_desk.database.reading() as session:
        (kept,) = session.exec(select(QuarantinedItem)).all()
        assert kept.reason == reason
        assert quarantine.size(session) == 1


def test_nul_and_lone_surrogates_are_cleaned_not_refused(world: World, x_desk: Desk, line: Line) -> None:
    world.raw_items.append(RawItem("mentions", raw(text="nul \x00 and \ud83d half", lang="e\x00\ud83d")))

    assert poll(line, Channel.MENTIONS) == 1
    with x_desk.database.reading() as session:
        assert session.exec(select(Message.text)).one() == "nul  and \ufffd half"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(MENTIONS, Kind.HTML, status=503),
        Fault(MENTIONS, Kind.HTML, status=200),
        Fault(MENTIONS, Kind.STATUS, status=500),
        Fault(MENTIONS, Kind.DROP),
        Fault(MENTIONS, Kind.TRUNCATE),
        Fault(MENTIONS, Kind.EMPTY),
        Fault(MENTIONS, Kind.REDIRECT, status=302),
        Fault(MENTIONS, Kind.STATUS, status=200, body=[]),
        Fault(MENTIONS, Kind.STATUS, status=200, body={}),
        Fault(MENTIONS, Kind.STATUS, status=200, body={"data": 7, "meta": {}}),
        Fault(MENTIONS, Kind.STATUS, status=200, body={"errors": [{"title": "Something"}]}),
        Fault(MENTIONS, Kind.STATUS, status=500, body=[]),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
def test_an_answer_that_makes_no_sense_moves_nothing_and_is_told(
    world: World, x_desk: Desk, line: Line, fault: Fault
) -> None:
    world.add_user("maria", "María")
    line.our_x_id()
    world.post("maria", f"@{HANDLE} hola")
    world.faults.add(replace(fault))

    with pytest.raises(XUnavailable):
        poll(line, Channel.MENTIONS)
    with x_desk.database.transaction() as session:
        cursor = cursors.find(session, line.account_id, Channel.MENTIONS)
        assert cursor.newest_x_id is None
        assert cursor.trouble
    assert poll(line, Channel.MENTIONS) == 1


@pytest.mark.parametrize("reset", [None, "soon", "12"])
def test_after_a_429_x_is_left_alone_whatever_its_headers_say(
    world: World, x_desk: Desk, line: Line, reset: str | None
) -> None:
    line.our_x_id()
    world.faults.add(Fault(MENTIONS, Kind.STATUS, status=429, reset=reset))

    with pytest.raises(RateLimited) as caught:
        poll(line, Channel.MENTIONS)
    asked = len(world.requests)
    assert poll(line, Channel.MENTIONS) == 0
    assert len(world.requests) == asked
    assert caught.value.until > world.now() + timedelta(seconds=10)


@pytest.mark.parametrize("status", [401, 402])
def test_keys_or_credit_that_x_refuses_are_told_in_words(world: World, line: Line, status: int) -> None:
    line.our_x_id()
    world.faults.add(Fault(MENTIONS, Kind.STATUS, status=status))

    with pytest.raises(AccountBlocked):
        poll(line, Channel.MENTIONS)


def test_direct_messages_come_in_with_those_we_sent_from_the_app(
    world: World, x_desk: Desk, line: Line
) -> None:
    world.add_user("kenji", "健二")
    for n in range(25):
        world.direct_message("kenji", HANDLE, f"メッセージです {n}")
    world.direct_message(HANDLE, "kenji", "確認します。")

    assert poll(line, Channel.DIRECT_MESSAGES) == 26
    assert poll(line, Channel.DIRECT_MESSAGES) == 0
    assert {message.id for message in world.direct_messages()} == stored(x_desk)
    pages = [request for request in world.requests if request.path == "/2/dm_events"]
    assert len(pages) == 3  # two to read them, and one small page to see that nothing is new


def test_direct_messages_behind_an_answer_of_ours_are_not_missed(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    world.add_user("kenji", "健二")
    world.direct_message("kenji", HANDLE, "アカウントにログインできません。")
    poll(line, Channel.DIRECT_MESSAGES)
    with x_desk.database.transaction() as session:
        reply = drafts.write(session, all_cases(session)[0], text="確認します。", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
    for n in range(12):
        world.direct_message("kenji", HANDLE, f"まだですか {n}")
    send_next(line)
    for n in range(4):
        world.direct_message("kenji", HANDLE, f"もしもし {n}")
    poll(line, Channel.DIRECT_MESSAGES)

    assert {message.id for message in world.direct_messages()} == stored(x_desk)


def test_two_hundred_direct_messages_of_a_night_are_taken_in(world: World, x_desk: Desk, line: Line) -> None:
    world.add_user("kenji", "健二")
    world.direct_message("kenji", HANDLE, "こんばんは")
    poll(line, Channel.DIRECT_MESSAGES)
    for n in range(200):
        world.direct_message("kenji", HANDLE, f"メッセージです {n}")

    assert poll(line, Channel.DIRECT_MESSAGES) == 200
    assert {message.id for message in world.direct_messages()} == stored(x_desk)


def test_what_x_offers_no_more_is_shown_as_a_gap(world: World, x_desk: Desk, line: Line) -> None:
    world.add_user("kenji", "健二")
    for n in range(720):
        world.direct_message("kenji", HANDLE, f"{n}")
    poll(line, Channel.DIRECT_MESSAGES)

    with x_desk.database.reading() as session:
        (gap,) = gaps.unseen(session)
    assert (gap.channel, gap.from_at) == (Channel.DIRECT_MESSAGES, None)


def test_what_came_before_an_error_in_mid_walk_is_kept(world: World, x_desk: Desk, line: Line) -> None:
    world.add_user("maria", "María")
    line.our_x_id()
    for n in range(150):
        world.post("maria", f"@{HANDLE} mensaje número {n}")
    world.limits.change(MENTIONS, Limit(1))

    with pytest.raises(RateLimited):
        poll(line, Channel.MENTIONS)
    assert len(stored(x_desk)) == 100
    with x_desk.database.reading() as session:
        assert cursors.all_of(session)[0].newest_x_id is None

    world.limits.change(MENTIONS, Limit(300))
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert poll(line, Channel.MENTIONS) == 50


def test_our_own_thread_and_our_other_accounts_open_no_case(world: World, x_desk: Desk, line: Line) -> None:
    us = line.our_x_id()
    world.add_user("NorthwindHelpES", "Northwind Ayuda")
    with x_desk.database.transaction() as session:
        accounts.enrol(session, [AccountSettings(handle="NorthwindHelpES", credentials="ES")])
        accounts.all_of(session)[1].recognised_as(world.user("NorthwindHelpES").id)
    world.post("NorthwindHelpES", f"@{HANDLE} can you take this one?")
    first = world.post(HANDLE, f"Tips for @{HANDLE} readers, one of two")
    world.post(HANDLE, f"@{HANDLE} two of two", in_reply_to=first.id)
    for item in (raw(author_id=us, in_reply_to_user_id=us),):
        world.raw_items.append(RawItem("mentions", item))

    assert poll(line, Channel.MENTIONS) == 0
    assert stored(x_desk) == set()


def test_keys_of_another_account_are_refused(
    world: World, x_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {name: f"other-{value}" for name, value in KEYS.items()}
    world.add_user("SomebodyElse", "Somebody Else")
    world.add_app("SomebodyElse", **others)
    for name, value in others.items():
        monkeypatch.setenv(f"X_NORTHWIND_{name.upper()}", value)

    with pytest.raises(AccountBlocked, match="belong to @SomebodyElse"):
        poll(open_lines(x_desk)[0], Channel.MENTIONS)
