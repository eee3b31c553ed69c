"""The walk through X's pages, down to what is known: what each channel asks for, and when it is far enough.

X gives posts newest first, at most the newest 800 mentions, and sometimes shows one minutes after it was
written: so a walk goes some minutes below the cursor. Direct messages know no since_id and cost money each:
pages begin small, and grow while they hold anything new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from socialdesk import clock, messages
from socialdesk.errors import XError, XUnavailable
from socialdesk.messages import Incoming
from socialdesk.phrases import mark
from socialdesk.polling import walks
from socialdesk.polling.cursors import Channel, Cursor
from socialdesk.polling.quarantine import Rejected
from socialdesk.polling.walks import Walk
from socialdesk.workers.line import Line
from socialdesk.x import Page
from socialdesk.x.ids import earlier, made_at

HORIZON = 800  # mentions; source: X's documentation, posts/timelines/introduction
DM_HORIZON = timedelta(days=30)
DM_PAGE, LARGEST_DM_PAGE = 10, 100
FIRST_DM_PAGES = 8  # of an account the desk has never read: each event costs a cent
MOST_PAGES, MOST_BARREN = 400, 5
SWEEP_EVERY = timedelta(hours=24)


class LostWay(XUnavailable):
    """X's pages lead in a circle, or on without end."""


@dataclass
class Fetched:
    """What one look brought. Pages of a walk that was written down wait in the database, not here."""

    walk: Walk
    items: list[Incoming] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    trouble: XError | None = None
    overtaken: bool = False  # by another process that made the same walk, and has ended it


def begin(line: Line, cursor: Cursor) -> Walk:
    newest = cursor.newest_x_id
    floor = earlier(newest, _back(line, cursor)) if newest else None
    return walks.begin(line.account_id, Channel(cursor.channel), cursor_x_id=newest, floor_x_id=floor)


def sweeps(line: Line, walk: Walk) -> bool:
    """Whether this is the day's long walk. Everything from the first one on counts as swept."""
    sweep = line.desk.settings.polling.sweep
    return walk.cursor_x_id is None or walk.floor_x_id == earlier(walk.cursor_x_id, sweep)


def _back(line: Line, cursor: Cursor) -> timedelta:
    polling = line.desk.settings.polling
    due = cursor.swept_at is None or not timedelta(0) <= clock.now() - cursor.swept_at < SWEEP_EVERY
    if cursor.channel == Channel.MENTIONS and polling.sweep and due:
        return polling.sweep
    return polling.overlap


def fetch(line: Line, walk: Walk) -> Fetched:
    """All pages down to the end, or to the first error; each but an only one is written down as it comes."""
    fetched = Fetched(walk)
    below = walk.reached_x_id if walk.id else None
    token = walk.token if walk.id and walk.channel == Channel.DIRECT_MESSAGES else None
    while not (walk.ended or fetched.overtaken):
        try:
            page = _ASKS[Channel(walk.channel)](line, walk, below, token)
            _keep_to_the_way(walk)
        except XError as error:
            fetched.trouble = error
            break
        token = page.next_token
        _take(line, fetched, page)
    return fetched


def _take(line: Line, fetched: Fetched, page: Page) -> None:
    walk = fetched.walk
    walk.went_on(page.items, rejected=len(page.rejected), token=page.next_token)
    fetched.rejected += page.rejected
    walk.ended = page.next_token is None or not _goes_on(line, walk, page)
    if walk.ended and walk.id is None:
        fetched.items = page.items
        return
    with line.desk.database.transaction() as session:
        fetched.overtaken = not walks.keep(session, walk, page.items)


def _keep_to_the_way(walk: Walk) -> None:
    if walk.barren >= MOST_BARREN or walk.pages >= MOST_PAGES:
        raise LostWay(mark("X's pages lead nowhere: what is older could not be read."))


def _ask_mentions(line: Line, walk: Walk, below: str | None, token: str | None) -> Page:
    return line.x.mentions(line.our_x_id(), since_id=walk.floor_x_id, until_id=below, token=token)


def _ask_own_posts(line: Line, walk: Walk, below: str | None, token: str | None) -> Page:
    return line.x.own_posts(line.our_x_id(), since_id=walk.floor_x_id, until_id=below, token=token)


def _ask_direct_messages(line: Line, walk: Walk, _below: str | None, token: str | None) -> Page:
    size = min(DM_PAGE * 2**walk.pages, LARGEST_DM_PAGE)
    return line.x.direct_messages(line.our_x_id(), token=token, size=size)


_ASKS: dict[Channel, Callable[[Line, Walk, str | None, str | None], Page]] = {
    Channel.MENTIONS: _ask_mentions,
    Channel.DIRECT_MESSAGES: _ask_direct_messages,
    Channel.OWN_POSTS: _ask_own_posts,
}


def _goes_on(line: Line, walk: Walk, page: Page) -> bool:
    """Whether there may be more worth asking for, where X offers more."""
    if walk.channel == Channel.MENTIONS:
        return True
    if walk.channel == Channel.OWN_POSTS:
        return walk.cursor_x_id is not None  # what we said before the desk began belongs to no case
    if walk.cursor_x_id is None:
        return walk.pages < FIRST_DM_PAGES
    return _all_above(page, walk.cursor_x_id) or _any_new(line, page)


def _all_above(page: Page, cursor_x_id: str) -> bool:
    return all(int(item.x_id) > int(cursor_x_id) for item in page.items)


def _any_new(line: Line, page: Page) -> bool:
    ids = {item.x_id for item in page.items}
    with line.desk.database.reading() as session:
        return bool(ids - messages.stored(session, line.account_id, ids))


def leaves_gap(walk: Walk) -> bool:
    """Whether something may lie between the end of the walk and the cursor.

    Where the cursor's own post is gone, a walk that stayed far from X's horizon has seen all there is.
    """
    if walk.met_cursor or walk.reached_x_id is None:
        return False
    if walk.channel == Channel.MENTIONS:
        return walk.seen >= (HORIZON // 2 if walk.cursor_x_id else HORIZON * 9 // 10)
    if walk.channel == Channel.DIRECT_MESSAGES:
        return _older_than_x_keeps(walk) if walk.cursor_x_id else walk.token is not None
    return False


def _older_than_x_keeps(walk: Walk) -> bool:
    assert walk.cursor_x_id is not None
    return made_at(walk.cursor_x_id) < clock.now() - DM_HORIZON
