"""Cases put aside until a moment: out of the list of those that wait, though their customers still do.

One that has our answer is put aside as a reminder: should its customer not have written by then, whoever put
it aside and whoever is on it are called to it, as by a note. Nobody waits for us in it, so that no list of
what waits has it, no target runs, and no figure moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlmodel import Session, col, select

from socialdesk import cases, clock, counts, history
from socialdesk.cases import Case, Status
from socialdesk.casework import notes
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

LONGEST = timedelta(days=365)
MOST_AT_A_TIME = 100
_MORNING, _EVENING = time(9), time(18)


class Until(StrEnum):
    HOUR = "hour"
    EVENING = "evening"
    TOMORROW = "tomorrow"
    MONDAY = "monday"
    OWN = "own"  # a date and time that the agent gives


def moment(until: Until, zone: tzinfo, own: str = "") -> datetime:
    """The moment in UTC, as it is where the agent is; `own` is an ISO date and time without a zone.

    Raises BadInput for what is past, too far away, or no moment at all.
    """
    now = clock.now()
    here = now.astimezone(zone)
    if until == Until.HOUR:
        return now + timedelta(hours=1)
    if until == Until.EVENING:
        return _ahead(datetime.combine(here.date(), _EVENING, zone), _("This evening has begun already."))
    if until == Until.OWN:
        return _ahead(_own(own, zone), _("That moment has passed already."))
    days = 1 if until == Until.TOMORROW else 7 - here.weekday()
    return datetime.combine(here.date() + timedelta(days=days), _MORNING, zone).astimezone(UTC)


def snooze(case: Case, until: datetime, *, by: Agent) -> None:
    """Put it aside; a second time moves the moment. Raises BadInput when it is resolved."""
    if case.status == Status.RESOLVED:
        raise BadInput(_("A case that is resolved can't be snoozed."))
    _ahead(until, _("That moment has passed already."))
    was = _aside(case)
    put_aside(case, until, by=by)
    history.record(case, "snoozed", by=by.id, until=until.isoformat(), was=was)


def put_aside(case: Case, until: datetime, *, by: Agent | None = None) -> None:
    """The same of a case that waits, for who tells of it himself; `by` nobody when a rule does it."""
    case.snoozed_until, case.snoozed_at, case.snoozed_by_id = until, clock.now(), by.id if by else None


def _aside(case: Case) -> dict[str, Any] | None:
    """Until when it was put aside already, since when and by whom; None when it is awake."""
    until, since = case.snoozed_until, case.snoozed_at
    if until is None:
        return None
    return {
        "until": until.isoformat(),
        "at": since.isoformat() if since else None,
        "by": case.snoozed_by_id,
    }


def wake(case: Case, *, by: Agent) -> None:
    """Raises AlreadyDone when it is awake."""
    if case.snoozed_until is None:
        raise AlreadyDone(_("This case is not snoozed any more."))
    until, case.snoozed_until = case.snoozed_until, None
    history.record(case, "woken", by=by.id, was=until.isoformat())


def any_due(session: Session) -> bool:
    due = select(Case.id).where(col(Case.snoozed_until) <= clock.now()).limit(1)
    return session.exec(due).first() is not None


def wake_due(session: Session) -> int:
    """Wake the cases whose moment has come; returns how many. Of two who do it at once one wakes each."""
    due = select(Case.id).where(col(Case.snoozed_until) <= clock.now())
    ids = session.exec(due.order_by(col(Case.snoozed_until), col(Case.id)).limit(MOST_AT_A_TIME)).all()
    return sum(_wake_if_due(session, case_id) for case_id in _in_order(ids))


def _in_order(ids: Sequence[int | None]) -> list[int]:
    """As everybody takes them, so that nobody waits crosswise."""
    return sorted(case_id for case_id in ids if case_id)


def _wake_if_due(session: Session, case_id: int) -> bool:
    statement = (
        update(Case)
        .where(col(Case.id) == case_id, col(Case.snoozed_until) <= clock.now())
        .values(snoozed_until=None)
        .execution_options(synchronize_session=False)
    )
    result = session.connection().execute(statement)
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        return False
    case = cases.find(session, case_id)
    session.refresh(case)
    before = {"snoozed_until": case.snoozed_at}
    counts.moved(
        session,
        counts.keys_of_case(lambda name: before.get(name, getattr(case, name))),
        counts.keys_of_case(lambda name: getattr(case, name)),
    )
    reminds = case.status == Status.ANSWERED
    history.record(case, "woken", unanswered=reminds or None)
    if reminds:
        notes.call(session, case, {case.snoozed_by_id or 0, case.assignee_id or 0})
    return True


def _own(told: str, zone: tzinfo) -> datetime:
    try:
        return datetime.fromisoformat(told).replace(tzinfo=zone)
    except ValueError:
        raise BadInput(_("Give a date and a time to snooze until.")) from None


def _ahead(at: datetime, otherwise: str) -> datetime:
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        raise BadInput(_("Give a date and a time to snooze until.")) from None
    if at <= clock.now():
        raise BadInput(otherwise)
    if at > clock.now() + LONGEST:
        raise BadInput(_("A case can be snoozed for a year at most."))
    return at
