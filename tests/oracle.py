"""What must be true of the desk whatever has befallen it, against all that the sandbox X ever offered."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import text
from sqlmodel import select

from socialdesk.database import Database
from socialdesk.messages import Message
from socialdesk.polling import cursors
from socialdesk.polling.cursors import Channel
from socialdesk.sandbox import World
from tests.conftest import HANDLE


def offered(world: World, channel: str) -> set[str]:
    """The ids of everything that customers wrote to us, and of direct messages that we wrote, too."""
    if channel == Channel.DIRECT_MESSAGES:
        return {message.id for message in world.direct_messages()}
    us = world.user(HANDLE).id
    return {post.id for post in world.posts() if post.author_id != us and f"@{HANDLE}" in post.text}


def nothing_is_behind_the_cursor_but_what_is_stored(world: World, database: Database) -> None:
    """Holds at every moment, in the middle of a walk too."""
    with database.reading() as session:
        stored = Counter(session.exec(select(Message.x_id)))
        places = {cursor.channel: cursor.newest_x_id for cursor in cursors.all_of(session)}
    assert max(stored.values(), default=1) == 1
    for channel in (Channel.MENTIONS, Channel.DIRECT_MESSAGES):
        passed = places.get(channel)
        behind = {x_id for x_id in offered(world, channel) if passed and int(x_id) <= int(passed)}
        assert behind <= stored.keys(), f"{channel}: the cursor has passed what is not stored"


def everything_is_stored_once(world: World, database: Database) -> None:
    """Holds when the desk has caught up."""
    nothing_is_behind_the_cursor_but_what_is_stored(world, database)
    with database.reading() as session:
        stored = set(session.exec(select(Message.x_id)))
        left_over = session.connection().execute(text("SELECT count(*) FROM walks")).scalar()
    assert offered(world, Channel.MENTIONS) | offered(world, Channel.DIRECT_MESSAGES) <= stored
    assert left_over == 0
    assert integrity(database) == ["ok"]


def integrity(database: Database) -> list[str]:
    """What SQLite finds wrong, by a connection of its own: FTS5's check takes what another process has
    changed since this one read last for corruption."""
    if not database.is_sqlite:
        return ["ok"]
    fresh = Database(str(database.engine.url))
    with fresh.reading() as session:
        found = list(session.connection().execute(text("PRAGMA integrity_check")).scalars())
    fresh.close()
    return found
