"""Reads what is written to one account, and in its name elsewhere, and hands it to the intake.

A look is a walk through X's pages: fetched with no transaction open, written down page by page, stored oldest
first, and only then concluded: in one transaction the cursor moves to the walk's top, and whatever X did not
offer any more is recorded as a gap. A crash anywhere costs no more than the page that was under way.
"""

from __future__ import annotations

import structlog
from sqlmodel import Session

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.errors import AccountBlocked, RateLimited, Refused, XError
from socialdesk.messages import Visibility
from socialdesk.polling import cursors, gaps, quarantine, rates, walks
from socialdesk.polling.cursors import Channel, Cursor
from socialdesk.polling.walks import Walk
from socialdesk.workers import pacing, walking
from socialdesk.workers.line import Line
from socialdesk.workers.storing import store
from socialdesk.workers.walking import Fetched, LostWay
from socialdesk.x import client, ids
from socialdesk.x.budgets import LATEST

log = structlog.get_logger()

_ANYBODY = "0000"  # budgets are told apart by endpoint, not by whose id stands in the path
_PATHS = {
    Channel.MENTIONS: client.MENTIONS,
    Channel.DIRECT_MESSAGES: client.DIRECT_MESSAGES,
    Channel.OWN_POSTS: client.OWN_POSTS,
}


def poll_when_due(line: Line, channel: Channel) -> int:
    """One look if it is time for one and no other process has taken it on."""
    every = pacing.usual(line.desk.settings.polling, channel)
    with line.desk.database.transaction() as session:
        if not cursors.claim(session, line.account_id, channel, every=every):
            return 0
    return poll(line, channel)


def poll(line: Line, channel: Channel) -> int:
    """One look at one channel, whatever the plan says; returns how many messages were new.

    What goes wrong with X is written on the cursor, for the console and `doctor` to show, and raised, after
    what had come before it has been stored. While X wants not to be asked, nothing is.
    """
    with line.desk.database.transaction() as session:
        cursor = cursors.find(session, line.account_id, channel)
        if not cursor.may_read:
            return 0
        walk = walks.under_way(session, line.account_id, channel)
    fetched = walking.fetch(line, walk or walking.begin(line, cursor))
    new = store(line, fetched)
    if fetched.overtaken:
        return new
    set_aside = _conclude(line, fetched, new)
    if new or set_aside:
        log.info("taken in", account=line.handle, channel=channel.value, new=new, set_aside=set_aside)
    if fetched.trouble:
        raise fetched.trouble
    return new


def _conclude(line: Line, fetched: Fetched, new: int) -> int:
    """Note how the look ended; returns how many items were set aside."""
    channel = Channel(fetched.walk.channel)
    budget = line.x.left(_PATHS[channel].format(_ANYBODY))
    with line.desk.database.transaction() as session:
        cursor = cursors.find(session, line.account_id, channel)
        if fetched.trouble:
            _break_off(line, session, cursor, fetched.walk, fetched.trouble)
        else:
            _arrive(line, session, cursor, fetched.walk)
            rates.measure(session, cursor)
            pacing.plan(cursor, line.desk.settings.polling, new=new, budget=budget)
        return quarantine.set_aside(session, line.account_id, channel, fetched.rejected)


def _arrive(line: Line, session: Session, cursor: Cursor, walk: Walk) -> None:
    """All of the walk is stored: the cursor moves, and what could not be had is told."""
    session.get_one(Account, line.account_id).go_on(after=cursor.trouble)
    if walks.end(session, walk) and walking.leaves_gap(walk):
        _record_gap(session, walk)
    if walk.top_x_id:
        cursor.passed(walk.top_x_id)
    if walking.sweeps(line, walk):
        cursor.swept_at = clock.now()
    cursor.read()


def _record_gap(session: Session, walk: Walk) -> None:
    assert walk.reached_x_id is not None
    gaps.record(
        session,
        walk.account_id,
        Channel(walk.channel),
        from_x_id=walk.cursor_x_id,
        to_x_id=walk.reached_x_id,
        from_at=ids.made_at(walk.cursor_x_id) if walk.cursor_x_id else None,
        to_at=ids.made_at(walk.reached_x_id),
    )


def _break_off(line: Line, session: Session, cursor: Cursor, walk: Walk, trouble: XError) -> None:
    """What came is stored; the walk goes on from there, unless going on leads nowhere."""
    cursor.failed(str(trouble), not_before=trouble.until if isinstance(trouble, RateLimited) else None)
    pacing.back_off(cursor, line.desk.settings.polling)
    if isinstance(trouble, AccountBlocked):
        until = clock.now() + LATEST
        session.get_one(Account, line.account_id).pause(tuple(Visibility), until=until, why=str(trouble))
        cursors.block(session, line.account_id, until=until, why=str(trouble))
    if isinstance(trouble, LostWay | Refused):
        walks.end(session, walk)
