"""The agents: who they are, when they work, and what each does with a case."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from sqlmodel import Session, col

from benchmarks.week.curve import SHARES
from socialdesk import cases, clock, messages, replies
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import DeskError, Guarded
from socialdesk.hours import Calendar
from socialdesk.languages import name_of
from socialdesk.messages import Message, Visibility
from socialdesk.people import agents, skills
from socialdesk.people.agents import Agent, Role
from socialdesk.people.skills import Level
from socialdesk.replies import Reply
from socialdesk.replying import approvals, drafts, proposals
from socialdesk.replying.approvals import Outcome
from socialdesk.routing import shifts
from socialdesk.routing.shifts import Plan
from socialdesk.settings.promises import WEEKDAYS
from socialdesk.templating.library import Library
from socialdesk.worklists import urgency

CASES_AN_HOUR = (18, 30)
A_WEEK = 5 * 7 * 22  # cases that one person gets through
EDITS = 0.15
LOOKED_AT = 30  # cases, for one that nobody is answering
SHIFTS = ("06:00-14:00", "09:00-17:00", "14:00-22:00")
_GAP = re.compile("⟦([^⟧]*)⟧")


@dataclass
class Worker:
    """`calendar` is when he is on shift, `pace` how many cases he gets through in a minute."""

    agent_id: int
    calendar: Calendar
    pace: float
    ready: float = 0.0  # of the next case


@dataclass
class Staff:
    """`why_not` counts what stood against replies that an agent would have given."""

    workers: Sequence[Worker]
    supervisor_id: int
    did: Counter[str] = field(default_factory=Counter)
    why_not: Counter[str] = field(default_factory=Counter)


def hire(desk: Desk, cases_a_week: int, chance: random.Random) -> Staff:
    """As many for each language as its customers need, and a supervisor."""
    with desk.database.transaction() as session:
        boss = agents.hire(
            session, username="sofia", name="Sofia Lindgren", role=Role.SUPERVISOR, password=None
        )
        workers = [_hired(session, *each, chance) for each in _posts(cases_a_week)]
    return Staff(workers, boss.id or 0)


def _posts(cases_a_week: int) -> Iterator[tuple[str, int]]:
    for language, (share, _) in SHARES.items():
        for number in range(max(ceil(cases_a_week * share / 100 / A_WEEK), 1)):
            yield language, number


def _hired(session: Session, language: str, number: int, chance: random.Random) -> Worker:
    """Five days a week, in one of three shifts, by the clock where the language is spoken."""
    name = f"{name_of(language)} {number + 1}"
    agent = agents.hire(
        session, username=f"{language}{number + 1}", name=name, role=Role.AGENT, password=None
    )
    skills.learn(session, agent, {"en": Level.READS} | {language: Level.WRITES})
    days = [WEEKDAYS[(number + day) % 7] for day in range(5)]
    hours = SHIFTS[(number + 1) % 3]
    shifts.plan(session, agent, Plan(SHARES[language][1], dict.fromkeys(days, (hours,))), by=None)
    calendar = shifts.roster(session, agent.id or 0).calendar
    assert calendar is not None
    return Worker(agent.id or 0, calendar, chance.uniform(*CASES_AN_HOUR) / 60)


def work(desk: Desk, staff: Staff, now: datetime, within: timedelta, chance: random.Random) -> None:
    """What everybody on shift gets done in that time."""
    for worker in staff.workers:
        if not shifts.is_on(worker.calendar, now):
            worker.ready = 0.0
            continue
        worker.ready += worker.pace * (within / timedelta(minutes=1))
        while worker.ready >= 1:
            worker.ready -= 1
            if not _take_one(desk, staff, worker, chance):
                worker.ready = 0.0


def _take_one(desk: Desk, staff: Staff, worker: Worker, chance: random.Random) -> bool:
    with desk.database.reading() as session:
        case_id = _next_of(session, worker)
    if case_id is None:
        return False
    did = _handle(desk, staff, worker.agent_id, case_id, chance)
    staff.did[did] += 1
    return True


def _next_of(session: Session, worker: Worker) -> int | None:
    """The most urgent of what the routing gave him, with no reply under way."""
    his = urgency.waiting(session, col(Case.assignee_id) == worker.agent_id, size=LOOKED_AT)
    busy = replies.unsent(session, [case.id or 0 for case in his])
    return next((case.id for case in his if case.id not in busy), None)


def _handle(desk: Desk, staff: Staff, agent_id: int, case_id: int, chance: random.Random) -> str:
    with desk.database.transaction() as session:
        agent, case = session.get_one(Agent, agent_id), cases.hold(session, case_id)
        customer = session.get_one(Customer, case.customer_id)
        said = messages.of_case(session, case_id)
        library = desk.library_now(session)
        for visibility in _doors(said):
            words = _words(library, case, customer, said, visibility, chance)
            if words is None:
                continue
            try:
                with session.begin_nested():
                    return _answer(session, desk, library, case, agent, visibility, words)
            except Guarded as guarded:
                staff.why_not.update(guarded.kinds)
            except DeskError as error:
                staff.why_not[type(error).__name__] += 1
        case.resolve(by=agent)
        return "resolved without an answer"


def _doors(said: Sequence[Message]) -> list[Visibility]:
    last = next((each for each in reversed(said) if not each.ours), None)
    if last is None or last.private:
        return [Visibility.PRIVATE]
    return [Visibility.PUBLIC, Visibility.PRIVATE]


def _words(
    library: Library,
    case: Case,
    customer: Customer,
    said: Sequence[Message],
    visibility: Visibility,
    chance: random.Random,
) -> tuple[str, str, bool] | None:
    """The proposed template, its words with the gaps filled, and whether they were changed by hand."""
    language = case.language if case.language in library.catalog.languages else "en"
    proposed = proposals.propose(
        library, case, said, language=language, visibility=visibility, now=clock.now()
    )
    if proposed is None:
        return None
    text = drafts.from_template(
        library, proposed.template.id, language=language, visibility=visibility, customer=customer
    )
    variables = library.catalog.variables
    text = _GAP.sub(lambda gap: variables[gap[1].replace(" ", "_")].example, text)
    edited = chance.random() < EDITS
    return proposed.template.id, f"{text} 🙏" if edited else text, edited


def _answer(
    session: Session,
    desk: Desk,
    library: Library,
    case: Case,
    agent: Agent,
    visibility: Visibility,
    words: tuple[str, str, bool],
) -> str:
    template, text, edited = words
    reply = drafts.write(session, case, text=text, by=agent, visibility=visibility, template_id=template)
    try:
        outcome = _approve(session, desk, library, reply, agent, ())
    except Guarded as guarded:
        if not set(guarded.kinds) <= set(guarded.may_override):
            raise
        outcome = _approve(session, desk, library, reply, agent, guarded.kinds)
    told = "edited" if edited else "as proposed"
    return f"{told}, {'approved' if outcome == Outcome.APPROVED else 'waits for a colleague'}"


def _approve(
    session: Session, desk: Desk, library: Library, reply: Reply, agent: Agent, overrides: Sequence[str]
) -> Outcome:
    return approvals.approve(
        session,
        reply,
        by=agent,
        library=library,
        settings=desk.settings,
        overrides=overrides,
        reason="looked at it" if overrides else "",
    )
