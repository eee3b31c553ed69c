"""A database put back to what it was before some replies left: X has them, and they don't leave again."""

from __future__ import annotations

import pytest
from sqlmodel import select

from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.messages import Direction, Message
from socialdesk.polling.cursors import Channel
from socialdesk.replies import State
from socialdesk.sandbox import World
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from tests.conftest import Cast
from tests.outgoing import WORDS, approve, ask, ours, reply_of, send_all


@pytest.mark.parametrize("private", [False, True])
def test_what_x_has_is_found_there_and_not_sent_again(
    world: World, x_desk: Desk, line: Line, cast: Cast, private: bool
) -> None:
    ask(world, line, "maria", private=private)
    reply_id = approve(x_desk, "maria", cast.ana, private=private)
    _leave_without_the_database_knowing(x_desk, line, reply_id, private=private)

    poll(line, Channel.DIRECT_MESSAGES if private else Channel.OWN_POSTS)
    send_all(line)

    reply = reply_of(x_desk, reply_id)
    assert reply.state == State.SENT
    assert len(ours(world)) == 1
    with x_desk.database.reading() as session:
        (said,) = session.exec(select(Message).where(Message.direction == Direction.OUTBOUND)).all()
        assert reply.x_id == said.x_id


def test_the_same_words_to_somebody_else_are_another_reply(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    ask(world, line, "maria", "kenji", private=True)
    first, second = (approve(x_desk, who, cast.ana, private=True) for who in ("maria", "kenji"))
    _leave_without_the_database_knowing(x_desk, line, first, private=True)
    poll(line, Channel.DIRECT_MESSAGES)
    send_all(line)
    assert {reply_of(x_desk, each).state for each in (first, second)} == {State.SENT}
    assert len(ours(world)) == 2


def _leave_without_the_database_knowing(desk: Desk, line: Line, reply_id: int, *, private: bool) -> None:
    with desk.database.reading() as session:
        answered = session.get_one(Message, reply_of(desk, reply_id).answers_id)
    if private:
        with desk.database.reading() as session:
            customer_x_id = session.exec(
                select(Customer.x_id).where(Customer.id == answered.customer_id)
            ).one()
        line.x.send_direct_message(WORDS, customer_x_id=customer_x_id)
    else:
        line.x.post_reply(WORDS, answers_x_id=answered.x_id)
