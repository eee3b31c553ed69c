"""Reading and sending direct messages."""

from __future__ import annotations

from collections.abc import Iterable

from socialdesk.sandbox import problems
from socialdesk.sandbox.answers import answer, show_messages
from socialdesk.sandbox.asking import MESSAGE_FIELD_PARAMETERS
from socialdesk.sandbox.calls import Body, Call, Endpoint
from socialdesk.sandbox.direct_messages import (
    KEPT_FOR,
    LONGEST_TEXT,
    DirectMessage,
    conversation_between,
    other_participant,
)
from socialdesk.sandbox.ledger import Price
from socialdesk.sandbox.pages import MESSAGE_PAGE_PARAMETERS, is_first_page, page_of_messages
from socialdesk.sandbox.users import User

EVENT_TYPES = frozenset({"MessageCreate", "ParticipantsJoin", "ParticipantsLeave"})


def events(call: Call) -> Body:
    raw = call.world.take_raw_items("dm_events") if is_first_page(call.asked) else []
    return _page(call, _mine(call), raw)


def events_with(call: Call) -> Body:
    conversation = conversation_between(call.me.id, call.id_in_path("participant_id"))
    return _page(call, (message for message in _mine(call) if message.conversation_id == conversation), [])


def events_in(call: Call) -> Body:
    conversation = call.path["id"]
    if other_participant(conversation, call.me.id) is None:
        raise problems.not_visible("dm_conversation", "id", conversation)
    return _page(call, (message for message in _mine(call) if message.conversation_id == conversation), [])


def event(call: Call) -> Body:
    event_id = call.id_in_path("id")
    message = call.world.find_direct_message(event_id)
    if message is None or call.me.id not in (message.sender_id, message.recipient_id):
        return answer(None, {}, [problems.not_found("dm_event", "event_id", event_id)], call)
    data, includes = show_messages(call, [message])
    return answer(data[0], includes, [], call)


def send_with(call: Call) -> Body:
    participant = call.id_in_path("participant_id")
    return _send(call, call.world.user_by_id(participant))


def send_in(call: Call) -> Body:
    other = other_participant(call.path["id"], call.me.id)
    if other is None:
        raise problems.forbidden(problems.NO_DIRECT_MESSAGES)
    return _send(call, call.world.user_by_id(other))


def _mine(call: Call) -> Iterable[DirectMessage]:
    oldest = call.world.now() - KEPT_FOR
    types = call.asked.words("event_types")
    for wrong in (name for name in types if name not in EVENT_TYPES):
        raise problems.invalid(
            f"The `event_types` query parameter value [{wrong}] is not valid", event_types=wrong
        )
    if types and "MessageCreate" not in types:
        return []
    return [message for message in call.world.messages_of(call.me.id) if message.created_at >= oldest]


def _page(call: Call, messages: Iterable[DirectMessage], raw: list[object]) -> Body:
    page = page_of_messages(messages, call.asked, most=call.world.rules.largest_page)
    data, includes = show_messages(call, page.things)
    return answer(raw + data, includes, [], call, page.meta(len(raw), with_ids=False))


def _send(call: Call, recipient: User | None) -> Body:
    text = _text(call.body)
    if recipient is None or not recipient.receives_direct_messages:
        raise problems.forbidden(problems.NO_DIRECT_MESSAGES)
    message = call.world.direct_message(call.me.handle, recipient.handle, text)
    call.charge_write(Price.DIRECT_MESSAGE_CREATED)
    return {"data": {"dm_conversation_id": message.conversation_id, "dm_event_id": message.id}}


def _text(body: Body) -> str:
    for name in body.keys() - {"text"}:
        raise problems.invalid(f"$.{name}: is not available here", **{name: body[name]})
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise problems.invalid("$.text: a message needs a text", text=text)
    if len(text) > LONGEST_TEXT:
        raise problems.invalid(f"$.text: is longer than {LONGEST_TEXT} characters", text=len(text))
    return text


READ = MESSAGE_PAGE_PARAMETERS | MESSAGE_FIELD_PARAMETERS
WITH, IN = "/2/dm_conversations/with/{participant_id}", "/2/dm_conversations/{id}"
ENDPOINTS = (
    Endpoint("GET", "/2/dm_events", events, READ, needs_user=True),
    Endpoint("GET", "/2/dm_events/{id}", event, MESSAGE_FIELD_PARAMETERS, needs_user=True),
    Endpoint("GET", f"{WITH}/dm_events", events_with, READ, needs_user=True),
    Endpoint("GET", f"{IN}/dm_events", events_in, READ, needs_user=True),
    Endpoint("POST", f"{WITH}/messages", send_with, needs_user=True, status=201),
    Endpoint("POST", f"{IN}/messages", send_in, needs_user=True, status=201),
)
