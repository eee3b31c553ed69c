"""What became of the week: each message, each of X's rules, each figure; and what is wrong with any of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from benchmarks.week import unchanged
from benchmarks.week.curve import START
from benchmarks.week.simulation import Week
from socialdesk import clock
from socialdesk.automation.runs import RuleRun
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.figures import recount, reports
from socialdesk.figures.reports import LanguageFigures
from socialdesk.replies import Reply, State
from socialdesk.routing import shifts
from socialdesk.routing.stalling import RoutingWait
from socialdesk.sandbox.limits import LIMITS
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.scripts import SHOP
from tests import oracle, slow_figures

REFUSED = (403, 429)


@dataclass
class Findings:
    """`faults` are what must not be: none, or the week has failed."""

    statuses: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    lines: list[LanguageFigures] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def of(week: Week) -> Findings:
    found = Findings(answers=Counter(f"{each.method} {each.status}" for each in week.world.requests))
    with week.desk.database.transaction() as session:
        found.statuses = _statuses(session)
        found.waiting = Counter(_reasons(session, clock.now()))
        found.lines = reports.by_language(session, since=START, until=clock.now())
        found.faults += [*_lost(week), *_unexplained(found), *_rules_broken(week, session)]
        found.faults += [*_other_figures(session, found.lines)]
        found.faults += [*_other_unchanged(session, week, found.lines)]
        if not recount.rebuild(session):
            found.faults.append("the kept figures were not those of the recount")
    return found


def _statuses(session: Session) -> Counter[str]:
    query = select(Case.status, func.count()).group_by(Case.status)
    return Counter(dict(session.exec(query).all()))


def _lost(week: Week) -> Iterator[str]:
    try:
        oracle.everything_is_stored_once(week.world, week.desk.database)
    except AssertionError as error:
        yield f"something was lost or stored twice: {error}"


def _reasons(session: Session, now: datetime) -> Iterator[str]:
    """For each case that waits, what the desk says that it waits for."""
    query: Any = (
        select(Case, RoutingWait.why)
        .outerjoin(RoutingWait, col(RoutingWait.case_id) == col(Case.id))
        .where(Case.status == Status.WAITING)
    )
    unsent: dict[int, str] = {}
    for reply in session.exec(select(Reply).where(col(Reply.state).in_((State.APPROVED, State.HELD)))):
        unsent[reply.case_id] = reply.state
    rosters = shifts.of_everybody(session)
    for case, why in session.exec(query):
        yield _reason(case, why, unsent.get(case.id), rosters, now)


def _reason(
    case: Case, why: str | None, reply: str | None, rosters: dict[int, shifts.Roster], now: datetime
) -> str:
    if reply:
        return f"a reply is {reply}"
    if case.snoozed_until:
        return "snoozed, or held by an incident"
    if case.assignee_id:
        on = shifts.is_on(rosters[case.assignee_id].calendar, now)
        return "with an agent on shift" if on else "with an agent whose shift is over"
    if why:
        told = json.loads(why)
        stand_ins = ", and stand-ins full" if told.get("stand_ins") else ""
        return f"{told['language']}: {told['why'].replace('_', ' ')}{stand_ins}"
    return ""


def _unexplained(found: Findings) -> Iterator[str]:
    if number := found.waiting.pop("", 0):
        yield f"{number} cases wait for no reason that is shown"


def _rules_broken(week: Week, session: Session) -> Iterator[str]:
    """X refuses what its rules forbid; whatever it took is looked at once more."""
    refused = Counter(
        f"{each.method} {each.path.rsplit('/', 1)[-1]} {each.status}"
        for each in week.world.requests
        if each.status in REFUSED
    )
    yield from (f"X refused {number} times: {what}" for what, number in refused.items())
    ours = [each for each in week.world.posts() if each.author_id == week.world.user(SHOP).id]
    yield from _repeated(ours)
    yield from _too_many(ours)
    yield from _automated_twice(session)
    yield from _unasked(session)


def _repeated(ours: list[Post]) -> Iterator[str]:
    places = Counter((post.in_reply_to, post.given_text) for post in ours)
    if twice := [place for place, number in places.items() if number > 1]:
        yield f"{len(twice)} replies were posted twice"
    if alone := sum(post.in_reply_to is None for post in ours):
        yield f"{alone} posts of ours answer nobody"


def _too_many(ours: list[Post]) -> Iterator[str]:
    most = LIMITS["POST /2/tweets"].per_day or 0
    days = Counter(post.created_at.date() for post in ours)
    yield from (f"{number} posts on {day}" for day, number in days.items() if number > most)


def _automated_twice(session: Session) -> Iterator[str]:
    runs = select(RuleRun.case_id, RuleRun.interaction).where(RuleRun.did == "sent")
    numbers = Counter(tuple(each) for each in session.exec(runs))
    if twice := [place for place, number in numbers.items() if number > 1]:
        yield f"{len(twice)} interactions had more than one automated reply"


def _unasked(session: Session) -> Iterator[str]:
    late = (
        select(func.count())
        .select_from(Reply)
        .join(Case, col(Case.id) == Reply.case_id)
        .join(Customer, col(Customer.id) == Case.customer_id)
        .where(col(Reply.automated), Reply.state == State.SENT, col(Reply.sent_at) > Customer.opted_out_at)
    )
    if number := session.exec(late).one():
        yield f"{number} automated replies went to customers who wanted to hear nothing more"


def _other_figures(session: Session, lines: list[LanguageFigures]) -> Iterator[str]:
    """Where the slow recomputation says something else."""
    slow = slow_figures.count(session, clock.now(), START, clock.now())
    for line in lines:
        told = slow.get(line.language, slow_figures.Line())
        pairs = {
            name: (getattr(line, name), told.numbers[name])
            for name in ("messages", "replies", "automated", "opened", "reopened")
        } | {
            "unanswered": (line.unanswered, told.unanswered),
            "responses": (line.responses.number, len(told.waits)),
        }
        for name, (kept, counted) in pairs.items():
            if kept != counted:
                yield f"{line.language}: {name} is {kept}, recomputed {counted}"


def _other_unchanged(session: Session, week: Week, lines: list[LanguageFigures]) -> Iterator[str]:
    """Where writing each reply anew says something else than was noted when it was approved."""
    counted = unchanged.count(session, week.desk.library_now(session))
    for line in lines:
        if line.unchanged != counted[line.language]:
            yield f"{line.language}: unchanged is {line.unchanged}, recomputed {counted[line.language]}"
