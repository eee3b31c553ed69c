"""What is refused: by the role first, then by the row, and all of it in the audit log that nobody floods."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlmodel import col, desc, func, select
from starlette.testclient import TestClient

from socialdesk import audit, cases
from socialdesk.api import named
from socialdesk.api.app import ADDRESS
from socialdesk.audit import AuditEntry
from socialdesk.cases import Case
from socialdesk.casework import tagging
from socialdesk.console import app as console
from socialdesk.console.app import create_app
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.messages import Message
from socialdesk.people import refusals, tokens
from socialdesk.people.agents import Agent
from socialdesk.people.tokens import ApiToken, Scope
from socialdesk.worklists.presence import Presence
from tests.conftest import Cast
from tests.console.conftest import Visitor
from tests.people import another_account, hire, place

ABSENT = 999
Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def in_the_middle_of_a_minute() -> Iterator[None]:
    """However long a test takes: what is refused is counted by the minute."""
    with time_machine.travel(datetime(2026, 3, 2, 9, 30, 30, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def foreign(database: Database, cast: Cast, maria: Case, kenji: Case) -> Case:
    """@kenji's case is another account's. Ana works for @maria's account alone, Ben for that one alone, and
    Sofia supervises @maria's alone."""
    other = another_account(database)
    place(database, cast.ana, "agent", {maria.account_id: "agent"})
    place(database, cast.ben, "agent", {other: "agent"})
    place(database, cast.sofia, "supervisor", {maria.account_id: "supervisor"})
    with database.transaction() as session:
        moved = session.get_one(Case, kenji.id)
        for message in session.exec(select(Message).where(Message.case_id == kenji.id)):
            message.account_id = other
        tagging.add(session, moved, "merger with Acme", by=cast.ben)
        moved.account_id = other
        session.flush()
        session.exec(select(tagging.CaseTag)).one().account_id = other
    return moved


@pytest.fixture
def ana(signed_in: Visitor, foreign: Case) -> TestClient:
    """Signed in once she has the role."""
    return signed_in("ana")


@pytest.fixture
def sofia(signed_in: Visitor, foreign: Case) -> TestClient:
    return signed_in("sofia")


@pytest.fixture
def rita(signed_in: Visitor, database: Database, maria: Case, password_hash: str) -> TestClient:
    """She reads, at @maria's account alone."""
    agent = hire(database, "rita", "read_only", password_hash)
    place(database, agent, "read_only", {maria.account_id: "read_only"})
    return signed_in("rita")


@pytest.fixture
def call(desk: Desk) -> Call:
    """As a program of that agent's, with every scope unless it is said which; or with that secret."""
    client = TestClient(create_app(desk), base_url="http://127.0.0.1:8080")
    secrets: dict[tuple[str, tuple[Scope, ...]], str] = {}

    def called(
        method: str, path: str, by: Agent | None = None, scopes: tuple[Scope, ...] = tuple(Scope), **more: Any
    ) -> Any:
        secret = more.pop("secret", "")
        if by:
            if (by.username, scopes) not in secrets:
                with desk.database.transaction() as session:
                    made = tokens.issue(session, by, name="tests", scopes=scopes, days=1)
                    secrets[by.username, scopes] = made
            secret = secrets[by.username, scopes]
        headers = {"Authorization": f"Bearer {secret}"}
        return client.request(method, ADDRESS + path, headers=headers, **more)

    return called


def told(database: Database, *kinds: str) -> list[tuple[str, str, str | None, int | None]]:
    """Who was refused what, and how often, oldest first."""
    wanted = kinds or (refusals.REFUSED, refusals.ANOTHERS, refusals.BAD_TOKEN)
    with database.reading() as session:
        found = [each for each in reversed(audit.newest(session, most=500)) if each.kind in wanted]
    return [(each.who, each.kind, each.subject, each.details.get("times")) for each in found]


# The role first, then the row


def test_whoever_may_do_it_nowhere_does_not_learn_which_rows_there_are(
    rita: TestClient, foreign: Case
) -> None:
    answers = {rita.post(f"/cases/{number}/resolution").status_code for number in (foreign.id, ABSENT)}
    assert answers == {403}
    closing = {rita.get(f"/incidents/{number}/closing").status_code for number in (1, ABSENT)}
    assert closing == {403}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/cases/{}/presence"),
        ("POST", "/cases/{}/assignment"),
        ("POST", "/cases/{}/replies"),
        ("GET", "/cases/{}"),
        ("POST", "/cases/{}/priority"),
    ],
)
def test_a_form_that_is_wrong_does_not_tell_which_rows_there_are(
    ana: TestClient, foreign: Case, method: str, path: str
) -> None:
    for number in (foreign.id, ABSENT):
        answer = ana.request(method, path.format(number), headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()) == (404, {"error": f"There is no case {number}."})


def test_programs_are_refused_in_the_same_order(
    call: Call, rita: TestClient, foreign: Case, cast: Cast, database: Database
) -> None:
    with database.reading() as session:
        reads = session.exec(select(Agent).where(Agent.username == "rita")).one()
    for number in (foreign.id, ABSENT):
        assert call("POST", f"/cases/{number}/resolution", by=reads).status_code == 403
        assert call("PUT", f"/cases/{number}/topic", by=cast.ana, json={"tpoic": 1}).status_code == 404
        assert call("GET", f"/cases/{number}", by=cast.ana).status_code == 404


def test_a_program_of_whoever_only_reads_there_is_told_so(
    call: Call, database: Database, cast: Cast, maria: Case, kenji: Case
) -> None:
    other = another_account(database)
    place(database, cast.ana, "agent", {maria.account_id: "read_only", other: "agent"})
    assert call("POST", f"/cases/{maria.id}/resolution", by=cast.ana).status_code == 403


def test_nobody_is_present_at_a_case_that_is_not_there(
    ana: TestClient, database: Database, foreign: Case, maria: Case
) -> None:
    for number, status in ((foreign.id, 404), (ABSENT, 404), (maria.id, 204)):
        assert ana.post(f"/cases/{number}/presence", data={"doing": "looking"}).status_code == status
    with database.reading() as session:
        assert [row.case_id for row in session.exec(select(Presence))] == [maria.id]


def test_the_name_of_a_tag_is_told_to_whoever_sees_a_case_that_has_it(
    signed_in: Visitor, database: Database, foreign: Case, maria: Case, cast: Cast
) -> None:
    ana, ben, (tag,) = signed_in("ana"), signed_in("ben"), foreign.tags
    assert "merger with Acme" in ben.get(f"/queue?tag={tag.id}").text
    theirs, absent = ana.get(f"/queue?tag={tag.id}"), ana.get(f"/queue?tag={ABSENT}")
    assert "merger with Acme" not in theirs.text
    assert (theirs.status_code, theirs.text) == (404, absent.text)
    with database.transaction() as session:
        tagging.add(session, cases.hold(session, maria.id or 0), "merger with Acme", by=cast.ana)
    assert "merger with Acme" in ana.get(f"/queue?tag={tag.id}").text


def test_whoever_sees_all_accounts_finds_a_tag_that_no_case_has(
    signed_in: Visitor, database: Database, cast: Cast, maria: Case
) -> None:
    with database.transaction() as session:
        case = cases.hold(session, maria.id or 0)
        tag = tagging.add(session, case, "vip", by=cast.ana)
        tagging.remove(session, case, tag.id, by=cast.ana)
    assert "vip" in signed_in("ben").get(f"/queue?tag={tag.id}").text


# Who is given a case


def test_a_program_gives_a_case_only_to_whoever_answers_at_its_account(
    call: Call, rita: TestClient, foreign: Case, maria: Case, cast: Cast
) -> None:
    at = f"/cases/{maria.id}/assignee"
    for username in ("ben", "rita", "nobody"):
        refused = call("PUT", at, by=cast.ana, json={"agent": username})
        assert refused.status_code == 404
        assert refused.json()["detail"] == f"There is no agent {username} who answers for this account."
    assert call("GET", f"/cases/{maria.id}", by=cast.ana).json()["assignee_id"] is None
    given = call("PUT", at, by=cast.ana, json={"agent": "sofia"})
    assert given.json()["assignee_id"] == cast.sofia.id


# What is before everybody


def test_whoever_supervises_one_account_shares_no_view_with_all(
    signed_in: Visitor, database: Database, foreign: Case, password_hash: str
) -> None:
    hire(database, "olga", "admin", password_hash)
    olga, sofia, ben = (signed_in(name) for name in ("olga", "sofia", "ben"))
    view = {"name": "Everybody's", "filter": "waiting", "shared": "true"}
    assert olga.post("/views", data=view).status_code == 303
    assert sofia.post("/views", data=view | {"name": "Sofia's"}).status_code == 403
    assert 'name="shared"' not in sofia.get("/queue").text
    assert sofia.post("/views/1/removal").status_code == 403
    assert "Everybody" in ben.get("/queue").text
    own = {"name": "Sofia's", "filter": "waiting"}
    assert sofia.post("/views", data=own).status_code == 303
    assert sofia.post("/views/2/removal").status_code == 303
    assert olga.post("/views/1/removal").status_code == 303


# In the audit log


def test_asking_for_another_accounts_row_is_audited_and_for_none_is_not(
    ana: TestClient, database: Database, foreign: Case
) -> None:
    ana.get(f"/cases/{foreign.id}")
    ana.get(f"/cases/{ABSENT}")
    ana.get(f"/customers/{foreign.customer_id}")
    ana.get(f"/customers/{ABSENT}")
    assert told(database) == [
        ("ana", "anothers_row", f"/cases/{foreign.id}", None),
        ("ana", "anothers_row", f"/customers/{foreign.customer_id}", None),
    ]


def test_programs_that_ask_for_another_accounts_row_are_audited(
    call: Call, database: Database, foreign: Case, cast: Cast
) -> None:
    call("GET", f"/cases/{foreign.id}/messages", by=cast.ana)
    call("GET", f"/cases/{ABSENT}/messages", by=cast.ana)
    call("GET", f"/customers/{foreign.customer_id}", by=cast.ana)
    assert told(database) == [
        ("ana", "anothers_row", f"{ADDRESS}/cases/{foreign.id}/messages", None),
        ("ana", "anothers_row", f"{ADDRESS}/customers/{foreign.customer_id}", None),
    ]


def test_another_account_that_a_form_names_is_audited(
    sofia: TestClient, database: Database, foreign: Case
) -> None:
    assert sofia.post("/incidents", data={"account": foreign.account_id}).status_code == 404
    subject = f"/incidents account={foreign.account_id}"
    assert told(database) == [("sofia", "anothers_row", subject, None)]


def newest_message(database: Database, case_id: int | None) -> int:
    with database.reading() as session:
        return session.exec(select(func.max(Message.id)).where(Message.case_id == case_id)).one() or 0


@pytest.mark.parametrize(
    ("verb", "field"),
    [("merging", "other"), ("splitting", "message"), ("language", "message"), ("showing", "message")],
)
def test_another_accounts_row_that_a_form_names_is_audited_and_none_is_not(
    ana: TestClient, database: Database, foreign: Case, maria: Case, verb: str, field: str
) -> None:
    path = f"/cases/{maria.id}/{verb}"
    theirs = foreign.id if field == "other" else newest_message(database, foreign.id)
    for number in (theirs, ABSENT):
        answer = ana.post(path, data={field: number, "language": "fr"})
        assert answer.status_code == 404
    own = maria.id if field == "other" else newest_message(database, maria.id)
    ana.post(path, data={field: own, "language": "fr"})
    assert told(database) == [("ana", "anothers_row", f"{path} {field}={theirs}", None)]


def test_another_accounts_cases_that_are_changed_together_are_audited_once(
    ana: TestClient, database: Database, foreign: Case, maria: Case
) -> None:
    chosen = [f"{ABSENT}.abc", f"{maria.id}.abc", f"{foreign.id}.abc"]
    assert ana.post("/queue/together", data={"act": "resolve", "case": chosen}).status_code == 404
    assert told(database) == [("ana", "anothers_row", f"/queue/together case={foreign.id}", None)]


def test_words_that_are_tried_in_another_accounts_case_are_audited(
    ana: TestClient, database: Database, foreign: Case
) -> None:
    for number in (ABSENT, foreign.id):
        assert ana.post("/fit", json={"case": number, "as": "public", "text": "Hola"}).status_code == 404
    assert told(database) == [("ana", "anothers_row", f"/fit case={foreign.id}", None)]


def test_another_accounts_case_that_is_put_into_an_incident_is_audited(
    sofia: TestClient, database: Database, foreign: Case, maria: Case
) -> None:
    form = {"account": maria.account_id, "name": "Late", "topic": maria.topic, "case": maria.id}
    at = sofia.post("/incidents", data=form).headers["location"].partition("?")[0]
    for number in (ABSENT, foreign.id):
        assert sofia.post(f"{at}/cases", data={"number": number}).status_code == 404
    assert told(database) == [("sofia", "anothers_row", f"{at}/cases number={foreign.id}", None)]


def test_a_case_of_an_account_where_one_only_reads_is_a_refusal(
    signed_in: Visitor, database: Database, foreign: Case, maria: Case, cast: Cast
) -> None:
    roles = {maria.account_id: "agent", foreign.account_id: "read_only"}
    place(database, cast.ana, "agent", roles)
    ana = signed_in("ana")
    assert ana.post(f"/cases/{maria.id}/merging", data={"other": foreign.id}).status_code == 404
    assert told(database) == [("ana", "refused", f"/cases/{maria.id}/merging other={foreign.id}", None)]


def test_another_accounts_row_that_a_programs_body_names_is_audited(
    call: Call, database: Database, foreign: Case, maria: Case, cast: Cast
) -> None:
    path = f"/cases/{maria.id}/merging"
    for number in (foreign.id, ABSENT):
        assert call("POST", path, by=cast.ana, json={"other": number}).status_code == 404
    message = newest_message(database, foreign.id)
    split = call("POST", f"/cases/{maria.id}/splitting", by=cast.ana, json={"message": message})
    assert split.status_code == 404
    assert told(database) == [
        ("ana", "anothers_row", f"{ADDRESS}{path} other={foreign.id}", None),
        ("ana", "anothers_row", f"{ADDRESS}/cases/{maria.id}/splitting message={message}", None),
    ]


# Numbers in forms that name no row of one account's, or whose answer is another one than 404.
NO_ROWS = {
    ("/account/summary", "account"),
    ("/cases/{case_id}/replies", "given"),
    ("/cases/{case_id}/replies", "newest"),
    ("/cases/{case_id}/replies", "newest_given"),
    ("/incidents", "shown"),
    ("/people/{agent_id}/role", "account"),
    ("/replies/{reply_id}/retry", "given"),
}
NO_ROWS_ANYWHERE = {"attempt", "days", "hour", "kept", "part", "revision", "seen", "weekday"}


def test_every_number_in_a_form_is_known_to_name_a_row_or_none() -> None:
    """A new form has to say which it is."""
    routes = [route for resource in console.RESOURCES for route in resource.router.routes]
    unknown = {
        (route.path, name)
        for route in routes
        if isinstance(route, APIRoute)
        for name in numbers_in(route)
        if name not in named.NAMED.get(route.path, {}) and name not in NO_ROWS_ANYWHERE
    }
    assert unknown == NO_ROWS


def numbers_in(route: APIRoute) -> Iterator[str]:
    """The fields of its form that are whole numbers, one or many."""
    for field in route.dependant.body_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {told.alias or name: told.annotation for name, told in kind.model_fields.items()}
        else:
            fields = {field.alias: kind}
        yield from (name for name, told in fields.items() if re.search(r"\bint\b", str(told)))


def test_a_thousand_refusals_in_a_minute_are_four_entries_that_tell_how_many(
    ana: TestClient, database: Database, foreign: Case
) -> None:
    for number in range(120):
        ana.get(f"/cases/{foreign.id}")
        ana.get("/audit")
        if number == 50:
            ana.get(f"/customers/{foreign.customer_id}")  # another route, another count
    rows = told(database, refusals.ANOTHERS)
    assert [(subject, times) for _, _, subject, times in rows if "cases" in (subject or "")] == [
        (f"/cases/{foreign.id}", None),
        (f"/cases/{foreign.id}", 10),
        (f"/cases/{foreign.id}", 100),
    ]
    assert [times for _, _, subject, times in rows if "customers" in (subject or "")] == [None]
    assert [times for *_, times in told(database, refusals.REFUSED)] == [None, 10, 100]
    with time_machine.travel(datetime(2026, 3, 2, 9, 31, 1, tzinfo=UTC), tick=False):
        ana.get(f"/cases/{foreign.id}")
    assert told(database, refusals.ANOTHERS)[-1][3] is None


def test_a_token_that_is_not_good_is_audited_with_whose_it_was(
    call: Call, database: Database, cast: Cast
) -> None:
    call("GET", "/cases")  # with none: nothing was tried
    call("GET", "/cases", secret="sd_guessed")
    assert told(database) == [("somebody", "token_refused", None, None)]
    call("GET", "/cases", by=cast.ana)
    with database.transaction() as session:
        token = session.exec(select(ApiToken)).one()
        tokens.revoke(session, cast.ana, token.id or 0)
    for _ in range(9):
        call("GET", "/cases", by=cast.ana)
    assert told(database)[1:] == [("somebody", "token_refused", "ana", 10)]
    with database.reading() as session:
        newest = session.exec(
            select(AuditEntry).where(AuditEntry.kind == refusals.BAD_TOKEN).order_by(desc(col(AuditEntry.id)))
        ).first()
        assert newest is not None
        assert "sd_" not in newest.told
        assert (newest.details["name"], newest.address) == ("tests", "testclient")


def test_a_scope_that_is_missing_is_audited(call: Call, database: Database, cast: Cast, maria: Case) -> None:
    only_reads = (Scope.CASES_READ,)
    assert call("POST", f"/cases/{maria.id}/resolution", by=cast.ana, scopes=only_reads).status_code == 403
    assert told(database) == [("ana", "refused", "api cases:write", None)]


def test_many_strangers_are_counted_as_one() -> None:
    counter = refusals.Counter()
    first = [counter.count(f"address:{number}", "x", most=30) for number in range(30)]
    assert first == [1] * 30
    late = [counter.count(f"address:{number}", "x", most=30) for number in range(30, 1_030)]
    assert late == list(range(1, 1_001))
    assert counter.count("address:3", "x", most=30) == 2
    assert counter.count(7, "GET /cases") == 1  # an agent is never one of them
