"""The interface for programs, through the door, on both databases."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import time_machine
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import event
from starlette.testclient import TestClient

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.api import app as api
from socialdesk.api.app import ADDRESS
from socialdesk.cases import Case
from socialdesk.console.app import create_app
from socialdesk.desk import Desk
from socialdesk.people import tokens
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Membership
from socialdesk.people.tokens import Scope
from socialdesk.worklists.queues import Cases
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import ALL, Call, Town, Visitor, bearer, token

EXAMPLES = 12  # of each address


# What programs do


def test_a_program_reads_a_list_a_page_at_a_time(call: Call, town: Town) -> None:
    for number in range(5):
        town.writes(str(300 + number), "Mi paquete no ha llegado todavía", minutes_ago=60 - number)
    seen, cursor = [], None
    while True:
        page = call("GET", "/cases", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [each["customer"]["x_id"] for each in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == ["300", "301", "302", "303", "304"]


def test_a_program_reads_a_cases_messages_a_page_at_a_time(call: Call, town: Town) -> None:
    case = town.writes("300", "Hola", minutes_ago=30, conversation="one")
    for number in range(4):
        town.writes("300", f"¿Van {number} días!", minutes_ago=20 - number, conversation="one")
    first = call("GET", f"/cases/{case.id}/messages", params={"limit": 3}).json()
    rest = call("GET", f"/cases/{case.id}/messages", params={"cursor": first["next"]}).json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 2, None]
    assert not {each["id"] for each in first["items"]} & {each["id"] for each in rest["items"]}


def test_personal_data_in_public_is_masked(call: Call, town: Town) -> None:
    case = town.writes("300", "Mi correo es maria.garcia@example.com, ¿dónde está mi paquete?")
    (message,) = call("GET", f"/cases/{case.id}/messages").json()["items"]
    assert "example.com" not in message["text"]
    assert "example.com" not in call("GET", f"/cases/{case.id}").json()["excerpt"]


def test_a_program_answers_a_customer_as_an_agent_does(call: Call, maria: Case) -> None:
    (message,) = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    words = {"text": "Lo miramos ahora mismo, un momento por favor.", "seen_message_id": message["id"]}
    draft = call("POST", f"/cases/{maria.id}/replies", json=words)
    assert draft.status_code == 201
    approved = call(
        "POST", f"/replies/{draft.json()['id']}/approval", json={"revision": draft.json()["revision"]}
    )
    assert approved.json()["state"] == "approved"
    (reply,) = call("GET", f"/cases/{maria.id}/replies").json()["items"]
    assert reply["approved_by_id"]
    assert call("GET", f"/cases/{maria.id}").json()["assignee_id"] == reply["approved_by_id"]


def test_a_template_is_filled_for_the_customer(call: Call, maria: Case) -> None:
    (message,) = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    words = {"template": "acknowledge", "seen_message_id": message["id"], "visibility": "public"}
    draft = call("POST", f"/cases/{maria.id}/replies", json=words).json()
    assert draft["template_id"] == "acknowledge"
    assert "{{" not in draft["text"]


def test_a_reply_that_something_stands_against_is_refused_with_what_it_is(call: Call, maria: Case) -> None:
    (message,) = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    words = {"text": "Bitte schreiben Sie uns, wo Ihr Paket sein sollte.", "seen_message_id": message["id"]}
    draft = call("POST", f"/cases/{maria.id}/replies", json=words).json()
    refused = call("POST", f"/replies/{draft['id']}/approval", json={"revision": draft["revision"]})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:socialdesk:guarded"
    assert refused.json()["guards"] == refused.json()["may_override"] == ["language"]


def test_a_reply_to_words_that_are_not_the_last_is_refused(call: Call, town: Town, maria: Case) -> None:
    (message,) = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    draft = call(
        "POST",
        f"/cases/{maria.id}/replies",
        json={"text": "Lo miramos ahora mismo.", "seen_message_id": message["id"]},
    ).json()
    town.writes("101", "¿Hola? ¿Hay alguien?", minutes_ago=1)
    refused = call("POST", f"/replies/{draft['id']}/approval", json={"revision": draft["revision"]})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:socialdesk:stale-draft")


def test_what_agents_do_with_a_case(call: Call, maria: Case, cast: Cast) -> None:
    at = f"/cases/{maria.id}"
    assert call("PUT", f"{at}/assignee", json={"agent": "ben"}).json()["assignee_id"] == cast.ben.id
    assert call("PUT", f"{at}/assignee", json={"agent": None}).json()["assignee_id"] is None
    assert call("PUT", f"{at}/assignee", json={"agent": "nobody"}).status_code == 404
    assert call("PUT", f"{at}/language", json={"language": "pt"}).json()["language"] == "pt"
    assert call("PUT", f"{at}/topic", json={"topic": "payment"}).json()["topic"] == "payment"
    assert call("POST", f"{at}/resolution").json()["status"] == "resolved"
    assert call("POST", f"{at}/resolution").status_code == 409
    assert call("POST", f"{at}/reopening").json()["status"] == "waiting"


def test_customers_templates_and_statistics_are_told(call: Call, maria: Case, cast: Cast) -> None:
    customer = call("GET", f"/cases/{maria.id}").json()["customer"]["id"]
    assert call("GET", f"/customers/{customer}").json()["cases"] == 1
    assert [each["id"] for each in call("GET", f"/customers/{customer}/cases").json()["items"]] == [maria.id]
    assert "acknowledge" in [each["id"] for each in call("GET", "/templates").json()["items"]]
    assert call("GET", "/templates/acknowledge/es/public").json()["source"]
    (line,) = call("GET", "/statistics/languages", by=cast.sofia).json()["items"]
    assert (line["language"], line["messages"]) == ("es", 1)


def test_a_page_of_a_thread_reads_no_more_of_it(call: Call, desk: Desk, town: Town) -> None:
    for number in range(9):
        case = town.writes("101", f"Mi paquete no ha llegado todavía {number}", minutes_ago=60 - number)
    asked: list[tuple[str, Any]] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    page = call("GET", f"/cases/{case.id}/messages", params={"limit": 2}).json()
    told = [each["text"][-1] for each in page["items"]]
    while page["next"]:
        address = f"/cases/{case.id}/messages"
        page = call("GET", address, params={"limit": 2, "cursor": page["next"]}).json()
        told += [each["text"][-1] for each in page["items"]]
    assert told == list("012345678")
    threads = [each for each, _ in asked if "FROM messages" in each and "sent_at" in each]
    assert len(threads) == 5
    assert all("LIMIT" in each for each in threads)


@pytest.mark.parametrize(
    ("method", "path", "more", "where"),
    [
        ("GET", "/cases", {"params": {"lang": "pl"}}, ["query.lang"]),
        (
            "GET",
            "/cases",
            {"params": {"list": "waiting", "langauge": "pl", "x": ""}},
            ["query.langauge", "query.x"],
        ),
        ("GET", "/cases/1", {"params": {"language": "pl"}}, ["query.language"]),
        ("GET", "/approvals", {"params": {"most": 5}}, ["query.most"]),
        ("POST", "/cases/1/reopening", {"params": {"force": 1}}, ["query.force"]),
        ("PUT", "/cases/1/assignee", {"json": {"agent": "ben", "agnet": "ana"}}, ["body.agnet"]),
        ("PUT", "/cases/1/language", {"json": {"language": "pt", "sure": True}}, ["body.sure"]),
        ("POST", "/cases/1/tags", {"json": {"tag": "vip", "colour": "red"}}, ["body.colour"]),
        ("POST", "/cases/1/resolution", {"json": {"ask": True}}, ["body.ask"]),
        ("POST", "/cases/1/resolution", {"content": b"really"}, ["body"]),
        ("POST", "/replies/1/approval", {"json": {"revision": 1, "overide": ["link"]}}, ["body.overide"]),
        ("DELETE", "/cases/1/tags/1", {"json": ["all"]}, ["body"]),
    ],
)
def test_a_name_that_nobody_knows_is_refused_and_nothing_is_done(
    call: Call, maria: Case, method: str, path: str, more: dict[str, Any], where: list[str]
) -> None:
    (message,) = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    words = {"text": "Lo miramos ahora mismo.", "seen_message_id": message["id"]}
    assert call("POST", f"/cases/{maria.id}/replies", json=words).json()["id"] == 1
    before = call("GET", f"/cases/{maria.id}").json()
    answer = call(method, path, **more)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:socialdesk:not-understood"
    assert [each["where"] for each in answer.json()["wrong"]] == where
    assert call("GET", f"/cases/{maria.id}").json() == before


def test_a_name_that_is_half_a_character_is_told_as_well_as_can_be(
    client: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    headers = bearer(token(desk, cast.ana)) | {"Content-Type": "application/json"}
    body = b'{"topic": "payment", "\\ud800": 1}'
    answer = client.put(f"{ADDRESS}/cases/{maria.id}/topic", headers=headers, content=body)
    assert (answer.status_code, answer.json()["wrong"][0]["where"]) == (422, "body")


def test_a_misspelt_visibility_makes_no_public_draft(call: Call, maria: Case) -> None:
    (message,) = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    words = {"text": "Solo para usted.", "seen_message_id": message["id"], "visibilty": "private"}
    answer = call("POST", f"/cases/{maria.id}/replies", json=words)
    assert (answer.status_code, answer.json()["wrong"][0]["where"]) == (422, "body.visibilty")
    assert call("GET", f"/cases/{maria.id}/replies").json()["items"] == []


def test_an_empty_object_is_as_good_as_no_body(call: Call, maria: Case) -> None:
    assert call("POST", f"/cases/{maria.id}/resolution", json={}).json()["status"] == "resolved"


def test_without_a_token_nothing_is_told_of_names(client: TestClient, desk: Desk) -> None:
    assert client.get(f"{ADDRESS}/cases", params={"lang": "pl"}).status_code == 401


def test_every_body_is_described_as_closed(client: TestClient) -> None:
    described = client.get(f"{ADDRESS}/openapi.json").json()
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        for path in described["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    assert len(bodies) == 23
    assert all(described["components"]["schemas"][name]["additionalProperties"] is False for name in bodies)


def test_every_type_of_problem_is_documented() -> None:
    told = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    for kind in ("not-signed-in", "not-allowed", "not-found", "no-such-thing", "stale-draft", "already-done"):
        assert f"urn:socialdesk:{kind}`" in told
    for kind in ("conflict", "guarded", "not-understood", "bad-input", "wrong-door", "too-often", "failure"):
        assert f"urn:socialdesk:{kind}`" in told
    for kind in ("busy", "too-long", "database-unusable"):
        assert f"urn:socialdesk:{kind}`" in told


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Content-Length": str(300 * 1024)}, 413),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_what_is_turned_away_at_the_door_is_a_problem_too(
    client: TestClient, desk: Desk, cast: Cast, headers: dict[str, str], status: int
) -> None:
    headers |= {"Authorization": f"Bearer {token(desk, cast.ana)}"}
    answer = client.post(f"{ADDRESS}/cases/1/resolution", headers=headers, content=b"")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    page = client.post("/cases/1/resolution", headers=headers, content=b"")
    assert page.headers["content-type"].startswith("text/html")


# Who may


def test_without_a_good_token_there_is_nothing(client: TestClient, desk: Desk, cast: Cast) -> None:
    secret = token(desk, cast.ana)
    for headers in ({}, {"Authorization": "Bearer sd_no"}, {"Authorization": f"Basic {secret}"}):
        answer = client.get(f"{ADDRESS}/cases", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert client.get(f"{ADDRESS}/cases", headers=bearer(secret)).status_code == 401


def test_a_revoked_token_and_one_of_a_disabled_agent_are_good_for_nothing(
    client: TestClient, desk: Desk, cast: Cast
) -> None:
    of_ana, of_ben = token(desk, cast.ana), token(desk, cast.ben)
    assert client.get(f"{ADDRESS}/cases", headers=bearer(of_ana)).status_code == 200
    with desk.database.transaction() as session:
        tokens.revoke(session, cast.ana, tokens.good(session)[-1].id or 0)
        session.get_one(Agent, cast.ben.id).disabled_at = clock.now()
    for secret in (of_ana, of_ben):
        assert client.get(f"{ADDRESS}/cases", headers=bearer(secret)).status_code == 401


def test_every_route_needs_its_scope_and_says_so(call: Call, cast: Cast) -> None:
    """With every scope but one, each route is either as open as before or says which it wants."""
    refused = set()
    for route in routes():
        path = re.sub(r"{\w+}", "1", route.path)
        for scope in Scope:
            (method,) = route.methods or {""}
            others = tuple(each for each in ALL if each != scope)
            answer = call(method, path, by=cast.sofia, scopes=others)
            if answer.status_code == 403:
                assert answer.json()["detail"] == f"The token has not the scope {scope}."
                refused.add((route.path, method))
    assert refused == {(route.path, *(route.methods or ())) for route in routes()}


def test_a_token_goes_no_further_than_its_agents_role(
    call: Call, maria: Case, desk: Desk, cast: Cast
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ben.id).role = "read_only"
    assert call("GET", f"/cases/{maria.id}", by=cast.ben).status_code == 200
    assert call("POST", f"/cases/{maria.id}/resolution", by=cast.ben).status_code == 403


def test_cases_of_other_accounts_do_not_exist(call: Call, maria: Case, desk: Desk, cast: Cast) -> None:
    elsewhere = another_account(desk)
    with desk.database.transaction() as session:
        session.add(Membership(agent_id=cast.ben.id or 0, account_id=elsewhere, role="agent"))
    assert call("GET", "/cases", by=cast.ben).json()["items"] == []
    for method, path in (("GET", ""), ("GET", "/messages"), ("GET", "/replies"), ("POST", "/resolution")):
        assert call(method, f"/cases/{maria.id}{path}", by=cast.ben).status_code == 404
    customer = call("GET", f"/cases/{maria.id}").json()["customer"]["id"]
    assert call("GET", f"/customers/{customer}", by=cast.ben).status_code == 404


def another_account(desk: Desk) -> int:
    with desk.database.transaction() as session:
        account = Account(handle="Elsewhere", credentials="elsewhere", enrolled_at=clock.now())
        session.add(account)
        session.flush()
        return account.id or 0


def routes() -> list[APIRoute]:
    return [
        route for resource in api.RESOURCES for route in resource.router.routes if isinstance(route, APIRoute)
    ]


# What it says of itself


def test_whatever_is_sent_the_answer_is_as_described(
    desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    """Save that what has the right shape may still be refused: a cursor of nobody's, a topic that is none."""
    here = {"Host": "localhost"}
    described = schemathesis.openapi.from_asgi(f"{ADDRESS}/openapi.json", create_app(desk), headers=here)
    headers = here | bearer(token(desk, cast.sofia))
    for found in described.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # the description is sound

        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        def answers_as_described(case: Any) -> None:
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        answers_as_described()


# Moments and rows that no page ends with, and some that one may.
EDGES = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+00:00",
    "0001-01-01T00:00:00+23:59",
    "1969-12-31T23:59:59.999999+00:00",
    "9999-12-31T23:59:59+00:00",
    "9999-12-31T23:59:59.999999-14:00",
)
MOMENTS: some.SearchStrategy[object] = some.sampled_from(
    (
        *EDGES,
        "2026-11-20T12:00:00+00:00",
        "2026-11-20T12:00:00",
        "20261120T12Z",
        "",
        None,
        1,
        [],
        "\0",
        "\ud800",
    )
)
ROWS = some.sampled_from((1, 2, 0, -1, True, False, None, 1.5, "1", 2**31 - 1, 2**31, 2**63, 2**64, 10**60))
CURSORS: some.SearchStrategy[object] = some.one_of(
    some.tuples(MOMENTS, ROWS, some.sampled_from((True, False, None, 1)), MOMENTS).map(list),
    some.sampled_from(("a", "a\0b", "\ud800", "x" * 100, 1, True, 10**60, None, [], {}, [[]], [1, 2, 3])),
)


def test_a_cursor_of_whatever_it_is_made_is_read_or_refused(
    call: Call, client: TestClient, cast: Cast, maria: Case, kenji: Case
) -> None:
    lists = [
        (path, {"list": which})
        for path, names in told_in_queries(client).items()
        if "cursor" in names
        for which in (list(Cases) if "list" in names else [None])
    ]
    assert len(lists) > len(Cases)

    @given(told=CURSORS, asked=some.sampled_from(lists))
    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    def is_read_or_refused(told: object, asked: tuple[str, dict[str, Any]]) -> None:
        path, query = asked
        cursor = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
        told_too = {each: one for each, one in query.items() if one}
        answer = call("GET", path, by=cast.sofia, params=told_too | {"cursor": cursor})
        assert answer.status_code in (200, 404, 422), (path, query, told)

    is_read_or_refused()


def test_the_cursor_of_one_list_is_read_or_refused_by_every_other(
    call: Call, town: Town, desk: Desk, maria: Case
) -> None:
    town.writes("300", "Mi paquete no ha llegado todavía")
    page = call("GET", "/cases", params={"list": "waiting", "limit": 1}).json()
    for which in Cases:
        answer = call("GET", "/cases", params={"list": which, "cursor": page["next"]})
        wanted = 422 if which == Cases.DUE else 200
        assert (which, answer.status_code) == (which, wanted)


@pytest.mark.parametrize("moment", EDGES)
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_period_may_begin_and_end_whenever_there_is_a_time(
    call: Call, client: TestClient, cast: Cast, maria: Case, name: str, moment: str
) -> None:
    asked = [path for path, names in told_in_queries(client).items() if name in names]
    assert "/statistics/languages" in asked
    for path in asked:
        assert call("GET", path, by=cast.sofia, params={name: moment}).status_code == 200
    figures = call("GET", "/statistics/languages", by=cast.sofia, params={name: moment}).json()["items"]
    within = (name == "since") == (moment < "2000")
    assert sum(each["messages"] for each in figures) == within


def told_in_queries(client: TestClient) -> dict[str, set[str]]:
    """What each address that is read takes in its query; rows are the first there are."""
    described = client.get(f"{ADDRESS}/openapi.json").json()
    return {
        re.sub(r"{\w+}", "1", path): {each["name"] for each in methods["get"].get("parameters", [])}
        for path, methods in described["paths"].items()
        if "get" in methods
    }


@pytest.mark.parametrize("text", ["a\0b", "\ud83d", "a\udc00b", "\uffff"])
def test_characters_that_no_text_has_are_no_failure_in_any_body(
    call: Call, client: TestClient, desk: Desk, cast: Cast, maria: Case, text: str
) -> None:
    (message,) = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    words = {"text": "Lo miramos ahora mismo.", "seen_message_id": message["id"]}
    assert call("POST", f"/cases/{maria.id}/replies", json=words).status_code == 201
    described = client.get(f"{ADDRESS}/openapi.json").json()
    headers = bearer(token(desk, cast.sofia)) | {"Content-Type": "application/json"}
    failed = set()
    for method, path, fields in told_in_bodies(described):
        plain = {name: valued(described, field, "es") for name, field in fields.items()}
        for name, field in fields.items():
            strange = {name: valued(described, field, text)}
            for body in (strange, plain | strange):
                content = json.dumps(body).encode()
                answer = client.request(method, ADDRESS + path, headers=headers, content=content)
                if answer.status_code >= 500:
                    failed.add((method, path, name))
    assert failed == set()


def told_in_bodies(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each address that takes a body, and the fields of that."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if body := operation.get("requestBody"):
                (content,) = body["content"].values()
                name = content["schema"]["$ref"].rpartition("/")[2]
                fields = described["components"]["schemas"][name]["properties"]
                yield method.upper(), re.sub(r"{\w+}", "1", path), fields


def valued(described: dict[str, Any], field: dict[str, Any], text: str) -> object:
    """The text where any may stand, else something of that kind."""
    if "$ref" in field:
        field = described["components"]["schemas"][field["$ref"].rpartition("/")[2]]
    if "anyOf" in field:
        return valued(described, field["anyOf"][0], text)
    if field.get("type") == "array":
        return [valued(described, field["items"], text)]
    if "enum" in field:
        return field["enum"][0]
    return {"integer": 1, "number": 1, "boolean": True}.get(field.get("type", ""), text)


# Giving tokens out


def test_an_admin_gives_a_token_out_and_takes_it_back(signed_in: Visitor, desk: Desk, cast: Cast) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = "admin"
    sofia = signed_in("sofia")
    asked = {
        "username": "ana",
        "name": "Export",
        "scopes": ["cases:read"],
        "days": "30",
        "password": PASSWORD,
    }
    page = sofia.post("/tokens", data=asked)
    made = page.text.split('id="token">')[1].split("<")[0]
    assert sofia.get(f"{ADDRESS}/cases", headers=bearer(made)).status_code == 200
    assert made not in sofia.get("/tokens").text
    sofia.post(f"/tokens/{cast.ana.id}/1/revocation")
    assert sofia.get(f"{ADDRESS}/cases", headers=bearer(made)).status_code == 401


def test_a_token_is_not_given_out_without_the_admins_password(
    signed_in: Visitor, desk: Desk, cast: Cast
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = "admin"
    asked = {"username": "ana", "name": "Export", "scopes": ["cases:read"], "days": "30", "password": "no"}
    page = signed_in("sofia").post("/tokens", data=asked)
    assert (page.status_code, "That is not your password." in page.text) == (422, True)
    with desk.database.reading() as session:
        assert not tokens.good(session)
