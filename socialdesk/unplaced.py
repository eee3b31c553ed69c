"""What X told and no case has room for: kept with its reason, so that nothing offered is ever lost.

Words of ours that answer nobody yet wait here: they go into their case as soon as there is one. Retweets and
what ignored accounts write stay.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, inspect, text
from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint, col, select

from socialdesk import clock
from socialdesk.bulk import among
from socialdesk.database import one_of
from socialdesk.messages import Incoming, Visibility


class Why(StrEnum):
    TO_NOBODY = "to_nobody"  # ours, in answer to nobody who has written to us so far
    RETWEET = "retweet"
    IGNORED = "ignored"  # its author is on the settings' list


class UnplacedMessage(SQLModel, table=True):
    """One post or direct message that is in no case, as it came."""

    __tablename__ = "unplaced_messages"
    __table_args__ = (
        UniqueConstraint("account_id", "x_id"),
        one_of("why", Why),
        Index("ix_unplaced_messages_customer", "account_id", "customer_x_id"),
        Index("ix_unplaced_messages_conversation", "account_id", "conversation_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    x_id: str
    why: str
    customer_x_id: str | None = None
    conversation_id: str | None = None
    told: str  # JSON: the message
    put_by_at: datetime


def put_by(session: Session, account_id: int, found: Mapping[Why, Iterable[Incoming]]) -> None:
    """Keep these messages; what is kept already is left as it is."""
    now = clock.now()
    rows = [
        {
            "account_id": account_id,
            "x_id": incoming.x_id,
            "why": why,
            "customer_x_id": incoming.customer_x_id,
            "conversation_id": incoming.conversation_id,
            "told": json.dumps(asdict(incoming), ensure_ascii=False, default=datetime.isoformat),
            "put_by_at": now,
        }
        for why, some in found.items()
        for incoming in some
    ]
    if rows:
        session.connection().execute(_KEEP, rows)


_KEEP = text(
    "INSERT INTO unplaced_messages (account_id, x_id, why, customer_x_id, conversation_id, told, put_by_at)"
    " VALUES (:account_id, :x_id, :why, :customer_x_id, :conversation_id, :told, :put_by_at)"
    " ON CONFLICT (account_id, x_id) DO NOTHING"
).bindparams(bindparam("put_by_at", type_=inspect(UnplacedMessage).columns["put_by_at"].type))


def stored(session: Session, account_id: int, x_ids: Collection[str]) -> set[str]:
    """Those of X's ids that are kept here."""
    asked = {"account_id": account_id, "x_ids": list(x_ids)}
    return {row[0] for row in session.connection().execute(_STORED, asked)}


def waiting_for(session: Session, account_id: int, customer_x_ids: Collection[str]) -> Sequence[Incoming]:
    """Our own words to these people that have no case yet."""
    return _waiting(session, account_id, _FOR_CUSTOMERS, customer_x_ids)


def to_unknown(session: Session, account_id: int, conversation_ids: Collection[str]) -> Sequence[Incoming]:
    """Our own words in these conversations of which X does not tell whom they answer."""
    return _waiting(session, account_id, _TO_UNKNOWN, conversation_ids)


def addressees(
    session: Session, account_id: int, x_ids: Collection[str]
) -> dict[str, tuple[str | None, str | None]]:
    """Whom those of our words that wait are for, and in which conversation they are, by X's ids."""
    if not x_ids:
        return {}
    query = select(
        UnplacedMessage.x_id, UnplacedMessage.customer_x_id, UnplacedMessage.conversation_id
    ).where(
        UnplacedMessage.account_id == account_id,
        UnplacedMessage.why == Why.TO_NOBODY,
        col(UnplacedMessage.x_id).in_(x_ids),
    )
    return {row[0]: (row[1], row[2]) for row in session.exec(query)}


def take_out(session: Session, account_id: int, x_ids: Collection[str]) -> None:
    """These have found their case."""
    if x_ids:
        session.connection().execute(
            delete(UnplacedMessage).where(
                col(UnplacedMessage.account_id) == account_id, col(UnplacedMessage.x_id).in_(x_ids)
            )
        )


def _waiting(session: Session, account_id: int, which: Any, among_them: Collection[str]) -> list[Incoming]:
    asked = {"account_id": account_id, "among_them": list(among_them)}
    return [_incoming(row[0]) for row in session.connection().execute(which, asked)]


def _incoming(told: str) -> Incoming:
    incoming = Incoming(**json.loads(told))
    return replace(
        incoming,
        visibility=Visibility(incoming.visibility),
        sent_at=datetime.fromisoformat(str(incoming.sent_at)),
        versions=tuple(incoming.versions),
    )


# Made once: the intake asks them for every batch.
_OF_ACCOUNT = col(UnplacedMessage.account_id) == bindparam("account_id")
_STORED = select(UnplacedMessage.x_id).where(_OF_ACCOUNT, among(UnplacedMessage.x_id, "x_ids"))
_TO_NOBODY = select(UnplacedMessage.told).where(_OF_ACCOUNT, UnplacedMessage.why == Why.TO_NOBODY)
_FOR_CUSTOMERS = _TO_NOBODY.where(among(UnplacedMessage.customer_x_id, "among_them"))
_TO_UNKNOWN = _TO_NOBODY.where(
    among(UnplacedMessage.conversation_id, "among_them"), col(UnplacedMessage.customer_x_id).is_(None)
)
