"""The step of the rules: every case that one is for, each in a transaction of its own, once whoever tries.

X is never asked here: what may go is approved, and leaves by the outbox after what people wrote.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlmodel import Session

from socialdesk import cases, clock, customers, history
from socialdesk.automation import answering, leaving, misfires, occasions, runs, switches, wishes, withdrawal
from socialdesk.automation.answering import Answer
from socialdesk.automation.book import RuleBook
from socialdesk.automation.conditions import reason
from socialdesk.automation.leaving import LeavingWords
from socialdesk.automation.occasions import Occasion
from socialdesk.automation.rules import Rule
from socialdesk.automation.runs import Did
from socialdesk.automation.switches import RuleSwitch
from socialdesk.cases import Case, Status
from socialdesk.casework import snoozing, tagging
from socialdesk.database import Database
from socialdesk.errors import AlreadyDone, BadInput, Conflict, NotFound
from socialdesk.people import agents
from socialdesk.people.agents import Agent
from socialdesk.phrases import mark
from socialdesk.settings import Settings
from socialdesk.templating.library import Library

log = structlog.get_logger()

FIRED = "rule_fired"


def run(database: Database, book: RuleBook, library: Library, settings: Settings) -> int:
    """One pass of all rules that are on; returns for how many cases one did something or was kept from it."""
    words = leaving.words(settings)
    hear(database, words)
    with database.reading() as session:
        on = switches.on(session, book.rules)
        due = [(rule, each) for rule, switch in on for each in _due(session, rule, switch, settings)]
    done = sum(_try_one(database, rule, case_id, library, settings, words) for rule, case_id in due)
    misfires.stop_misfiring(database, [rule for rule, _ in on], settings.automation)
    return done


def hear(database: Database, words: LeavingWords) -> int:
    """Customers who want to hear nothing more are heard first, whether a rule is on or not."""
    with database.reading() as session:
        anything_new, left = wishes.anything_new(session), withdrawal.of_opted_out(session)
    if not (anything_new or left):
        return 0
    with database.transaction() as session:
        for customer_id in left:
            withdrawal.take_back(session, customer_id)
        return wishes.read(session, words)


def _due(session: Session, rule: Rule, switch: RuleSwitch, settings: Settings) -> list[int]:
    found = occasions.fitting(session, rule, on_since=switch.at, settings=settings)
    return [case_id for case_id, _message_id in found]


def _try_one(
    database: Database, rule: Rule, case_id: int, library: Library, settings: Settings, words: LeavingWords
) -> bool:
    """One case in which something is wrong does not keep the rules from the others."""
    try:
        return _run_one(database, rule, case_id, library, settings, words)
    except (Conflict, BadInput, NotFound) as error:
        log.error("a rule could not run", rule=rule.id, case=case_id, why=str(error))
        return False


def _run_one(
    database: Database, rule: Rule, case_id: int, library: Library, settings: Settings, words: LeavingWords
) -> bool:
    """False when it is not for the case any more: somebody was faster, or has switched the rule off."""
    with database.transaction() as session:
        found = _still(session, rule, case_id, settings)
        if found is None:
            return False
        occasion, by = found
        number = occasions.interaction(session, case_id)
        done = _do(session, rule, occasion, number, by=by, library=library, settings=settings, words=words)
        run_id = _claim(session, rule, occasion, number, done)
        if run_id is None:
            session.rollback()
            return False
    log.info("a rule ran", rule=rule.id, case=case_id, did=done.did.value)
    return True


def _still(session: Session, rule: Rule, case_id: int, settings: Settings) -> tuple[Occasion, Agent] | None:
    """The occasion with its case held, the customer before it as the intake does, and who is answerable."""
    customers.hold(session, cases.find(session, case_id).customer_id)
    cases.hold(session, case_id)
    switch = session.get(RuleSwitch, rule.id, populate_existing=True)
    if switch is None or switch.by_id is None or not switches.is_on(rule, switch):
        return None
    occasion = occasions.still_due(session, rule, case_id, on_since=switch.at, settings=settings)
    return (occasion, session.get_one(Agent, switch.by_id)) if occasion else None


def _do(
    session: Session,
    rule: Rule,
    occasion: Occasion,
    interaction: int,
    *,
    by: Agent,
    library: Library,
    settings: Settings,
    words: LeavingWords,
) -> Answer:
    case = occasion.case
    if rule.writes:
        mandate = answering.of_rule(rule)
        return answering.answer(
            session, mandate, occasion, interaction, by=by, library=library, settings=settings, words=words
        )
    if rule.do == "assign":
        return _assign(session, rule, case)
    if rule.do == "priority":
        assert rule.priority is not None
        case.priority = rule.priority.value
        return Answer(Did.PRIORITY)
    if rule.do == "tag":
        return _tag(session, rule, case)
    if rule.do == "snooze":
        return _snooze(rule, case)
    if case.status != Status.WAITING or case.assignee_id:
        return Answer(Did.LEFT, mark("Somebody works on this case."))
    case.silence(FIRED)
    return Answer(Did.SILENCED)


def _assign(session: Session, rule: Rule, case: Case) -> Answer:
    """A colleague who has it already keeps it."""
    agent = agents.find(session, rule.to or "")
    if agent is None or agent.disabled_at:
        nobody = mark("Nobody who works here is called %(name)s.")
        return Answer(Did.LEFT, nobody % {"name": rule.to})
    if case.assignee_id:
        return Answer(Did.LEFT, mark("Somebody has this case already."))
    case.assignee_id = agent.id
    return Answer(Did.ASSIGNED)


def _tag(session: Session, rule: Rule, case: Case) -> Answer:
    try:
        tagging.add(session, case, rule.tag or "", by=None)
    except (AlreadyDone, BadInput) as error:
        return Answer(Did.LEFT, str(error))
    return Answer(Did.TAGGED)


def _snooze(rule: Rule, case: Case) -> Answer:
    """What a colleague works on, or has put aside until a moment of his own, stays as it is."""
    if case.assignee_id:
        return Answer(Did.LEFT, mark("Somebody works on this case."))
    if case.snoozed_until:
        return Answer(Did.LEFT, mark("The case is snoozed already."))
    snoozing.put_aside(case, clock.now() + timedelta(minutes=rule.snooze_minutes or 0))
    return Answer(Did.SNOOZED)


def _claim(session: Session, rule: Rule, occasion: Occasion, interaction: int, done: Answer) -> int | None:
    """The row that only one process can write; what was done is told on the case."""
    why, message = reason(rule, occasion.matter), occasion.message
    said = f"{why} {done.why}" if done.why else why
    session.flush()
    run_id = runs.claim(
        session,
        rule_id=rule.id,
        case_id=occasion.case_id,
        message_id=message.id,
        interaction=interaction,
        did=done.did.value,
        why=said,
        wrote_at=message.sent_at,
        reply_id=done.reply.id if done.reply else None,
    )
    if run_id is not None:
        history.record(occasion.case, FIRED, rule=rule.title, did=done.did.value, because=said)
    return run_id
