"""How far each account's channels have been read, and when they may be read again."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import clock
from socialdesk.database import one_of


class Channel(StrEnum):
    MENTIONS = "mentions"
    DIRECT_MESSAGES = "direct_messages"


class Cursor(SQLModel, table=True):
    """One account's place in one channel. It moves only in the transaction that stores what it passed."""

    __tablename__ = "cursors"
    __table_args__ = (one_of("channel", Channel),)

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    channel: str = Field(primary_key=True)
    newest_x_id: str | None = None
    read_at: datetime | None = None  # the last time X answered
    not_before: datetime | None = None
    trouble: str | None = None  # why the last look failed, in words for the console
    gap: str | None = None  # what may have been missed because X no longer offers it; stays until mended

    def passed(self, x_id: str) -> None:
        """Everything up to that id is stored. Ids are compared as numbers: they order time."""
        if self.newest_x_id is None or int(x_id) > int(self.newest_x_id):
            self.newest_x_id = x_id

    def read(self) -> None:
        self.read_at, self.trouble, self.not_before = clock.now(), None, None

    def failed(self, why: str, *, not_before: datetime | None = None) -> None:
        self.trouble, self.not_before = why, not_before

    @property
    def may_read(self) -> bool:
        return self.not_before is None or self.not_before <= clock.now()


def find(session: Session, account_id: int, channel: Channel) -> Cursor:
    """The account's cursor in that channel; a new one that has passed nothing if there was none."""
    cursor = session.get(Cursor, (account_id, channel))
    if cursor is None:
        cursor = Cursor(account_id=account_id, channel=channel)
        session.add(cursor)
    return cursor


def all_of(session: Session) -> Sequence[Cursor]:
    return session.exec(select(Cursor).order_by(col(Cursor.account_id), col(Cursor.channel).desc())).all()
