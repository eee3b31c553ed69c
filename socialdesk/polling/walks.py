"""A walk through X's pages, newest first, down to what is known: written down after each page, so that a
crash in the middle costs no page twice and leaves nothing out."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from socialdesk import clock
from socialdesk.messages import Incoming, clean
from socialdesk.polling.cursors import Channel

_ITEMS = TypeAdapter(list[Incoming])


class Walk(SQLModel, table=True):
    """Where a walk began and how far down it is. The cursor goes to its top when all of it is stored.

    `cursor_x_id` is where the cursor stood when it began, `floor_x_id` how far down it asks. Where X allows
    it, a walk goes on below `reached_x_id`, which keeps its meaning for ever; else from X's `token`.
    """

    __tablename__ = "walks"
    __table_args__ = (UniqueConstraint("account_id", "channel"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    channel: str
    began_at: datetime
    cursor_x_id: str | None = None
    floor_x_id: str | None = None
    top_x_id: str | None = None
    reached_x_id: str | None = None
    token: str | None = None
    pages: int = 0
    barren: int = 0  # pages in a row that led no further down
    seen: int = 0  # items, unreadable ones included
    ended: bool = False  # all pages are here; what is left is to store them

    def went_on(self, items: Sequence[Incoming], *, rejected: int, token: str | None) -> None:
        """One page further down."""
        ids = [int(item.x_id) for item in items]
        further = bool(ids) and (self.reached_x_id is None or min(ids) < int(self.reached_x_id))
        self.pages, self.seen, self.token = self.pages + 1, self.seen + len(ids) + rejected, token
        self.barren = 0 if further else self.barren + 1
        if further:
            self.reached_x_id = str(min(ids))
        if ids and (self.top_x_id is None or max(ids) > int(self.top_x_id)):
            self.top_x_id = str(max(ids))

    @property
    def met_cursor(self) -> bool:
        """Whether it has seen something as old as what the cursor had passed."""
        if self.cursor_x_id is None or self.reached_x_id is None:
            return False
        return int(self.reached_x_id) <= int(self.cursor_x_id)


class WalkPage(SQLModel, table=True):
    """One page that waits to be stored: oldest first, once the walk has ended."""

    __tablename__ = "walk_pages"

    walk_id: int = Field(foreign_key="walks.id", primary_key=True)
    number: int = Field(primary_key=True)
    items: str

    @property
    def incoming(self) -> list[Incoming]:
        return _ITEMS.validate_json(self.items)


def begin(account_id: int, channel: Channel, *, cursor_x_id: str | None, floor_x_id: str | None) -> Walk:
    """Not kept yet: most walks are one page, and over before there is anything to remember."""
    return Walk(
        account_id=account_id,
        channel=channel,
        began_at=clock.now(),
        cursor_x_id=cursor_x_id,
        floor_x_id=floor_x_id,
    )


def under_way(session: Session, account_id: int, channel: Channel) -> Walk | None:
    """The walk that a crash or an error broke off, if one did."""
    return session.exec(select(Walk).where(Walk.account_id == account_id, Walk.channel == channel)).first()


def keep(session: Session, walk: Walk, items: Sequence[Incoming]) -> bool:
    """Write down how far the walk is, with its last page; False when it is another process's, or ended.

    When it began tells it from a later one: SQLite gives the id of a walk that is over to the next.
    """
    kept = session.exec(
        select(Walk).where(Walk.account_id == walk.account_id, Walk.channel == walk.channel).with_for_update()
    ).first()
    if (kept.id, kept.began_at) != (walk.id, walk.began_at) if kept else walk.id:
        return False
    if kept is None:
        session.add(walk)
        session.flush()
    else:
        session.merge(walk)
    assert walk.id is not None
    session.merge(WalkPage(walk_id=walk.id, number=walk.pages, items=_json(items)))
    return True


def pages(session: Session, walk: Walk) -> list[int]:
    """The numbers of the pages that wait, the oldest words first: the last page fetched."""
    query = select(WalkPage.number).where(WalkPage.walk_id == walk.id)
    return sorted(session.exec(query), reverse=True)


def page(session: Session, walk: Walk, number: int) -> list[Incoming]:
    """Nothing when another process has stored it meanwhile."""
    waiting = session.get(WalkPage, (walk.id, number))
    return waiting.incoming if waiting else []


def forget_page(session: Session, walk: Walk, number: int) -> None:
    """It is stored: a crash from here on does not store it again."""
    session.connection().execute(
        delete(WalkPage).where(col(WalkPage.walk_id) == walk.id, col(WalkPage.number) == number)
    )


def end(session: Session, walk: Walk) -> bool:
    """It is over; False when another process has ended it before."""
    if walk.id is None:
        return True
    this = select(Walk.id).where(Walk.id == walk.id, Walk.began_at == walk.began_at).with_for_update()
    if session.exec(this).first() is None:
        return False
    session.connection().execute(delete(WalkPage).where(col(WalkPage.walk_id) == walk.id))
    session.connection().execute(delete(Walk).where(col(Walk.id) == walk.id))
    return True


def _json(items: Sequence[Incoming]) -> str:
    return json.dumps([_cleaned(asdict(item)) for item in items], default=datetime.isoformat)


def _cleaned(item: dict[str, Any]) -> dict[str, Any]:
    """As the intake will clean it: what no database takes cannot wait in one either."""
    return {name: clean(value) if isinstance(value, str) else value for name, value in item.items()}
