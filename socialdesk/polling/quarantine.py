"""What X sent and the desk could not read: set aside with the reason, so that the rest goes on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, func, select

from socialdesk import clock

BATCH = 500
LARGEST = 20_000  # characters of an item that are kept


@dataclass(frozen=True, slots=True)
class Rejected:
    """One item of an answer, as it came, and why it is not a message."""

    reason: str
    item: Any

    @property
    def raw(self) -> str:
        """ASCII only, so that whatever was wrong with the text cannot hurt the database too."""
        return json.dumps(self.item, ensure_ascii=True, default=repr)[:LARGEST]


class QuarantinedItem(SQLModel, table=True):
    """An item set aside; the same one read again is not set aside twice."""

    __tablename__ = "quarantined_items"
    __table_args__ = (UniqueConstraint("account_id", "fingerprint"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    channel: str
    fingerprint: str
    reason: str
    raw: str
    set_aside_at: datetime


def set_aside(session: Session, account_id: int, channel: str, rejected: Sequence[Rejected]) -> int:
    """Keep the items that are not kept yet; returns how many those were."""
    batches = (rejected[start : start + BATCH] for start in range(0, len(rejected), BATCH))
    return sum(_set_aside(session, account_id, channel, some) for some in batches)


def _set_aside(session: Session, account_id: int, channel: str, rejected: Sequence[Rejected]) -> int:
    by_print = {hashlib.sha256(each.raw.encode()).hexdigest(): each for each in rejected}
    if not by_print:
        return 0
    known = session.exec(
        select(QuarantinedItem.fingerprint).where(
            QuarantinedItem.account_id == account_id, col(QuarantinedItem.fingerprint).in_(by_print)
        )
    ).all()
    new = [
        {
            "account_id": account_id,
            "channel": channel,
            "fingerprint": fingerprint,
            "reason": by_print[fingerprint].reason,
            "raw": by_print[fingerprint].raw,
            "set_aside_at": clock.now(),
        }
        for fingerprint in sorted(by_print.keys() - set(known))
    ]
    if new:
        session.connection().execute(insert(QuarantinedItem), new)
    return len(new)


def size(session: Session) -> int:
    """How many items wait for somebody to look at them."""
    return session.exec(select(func.count()).select_from(QuarantinedItem)).one()
