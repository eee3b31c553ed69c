"""Where what was just done to a case can be undone: the address that one click, or the key u, goes to."""

from __future__ import annotations

from sqlmodel import Session

from socialdesk import replies
from socialdesk.cases import Case
from socialdesk.casework import undoing
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Agent
from socialdesk.replies import State

# By what the address says was done: the verb that takes it back, under the case's address.
_BY_ANOTHER_VERB = {
    "blocked": "unblocking",
    "muted": "unmuting",
    "unblocked": "blocking",
    "unmuted": "muting",
    "merged": "unmerging",
    "split": "rejoining",
    "opted_out": "opting-in",
}
# The same: the kind of event that it made, by the word or the word's beginning.
_BY_EVENT = {
    "resolved": "resolved",
    "taken": "assigned",
    "released": "assigned",
    "tagged": "tagged",
    "untagged": "untagged",
    "woken": "woken",
    "snoozed": "snoozed",
    "discarded": "reply_cancelled",
    "noted": "noted",
    "noted_nobody": "noted",
    "noted_some": "noted",
}
_BY_EVENT_WITH_VALUE = {
    "language": ("language_corrected", "to"),
    "confirmed": ("language_confirmed", "language"),
    "topic": ("topic_corrected", "to"),
    "priority": ("prioritized", "to"),
}


def way_back(session: Session, what: str, case_id: int, *, by: Agent | None = None) -> str | None:
    """None for what can't be undone, and when the newest event of that kind that is `by`'s doing is another
    one, or was followed by what changed the same; without `by` it is anybody's."""
    if verb := _BY_ANOTHER_VERB.get(what):
        return f"/cases/{case_id}/{verb}"
    beginning, _line, value = what.partition("_")
    kind, name = _BY_EVENT_WITH_VALUE.get(beginning, (_BY_EVENT.get(what, ""), ""))
    event = _event(session, case_id, kind, by) if kind else None
    if event is None or session.get(Case, case_id) is None or not _is_that(session, what, event):
        return None  # nor of a case that is not there for him, whatever he once did to it
    if name and event.details.get(name) != value:
        return None
    return f"/cases/{case_id}/events/{event.id}/undoing"


def _event(session: Session, case_id: int, kind: str, by: Agent | None) -> CaseEvent | None:
    if by:
        return undoing.own(session, case_id, kind, by=by)
    event = undoing.newest(session, case_id, kind)
    return event if event and event.kind == kind else None


def _is_that(session: Session, what: str, event: CaseEvent) -> bool:
    if what == "discarded":
        reply = replies.find(session, event.details["reply"])
        return reply.state == State.CANCELLED and reply.approved_at is None
    if what in ("taken", "released") and (what == "taken") != ("to" in event.details):
        return False
    return undoing.may_be_undone(event)
