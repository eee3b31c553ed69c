"""What is asked of pages by their addresses: other accounts' rows are as if there were none.

Every page that can be looked at is read twice, by whoever works for one account only: before another account
has anything, and when it has everything. Not a letter may differ, whatever of it the address names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from fastapi.routing import APIRoute
from sqlmodel import Session, col, func, select
from starlette.testclient import TestClient

from socialdesk import clock, failures, intake, replies
from socialdesk.cases import Case
from socialdesk.casework import notes, snoozing, tagging
from socialdesk.casework.tagging import Tag
from socialdesk.console.app import RESOURCES, create_app
from socialdesk.console.doors import ANYBODY, DOORS
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.figures.behind import Figure
from socialdesk.incidents import joining
from socialdesk.incidents.incidents import How, Incident
from socialdesk.incidents.waves import Wave
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.placing.muting import MutedConversation
from socialdesk.polling.gaps import Gap
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts
from socialdesk.worklists import together, views
from socialdesk.worklists.queues import Cases
from socialdesk.worklists.together import Act, BulkChange, Wanted
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import SAME_SITE, Town
from tests.people import another_account, hire, place
from tests.stories import NOON, direct_message, post

HERE = "http://127.0.0.1:8080"
WORDS = "Der Südwind hat mein Paket verweht."
# What an address says was done to a case.
DONE = (
    "public",
    "private",
    "resolved",
    "taken",
    "tagged",
    "noted",
    "snoozed",
    "discarded",
    "language_fr",
    "merged",
)
# By route the queries that name, or narrow to, what the other account has; it is read without any, too.
ASKED: dict[str, list[str]] = {
    "/queue": [
        "account={account}",
        "tag={tag}",
        "status=mentions&tag={tag}",
        "language=de",
        "language=de&account={account}",
        "topic=delivery_late",
        "since=0",
        "since=0&after=2027-01-01T00:00:00%2B00:00~1",
        "chosen={case},{second},1",
        "after=2026-01-01T00:00:00%2B00:00~{case}",
        *(f"status={status}&account={{account}}" for status in Cases),
        *(f"status={status}" for status in Cases),
        *(f"done={what}-{{{whose}}}" for what in DONE for whose in ("case", "second")),
        "done=changed-{change}",
        "done=back-{change}",
    ],
    "/queue/together": [
        "act=assign&case={case}",
        "act=resolve&case={case}&case={second}&case=1&from=waiting...{account}.{tag}",
        "act=tag&tag=southwind&case={second}&case=1",
        "act=approve&case={case}&case={second}",
    ],
    "/cases/{case_id}": [
        "again={reply}",
        "done=public-{case}",
        "done=taken-{case}",
        "from=waiting...{account}.{tag}",
    ],
    "/customers/{customer_id}": ["after=2027-01-01T00:00:00%2B00:00~{case}"],
    "/search": [
        "q=%23{case}",
        "q={case}",
        "q=S%C3%BCdwind",
        "q=otto",
        "q={x_id}",
        "q=Paket&before={message}",
    ],
    "/palette": ["q=%23{case}", "q={case}", "q=S%C3%BCdwind", "q=otto", "q=maria", "q={x_id}", "ways=1"],
    "/approvals/preview": ["choice={reply}.1", "choice={reply}.1&from=waiting...{account}"],
    "/incidents/opening": [
        "wave={wave}",
        "account={account}&topic=payment",
        "topic=delivery_late&language=de&hours=48",
        "words=verweht&hours=48",
    ],
    "/languages": ["account={account}", "days=all", "days=all&details=1", "compare=1&account={account}"],
    "/languages.csv": ["account={account}", "days=all"],
    "/languages/cases": [
        *(f"figure={figure}&days=all" for figure in Figure),
        *(f"figure={figure}&days=all&account={{account}}&language=de" for figure in Figure),
        "figure=messages&days=all&after={case}",
    ],
    "/audit": ["before={case}"],
    "/automation/{rule_id}": ["days=30"],
    "/people": ["done=invited-{case}"],
}
# Numbers that name no row of an account.
OTHERWISE = {"hours", "days", "hour", "weekday", "from", "to"}
NEVER_ENDS = "/live"  # its own tests are in test_console_live.py
NAMED = ("case", "reply", "wave", "incident", "customer")


@pytest.fixture(autouse=True)
def at_one_moment() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def other(desk: Desk, cast: Cast, town: Town, maria: Case, password_hash: str) -> int:
    """Another account; Ana, Sofia and Rita work for the first one alone. @maria has written to that; @otto's
    name is known, and he has no case yet."""
    town.meet("909", "otto", "Otto Südwind")
    account = another_account(desk.database)
    rita = hire(desk.database, "rita", "read_only", password_hash)
    for agent, role in ((cast.ana, "agent"), (cast.sofia, "supervisor"), (rita, "read_only")):
        place(desk.database, agent, role, {maria.account_id: role})
    with desk.database.transaction() as session:
        views.save(session, "South", f"waiting...{account}", by=session.get_one(Agent, cast.ana.id))
    return account


TO_COME: dict[str, Any] = {
    "case": Case,
    "reply": Reply,
    "wave": Wave,
    "incident": Incident,
    "tag": Tag,
    "change": BulkChange,
    "message": Message,
}


def to_come(desk: Desk, other: int) -> dict[str, Any]:
    """What the first rows will be called that the other account gets."""
    with desk.database.reading() as session:
        newest = {
            name: session.exec(select(func.max(table.id))).one() or 0 for name, table in TO_COME.items()
        }
    found: dict[str, Any] = {name: number + 1 for name, number in newest.items()}
    with desk.database.reading() as session:
        found["customer"] = session.exec(select(Customer.id).where(Customer.x_id == "909")).one()
    return found | {"second": found["case"] + 1, "account": other, "x_id": "1899999999999999999"}


def everything(desk: Desk, cast: Cast, account: int) -> dict[str, Any]:
    """The other account has a customer of its own and @maria, and Ana once worked there."""
    said = [
        post("909", WORDS, minutes=-40, x_id="1899999999999999999"),
        direct_message("101", "Meine Karte wurde abgelehnt, was tun?", minutes=-30),
    ]
    with desk.database.transaction() as session:
        intake.take_in(session, account, intake.read(desk.database, account, said), reopen_days=14)
    with desk.database.transaction() as session:
        case, second = session.exec(
            select(Case).where(Case.account_id == account).order_by(col(Case.id))
        ).all()
        ana, ben = (session.get_one(Agent, each.id) for each in (cast.ana, cast.ben))
        reply = drafts.write(session, case, text="Wir sehen nach, @otto.", by=ben)
        session.flush()
        second.failed_since = failures.since(session, second.id, None, State.HELD)
        notes.write(session, case, "@ana look at that, and @sofia, and @rita", by=ben)
        tagging.add(session, case, "southwind", by=ana)
        case.assign(ana, by=ana)
        _done_by(session, ana, second)
        wanted = Wanted(Act.TAG, "blown away")
        done = together.carry_out(session, {case.id or 0: together.stamp(case)}, wanted, by=ben)
        named = _besides(session, account, ben, [case, second])
        message = session.exec(select(func.min(Message.id)).where(Message.account_id == account)).one()
        return named | {
            "case": case.id,
            "second": second.id,
            "reply": reply.id,
            "customer": case.customer_id,
            "tag": session.exec(select(Tag.id).where(Tag.name == "southwind")).one(),
            "change": done.change_id,
            "message": message,
        }


def _done_by(session: Session, ana: Agent, case: Case) -> None:
    """What she could take back where she may still work."""
    notes.write(session, case, "They were blown away.", by=ana)
    snoozing.snooze(case, clock.now() + timedelta(hours=1), by=ana)
    reply = drafts.write(session, case, text="Wir sehen nach.", by=ana)
    session.flush()
    replies.cancel(session, reply, by=ana)


def _besides(session: Session, account: int, by: Agent, theirs: list[Case]) -> dict[str, Any]:
    at: dict[str, Any] = dict.fromkeys(("began_at", "found_at", "seen_at"), clock.now())
    wave = Wave(account_id=account, topic="payment", languages="de", came=9, minutes=60, **at)
    gap = Gap(account_id=account, channel="mentions", to_at=clock.now(), found_at=clock.now())
    mute = MutedConversation(
        account_id=account, conversation_id="9", muted_at=clock.now(), muted_by_id=by.id or 0
    )
    session.add_all([wave, gap, mute])
    incident = Incident(
        account_id=account, name="Wind", begins_at=clock.now(), opened_at=clock.now(), opened_by_id=by.id or 0
    )
    session.add(incident)
    session.flush()
    joining.join(session, incident, [each.id or 0 for each in theirs], How.WAVE, by=by)
    return {"wave": wave.id, "incident": incident.id}


def addresses() -> list[str]:
    """Every page with what is asked of it; whose path names a row, of one here and of one there."""
    found = []
    for (method, path), verb in DOORS.items():
        if method != "GET" or verb is ANYBODY or path == NEVER_ENDS:
            continue
        for query in ("", *ASKED.get(path, ())):
            found += [f"{each}?{query}" if query else each for each in _of_path(path)]
    return found


def _of_path(path: str) -> list[str]:
    first = re.search(r"{(\w+)_id}", path)
    filled = path.replace("{template}", "where_is_my_order").replace("{language}", "de")
    filled = filled.replace("{visibility}", "public")
    if not first:
        return [filled]
    theirs = f"{{{first[1]}}}" if first[1] in NAMED else "2"
    return [re.sub(r"{\w+_id}", number, filled) for number in (theirs, "1")]


def looked_at(desk: Desk, cookies: Any, named: dict[str, Any]) -> dict[str, tuple[int, str, str]]:
    """By address what it answers, of a console that remembers nothing."""
    browser = TestClient(create_app(desk), base_url=HERE, headers=SAME_SITE, follow_redirects=False)
    browser.cookies = cookies
    told = {}
    for address in addresses():
        for more in ({}, {"X-Fragment": "live"}):
            answer = browser.get(address.format(**named), headers=more)
            text = re.sub(r'data-(since|told)="\d+"', "", answer.text)  # the feed's own number
            told[f"{address} {more}"] = (answer.status_code, answer.headers.get("location", ""), text)
    return told


def test_every_number_that_a_page_is_asked_by_is_known_to_name_a_row_or_none() -> None:
    """A new one is put into the table above."""
    wrong = []
    for route in (each for resource in RESOURCES for each in resource.router.routes):
        if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()) or route.path == NEVER_ENDS:
            continue
        for name in numbers_in(route.dependant):
            if name not in OTHERWISE and f"{name}=" not in "&".join(ASKED.get(route.path, ())):
                wrong.append((route.path, name))
    assert wrong == []


def numbers_in(dependant: Any) -> Iterator[str]:
    """The parts of its query that may be whole numbers, its dependencies' as well."""
    for each in dependant.query_params:
        if re.search(r"\bint\b", str(each.field_info.annotation)):
            yield each.alias
    for each in dependant.dependencies:
        yield from numbers_in(each)


def test_whatever_is_asked_by_an_address_is_as_if_there_were_no_such_row(
    desk: Desk, cast: Cast, other: int
) -> None:
    cookies, named = {}, to_come(desk, other)
    for username in ("ana", "sofia", "rita"):
        browser = TestClient(create_app(desk), base_url=HERE, headers=SAME_SITE, follow_redirects=False)
        browser.post("/sign-in", data={"username": username, "password": PASSWORD})
        cookies[username] = browser.cookies
    before = {username: looked_at(desk, kept, named) for username, kept in cookies.items()}
    there = everything(desk, cast, other)
    assert named == named | there, "what was asked for before is there now"
    for username, kept in cookies.items():
        after = looked_at(desk, kept, named)
        wrong = [each for each, told in after.items() if told != before[username][each]]
        assert wrong == [], username
        assert not [each for each, told in after.items() if told[0] >= 500], username
