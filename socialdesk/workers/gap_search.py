"""Tries to fill a gap: X's recent search still finds what its list of mentions offers no more.

Once for each gap, a page at a time, never more posts than the settings pay for. What it brings goes the way
of every mention; whether it saw the whole of the gap decides how the gap is shown.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from socialdesk import clock
from socialdesk.errors import Refused
from socialdesk.polling import gaps, quarantine
from socialdesk.polling.cursors import Channel
from socialdesk.polling.gaps import Gap
from socialdesk.workers.line import Line
from socialdesk.workers.storing import take_in
from socialdesk.x import Page
from socialdesk.x.client import POSTS_PER_PAGE
from socialdesk.x.ids import first_at, made_at

log = structlog.get_logger()

# X reaches back seven days and refuses a question that begins before them.
REACH = timedelta(days=7) - timedelta(minutes=5)


def search_gap(line: Line) -> int:
    """One page further into the account's oldest gap that was not searched; returns how many were new."""
    with line.desk.database.reading() as session:
        gap = gaps.to_search(session, line.account_id)
    if gap is None:
        return 0
    below = gap.search_reached_x_id or gap.to_x_id
    since = _since(gap)
    if below is None or int(below) <= int(since) or not _affordable(line, gap):
        _end(line, gap, whole=False)
        return 0
    try:
        page = line.x.search_mentions(line.our_x_id(), line.handle, since_id=since, until_id=below)
    except Refused as error:
        log.warning("a gap cannot be searched", account=line.handle, gap=gap.id, why=str(error))
        _end(line, gap, whole=False)
        return 0
    new = take_in(line, Channel.MENTIONS, page.items)
    _note(line, gap, page, new)
    return new


def _since(gap: Gap) -> str:
    """Where the search ends: at the gap's older side, or as far back as X's search reaches."""
    return max(gap.from_x_id or "1", first_at(clock.now() - REACH), key=int)


def _affordable(line: Line, gap: Gap) -> bool:
    return gap.searched_posts + POSTS_PER_PAGE <= line.desk.settings.polling.gap_posts


def _note(line: Line, gap: Gap, page: Page, new: int) -> None:
    reached = min((item.x_id for item in page.items), key=int, default=None)
    with line.desk.database.transaction() as session:
        held = gaps.hold(session, gap.id or 0)
        held.searched(reached, posts=len(page.items), brought=new)
        gaps.note_finds(session, held, [item.x_id for item in page.items])
        quarantine.set_aside(session, line.account_id, Channel.MENTIONS, page.rejected)
    if page.next_token is None or reached is None:
        _end(line, gap, whole=page.next_token is None and _reached_all(gap))


def _reached_all(gap: Gap) -> bool:
    return gap.from_x_id is not None and made_at(gap.from_x_id) > clock.now() - REACH


def _end(line: Line, gap: Gap, *, whole: bool) -> None:
    with line.desk.database.transaction() as session:
        held = gaps.hold(session, gap.id or 0)
        held.fill() if whole else held.give_up()
    log.info("gap searched", account=line.handle, gap=gap.id, filled=whole)
