"""What may be missing because X offered it no more: kept, searched for once, shown until somebody saw it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlmodel import Field, Index, Session, SQLModel, col, select

from socialdesk import clock
from socialdesk.bulk import insert_new
from socialdesk.database import one_of
from socialdesk.errors import AlreadyDone, NotFound
from socialdesk.messages import Direction, Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.polling.cursors import Channel

log = structlog.get_logger()


class GapState(StrEnum):
    OPEN = "open"
    FILLED = "filled"  # X's search gave everything it has of that time
    SEEN = "seen"  # an agent or a supervisor has taken note


class Gap(SQLModel, table=True):
    """Between these two posts, neither of them included, messages may exist that the desk does not have.

    Without a `from` it reaches back to the beginning: it is what was there before the desk first looked.
    `found` is how many messages the search brought out of the `searched_posts` it was charged for;
    `searched_at` says that it has ended, well or not.
    """

    __tablename__ = "gaps"
    __table_args__ = (one_of("state", GapState), Index("ix_gaps_state", "state", "account_id"))

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    channel: str
    from_x_id: str | None = None
    to_x_id: str | None = None
    from_at: datetime | None = None
    to_at: datetime
    found_at: datetime
    state: str = GapState.OPEN
    found: int = 0
    searched_posts: int = 0
    search_reached_x_id: str | None = None
    searched_at: datetime | None = None
    seen_at: datetime | None = None
    seen_by_id: int | None = Field(default=None, foreign_key="agents.id")

    @property
    def length(self) -> timedelta | None:
        """How long a time it spans; None when it reaches back to the beginning."""
        return self.to_at - self.from_at if self.from_at else None

    def searched(self, reached_x_id: str | None, *, posts: int, brought: int) -> None:
        self.searched_posts, self.found = self.searched_posts + posts, self.found + brought
        self.search_reached_x_id = reached_x_id or self.search_reached_x_id

    def give_up(self) -> None:
        """The search ended before it had seen everything: the gap stays open."""
        self.searched_at = clock.now()

    def fill(self) -> None:
        self.searched_at = clock.now()
        if self.state == GapState.OPEN:
            self.state = GapState.FILLED

    def acknowledge(self, *, by: Agent) -> None:
        """Raises AlreadyDone."""
        if self.state == GapState.SEEN:
            raise AlreadyDone(_("Somebody has taken note of that gap already."))
        self.state, self.seen_at, self.seen_by_id = GapState.SEEN, clock.now(), by.id


class GapFind(SQLModel, table=True):
    """A customer's post that a gap's search brought in, late."""

    __tablename__ = "gap_finds"

    message_id: int = Field(primary_key=True, foreign_key="messages.id")
    gap_id: int = Field(foreign_key="gaps.id")
    found_at: datetime


def record(
    session: Session,
    account_id: int,
    channel: Channel,
    *,
    from_x_id: str | None,
    to_x_id: str,
    from_at: datetime | None,
    to_at: datetime,
) -> None:
    session.add(
        Gap(
            account_id=account_id,
            channel=channel,
            from_x_id=from_x_id,
            to_x_id=to_x_id,
            from_at=from_at,
            to_at=to_at,
            found_at=clock.now(),
        )
    )
    log.error("gap", account=account_id, channel=channel.value, since=str(from_at), until=str(to_at))


def unseen(session: Session) -> Sequence[Gap]:
    """Those that nobody has taken note of, of all accounts, the oldest first."""
    return session.exec(select(Gap).where(Gap.state != GapState.SEEN).order_by(col(Gap.id))).all()


def to_search(session: Session, account_id: int) -> Gap | None:
    """The oldest gap of mentions that recent search has not been through."""
    return session.exec(
        select(Gap)
        .where(
            Gap.account_id == account_id,
            Gap.channel == Channel.MENTIONS,
            col(Gap.searched_at).is_(None),
            col(Gap.to_x_id).is_not(None),
        )
        .order_by(col(Gap.id))
        .limit(1)
    ).first()


def note_finds(session: Session, gap: Gap, x_ids: Collection[str]) -> None:
    """Which of the customers' posts the search has brought in since the gap was found; harmless again."""
    query = select(Message.id).where(
        Message.account_id == gap.account_id,
        col(Message.x_id).in_(x_ids),
        Message.direction == Direction.INBOUND,
        col(Message.taken_in_at) >= gap.found_at,
    )
    now = clock.now()
    rows = [{"message_id": each, "gap_id": gap.id, "found_at": now} for each in session.exec(query)]
    insert_new(session, GapFind, rows, unique="message_id")


def hold(session: Session, gap_id: int) -> Gap:
    """The gap, kept from other writers. Raises NotFound."""
    gap = session.exec(select(Gap).where(Gap.id == gap_id).with_for_update()).first()
    if gap is None:
        raise NotFound(_("There is no gap %(number)s.", number=gap_id))
    return gap
