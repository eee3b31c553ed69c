"""Hands what was fetched to the intake, oldest first; what the database refuses hurts nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from socialdesk import customers, intake
from socialdesk.errors import XError
from socialdesk.messages import Incoming
from socialdesk.polling import quarantine, walks
from socialdesk.polling.quarantine import Rejected
from socialdesk.polling.walks import Walk
from socialdesk.workers.line import Line
from socialdesk.workers.walking import Fetched
from socialdesk.x.client import in_batches

log = structlog.get_logger()

BATCH = 100


def store(line: Line, fetched: Fetched) -> int:
    """Everything that came, safe to repeat; returns how many messages were new."""
    walk = fetched.walk
    if walk.id is None:
        return take_in(line, walk.channel, fetched.items)
    with line.desk.database.reading() as session:
        numbers = walks.pages(session, walk)
    return sum(_store_page(line, walk, number) for number in numbers)


def _store_page(line: Line, walk: Walk, number: int) -> int:
    with line.desk.database.reading() as session:
        items = walks.page(session, walk, number)
    new = take_in(line, walk.channel, items)
    with line.desk.database.transaction() as session:
        walks.forget_page(session, walk, number)
    return new


def take_in(line: Line, channel: str, items: Sequence[Incoming]) -> int:
    """Store those that are not stored yet, each in a batch of its own transaction; returns how many."""
    fresh = iter(intake.read(line.desk.database, line.account_id, items))
    new = 0
    while batch := list(islice(fresh, BATCH)):
        _introduce(line, batch)
        new += _take_in(line, channel, batch)
    return new


def _take_in(line: Line, channel: str, batch: Sequence[intake.Read]) -> int:
    try:
        return _take_in_at_once(line, batch)
    except (DataError, IntegrityError) as error:
        if len(batch) == 1:
            return _refused_by_database(line, channel, batch[0], error)
    return sum(_take_in(line, channel, [each]) for each in batch)


def _take_in_at_once(line: Line, batch: Sequence[intake.Read]) -> int:
    settings = line.desk.settings
    with line.desk.database.transaction(durable=False) as session:
        taken_in = intake.take_in(
            session,
            line.account_id,
            batch,
            reopen_days=settings.cases.reopen_days,
            ignore=settings.intake.ignore,
        )
    return len(taken_in)


def _refused_by_database(line: Line, channel: str, each: intake.Read, error: DBAPIError) -> int:
    """One message that cannot be stored is set aside, so that the others can."""
    reason = f"the database refused it ({type(error.orig).__name__})"
    with line.desk.database.transaction() as session:
        quarantine.set_aside(session, line.account_id, channel, [Rejected(reason, asdict(each.incoming))])
    return 0


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
