"""Asks X once a day whether the customers' posts are there: what is deleted there has to be gone here.

X tells of nothing that disappears: its compliance streams are for Enterprise. So posts of cases that are
open, or were resolved not long ago, are looked up, a hundred at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import structlog
from sqlmodel import Session

from socialdesk import clock
from socialdesk.messages import Gone, Incoming
from socialdesk.placing import vanishing
from socialdesk.placing.vanishing import Watched
from socialdesk.polling.cursors import Channel
from socialdesk.workers.line import Line
from socialdesk.workers.storing import take_in
from socialdesk.x import LookedUp
from socialdesk.x.client import in_batches

log = structlog.get_logger()

EVERY = timedelta(minutes=5)
MOST_AT_A_TIME = 5_000  # posts, of the 90,000 that X lets us look up in a quarter of an hour


def watch(line: Line) -> int:
    """Look up what is due; returns how many posts have disappeared or come back.

    Safe to run twice at once: X charges for a post once a day, and what is known is not told again. What
    goes wrong with X is raised; what was not asked about then stays due.
    """
    by_x_id = {each.x_id: each for each in _due(line)}
    changed = 0
    for some in in_batches(by_x_id):
        changed += _look(line, {x_id: by_x_id[x_id] for x_id in some})
    if changed:
        log.info("posts have changed", account=line.handle, changed=changed)
    return changed


def _due(line: Line) -> Sequence[Watched]:
    """Due is what would be too late at the next tick."""
    retention, now = line.desk.settings.retention, clock.now()
    if not retention.recheck_hours:
        return []
    with line.desk.database.reading() as session:
        return vanishing.due(
            session,
            line.account_id,
            looked_before=now - retention.recheck + EVERY,
            resolved_since=now - timedelta(days=retention.recheck_days),
            most=MOST_AT_A_TIME,
        )


def _look(line: Line, watched: Mapping[str, Watched]) -> int:
    told = line.x.posts(list(watched), our_x_id=line.our_x_id())
    reasons = _reasons(line, watched, told)
    # What came and could not be read is no silence.
    silent = set() if told.unreadable else watched.keys() - _named(told)
    changed = _record(line, watched, told.found, reasons, silent)
    _take_in_edits(line, told.found)
    return changed


def _reasons(line: Line, watched: Mapping[str, Watched], told: LookedUp) -> dict[str, Gone]:
    """Why X does not show them, by X's ids.

    About a protected author's posts X says the same as about a suspended one's (seen in public issue
    threads): whether it shows the account tells which. That is asked once.
    """
    hidden = [watched[x_id] for x_id in told.hidden if x_id in watched]
    unknown = {each.author_x_id for each in hidden if each.gone in (None, Gone.DELETED)}
    shown = {profile.x_id for some in in_batches(unknown) for profile in line.x.users(some)}
    reasons = {x_id: Gone.DELETED for x_id in told.missing if x_id in watched}
    for each in hidden:
        asked = Gone.PROTECTED if each.author_x_id in shown else Gone.SUSPENDED
        reasons[each.x_id] = asked if each.author_x_id in unknown else Gone(each.gone or asked)
    return reasons


def _record(
    line: Line,
    watched: Mapping[str, Watched],
    found: Sequence[Incoming],
    reasons: dict[str, Gone],
    silent: Collection[str],
) -> int:
    shown = {each.x_id: each for each in found if each.x_id in watched}
    changed = 0
    with line.desk.database.transaction() as session:
        reasons = reasons | _given_up(session, [watched[x_id] for x_id in silent])
        told = [each for each in watched.values() if each.x_id in shown or each.x_id in reasons]
        vanishing.looked(session, [each.message_id for each in told])
        for each in sorted(told, key=lambda each: each.case_id):  # as everybody holds cases
            if each.x_id in reasons:
                changed += vanishing.take_out(session, each.message_id, reasons[each.x_id])
            elif each.gone:
                changed += vanishing.bring_back(session, each.message_id, shown[each.x_id])
    return changed


def _named(told: LookedUp) -> set[str]:
    return {each.x_id for each in told.found} | {*told.missing, *told.hidden}


def _given_up(session: Session, silent: Sequence[Watched]) -> dict[str, Gone]:
    """Those of which X has told nothing time and again: without an end they would be asked about for ever."""
    never = vanishing.never_told(session, [each.message_id for each in silent]) if silent else ()
    return {each.x_id: Gone.DELETED for each in silent if each.message_id in never}


def _take_in_edits(line: Line, found: Sequence[Incoming]) -> None:
    """Newer versions: one that mentions us no longer is in no timeline that the poller reads."""
    newer = {each.versions[-1] for each in found if each.versions and each.versions[-1] != each.x_id}
    for some in in_batches(newer):
        take_in(line, Channel.MENTIONS, line.x.posts(some, our_x_id=line.our_x_id()).found)
