"""Whom our own words were written to, where X does not say: a post of ours under a post of ours.

An answer in two parts is such a thread: its second part answers the first, and is meant for the same person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from socialdesk import unplaced
from socialdesk.customers import Customer
from socialdesk.messages import Incoming, Message

Addressee = tuple[str | None, str | None]  # a person, and the conversation
NOBODY: Addressee = (None, None)


def addressed(session: Session, account_id: int, batch: Sequence[Incoming]) -> list[Incoming]:
    """The batch with whom each of our words is for, and our earlier words for which it tells that."""
    conversations = {each.conversation_id for each in batch if each.conversation_id}
    waiting = unplaced.to_unknown(session, account_id, conversations)
    every = {each.x_id: each for each in (*waiting, *batch)}
    lost = [each for each in every.values() if each.customer_x_id is None and each.in_reply_to_x_id]
    if not lost:
        return list(batch)
    above = {str(each.in_reply_to_x_id) for each in lost} - every.keys()
    known = _stored(session, account_id, above) | unplaced.addressees(session, account_id, above)
    known |= {each.x_id: (each.customer_x_id, each.conversation_id) for each in every.values()}
    found = _down(known, lost)
    told = (replace(each, customer_x_id=found.get(each.x_id, each.customer_x_id)) for each in every.values())
    new = {each.x_id for each in batch}
    return [each for each in told if each.x_id in new or each.customer_x_id]


def _stored(session: Session, account_id: int, x_ids: Collection[str]) -> dict[str, Addressee]:
    """Whose these stored messages are, or whom ours are for, by X's ids."""
    if not x_ids:
        return {}
    query = (
        select(Message.x_id, Customer.x_id, Message.conversation_id)
        .join(Customer, col(Customer.id) == Message.customer_id)
        .where(Message.account_id == account_id, col(Message.x_id).in_(x_ids))
    )
    return {row[0]: (row[1], row[2]) for row in session.exec(query)}


def _down(known: Mapping[str, Addressee], lost: Iterable[Incoming]) -> dict[str, str]:
    """The addressee of each post that hangs under one with an addressee, however far below.

    An answer in another conversation than what it answers is bad data, and hangs under nothing.
    """
    under: dict[str, list[str]] = defaultdict(list)
    for each in lost:
        _, conversation = known.get(str(each.in_reply_to_x_id), NOBODY)
        if conversation == each.conversation_id:
            under[str(each.in_reply_to_x_id)].append(each.x_id)
    found = {x_id: customer for x_id, (customer, _) in known.items() if customer}
    to_do = [x_id for x_id in under if x_id in found]
    while to_do:
        x_id = to_do.pop()
        below = [each for each in under[x_id] if each not in found]
        found |= dict.fromkeys(below, found[x_id])
        to_do += below
    return found
