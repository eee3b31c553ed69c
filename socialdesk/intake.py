"""Take in what customers wrote: each message once, in its language, in its case.

Two steps, because reading a language takes longer than storing a message and nobody should wait for it
behind the database's lock: `read` without a transaction, `take_in` inside one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from socialdesk import accounts, clock, corrections, customers, messages, search, spoken
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.languages import Evidence
from socialdesk.messages import Direction, Incoming, Message
from socialdesk.placement import Placement


@dataclass(frozen=True, slots=True)
class Read:
    """A message with its text cleaned and its language found."""

    incoming: Incoming
    evidence: Evidence


def read(database: Database, account_id: int, arrived: Iterable[Incoming]) -> list[Read]:
    """Those of the messages that are not stored yet, oldest first, each with its language.

    What our other accounts write is left out: one of us is nobody's customer.
    """
    with database.reading() as session:
        colleagues = accounts.others(session, account_id)
        once = {each.x_id: each for each in arrived if each.author_x_id not in colleagues}
        known = messages.stored(session, account_id, once.keys())
        fresh = sorted((once[x_id] for x_id in once.keys() - known), key=lambda each: int(each.x_id))
        so_far = spoken.so_far(session, account_id, {str(each.customer_x_id) for each in fresh})
    cleaned = (replace(incoming, text=messages.clean(incoming.text)) for incoming in fresh)
    return [Read(incoming, so_far.read(incoming)) for incoming in cleaned]


def take_in(session: Session, account_id: int, batch: Sequence[Read], *, reopen_days: int) -> list[str]:
    """Store the batch and place each message in its case; returns X's ids of those that were new.

    Safe to repeat: what is stored already is left alone, and the unique key on X's id stands behind that
    when two processes take in the same page at once.
    """
    known = messages.stored(session, account_id, [each.incoming.x_id for each in batch])
    fresh = [each for each in batch if each.incoming.x_id not in known and each.incoming.customer_x_id]
    people = customers.meet(session, [str(each.incoming.customer_x_id) for each in fresh])
    placement = Placement(session, account_id, people.values(), reopen_days=reopen_days)
    placed: list[tuple[Read, Case]] = []
    for each in fresh:
        if case := placement.case_for(each.incoming, people[str(each.incoming.customer_x_id)]):
            _tell(case, each)
            placed.append((each, case))
    session.flush()  # new cases get their ids here, all in one statement
    return _store(session, account_id, placed)


def _tell(case: Case, each: Read) -> None:
    incoming = each.incoming
    if incoming.ours:
        unseen_since = case.unseen_at(incoming.sent_at)
        case.we_wrote(at=incoming.sent_at, x_id=incoming.x_id, unseen_since=unseen_since)
        return
    case.customer_wrote(
        incoming.text,
        at=incoming.sent_at,
        visibility=incoming.visibility,
        language=each.evidence.language,
        x_id=incoming.x_id,
        sure=corrections.is_sure(each.evidence.language, each.evidence.confidence),
    )


def _store(session: Session, account_id: int, placed: Iterable[tuple[Read, Case]]) -> list[str]:
    """As plain rows: objects that nobody will change again would cost several times as much."""
    now = clock.now()
    rows = [_row(each, case, account_id, now) for each, case in placed]
    if rows:
        session.connection().execute(insert(Message), rows)
        search.index_messages(session, account_id, {row["x_id"]: row["text"] for row in rows})
    return [row["x_id"] for row in rows]


def _row(each: Read, case: Case, account_id: int, now: datetime) -> dict[str, Any]:
    incoming, evidence = each.incoming, each.evidence
    return {
        "account_id": account_id,
        "case_id": case.id,
        "customer_id": case.customer_id,
        "x_id": incoming.x_id,
        "visibility": incoming.visibility,
        "direction": Direction.OUTBOUND if incoming.ours else Direction.INBOUND,
        "conversation_id": incoming.conversation_id,
        "in_reply_to_x_id": incoming.in_reply_to_x_id,
        "text": incoming.text,
        "sent_at": incoming.sent_at,
        "taken_in_at": now,
        "language": evidence.language,
        "confidence": evidence.confidence,
        "runner_up": evidence.runner_up,
        "language_source": evidence.source,
        "x_language": incoming.x_language,
        "language_found": evidence.code,
        "mixed": evidence.mixed,
    }
