"""Reads what customers wrote to one account and hands it to the intake.

X gives pages newest first, at most the newest 800 mentions, and sometimes shows a post minutes after it
was written. So each look begins some minutes before the cursor, fetches the whole walk with no transaction
open, and stores it oldest first: the cursor moves with every batch stored, and a crash anywhere costs no more
than reading some pages again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import islice

import structlog

from socialdesk import cursors, customers, intake, messages, quarantine
from socialdesk.cursors import Channel
from socialdesk.errors import RateLimited, XError
from socialdesk.messages import Incoming
from socialdesk.quarantine import Rejected
from socialdesk.workers.line import Line
from socialdesk.x import Page
from socialdesk.x.client import in_batches
from socialdesk.x.ids import earlier

log = structlog.get_logger()

BATCH = 100
MOST_PAGES = 8  # 800 mentions, as far back as X goes; the same bound stops a walk that leads in circles


def poll(line: Line, channel: Channel) -> int:
    """One look at one channel; returns how many messages were new.

    What goes wrong with X is written on the cursor, for the console and `doctor` to show, and raised.
    """
    with line.desk.database.transaction() as session:
        cursor = cursors.find(session, line.account_id, channel)
        if not cursor.may_read:
            return 0
        newest = cursor.newest_x_id
    try:
        walk = _WALKS[channel](line, newest)
    except XError as error:
        _note_failure(line, channel, error)
        raise
    return _store(line, channel, *walk)


def _mentions(line: Line, newest: str | None) -> tuple[list[Incoming], list[Rejected]]:
    our_x_id = line.our_x_id()
    overlap = timedelta(minutes=line.desk.settings.polling.overlap_minutes)
    since_id = earlier(newest, overlap) if newest else None
    return _walk(lambda token: line.x.mentions(our_x_id, since_id=since_id, token=token))


def _direct_messages(line: Line, _newest: str | None) -> tuple[list[Incoming], list[Rejected]]:
    our_x_id = line.our_x_id()
    return _walk(
        lambda token: line.x.direct_messages(our_x_id, token=token), go_on=lambda page: _all_new(line, page)
    )


_WALKS: dict[Channel, Callable[[Line, str | None], tuple[list[Incoming], list[Rejected]]]] = {
    Channel.MENTIONS: _mentions,
    Channel.DIRECT_MESSAGES: _direct_messages,
}


def _walk(
    ask: Callable[[str | None], Page], go_on: Callable[[Page], bool] = lambda _: True
) -> tuple[list[Incoming], list[Rejected]]:
    """Pages down to the last one, to the bound, or to the first after which `go_on` says no."""
    items: list[Incoming] = []
    rejected: list[Rejected] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = ask(token)
        items += page.items
        rejected += page.rejected
        token = page.next_token
        if token is None or not go_on(page):
            break
    return items, rejected


def _all_new(line: Line, page: Page) -> bool:
    """Whether the next page may hold something new too: each event read again costs money."""
    ids = [item.x_id for item in page.items]
    with line.desk.database.reading() as session:
        return not messages.stored(session, line.account_id, ids)


def _store(line: Line, channel: Channel, items: Sequence[Incoming], rejected: Sequence[Rejected]) -> int:
    database, reopen_days = line.desk.database, line.desk.settings.cases.reopen_days
    fresh = iter(intake.read(database, line.account_id, items))
    new = 0
    while batch := list(islice(fresh, BATCH)):
        _introduce(line, batch)
        with database.transaction() as session:
            new += len(intake.take_in(session, line.account_id, batch, reopen_days=reopen_days))
            cursors.find(session, line.account_id, channel).passed(batch[-1].incoming.x_id)
    with database.transaction() as session:
        set_aside = quarantine.set_aside(session, line.account_id, channel, rejected)
        cursors.find(session, line.account_id, channel).read()
    if new or set_aside:
        log.info("taken in", account=line.handle, channel=channel.value, new=new, set_aside=set_aside)
    return new


def _introduce(line: Line, batch: Sequence[intake.Read]) -> None:
    """Ask X for the names of people we have not met; without an answer they are shown by number for now."""
    x_ids = [each.incoming.customer_x_id for each in batch if each.incoming.customer_x_id]
    with line.desk.database.reading() as session:
        strangers = customers.nameless(session, x_ids)
    for some in in_batches(strangers):
        try:
            profiles = line.x.users(some)
        except XError as error:
            log.warning("names not known yet", account=line.handle, people=len(some), why=str(error))
            return
        with line.desk.database.transaction() as session:
            customers.learn(session, profiles)


def _note_failure(line: Line, channel: Channel, error: XError) -> None:
    not_before = error.until if isinstance(error, RateLimited) else None
    with line.desk.database.transaction() as session:
        cursors.find(session, line.account_id, channel).failed(str(error), not_before=not_before)
