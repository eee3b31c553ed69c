"""Reads what customers wrote to one account and hands it to the intake.

X gives pages newest first, at most the newest 800 mentions, and sometimes shows a post minutes after it
was written. So each look begins some minutes before the cursor, fetches the whole walk with no transaction
open, and stores it oldest first: the cursor moves with every batch stored, and a crash anywhere costs no more
than reading some pages again. A walk that does not reach the cursor leaves a gap, which is noted and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import islice

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from socialdesk import cursors, customers, intake, messages, quarantine
from socialdesk.cursors import Channel
from socialdesk.errors import RateLimited, XError
from socialdesk.messages import Incoming
from socialdesk.quarantine import Rejected
from socialdesk.workers.line import Line
from socialdesk.x import Page
from socialdesk.x.client import DM_LATER_PAGE, DM_PAGE, in_batches
from socialdesk.x.ids import earlier

log = structlog.get_logger()

BATCH = 100
MOST_PAGES = 8  # 800 mentions, as far back as X goes; the same bound stops a walk that leads in circles


@dataclass
class Walk:
    """What pages told, newest first. It is `whole` when nothing lies between it and the cursor."""

    items: list[Incoming] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    whole: bool = False
    trouble: XError | None = None


def poll(line: Line, channel: Channel) -> int:
    """One look at one channel; returns how many messages were new.

    What goes wrong with X is written on the cursor, for the console and `doctor` to show, and raised, after
    what had come before it has been stored.
    """
    with line.desk.database.transaction() as session:
        cursor = cursors.find(session, line.account_id, channel)
        if not cursor.may_read:
            return 0
        newest = cursor.newest_x_id
    walk = _WALKS[channel](line, newest)
    new = _store(line, channel, walk)
    if walk.trouble:
        raise walk.trouble
    return new


def _mentions(line: Line, newest: str | None) -> Walk:
    overlap = timedelta(minutes=line.desk.settings.polling.overlap_minutes)
    since_id = earlier(newest, overlap) if newest else None
    return _walk(lambda token, _: line.x.mentions(line.our_x_id(), since_id=since_id, token=token))


def _direct_messages(line: Line, newest: str | None) -> Walk:
    """X knows no since_id here and charges for each event read: on until one is older than the cursor."""

    def page(token: str | None, number: int) -> Page:
        return line.x.direct_messages(
            line.our_x_id(), token=token, size=DM_PAGE if number == 0 else DM_LATER_PAGE
        )

    return _walk(page, go_on=lambda page: _reaches_not(page, newest) or _any_new(line, page))


_WALKS: dict[Channel, Callable[[Line, str | None], Walk]] = {
    Channel.MENTIONS: _mentions,
    Channel.DIRECT_MESSAGES: _direct_messages,
}


def _walk(ask: Callable[[str | None, int], Page], go_on: Callable[[Page], bool] = lambda _: True) -> Walk:
    """Pages down to the last one, to the first after which `go_on` says no, or to the bound or an error."""
    walk = Walk()
    token: str | None = None
    for number in range(MOST_PAGES):
        try:
            page = ask(token, number)
        except XError as error:
            walk.trouble = error
            return walk
        walk.items += page.items
        walk.rejected += page.rejected
        token = page.next_token
        if token is None or not go_on(page):
            walk.whole = True
            return walk
    return walk


def _reaches_not(page: Page, newest: str | None) -> bool:
    """Whether everything on the page is newer than the cursor."""
    return newest is None or all(int(item.x_id) > int(newest) for item in page.items)


def _any_new(line: Line, page: Page) -> bool:
    ids = {item.x_id for item in page.items}
    with line.desk.database.reading() as session:
        return bool(ids - messages.stored(session, line.account_id, ids))


def _store(line: Line, channel: Channel, walk: Walk) -> int:
    """Everything that came, oldest first; the cursor moves along unless the walk broke off above it."""
    fresh = iter(intake.read(line.desk.database, line.account_id, walk.items))
    new = 0
    while batch := list(islice(fresh, BATCH)):
        _introduce(line, batch)
        passed = batch[-1].incoming.x_id if walk.trouble is None else None
        new += _take_in(line, channel, batch, passed)
    set_aside = _conclude(line, channel, walk)
    if new or set_aside:
        log.info("taken in", account=line.handle, channel=channel.value, new=new, set_aside=set_aside)
    return new


def _take_in(line: Line, channel: Channel, batch: Sequence[intake.Read], passed: str | None) -> int:
    try:
        return _take_in_at_once(line, channel, batch, passed)
    except (DataError, IntegrityError) as error:
        if len(batch) == 1:
            return _refused_by_database(line, channel, batch[0], error)
    return sum(_take_in(line, channel, [each], passed and each.incoming.x_id) for each in batch)


def _take_in_at_once(line: Line, channel: Channel, batch: Sequence[intake.Read], passed: str | None) -> int:
    reopen_days = line.desk.settings.cases.reopen_days
    with line.desk.database.transaction() as session:
        new = intake.take_in(session, line.account_id, batch, reopen_days=reopen_days)
        if passed:
            cursors.find(session, line.account_id, channel).passed(passed)
        return len(new)


def _refused_by_database(line: Line, channel: Channel, each: intake.Read, error: DBAPIError) -> int:
    """One message that cannot be stored is set aside, so that the others can."""
    reason = f"the database refused it ({type(error.orig).__name__})"
    with line.desk.database.transaction() as session:
        quarantine.set_aside(session, line.account_id, channel, [Rejected(reason, asdict(each.incoming))])
    return 0


def _conclude(line: Line, channel: Channel, walk: Walk) -> int:
    """Note how the look ended; returns how many items were set aside."""
    with line.desk.database.transaction() as session:
        cursor = cursors.find(session, line.account_id, channel)
        if walk.trouble:
            not_before = walk.trouble.until if isinstance(walk.trouble, RateLimited) else None
            cursor.failed(str(walk.trouble), not_before=not_before)
        else:
            cursor.read()
        if not walk.whole and not walk.trouble:
            cursor.gap = _gap(walk)
            log.error("gap", account=line.handle, channel=channel.value, what=cursor.gap)
        return quarantine.set_aside(session, line.account_id, channel, walk.rejected)


def _gap(walk: Walk) -> str:
    oldest = min((item.sent_at for item in walk.items), default=None)
    return (
        f"Whatever was written before {oldest:%Y-%m-%d %H:%M} UTC and after the look before may be missing."
    )


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
