"""How fresh what the console shows is: when each account's channels were last read, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, select

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.console.access import Admitted, Visit
from socialdesk.cursors import Channel, Cursor
from socialdesk.messages import Visibility
from socialdesk.replies import Reply
from socialdesk.settings import Polling

router = APIRouter()
KEPT_SECONDS = 1.0
_NAMES = {Channel.MENTIONS: "mentions", Channel.DIRECT_MESSAGES: "DMs"}
# A look may take a minute when X is slow; so many looks missed beyond that are no accident.
_SLOW, _MISSED = timedelta(minutes=1), 5


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """`read_at` is when X last answered, None when it never has; `trouble` is why it does not now;
    `gap` is what may have been missed."""

    channel: str
    name: str
    read_at: datetime | None
    every: timedelta
    not_before: datetime | None = None
    trouble: str | None = None
    gap: str | None = None

    @property
    def next_at(self) -> datetime | None:
        """When it is looked at next; None while it has never been read."""
        if self.read_at is None:
            return self.not_before
        due = self.read_at + self.every
        return max(due, self.not_before) if self.not_before else due

    @property
    def silent(self) -> bool:
        """Nobody has looked for a long time, and nothing says why: the workers do not run."""
        overdue = self.next_at is not None and self.next_at + _SLOW + _MISSED * self.every < clock.now()
        return overdue and self.trouble is None

    @property
    def worried(self) -> bool:
        return bool(self.trouble or self.gap or self.silent)


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """`trouble` is why sending failed last; cleared by the next reply that arrives."""

    account_id: int
    handle: str
    trouble: str | None
    pauses: dict[str, datetime | None]
    channels: Sequence[ChannelHealth]

    @property
    def worried(self) -> bool:
        return bool(self.trouble) or any(channel.worried for channel in self.channels)

    @property
    def silent_since(self) -> datetime | None:
        """Since when nobody has looked for new words, or for some of them, and nothing says why."""
        return min((each.read_at for each in self.channels if each.silent and each.read_at), default=None)

    def paused_until(self, visibility: str) -> datetime | None:
        """When replies of that kind may leave again; None when they may now."""
        until = self.pauses[visibility]
        return until if until and until > clock.now() else None

    def leaves_at(self, reply: Reply) -> datetime | None:
        """When an approved reply goes out at the earliest; None when that is at once."""
        moments = [moment for moment in (reply.due_at, self.paused_until(reply.visibility)) if moment]
        latest = max(moments, default=None)
        return latest if latest and latest > clock.now() else None


def read(session: Session, polling: Polling) -> list[AccountHealth]:
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
            channels.append(_channel(cursor, polling))
    return [_account(account, channels) for account, channels in found.values()]


def of(visit: Visit, session: Session) -> list[AccountHealth]:
    """The same, at most a second old."""
    found: list[AccountHealth] = visit.request.app.state.health.of(session)
    return found


@router.get("/health")
def show(visit: Admitted) -> list[dict[str, Any]]:
    with visit.database.reading() as session:
        accounts = of(visit, session)
    return [_as_json(account) for account in accounts]


def _account(account: Account, channels: Sequence[ChannelHealth]) -> AccountHealth:
    pauses: dict[str, datetime | None] = {
        Visibility.PUBLIC: account.public_not_before,
        Visibility.PRIVATE: account.private_not_before,
    }
    return AccountHealth(account.id or 0, account.handle, account.trouble, pauses, channels)


def _channel(cursor: Cursor, polling: Polling) -> ChannelHealth:
    mentions = cursor.channel == Channel.MENTIONS
    seconds = polling.mentions_seconds if mentions else polling.direct_messages_seconds
    return ChannelHealth(
        cursor.channel,
        _NAMES[Channel(cursor.channel)],
        cursor.read_at,
        timedelta(seconds=seconds),
        cursor.not_before,
        cursor.trouble,
        cursor.gap,
    )


def _as_json(account: AccountHealth) -> dict[str, Any]:
    now = clock.now()
    channels = {
        each.channel: {
            "seconds_since_read": int((now - each.read_at).total_seconds()) if each.read_at else None,
            "trouble": each.trouble,
            "gap": each.gap,
        }
        for each in account.channels
    }
    return {"account": account.handle, "trouble": account.trouble, "channels": channels}
