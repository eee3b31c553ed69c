"""How fresh what the console shows is: when each account's channels were last read, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, select

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.console.access import Admitted
from socialdesk.cursors import Channel, Cursor

router = APIRouter()
_NAMES = {Channel.MENTIONS: "mentions", Channel.DIRECT_MESSAGES: "DMs"}


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """`read_at` is when X last answered, None when it never has; `trouble` is why it does not now."""

    channel: str
    name: str
    read_at: datetime | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class AccountHealth:
    account_id: int
    handle: str
    trouble: str | None
    channels: Sequence[ChannelHealth]

    @property
    def worried(self) -> bool:
        return bool(self.trouble) or any(channel.trouble for channel in self.channels)


def read(session: Session) -> list[AccountHealth]:
    """Every account with its channels, in one query."""
    query = (
        select(Account, Cursor)
        .outerjoin(Cursor, col(Cursor.account_id) == Account.id)
        .order_by(Account.handle, col(Cursor.channel).desc())
    )
    found: dict[int, tuple[Account, list[ChannelHealth]]] = {}
    for account, cursor in session.exec(query):
        _, channels = found.setdefault(account.id or 0, (account, []))
        if cursor is not None:
            channels.append(_channel(cursor))
    return [
        AccountHealth(key, account.handle, account.trouble, channels)
        for key, (account, channels) in found.items()
    ]


@router.get("/health")
def show(visit: Admitted) -> list[dict[str, Any]]:
    with visit.database.reading() as session:
        accounts = read(session)
    return [_as_json(account) for account in accounts]


def _channel(cursor: Cursor) -> ChannelHealth:
    return ChannelHealth(cursor.channel, _NAMES[Channel(cursor.channel)], cursor.read_at, cursor.trouble)


def _as_json(account: AccountHealth) -> dict[str, Any]:
    now = clock.now()
    channels = {
        each.channel: {
            "seconds_since_read": int((now - each.read_at).total_seconds()) if each.read_at else None,
            "trouble": each.trouble,
        }
        for each in account.channels
    }
    return {"account": account.handle, "trouble": account.trouble, "channels": channels}
