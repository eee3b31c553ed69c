"""Direct messages, read and sent."""

from __future__ import annotations

from typing import Any

import pytest
import tweepy

from socialdesk.sandbox import World

FIELDS = "dm_conversation_id,created_at,sender_id,text,participant_ids"


def test_both_directions_are_read_newest_first(desk: tweepy.Client, world: World) -> None:
    asked = world.direct_message("kenji", "ParcelHelp", "荷物 <A&B>")
    answered = world.direct_message("ParcelHelp", "kenji", "はい")
    world.direct_message("kenji", "maria", "not for the desk")
    answer = desk.get_direct_message_events(dm_event_fields=FIELDS)
    assert [event["id"] for event in answer["data"]] == [answered.id, asked.id]
    small, large = sorted((world.user("kenji").id, world.user("ParcelHelp").id), key=int)
    assert answer["data"][1] == {
        "id": asked.id,
        "event_type": "MessageCreate",
        "text": "荷物 &lt;A&amp;B&gt;",
        "created_at": "2026-09-01T12:00:00.000Z",
        "dm_conversation_id": f"{small}-{large}",
        "sender_id": world.user("kenji").id,
    }
    assert answer["meta"] == {"result_count": 2}


def test_events_are_paged_to_the_end(desk: tweepy.Client, world: World) -> None:
    sent = [world.direct_message("kenji", "ParcelHelp", str(n)) for n in range(7)]
    pages = list(tweepy.Paginator(desk.get_direct_message_events, max_results=3))
    assert [event["id"] for page in pages for event in page["data"]] == [m.id for m in reversed(sent)]
    assert len(pages) == 3


def test_one_conversation_is_read_by_participant_or_by_its_id(desk: tweepy.Client, world: World) -> None:
    from_kenji = world.direct_message("kenji", "ParcelHelp", "荷物")
    world.direct_message("maria", "ParcelHelp", "paquete")
    by_participant = desk.get_direct_message_events(participant_id=world.user("kenji").id)
    by_id = desk.get_direct_message_events(dm_conversation_id=from_kenji.conversation_id)
    assert [event["id"] for event in by_participant["data"]] == [from_kenji.id]
    assert by_id["data"] == by_participant["data"]


def test_one_event_is_looked_up_but_not_one_between_others(desk: tweepy.Client, world: World) -> None:
    ours, theirs = (
        world.direct_message("kenji", "ParcelHelp", "a"),
        world.direct_message("kenji", "maria", "b"),
    )

    def look_up(event_id: str) -> Any:
        return desk.request("GET", f"/2/dm_events/{event_id}", user_auth=True).json()

    assert look_up(ours.id)["data"]["text"] == "a"
    assert look_up(theirs.id).keys() == {"errors"}


def test_messages_older_than_thirty_days_are_gone(desk: tweepy.Client, world: World, clock: Any) -> None:
    world.direct_message("kenji", "ParcelHelp", "old")
    clock.advance(days=31)
    assert desk.get_direct_message_events() == {"meta": {"result_count": 0}}


def test_since_id_is_not_offered(desk: tweepy.Client) -> None:
    with pytest.raises(tweepy.BadRequest):
        desk.request("GET", "/2/dm_events", params={"since_id": "1"}, user_auth=True)


def test_the_sender_is_included_when_expanded(desk: tweepy.Client, world: World) -> None:
    world.direct_message("kenji", "ParcelHelp", "荷物")
    answer = desk.get_direct_message_events(expansions="sender_id")
    assert answer["includes"]["users"][0]["username"] == "kenji"


def test_a_message_is_sent_by_participant_or_by_conversation(desk: tweepy.Client, world: World) -> None:
    kenji = world.user("kenji")
    first = desk.create_direct_message(participant_id=kenji.id, text="こんにちは")["data"]
    second = desk.create_direct_message(dm_conversation_id=first["dm_conversation_id"], text="はい")["data"]
    messages = world.direct_messages()
    assert [m.id for m in messages] == [first["dm_event_id"], second["dm_event_id"]]
    assert {(m.recipient_id, m.conversation_id) for m in messages} == {
        (kenji.id, first["dm_conversation_id"])
    }


def test_a_message_to_somebody_who_takes_none_is_refused(desk: tweepy.Client, world: World) -> None:
    closed = world.add_user("closed", receives_direct_messages=False)
    for participant in (closed.id, "12345"):
        with pytest.raises(tweepy.Forbidden):
            desk.create_direct_message(participant_id=participant, text="Hi")
    with pytest.raises(tweepy.Forbidden):
        desk.create_direct_message(dm_conversation_id="1-2", text="Hi")


def test_a_message_needs_a_text_of_at_most_ten_thousand_characters(desk: tweepy.Client, world: World) -> None:
    kenji = world.user("kenji").id
    assert desk.create_direct_message(participant_id=kenji, text="x" * 10_000)["data"]
    for text in ("x" * 10_001, " "):
        with pytest.raises(tweepy.BadRequest):
            desk.create_direct_message(participant_id=kenji, text=text)
