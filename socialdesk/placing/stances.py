"""How two cases stood before an agent merged them, how they stand as one, and both as they were again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from socialdesk import clock, history
from socialdesk.cases import Case, Status
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Agent

# After these somebody has looked at the case as it stands now: nothing is put aside again.
_SINCE = ("customer_wrote", "reopened", "we_wrote", "resolved", "snoozed", "woken")
_WHO_WAITS = ("customer_wrote", "reopened", "we_wrote", "resolved")  # after these it may be another
_MOMENTS = ("resolved_at", "reopened_at", "snoozed_until", "snoozed_at")


def of(case: Case) -> dict[str, Any]:
    """As a case's history keeps it."""
    moments = {name: at.isoformat() if (at := getattr(case, name)) else None for name in _MOMENTS}
    told = {"status": case.status, "snoozed_by_id": case.snoozed_by_id, "assignee_id": case.assignee_id}
    return told | moments


def join(older: Case, newer: Case, *, by: Agent) -> None:
    """The two together are open as long as either is, and put aside only while nobody waits in either who is
    not: then until the earlier moment."""
    awake = _waits(older) or _waits(newer)
    first = min((each for each in (older, newer) if each.snoozed_until), key=_until, default=None)
    if older.status == Status.RESOLVED != newer.status:
        older.status, older.resolved_at = newer.status, None
    older.reopened_at = max((at for at in (older.reopened_at, newer.reopened_at) if at), default=None)
    older.assignee_id = older.assignee_id or newer.assignee_id
    if awake and older.snoozed_until:
        older.snoozed_until = None
        history.record(older, "woken", by=by.id, merged=newer.id)
    if not awake and first is newer:
        _put_aside(older, newer.snoozed_until, newer.snoozed_at, newer.snoozed_by_id)
        until = _until(newer).isoformat()
        history.record(older, "snoozed", by=by.id, until=until, merged=newer.id)


def part(case: Case, older: Case, merge: CaseEvent, events: Iterable[CaseEvent]) -> None:
    """Both as before; `events` are the older one's. Nothing is undone that somebody did to both since."""
    since = [each for each in events if each.at >= merge.at and "merged" not in each.details]
    kinds = {each.kind for each in since}
    was, other_was = merge.details["was"], merge.details["other_was"]
    if other_was.get("assignee_id", 0) is None and "assigned" not in kinds:
        older.assignee_id = None
    if older.status == Status.RESOLVED:
        case.status, case.resolved_at = older.status, older.resolved_at
        return
    case.status, case.resolved_at = was["status"], _moment(was["resolved_at"])
    case.reopened_at = _moment(was["reopened_at"])
    if other_was["status"] == Status.RESOLVED:
        older.status, older.resolved_at = Status.RESOLVED, _moment(other_was["resolved_at"])
    elif kinds.isdisjoint(_WHO_WAITS):  # else it would seem to be answered only now, which ends what is aside
        older.status = other_was["status"]
    if older.reopened_at == case.reopened_at:  # it may have been opened again since
        older.reopened_at = _moment(other_was["reopened_at"])
    if kinds.isdisjoint(_SINCE):
        _put_aside_again(case, was)
        if not _has_others(since, case):  # whoever waits in those would be hidden with it
            _put_aside_again(older, other_was)


def _waits(case: Case) -> bool:
    return case.status == Status.WAITING and case.snoozed_until is None


def _until(case: Case) -> datetime:
    assert case.snoozed_until
    return case.snoozed_until


def _has_others(since: Iterable[CaseEvent], case: Case) -> bool:
    """Whether one that was merged into the older case later than this one is in it still."""
    told = [each for each in since if each.kind in ("took_in", "gave_back")]
    inside = {each.details["other"]: each.kind == "took_in" for each in told}
    return any(there for other, there in inside.items() if other != case.id)


def _put_aside_again(case: Case, was: Mapping[str, Any]) -> None:
    """Until then. When the moment has passed, a case that waits is back, and a reminder calls at once.

    What merges of old did not write down is left as it is.
    """
    if "snoozed_until" not in was:
        return
    until = _moment(was["snoozed_until"])
    still = until if until and (until > clock.now() or was["status"] == Status.ANSWERED) else None
    _put_aside(case, still, _moment(was["snoozed_at"]), was["snoozed_by_id"])


def _put_aside(case: Case, until: datetime | None, at: datetime | None, by_id: int | None) -> None:
    case.snoozed_until, case.snoozed_at, case.snoozed_by_id = until, at, by_id


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
