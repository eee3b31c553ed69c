"""Short ways to have replies leave the desk for the sandbox X, and to see what came of them there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import time_machine
from sqlmodel import col, select

from socialdesk import cases, clock, parts, replies
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.messages import Visibility
from socialdesk.parts import ReplyPart
from socialdesk.people.agents import Agent
from socialdesk.polling.cursors import Channel
from socialdesk.replies import Reply
from socialdesk.replying import again, drafts
from socialdesk.sandbox import World
from socialdesk.sandbox.posts import Post
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.reconciler import reconcile
from socialdesk.workers.sender import send_next
from tests.conftest import HANDLE

POST = "POST /2/tweets"
WRITE_DM = "POST /2/dm_conversations/with/:participant_id/messages"
WORDS = "Lo miramos ahora mismo, gracias por avisar."
LONG = " ".join(f"Frase número {number}, que dice lo que hay que hacer." for number in range(1, 13))


def ask(world: World, line: Line, *handles: str, private: bool = False) -> None:
    """Each of them asks something, and the desk has read it."""
    for handle in handles:
        world.add_user(handle, handle)
        if private:
            world.direct_message(handle, HANDLE, "Mi cuenta está bloqueada, ¿qué hago?")
        else:
            world.post(handle, f"@{HANDLE} ¿dónde está mi paquete?")
    poll(line, Channel.DIRECT_MESSAGES if private else Channel.MENTIONS)


def approve(desk: Desk, handle: str, by: Agent, text: str = WORDS, **how: Any) -> int:
    """An approved reply to that customer's case; returns its row id. `private` makes it a direct message."""
    visibility = Visibility.PRIVATE if how.pop("private", False) else None
    with desk.database.transaction() as session:
        query = select(Case).join(Customer, col(Customer.id) == Case.customer_id)
        found = session.exec(query.where(Customer.handle == handle)).one()
        case = cases.hold(session, found.id or 0)
        reply = drafts.write(session, case, text=text, by=by, visibility=visibility)
        replies.approve(session, reply, by=by, **how)
        return reply.id or 0


def send_again(desk: Desk, reply_id: int, by: Agent, **seen: Any) -> None:
    """A held reply, as it is; `seen` is what `by` has had before him."""
    with desk.database.transaction() as session:
        reply = replies.find(session, reply_id)
        again.send(session, reply, by=by, library=desk.library, settings=desk.settings, **seen)


def reply_of(desk: Desk, reply_id: int) -> Reply:
    with desk.database.reading() as session:
        return replies.find(session, reply_id)


def parts_of(desk: Desk, reply_id: int) -> Sequence[ReplyPart]:
    with desk.database.reading() as session:
        return parts.of_reply(session, reply_id)


def our_posts(world: World) -> list[Post]:
    """Oldest first."""
    us = world.user(HANDLE).id
    return [post for post in world.posts() if post.author_id == us]


def ours(world: World) -> list[str]:
    """X's ids of everything we have said there."""
    us = world.user(HANDLE).id
    messages = [message.id for message in world.direct_messages() if message.sender_id == us]
    return [post.id for post in our_posts(world)] + messages


def send_all(line: Line) -> int:
    return sum(1 for _ in iter(lambda: send_next(line), False))


def settle(line: Line) -> None:
    """Wait until X's timeline may be believed, look there, and send what is due again."""
    assert reconcile(line) == 0
    with time_machine.travel(later(line)):
        assert reconcile(line) == 1
        send_all(line)


def later(line: Line) -> Any:
    """When X's timeline may be believed."""
    return clock.now() + timedelta(seconds=line.desk.settings.sending.settle_seconds + 1)
