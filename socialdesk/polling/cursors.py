"""How far each account's channels have been read, when they are read next, and what X still grants."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import clock
from socialdesk.database import one_of

# Nobody plans further ahead than X's windows last, or, of a slow channel, so many looks. A moment beyond that
# was written by a clock that has been put back since.
FURTHEST, MOST_LOOKS = timedelta(minutes=16), 20


class Channel(StrEnum):
    MENTIONS = "mentions"
    DIRECT_MESSAGES = "direct_messages"
    OWN_POSTS = "own_posts"


class Cursor(SQLModel, table=True):
    """One account's place in one channel. It moves only when everything up to there is stored.

    `not_before` is X's word and binds everybody; `next_at` is the desk's own plan, and the claim by which one
    of several processes looks.
    """

    __tablename__ = "cursors"
    __table_args__ = (one_of("channel", Channel),)

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    channel: str = Field(primary_key=True)
    newest_x_id: str | None = None
    read_at: datetime | None = None  # the last time X answered
    not_before: datetime | None = None
    trouble: str | None = None  # why the last look failed, in words for the console
    next_at: datetime | None = None
    pace_seconds: float | None = None  # between two looks, as the traffic has it now
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # in a row
    swept_at: datetime | None = None
    requests_left: int | None = None  # until `requests_reset_at`, by X's own headers
    requests_reset_at: datetime | None = None
    # How much comes in, as rates.Rate has it: kept here so that no page needs to count.
    measured_at: datetime | None = None
    rate_hours: int | None = None
    rate_came: int | None = None
    rate_before: int | None = None
    rate_weeks: int | None = None

    def passed(self, x_id: str) -> None:
        """Everything up to that id is stored. Ids are compared as numbers: they order time."""
        if self.newest_x_id is None or int(x_id) > int(self.newest_x_id):
            self.newest_x_id = x_id

    def read(self) -> None:
        self.read_at, self.trouble, self.not_before, self.failures = clock.now(), None, None, 0

    def failed(self, why: str, *, not_before: datetime | None = None) -> None:
        self.trouble, self.not_before, self.failures = why, not_before, self.failures + 1

    def look_again(self, seconds: float, *, pace: float | None = None) -> None:
        """Plan the next look; `pace` is what it is planned by, when that is to be remembered."""
        self.next_at = clock.now() + timedelta(seconds=seconds)
        self.pace_seconds = pace if pace is not None else self.pace_seconds

    @property
    def may_read(self) -> bool:
        return _is_past(self.not_before, clock.now())


def find(session: Session, account_id: int, channel: Channel) -> Cursor:
    """The account's cursor in that channel; a new one that has passed nothing if there was none."""
    cursor = session.get(Cursor, (account_id, channel))
    if cursor is None:
        cursor = Cursor(account_id=account_id, channel=channel)
        session.add(cursor)
    return cursor


def claim(session: Session, account_id: int, channel: Channel, *, every: timedelta) -> bool:
    """Whether it is this process's turn to look, now that it is time to.

    Time is half a tick early: ticks come every `every`, and a look takes a moment itself.
    """
    cursor = find(session, account_id, channel)
    session.flush()
    now = clock.now()
    if not (cursor.may_read and _is_past(cursor.next_at, now + every / 2, max(FURTHEST, MOST_LOOKS * every))):
        return False
    taken = session.connection().execute(
        update(Cursor)
        .where(
            col(Cursor.account_id) == account_id,
            col(Cursor.channel) == channel,
            col(Cursor.next_at).is_not_distinct_from(cursor.next_at),
        )
        .values(next_at=now + every)
    )
    return taken.rowcount == 1


def block(session: Session, account_id: int, *, until: datetime, why: str) -> None:
    """Nothing of this account is read before then."""
    for channel in Channel:
        cursor = find(session, account_id, channel)
        cursor.trouble, cursor.not_before = why, until


def all_of(session: Session) -> Sequence[Cursor]:
    return session.exec(select(Cursor).order_by(col(Cursor.account_id), col(Cursor.channel).desc())).all()


def _is_past(moment: datetime | None, now: datetime, furthest: timedelta = FURTHEST) -> bool:
    return moment is None or moment <= now or moment > now + furthest
