"""What X sent and the desk could not read: set aside with the reason, so that the rest goes on."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, func, select

from socialdesk import clock

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


def set_aside(session: Session, account_id: int, channel: str, rejected: Iterable[Rejected]) -> int:
    """Keep the items that are not kept yet; returns how many those were."""
    by_print = {hashlib.sha256(each.raw.encode()).hexdigest(): each for each in rejected}
    if not by_print:
        return 0
    known = session.exec(
        select(QuarantinedItem.fingerprint).where(
            QuarantinedItem.account_id == account_id, col(QuarantinedItem.fingerprint).in_(by_print)
        )
    ).all()
    for fingerprint in by_print.keys() - set(known):
        each = by_print[fingerprint]
        session.add(
            QuarantinedItem(
                account_id=account_id,
                channel=channel,
                fingerprint=fingerprint,
                reason=each.reason,
                raw=each.raw,
                set_aside_at=clock.now(),
            )
        )
    return len(by_print) - len(known)


def size(session: Session) -> int:
    """How many items wait for somebody to look at them."""
    return session.exec(select(func.count()).select_from(QuarantinedItem)).one()
