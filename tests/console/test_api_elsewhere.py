"""Whatever a request names of another account's is answered as if it were not there, at every address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from socialdesk import audit, cases
from socialdesk.api.app import ADDRESS
from socialdesk.cases import Case
from socialdesk.casework import notes, tagging
from socialdesk.desk import Desk
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.people.refusals import ANOTHERS
from socialdesk.replying import drafts
from socialdesk.worklists import together, views
from socialdesk.worklists.together import Act, Wanted
from tests.conftest import Cast
from tests.console.conftest import Call, Town
from tests.people import another_account, place

ABSENT = 2**31 - 1
# What a number in an address, a query or a body is of.
ROWS = {
    "case_id": "case",
    "other": "case",
    "cases": "case",
    "reply_id": "reply",
    "seen_reply_id": "reply",
    "message": "message",
    "seen_message_id": "message",
    "note_id": "note",
    "event_id": "event",
    "change_id": "change",
    "view_id": "view",
    "tag_id": "tag",
    "tag": "tag",
    "customer_id": "customer",
    "account": "account",
}
NUMBERS = {"limit", "revision", "version", "part", "attempt"}
# Where nothing is found instead of nothing being there: what a list is narrowed to.
NARROWING = {"tag", "account"}
# What else a body needs to be understood, by the end of its address.
BODIES: dict[str, dict[str, Any]] = {
    "assignee": {"agent": "sofia"},
    "language": {"language": "pt"},
    "topic": {"topic": "payment"},
    "priority": {"priority": "urgent"},
    "tags": {"tag": "vip"},
    "together": {"act": "assign"},
    "snoozing": {"until": "2030-01-01T00:00:00Z"},
    "notes": {"text": "Rang."},
    "{note_id}": {"text": "Rang twice."},
    "replies": {"text": "Lo miramos.", "revision": 1},
    "approval": {"revision": 1},
    "submission": {"revision": 1},
    "return": {"revision": 1, "why": "Too short."},
    "sighting": {"part": 1, "attempt": 1},
    "resending": {"part": 1, "attempt": 1, "looked": True},
}


@dataclass
class Asked:
    """One request: what its address, its query and its body name, all of it the asker's own as yet."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None

    @property
    def names(self) -> list[str]:
        inside = [*self.query.items(), *(self.body or {}).items()]
        told = [*re.findall(r"{(\w+)}", self.path), *(name for name, plain in inside if plain is None)]
        return [name for name in told if name in ROWS]

    def sent(self, call: Call, by: Agent, own: dict[str, int], **instead: int) -> Any:
        path = re.sub(r"{(\w+)}", lambda found: str(self._value(found[1], own, instead)), self.path)
        query = {name: self._value(name, own, instead, value) for name, value in self.query.items()}
        body = self.body
        if body is not None:
            body = {name: self._value(name, own, instead, value) for name, value in body.items()}
            body |= {"cases": [body["cases"]]} if "cases" in body else {}
        return call(self.method, path, by=by, params=query, json=body)

    def _value(self, name: str, own: dict[str, int], instead: dict[str, int], plain: Any = None) -> Any:
        if plain is not None:
            return plain
        texts = {"template": "thanks", "language": "es", "visibility": "public"}
        return texts.get(name) or instead.get(name) or own[ROWS[name]]


@dataclass
class Desks:
    """The rows of the account that Sofia works for, and of the one that she does not; by what they are."""

    own: dict[str, int]
    others: dict[str, int]


@pytest.fixture
def desks(desk: Desk, cast: Cast, town: Town, maria: Case, kenji: Case) -> Desks:
    second = town.writes("103", "¿Y mi factura?")
    other = another_account(desk.database)
    with desk.database.transaction() as session:
        others = _rows(session, kenji, cast.ben, other)
        own = _rows(session, maria, cast.sofia, maria.account_id)
    place(desk.database, cast.sofia, "supervisor", {maria.account_id: "supervisor"})
    place(desk.database, cast.ben, "agent", {other: "agent"})
    with desk.database.reading() as session:
        events = select(CaseEvent.id).where(CaseEvent.kind == "assigned")
        for rows in (own, others):
            rows["event"] = session.exec(events.where(CaseEvent.case_id == rows["case"])).one() or 0
    return Desks(own | {"second": second.id or 0}, others)


def _rows(session: Session, of: Case, by: Agent, account_id: int) -> dict[str, int]:
    case = cases.hold(session, of.id or 0)
    reply = drafts.write(session, case, text="…", by=by)
    note = notes.write(session, case, "Rang.", by=by)
    (message,) = session.exec(select(Message).where(Message.case_id == case.id))
    stamps = {case.id or 0: together.stamp(case)}
    done = together.carry_out(session, stamps, Wanted(Act.ASSIGN), by=by)
    tag = tagging.add(session, case, f"tag{account_id}", by=by)
    session.flush()
    case.account_id = reply.account_id = note.account_id = message.account_id = account_id
    (put,) = session.exec(select(tagging.CaseTag).where(tagging.CaseTag.case_id == case.id))
    put.account_id = account_id
    told: dict[str, Any] = {"reply": reply, "note": note, "message": message, "tag": tag}
    told |= {"view": views.save(session, "Mine", "waiting", by=by)}
    rows = {name: row.id for name, row in told.items()} | {"change": done.change_id}
    rows |= {"case": case.id, "customer": case.customer_id, "account": account_id}
    return {name: number or 0 for name, number in rows.items()}


def numbers(described: dict[str, Any]) -> set[str]:
    return {name for asked in requests(described, plain=True) for name in asked.query}


def requests(described: dict[str, Any], *, plain: bool = False) -> Iterator[Asked]:
    """Every address, with all the rows that it takes; of `plain` ones all numbers as if in the query."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            told = {each["name"]: each["schema"] for each in operation.get("parameters", [])}
            inside = body_of(described, operation)
            if plain:
                yield Asked(method, path, dict.fromkeys(numeric(described, told | inside)))
                continue
            taken = numeric(
                described, {name: each for name, each in told.items() if f"{{{name}}}" not in path}
            )
            query: dict[str, Any] = {name: None for name in taken if name in ROWS}
            query |= {"q": "paquete"} if "q" in told else {}
            rows = {name: None for name in numeric(described, inside) if name in ROWS}
            body = (rows | BODIES.get(path.rsplit("/", 1)[1], {})) if "requestBody" in operation else None
            yield Asked(method.upper(), path, query, body)


def body_of(described: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    if "requestBody" not in operation:
        return {}
    (content,) = operation["requestBody"]["content"].values()
    name = content["schema"]["$ref"].rpartition("/")[2]
    fields: dict[str, Any] = described["components"]["schemas"][name]["properties"]
    return fields


def numeric(described: dict[str, Any], fields: dict[str, Any]) -> list[str]:
    """Those that may be a whole number, or several."""
    return [name for name, schema in fields.items() if '"integer"' in str(schema).replace("'", '"')]


@pytest.fixture
def described(client: TestClient) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"{ADDRESS}/openapi.json").json()
    return told


def test_of_every_number_it_is_known_whether_it_names_a_row(described: dict[str, Any]) -> None:
    assert numbers(described) == set(ROWS) | NUMBERS


def test_rows_of_another_account_are_answered_as_if_they_were_not_there(
    call: Call, described: dict[str, Any], desks: Desks, cast: Cast
) -> None:
    wrong = []
    for asked in requests(described):
        for name in asked.names:
            theirs, told = desks.others[ROWS[name]], {}
            for number in (theirs, ABSENT):
                answer = asked.sent(call, cast.sofia, desks.own, **{name: number})
                text = answer.text if answer.status_code == 200 else re.sub(r"\d+", "N", answer.text)
                told[number] = answer.status_code, text
            where = asked.query if name in asked.query else {}
            expected = 200 if name in NARROWING and name in where else 404
            if told[theirs] != told[ABSENT] or told[theirs][0] != expected:
                wrong.append((asked.method, asked.path, name, told))
    assert wrong == []


def test_the_same_of_ones_own_is_not_missing(
    call: Call, described: dict[str, Any], desks: Desks, cast: Cast
) -> None:
    """Else the test above would prove nothing."""
    own = desks.own
    missing = [
        (asked.method, asked.path)
        for asked in requests(described)
        if asked.names and asked.sent(call, cast.sofia, own, other=own["second"]).status_code in (404, 500)
    ]
    assert missing == []


def test_who_works_elsewhere_is_no_agent_here(call: Call, desks: Desks, cast: Cast) -> None:
    at = f"/cases/{desks.own['case']}/assignee"
    theirs = call("PUT", at, by=cast.sofia, json={"agent": "ben"})
    nobody = call("PUT", at, by=cast.sofia, json={"agent": "nobody"})
    assert (theirs.status_code, nobody.status_code) == (404, 404)
    assert theirs.text.replace("ben", "nobody") == nobody.text


def test_lists_have_nothing_of_other_accounts(call: Call, desk: Desk, desks: Desks, cast: Cast) -> None:
    with desk.database.transaction() as session:
        views.save(session, "Theirs", f"waiting...{desks.others['account']}", by=_admin(session, cast))
        views.save(session, "Everybody's", "waiting", by=_admin(session, cast), shared=True)
        theirs = views.save(
            session, "Theirs", f"waiting...{desks.others['account']}", by=_admin(session, cast), shared=True
        )
    mine = desks.own["account"]
    assert [each["id"] for each in told(call, cast.sofia, "/accounts")] == [mine]
    assert [each["username"] for each in told(call, cast.sofia, "/agents")] == ["ana", "sofia"]
    assert [each["name"] for each in told(call, cast.sofia, "/tags")] == [f"tag{mine}"]
    assert [each["name"] for each in told(call, cast.sofia, "/views")] == ["Mine", "Everybody's"]
    assert call("GET", f"/views/{theirs.id}/cases", by=cast.sofia).status_code == 404
    lists = {each["list"]: each["cases"] for each in told(call, cast.sofia, "/lists")}
    assert lists["waiting"] == 2
    assert [each["username"] for each in told(call, cast.ana, "/agents")] == ["ana", "ben", "sofia"]
    assert [each["id"] for each in told(call, cast.ana, "/accounts")] == [mine, desks.others["account"]]
    assert len(told(call, cast.ana, "/tags")) == 2


def _admin(session: Session, cast: Cast) -> Agent:
    ana = session.get_one(Agent, cast.ana.id)
    ana.role = "admin"
    session.flush()
    return ana


def told(call: Call, by: Agent, path: str) -> Any:
    answer = call("GET", path, by=by)
    assert answer.status_code == 200
    return answer.json()["items"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/cases/together", {"act": "assign", "cases": ["own", "case"]}),
        ("/cases/{case}/replies", {"text": "Lo miramos.", "seen_message_id": "message"}),
        ("/cases/{case}/merging", {"other": "case"}),
    ],
)
def test_the_audit_log_tells_who_has_named_one(
    call: Call, desk: Desk, desks: Desks, cast: Cast, path: str, body: dict[str, Any]
) -> None:
    numbered = desks.others | {"own": desks.own["case"]}
    sent = {
        name: [numbered[each] for each in value] if isinstance(value, list) else numbered.get(value, value)
        for name, value in body.items()
    }
    assert call("POST", path.format(**desks.own), by=cast.sofia, json=sent).status_code == 404
    with desk.database.reading() as session:
        assert [each.kind for each in audit.newest(session)].count(ANOTHERS) == 1
