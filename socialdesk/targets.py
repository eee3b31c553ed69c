"""By when a case wants a first answer, the next one, or to be resolved, and whether that was kept.

Whatever changes a case, its due time is written with it: each event moves what has been counted on, and
before every flush the due time follows from that. Neither asks the database anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, event
from sqlmodel import Session

from socialdesk import accounts, cases, history, hours
from socialdesk.cases import Case, Status
from socialdesk.errors import AlreadyDone
from socialdesk.hours import Calendar
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.settings.promises import ALWAYS_OPEN, DueFor, Priority, TargetRule, Targets


@dataclass(frozen=True, eq=False)
class InForce:
    """The targets that a database's cases are timed by, and which account has which handle.

    Every case keeps the fingerprint of those it was timed by; without rules there is none.
    """

    targets: Targets = field(default_factory=Targets)
    handles: Mapping[int, str] = field(default_factory=dict)
    fingerprint: str | None = None
    _found: dict[tuple[Any, ...], TargetRule | None] = field(default_factory=dict)

    def rule_of(self, case: Case) -> TargetRule | None:
        priority = Priority.HIGH if case.exposed and case.priority == Priority.NORMAL else case.priority
        return self._rule(priority, case.language, case.visibility, case.account_id)

    def calendar_of(self, rule: TargetRule) -> Calendar:
        return self.targets.opened[rule.calendar]

    @property
    def has_business_hours(self) -> bool:
        named = (self.targets.calendar, *(rule.calendar for rule in self.targets.rules))
        return any(name != ALWAYS_OPEN for name in named)

    @property
    def hours_differ(self) -> bool:
        """Whether they depend on the account or the channel, and not on the language alone."""
        return any(rule.account or rule.channel for rule in self.targets.rules)

    def business_hours(self, account_id: int, language: str, visibility: str) -> Calendar | None:
        """Those of the target that such a case of normal priority has, else the desk's; None when there
        are none."""
        rule = self._rule(Priority.NORMAL, language, visibility, account_id)
        own = rule.calendar if rule else ALWAYS_OPEN
        name = self.targets.calendar if own == ALWAYS_OPEN else own
        return None if name == ALWAYS_OPEN else self.targets.opened[name]

    def _rule(self, priority: str, language: str, visibility: str, account_id: int) -> TargetRule | None:
        facts = (priority, language, visibility, self.handles.get(account_id, "").lower())
        if facts not in self._found:
            self._found[facts] = _most_particular(self.targets, facts)
        return self._found[facts]


# By what all sessions of one database share.
_in_force: WeakKeyDictionary[Dialect, InForce] = WeakKeyDictionary()
_NOTHING = InForce()


def use(session: Session, targets: Targets) -> None:
    """From now on this process times the cases of the session's database by these targets."""
    handles = {account.id or 0: account.handle for account in accounts.all_of(session)}
    _in_force[session.get_bind().dialect] = InForce(targets, handles, fingerprint(targets))


def in_force(session: Session) -> InForce:
    return _in_force.get(session.get_bind().dialect, _NOTHING)


def fingerprint(targets: Targets) -> str | None:
    """What differs when anything does that a due time depends on; None when nothing has a target."""
    if not targets.rules:
        return None
    told = targets.model_dump_json(exclude={"calendar"})
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def rule_for(
    targets: Targets, *, account: str, channel: str, language: str, priority: str = Priority.NORMAL
) -> TargetRule | None:
    """The most particular rule that fits, which alone counts: of two that name as much the one that names
    the priority, then the language, then the channel, then the account. None when none fits."""
    return _most_particular(targets, (priority, language, channel, account.removeprefix("@").lower()))


def _most_particular(targets: Targets, facts: tuple[str, ...]) -> TargetRule | None:
    fitting = [rule for rule in targets.rules if rule.fits(*facts)]
    return max(fitting, key=lambda rule: rule.particular, default=None)


def prioritize(session: Session, case: Case, priority: Priority, *, by: Agent) -> None:
    """Raises AlreadyDone when it has that priority."""
    case = cases.hold(session, case.id or 0)
    if case.priority == priority:
        raise AlreadyDone(_("The case has this priority already."))
    was, case.priority = case.priority, priority
    history.record(case, "prioritized", by=by.id, **{"from": was, "to": priority})


def retime(session: Session, case: Case) -> None:
    """Let the case's due time follow from how it stands. Every flush does so with the cases it writes."""
    given = in_force(session)
    if given.fingerprint is None and case.timed_by is None:
        return
    rule = given.rule_of(case)
    _count(case, rule, given)
    due = _due(case, rule, given)
    case.due_at, case.due_for = due or (None, None)
    case.paused = rule is not None and case.status == Status.ANSWERED
    case.timed_by = given.fingerprint


def _due(case: Case, rule: TargetRule | None, given: InForce) -> tuple[datetime, str] | None:
    """What is missed first, and when."""
    if rule is None or case.counted_since is None:
        return None
    calendar, since = given.calendar_of(rule), case.counted_since
    response = DueFor.NEXT_RESPONSE if case.responded else DueFor.FIRST_RESPONSE
    left = {response: rule.seconds(response), DueFor.RESOLUTION: rule.seconds(DueFor.RESOLUTION)}
    if (resolution := left[DueFor.RESOLUTION]) is not None:
        left[DueFor.RESOLUTION] = max(resolution - case.waited_seconds, 0)
    dues = [
        (hours.after(calendar, since, seconds), due_for.value)
        for due_for, seconds in left.items()
        if seconds is not None
    ]
    return min(dues, default=None, key=lambda due: due[0])


def _count(case: Case, rule: TargetRule | None, given: InForce, kind: str | None = None) -> None:
    """Bring what is counted up to how the case stands: one stretch of waiting ends, another begins."""
    waits = case.status == Status.WAITING and case.merged_into_id is None
    before, since = case.counted_since, case.waiting_since if waits else None
    if before is not None and (since is None or since > before):
        _end_stretch(case, rule, given, kind)
    if before is None and since is not None:
        _begin_stretch(case, since)
    case.counted_since = since


def _begin_stretch(case: Case, since: datetime) -> None:
    """An answer from before counts, also one from before there were targets."""
    answered = case.first_response_at is not None and case.first_response_at < since
    case.responded, case.resolved_in_target = case.responded or answered, None


def _end_stretch(case: Case, rule: TargetRule | None, given: InForce, kind: str | None) -> None:
    """The customer waits no more, or only for an answer to what he wrote later."""
    if case.merged_into_id is not None:
        return
    ended = case.last_message_at
    if case.status == Status.RESOLVED:
        ended = case.resolved_at or ended
    elif case.status == Status.WAITING:
        ended = case.waiting_since or ended
    if rule and case.counted_since:
        case.waited_seconds += hours.open_seconds(given.calendar_of(rule), case.counted_since, ended)
    _note_response(case, rule, given, kind)


def _note_response(case: Case, rule: TargetRule | None, given: InForce, kind: str | None) -> None:
    """Of an answer in several parts the first counts when it is the case's first, else the last."""
    if not case.responded and case.first_response_at is not None:
        case.responded = True
        met = _met(case, rule, given, DueFor.FIRST_RESPONSE, case.first_response_at)
        case.first_in_target = met
    elif case.responded and (kind == "we_wrote" or case.status == Status.ANSWERED):
        met = _met(case, rule, given, DueFor.NEXT_RESPONSE, case.last_message_at)
        case.next_in_target += met is True
        case.next_late += met is False


def _met(case: Case, rule: TargetRule | None, given: InForce, due_for: DueFor, at: datetime) -> bool | None:
    """None when there was no such target."""
    seconds = rule.seconds(due_for) if rule else None
    if rule is None or seconds is None or case.counted_since is None:
        return None
    return hours.open_seconds(given.calendar_of(rule), case.counted_since, at) <= seconds


def _follow(session: Session, case: Case, kind: str, _by: int | None, _told: dict[str, Any]) -> None:
    """An intake's batch may hold a whole conversation: each event counts, not only what is flushed."""
    given = in_force(session)
    if given.fingerprint is None:
        return
    rule = given.rule_of(case)
    _count(case, rule, given, kind)
    if case.status != Status.RESOLVED:
        return
    if kind == "resolved":
        seconds = rule.seconds(DueFor.RESOLUTION) if rule else None
        case.resolved_in_target = None if seconds is None else case.waited_seconds <= seconds
    case.waited_seconds = 0.0


def _before_flush(session: Session, *_: object) -> None:
    given = in_force(session)
    for row in (*session.new, *session.dirty):
        if isinstance(row, Case) and (given.fingerprint is not None or row.timed_by is not None):
            retime(session, row)


history.followers.append(_follow)
event.listen(Session, "before_flush", _before_flush)
