"""What was done to several cases together is taken back: from each that has not changed since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import cases, clock
from socialdesk.cases import Case
from socialdesk.casework import snoozing, tagging, undoing
from socialdesk.errors import AlreadyDone, NotAllowed, NotFound
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.worklists import together
from socialdesk.worklists.together import Act, BulkChange, Done

# Undone as in one case, whose history keeps more of what was before: by the kinds of event that tell of it.
_IN_HISTORY = {
    Act.LANGUAGE: ("language_corrected", "language_confirmed"),
    Act.TOPIC: ("topic_corrected",),
    Act.RESOLVE: ("resolved",),
}
_WHOEVER_HAS_IT = (Act.LANGUAGE, Act.TOPIC)  # they matter to nobody's work on the case


def undo(session: Session, change_id: int, *, by: Agent) -> Done:
    """Take back what can be: cases that have changed since stay as they are, and those of accounts that he
    works for no more.

    Raises NotFound, NotAllowed for another's, AlreadyDone the second time.
    """
    query = select(BulkChange).where(col(BulkChange.id) == change_id).with_for_update()
    change = session.exec(query.execution_options(populate_existing=True)).first()
    if change is None:
        raise NotFound(_("There is nothing of that kind to take back."))
    if change.agent_id != by.id:
        raise NotAllowed(_("Only who did this can take it back."))
    if change.undone_at:
        raise AlreadyDone(_("This was taken back already."))
    change.undone_at = clock.now()
    # The session sees the cases of his accounts alone.
    there = set(session.exec(select(Case.id).where(col(Case.id).in_(list(change.cases)))))
    concerned = {case_id: told for case_id, told in sorted(change.cases.items()) if case_id in there}
    if change.act in _IN_HISTORY:
        together.hold_customers(session, concerned)
    left_out = {
        case_id: _("It has changed since.")
        for case_id, told in concerned.items()
        if not _undone(session, change, case_id, told, by)
    }
    return Done(None, len(concerned) - len(left_out), left_out)


def _undone(session: Session, change: BulkChange, case_id: int, told: Mapping[str, Any], by: Agent) -> bool:
    """False, and nothing done, where the case has changed since."""
    case, act = cases.hold(session, case_id), Act(change.act)
    if act not in _WHOEVER_HAS_IT and together.standing(case, act) != told["after"]:
        return False
    if act in _IN_HISTORY:
        return _undone_in_history(session, change, case_id, by)
    _take_back(session, case, act, told["before"], by)
    return True


def _undone_in_history(session: Session, change: BulkChange, case_id: int, by: Agent) -> bool:
    """The change told of the last such event that there was when it was made; a later one is another's."""
    kinds = _IN_HISTORY[Act(change.act)]
    event = undoing.newest(session, case_id, kinds[0])
    if event is None or event.kind not in kinds or event.at > change.at or not undoing.may_be_undone(event):
        return False
    try:
        undoing.undo(session, case_id, event.id or 0, by=by)
    except AlreadyDone:
        return False
    return True


def _take_back(session: Session, case: Case, act: Act, before: Mapping[str, Any], by: Agent) -> None:
    if act == Act.SNOOZE and before["snoozed_until"]:
        _remind_as_before(case, before)
    elif act == Act.SNOOZE:
        snoozing.wake(case, by=by)
    elif act in (Act.TAG, Act.UNTAG):
        tagging.restore(session, case, before["tags"], by=by)
    else:
        case.assign(_agent(session, before["assignee_id"]), by=by)


def _remind_as_before(case: Case, before: Mapping[str, Any]) -> None:
    """At that moment, and whoever wanted it; older changes have not kept who that was."""
    case.snoozed_until = datetime.fromisoformat(before["snoozed_until"])
    if at := before.get("snoozed_at"):
        case.snoozed_at, case.snoozed_by_id = datetime.fromisoformat(at), before.get("snoozed_by_id")


def _agent(session: Session, agent_id: int | None) -> Agent | None:
    return session.get(Agent, agent_id) if agent_id else None
