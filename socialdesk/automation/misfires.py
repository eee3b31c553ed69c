"""Rules that do harm stop themselves: when too many of their last replies were followed by something bad."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlmodel import Session, col, func, select

from socialdesk.automation import runs, switches, wishes
from socialdesk.automation.rules import Rule
from socialdesk.automation.runs import RuleRun
from socialdesk.automation.switches import RuleSwitch
from socialdesk.database import Database
from socialdesk.history import CaseEvent
from socialdesk.phrases import mark
from socialdesk.replies import Reply, State
from socialdesk.settings.restraint import Automation

log = structlog.get_logger()

FEWEST = 3  # gone wrong; fewer are chance, however small the number of replies
_WHY = mark(
    "Of its last %(number)s replies X refused %(refused)s, after %(left)s the customer wanted to hear"
    " nothing more, and after %(put_right)s an agent apologised or corrected the case."
)
_PUT_RIGHT = ("language_corrected", "topic_corrected")


def stop_misfiring(database: Database, rules: Sequence[Rule], automation: Automation) -> int:
    """Look at what came of each rule's last replies since it was switched on, and switch it off for that.

    Returns how many were; the switches are read once, however many rules there are.
    """
    with database.reading() as session:
        kept = switches.of_all(session)
        found = [(rule, _why(session, rule, kept.get(rule.id), automation)) for rule in rules]
    return sum(_stop(database, rule, why) for rule, why in found if why)


def _stop(database: Database, rule: Rule, why: str) -> bool:
    with database.transaction() as session:
        stopped = switches.stop(session, rule, why=why)
    if stopped:
        log.error("a rule has stopped itself", rule=rule.id, why=why)
    return stopped


def _why(session: Session, rule: Rule, switch: RuleSwitch | None, automation: Automation) -> str | None:
    if switch is None or not switch.is_on:
        return None
    last = runs.last_sent(session, rule.id, since=switch.at, most=automation.misfire_last)
    if not last:
        return None
    refused, left, put_right = (
        _refused(session, last),
        _left(session, last),
        _put_right(session, last, automation),
    )
    wrong = refused + left + put_right
    if wrong < FEWEST or wrong < automation.misfire_share * len(last):
        return None
    return _WHY % {"number": len(last), "refused": refused, "left": left, "put_right": put_right}


def _refused(session: Session, last: Sequence[RuleRun]) -> int:
    tried = col(Reply.attempts) > 0  # else the desk itself wants somebody to look first
    query = select(func.count()).where(col(Reply.id).in_(_replies(last)), Reply.state == State.HELD, tried)
    return session.exec(query).one()


def _left(session: Session, last: Sequence[RuleRun]) -> int:
    return wishes.after(session, [each.id or 0 for each in last])


def _put_right(session: Session, last: Sequence[RuleRun], automation: Automation) -> int:
    """Cases in which an agent has corrected what the rule went by, or has apologised, afterwards."""
    apologised = (
        select(RuleRun.case_id)
        .join(Reply, col(Reply.case_id) == RuleRun.case_id)
        .where(
            col(RuleRun.id).in_([each.id for each in last]),
            col(Reply.template_id).in_(automation.apologies),
            ~col(Reply.automated),
            col(Reply.approved_at) >= RuleRun.at,
        )
    )
    return len({*_corrected(session, last), *session.exec(apologised)})


def _corrected(session: Session, last: Sequence[RuleRun]) -> set[int]:
    """The cases with a correction that stands: whoever undid his own has corrected nothing."""
    begun = {each.case_id: each.at for each in last}  # the oldest is the last one
    query = select(CaseEvent).where(
        col(CaseEvent.case_id).in_(sorted(begun)), col(CaseEvent.kind).in_(_PUT_RIGHT)
    )
    told = [(event, event.details) for event in session.exec(query)]
    undone = {details.get("undone") for _, details in told}
    return {
        event.case_id
        for event, details in told
        if event.at >= begun[event.case_id] and event.id not in undone and "undone" not in details
    }


def _replies(last: Sequence[RuleRun]) -> list[int]:
    return [each.reply_id for each in last if each.reply_id]
