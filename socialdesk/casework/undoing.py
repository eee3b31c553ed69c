"""What an agent has just done to a case, undone: all of it is as it was, or nothing if that has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import cases, clock, customers, history, messages, targets
from socialdesk.cases import Case, Status
from socialdesk.casework import corrections, notes, snoozing, sorting, tagging, withdrawing
from socialdesk.errors import AlreadyDone, NotAllowed, NotFound
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.settings.promises import Priority

CHANGED = mark("This has changed since: it can't be undone any more.")
_MOMENTS = ("waiting_since", "snoozed_until", "reopened_at", "counted_since")
Undo = Callable[[Session, Case, CaseEvent, Agent], bool]


def find(session: Session, case_id: int, event_id: int, *, by: Agent) -> CaseEvent:
    """What `by` did to the case. Raises NotFound, NotAllowed for another's, AlreadyDone when the same kind of
    thing was done to the case since."""
    event = session.get(CaseEvent, event_id)
    if event is None or event.case_id != case_id:
        raise NotFound(_("There is nothing of that kind to take back."))
    if event.agent_id != by.id:
        raise NotAllowed(_("Only who did this can take it back."))
    if newest(session, case_id, event.kind, event.details) != event:
        raise AlreadyDone(_(CHANGED))
    return event


def newest(
    session: Session, case_id: int, kind: str, about: Mapping[str, Any] | None = None
) -> CaseEvent | None:
    """The last event of that kind, or of one that would change the same: of tags those of the same name, of
    notes those of the same one."""
    return _newest(_of_kind(session, case_id, kind), about)


def own(session: Session, case_id: int, kind: str, *, by: Agent) -> CaseEvent | None:
    """The last event of that kind that is `by`'s doing, unless something has changed the same since."""
    found = _of_kind(session, case_id, kind)
    event = next((each for each in found if each.kind == kind and each.agent_id == by.id), None)
    return event if event and _newest(found, event.details) == event else None


def _of_kind(session: Session, case_id: int, kind: str) -> Sequence[CaseEvent]:
    """Those of that kind, and of others that would change the same, newest first."""
    kinds = next((each for each in _TOGETHER if kind in each), (kind,))
    query = select(CaseEvent).where(CaseEvent.case_id == case_id, col(CaseEvent.kind).in_(kinds))
    return session.exec(query.order_by(col(CaseEvent.id).desc())).all()


def _newest(found: Sequence[CaseEvent], about: Mapping[str, Any] | None) -> CaseEvent | None:
    return next((each for each in found if not about or _is_of(each, about)), None)


def _is_of(event: CaseEvent, about: Mapping[str, Any]) -> bool:
    return all(event.details.get(name) == about.get(name) for name in ("tag", "note"))


def may_be_undone(event: CaseEvent) -> bool:
    """Whether it is of a kind that can be, has kept what was before, and undoes nothing itself."""
    return (
        event.kind in _UNDO
        and "undone" not in event.details
        and _NEEDS.get(event.kind) in (None, *event.details)
    )


def undo(session: Session, case_id: int, event_id: int, *, by: Agent) -> None:
    """Raises as `find` does, and AlreadyDone when anything of it has changed since."""
    case = cases.find(session, case_id)
    customers.hold(session, case.customer_id)
    case = cases.hold(session, case_id)
    event = find(session, case_id, event_id, by=by)
    if not may_be_undone(event):
        raise NotFound(_("There is nothing of that kind to take back."))
    if case.merged_into_id or not _UNDO[event.kind](session, case, event, by):
        raise AlreadyDone(_(CHANGED))


def _resolved(session: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    """As if it had never been: nobody's waiting begins anew, and it counts as no reopening."""
    was = event.details["was"]
    if case.status != Status.RESOLVED or case.last_message_at.isoformat() != was["last_message_at"]:
        return False
    if case.resolved_at:
        messages.unsettle(session, case.id or 0, at=case.resolved_at)
    case.resolved_at = None
    for name in ("status", "exposed", "waited_seconds", "resolved_in_target"):
        setattr(case, name, was[name])
    for name in _MOMENTS:
        setattr(case, name, datetime.fromisoformat(was[name]) if was[name] else None)
    history.record(case, "reopened", by=by.id, undone=event.id)
    return True


def _assigned(session: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    told = event.details
    if case.assignee_id != (by.id if told.get("to") else None):
        return False
    case.assign(session.get_one(Agent, told["was"]) if told["was"] else None, by=by)
    return True


def _language(session: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    told = event.details
    language, before = told.get("to") or told["language"], told["before"]
    if not corrections.put_back(session, case, language, before):
        return False
    now = {"from": language, "to": case.language} if "to" in told else {"language": language}
    history.record(case, event.kind, by=by.id, undone=event.id, **now)
    return True


def _topic(session: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    told = event.details
    was, topic = told.get("from"), told["to"]
    if case.topic != topic or not case.topic_by_agent:
        return False
    sorting.put_back(session, case, was, told["before"])
    history.record(case, event.kind, by=by.id, undone=event.id, **{"from": topic, "to": was})
    return True


def _priority(session: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    told = event.details
    if case.priority != told["to"]:
        return False
    targets.prioritize(session, case, Priority(told["from"]), by=by)
    return True


def _tagged(session: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    name = event.details["tag"]
    if not tagging.has(case, name):
        return False
    tagging.remove(session, case, tagging.on(case, name).id, by=by)
    return True


def _untagged(session: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    name = event.details["tag"]
    if tagging.has(case, name):
        return False
    tagging.add(session, case, name, by=by)
    return True


def _woken(_: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    """Not when its moment has come meanwhile: it is awake for that."""
    until = datetime.fromisoformat(event.details["was"])
    if case.snoozed_until or case.status == Status.RESOLVED or until <= clock.now():
        return False
    if case.customer_wrote_at > event.at:
        return False
    case.snoozed_until = until
    history.record(case, "snoozed", by=by.id, until=until.isoformat(), undone=event.id)
    return True


def _snoozed(_: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    """Back to the moment that there was before, with whom it calls then; awake when there was none, or it has
    come meanwhile."""
    told = event.details
    if case.snoozed_until is None or case.snoozed_until != datetime.fromisoformat(told["until"]):
        return False
    was = told.get("was") or {}
    until = datetime.fromisoformat(was["until"]) if was else clock.now()
    if until <= clock.now():
        snoozing.wake(case, by=by)
        return True
    case.snoozed_until, case.snoozed_by_id = until, was["by"]
    case.snoozed_at = datetime.fromisoformat(was["at"]) if was["at"] else None
    history.record(case, "snoozed", by=by.id, until=until.isoformat(), undone=event.id)
    return True


def _noted(session: Session, case: Case, event: CaseEvent, by: Agent) -> bool:
    """That there was a note stays, as when it is deleted. Not once it was changed."""
    note = notes.find(session, event.details["note"])
    if note.case_id != case.id or note.edited_at or note.deleted_at:
        return False
    withdrawing.take_back(session, note.id or 0, event.details.get("called", ()), by=by, undone=event.id or 0)
    return True


_TOGETHER = (
    ("resolved", "reopened", "silenced"),
    ("language_corrected", "language_confirmed"),
    ("tagged", "untagged"),
    ("woken", "snoozed"),
    ("noted", "note_edited", "note_deleted"),
)
_NEEDS = {
    "resolved": "was",
    "assigned": "was",
    "woken": "was",
    "language_corrected": "before",
    "language_confirmed": "before",
    "topic_corrected": "before",
}
_UNDO: dict[str, Undo] = {
    "resolved": _resolved,
    "assigned": _assigned,
    "language_corrected": _language,
    "language_confirmed": _language,
    "topic_corrected": _topic,
    "prioritized": _priority,
    "tagged": _tagged,
    "untagged": _untagged,
    "woken": _woken,
    "snoozed": _snoozed,
    "noted": _noted,
}
