"""Which rules are on: a supervisor's deed, which ends when the rule is written anew or misfires."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import audit, clock
from socialdesk.automation.rules import Rule
from socialdesk.errors import AlreadyDone, NotAllowed
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _


class RuleSwitch(SQLModel, table=True):
    """How one rule was switched last, and as which version of it.

    `by_id` is None when it stopped itself, and `why` then says what for.
    """

    __tablename__ = "rule_switches"

    rule_id: str = Field(primary_key=True)
    version: str
    is_on: bool
    by_id: int | None = Field(default=None, foreign_key="agents.id")
    at: datetime
    why: str | None = None


STOPPED: Any = ~col(RuleSwitch.is_on) & col(RuleSwitch.why).is_not(None)


def of_all(session: Session) -> dict[str, RuleSwitch]:
    """By the rule's id; of rules that were switched at least once."""
    return {each.rule_id: each for each in session.exec(select(RuleSwitch))}


def on(session: Session, rules: Iterable[Rule]) -> list[tuple[Rule, RuleSwitch]]:
    """The rules that are on as they are written now."""
    switches = of_all(session)
    return [(rule, switch) for rule in rules if (switch := switches.get(rule.id)) and is_on(rule, switch)]


def is_on(rule: Rule, switch: RuleSwitch | None) -> bool:
    return switch is not None and switch.is_on and switch.version == rule.version


def stopped(session: Session) -> list[RuleSwitch]:
    """Those that stopped themselves, the last one first."""
    query = select(RuleSwitch).where(STOPPED)
    return list(session.exec(query.order_by(col(RuleSwitch.at).desc())))


def switch_on(session: Session, rule: Rule, *, by: Agent) -> None:
    """Raises NotAllowed for who is no supervisor, AlreadyDone when it is on."""
    _refuse_others(by)
    switch = _held(session, rule)
    if switch.is_on and switch.version == rule.version:
        raise AlreadyDone(_("The rule %(rule)s is on already.", rule=rule.id))
    switch.is_on, switch.version, switch.by_id, switch.at, switch.why = (
        True,
        rule.version,
        by.id,
        clock.now(),
        None,
    )
    audit.record(session, "rule_switched_on", by=by.id, subject=rule.id, version=rule.version)


def switch_off(session: Session, rule: Rule, *, by: Agent) -> None:
    """Of a rule that stopped itself it says that somebody has taken note.

    Raises NotAllowed for who is no supervisor, AlreadyDone when it is off.
    """
    _refuse_others(by)
    switch = _held(session, rule)
    if not switch.is_on and switch.why is None:
        raise AlreadyDone(_("The rule %(rule)s is off already.", rule=rule.id))
    switch.is_on, switch.by_id, switch.at, switch.why = False, by.id, clock.now(), None
    audit.record(session, "rule_switched_off", by=by.id, subject=rule.id)


def stop(session: Session, rule: Rule, *, why: str) -> bool:
    """The rule misfires and goes off by itself; False when it was off."""
    switch = _held(session, rule)
    if not is_on(rule, switch):
        return False
    switch.is_on, switch.by_id, switch.at, switch.why = False, None, clock.now(), why
    audit.record(session, "rule_stopped", subject=rule.id, why=why)
    return True


def _held(session: Session, rule: Rule) -> RuleSwitch:
    """The rule's row, kept from other writers."""
    query = select(RuleSwitch).where(RuleSwitch.rule_id == rule.id).with_for_update()
    found = session.exec(query.execution_options(populate_existing=True)).first()
    if found is None:
        found = RuleSwitch(rule_id=rule.id, version=rule.version, is_on=False, at=clock.now())
        session.add(found)
    return found


def _refuse_others(by: Agent) -> None:
    if not by.supervises:
        raise NotAllowed(_("Only a supervisor can switch rules on and off."))
