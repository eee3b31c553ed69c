"""Every route against every role, and other accounts' rows, which do not exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from socialdesk import clock
from socialdesk.api.whose import OF_AN_ACCOUNT
from socialdesk.cases import Case
from socialdesk.console.app import create_app
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.incidents.incidents import Incident
from socialdesk.incidents.waves import Wave
from socialdesk.messages import Message
from socialdesk.people.agents import Agent, Role
from socialdesk.placing.muting import MutedConversation
from socialdesk.polling.gaps import Gap
from socialdesk.replying import drafts
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.people import another_account, hire, place

Browser = Callable[[], TestClient]

# The least role for each route, said once more and by itself: what the console may not change unnoticed.
RULES = {
    "anybody": """
        GET /sign-in | POST /sign-in | GET /sign-in/code | POST /sign-in/code | GET /setup | POST /setup
        GET /invitation | POST /invitation | GET /s/{token} | POST /s/{token} | GET /healthz | HEAD /healthz
        """,
    "read_only": """
        POST /sign-out | GET /account | POST /account/password | POST /account/sessions/ending
        POST /account/sessions/{sign_in_id}/ending | POST /account/look
        POST /account/language | GET /account/codes | POST /account/away | POST /account/away/ending
        POST /account/codes | POST /account/codes/confirmation | POST /account/codes/renewal
        POST /account/codes/removal | POST /account/summary/ending
        GET /incidents | GET /incidents/{incident_id}
        GET / | GET /queue | GET /search | GET /cases/{case_id} | GET /customers/{customer_id}
        GET /views/counts | GET /views/{view_id} | GET /live | GET /palette | GET /health.json
        POST /cases/{case_id}/presence | GET /cases/{case_id}/glance
        GET /replies | GET /replies/{template}/{language}
        GET /replies/{template}/{language}/{visibility}/history
        """,
    "agent": """
        GET /figures/me
        GET /queue/together | POST /queue/together | POST /queue/together/{change_id}/undoing
        POST /views | POST /views/{view_id}/removal
        POST /cases/{case_id}/assignment | POST /cases/{case_id}/resolution | POST /cases/{case_id}/reopening
        POST /cases/{case_id}/events/{event_id}/undoing
        POST /cases/{case_id}/snoozing | POST /cases/{case_id}/waking
        POST /cases/{case_id}/notes | POST /cases/{case_id}/notes/{note_id}/editing
        POST /cases/{case_id}/notes/{note_id}/deletion
        POST /cases/{case_id}/language | POST /cases/{case_id}/topic
        POST /cases/{case_id}/priority | POST /cases/{case_id}/showing
        POST /cases/{case_id}/tags | POST /cases/{case_id}/tags/{tag_id}/removal
        POST /cases/{case_id}/merging | POST /cases/{case_id}/unmerging | POST /cases/{case_id}/splitting
        POST /cases/{case_id}/rejoining | POST /cases/{case_id}/blocking | POST /cases/{case_id}/unblocking
        POST /cases/{case_id}/muting | POST /cases/{case_id}/unmuting | POST /cases/{case_id}/opting-out
        POST /cases/{case_id}/opting-in | POST /cases/{case_id}/replies
        GET /cases/{case_id}/transcript | POST /cases/{case_id}/transcript
        POST /replies/{reply_id}/approval | POST /replies/{reply_id}/cancellation
        POST /replies/{reply_id}/sighting | POST /replies/{reply_id}/resending
        POST /replies/{reply_id}/retry | GET /approvals | GET /approvals/preview | POST /approvals/many
        POST /approvals/{reply_id}/approval | POST /approvals/{reply_id}/return | POST /fit
        POST /gaps/{gap_id}/acknowledgement | POST /incidents/{incident_id}/cases/{case_id}/removal
        """,
    "supervisor": """
        POST /account/summary
        GET /languages | GET /languages/cases | GET /languages.csv | GET /money | GET /coverage
        GET /shifts | GET /shifts/{agent_id} | POST /shifts/{agent_id}
        GET /tags | POST /tags/{tag_id}/name | POST /tags/{tag_id}/removal
        POST /incidents | GET /incidents/opening | POST /waves/{wave_id}/dismissal
        POST /incidents/{incident_id}/cases | GET /incidents/{incident_id}/holding
        POST /incidents/{incident_id}/holding | POST /incidents/{incident_id}/stopping
        GET /incidents/{incident_id}/closing | POST /incidents/{incident_id}/closing
        POST /incidents/{incident_id}/final/stopping
        GET /people | GET /muted | POST /muted/customers/{customer_id}/lifting
        POST /muted/conversations/{mute_id}/lifting
        GET /replies/{template}/{language}/{visibility}/editing
        POST /replies/{template}/{language}/{visibility}/editing
        POST /replies/{template}/{language}/{visibility}/restoring
        POST /replies/{template}/{language}/{visibility}/confirming
        GET /automation | GET /automation/{rule_id} | POST /automation/{rule_id}/releases
        POST /automation/{rule_id}/switch | POST /automation/{rule_id}/withdrawal
        """,
    "admin": """
        POST /people | GET /people/{agent_id} | POST /people/{agent_id}/role
        POST /people/{agent_id}/languages | POST /people/{agent_id}/invitation
        POST /people/{agent_id}/disabling | POST /people/{agent_id}/enabling
        POST /people/{agent_id}/codes/resetting | POST /people/{agent_id}/sessions/ending
        GET /admin | GET /audit | GET /tokens | POST /tokens | POST /tokens/{agent_id}/{token_id}/revocation
        GET /webhooks | POST /webhooks | POST /webhooks/{webhook_id}/ending
        GET /customers/{customer_id}/privacy | POST /customers/{customer_id}/export
        GET /customers/{customer_id}/erasure | POST /customers/{customer_id}/erasure
        """,
}
ORDER = ("anybody", *Role)
# Parts of an address that name no row of one account; each is looked after where it is read.
OF_NO_ACCOUNT = {
    "agent_id",
    "change_id",
    "customer_id",
    "language",
    "event_id",
    "note_id",
    "rule_id",
    "sign_in_id",
    "tag_id",
    "template",
    "token",
    "token_id",
    "view_id",
    "visibility",
    "webhook_id",
}


def rules() -> dict[tuple[str, str], str]:
    found = {}
    for least, routes in RULES.items():
        for method, path in re.findall(r"(\w+) (/\S*)", routes):
            found[method, path] = least
    return found


def test_every_route_has_a_rule_and_every_rule_a_route(desk: Desk) -> None:
    found = {
        (method, route.path) for route in leaves(create_app(desk).routes) for method in route.methods or ()
    }
    assert found == set(rules())


def leaves(routes: Iterable[BaseRoute]) -> list[Route]:
    found: list[Route] = []
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        found += leaves(inner) if inner else [route] if isinstance(route, Route) else []
    return found


def test_whatever_an_address_names_is_known_to_be_an_accounts_or_not() -> None:
    named = {name for _, path in rules() for name in re.findall(r"{(\w+)}", path)}
    assert named == set(OF_AN_ACCOUNT) - {"message_id"} | OF_NO_ACCOUNT


@pytest.mark.parametrize("role", [None, *Role])
def test_each_route_is_open_to_those_it_is_for_and_shut_to_all_others(
    visitor: Browser, signed_in: Visitor, database: Database, password_hash: str, role: str | None
) -> None:
    if role:
        hire(database, "somebody", role, password_hash)
    browser = signed_in("somebody") if role else visitor()
    wrong = []
    for (method, path), least in rules().items():
        if path == "/sign-out" or (path == "/live" and role):
            continue  # after the one nobody is signed in, and the other never ends
        answer = browser.request(method, re.sub(r"{\w+_id}", "999", path))
        refused = answer.status_code in (401, 403) or bool(
            least != "anybody" and answer.headers.get("location", "").startswith("/sign-in")
        )
        if refused != (ORDER.index(role or "anybody") < ORDER.index(least)):
            wrong.append((method, path, least, answer.status_code))
    assert wrong == []


def test_signed_out_nobody_is_told_what_is_there(visitor: Browser, maria: Case) -> None:
    browser = visitor()
    there, not_there = browser.get(f"/cases/{maria.id}"), browser.get("/cases/999")
    assert (there.status_code, not_there.status_code) == (303, 303)


@dataclass
class Elsewhere:
    """What the other account has, as an address names it."""

    account_id: int
    case: Case
    named: dict[str, int]


@pytest.fixture
def elsewhere(desk: Desk, cast: Cast, town: Town, maria: Case, kenji: Case) -> Elsewhere:
    """@kenji has written to another account, which neither Ana nor Sofia works for; @maria to theirs."""
    other = another_account(desk.database)
    for agent, role in ((cast.ana, "agent"), (cast.sofia, "supervisor")):
        place(desk.database, agent, role, {maria.account_id: role})
    with desk.database.transaction() as session:
        named = _move(session, kenji, other, cast.ben)
    return Elsewhere(other, kenji, named)


def _move(session: Session, case: Case, account_id: int, by: Agent) -> dict[str, int]:
    moved = session.get_one(Case, case.id)
    reply = drafts.write(session, moved, text="承知しました。", by=by)
    session.flush()
    moved.account_id = reply.account_id = account_id
    for message in session.exec(select(Message).where(Message.case_id == case.id)):
        message.account_id = account_id
    gap = Gap(account_id=account_id, channel="mentions", to_at=clock.now(), found_at=clock.now())
    mute = MutedConversation(
        account_id=account_id, conversation_id="9", muted_at=clock.now(), muted_by_id=by.id or 0
    )
    at: dict[str, Any] = dict.fromkeys(("began_at", "found_at", "seen_at"), clock.now())
    wave = Wave(account_id=account_id, topic="payment", languages="ja", came=9, minutes=60, **at)
    incident = Incident(
        account_id=account_id,
        name="Cards",
        begins_at=clock.now(),
        opened_at=clock.now(),
        opened_by_id=by.id or 0,
    )
    session.add_all([gap, mute, wave, incident])
    session.flush()
    return {
        "case_id": case.id or 0,
        "reply_id": reply.id or 0,
        "gap_id": gap.id or 0,
        "mute_id": mute.id or 0,
        "wave_id": wave.id or 0,
        "incident_id": incident.id or 0,
        "customer_id": case.customer_id,
        "event_id": 1,
        "note_id": 1,
    }


def test_rows_of_another_account_are_not_there_on_any_route(sofia: TestClient, elsewhere: Elsewhere) -> None:
    """Nor does what is refused tell whether they are: whoever may not do it is told that of every row."""
    sofia.cookies.clear()
    sofia.post("/sign-in", data={"username": "sofia", "password": "correct horse battery"})
    wrong = []
    for (method, path), least in rules().items():
        if not set(re.findall(r"{(\w+)}", path)) & set(elsewhere.named):
            continue
        there = sofia.request(method, path.format(**elsewhere.named, tag_id=1))
        absent = sofia.request(method, path.format(**dict.fromkeys(elsewhere.named, 999), tag_id=1))
        expected = 403 if least == "admin" else 404
        if (there.status_code, absent.status_code) != (expected, expected):
            wrong.append((method, path, there.status_code, absent.status_code))
    assert wrong == []


def test_a_row_of_another_account_is_refused_in_the_words_for_one_that_is_not_there(
    signed_in: Visitor, elsewhere: Elsewhere
) -> None:
    ana, number = signed_in("ana"), elsewhere.case.id
    theirs, nobodys = ana.get(f"/cases/{number}").text, ana.get("/cases/999").text
    assert theirs.replace(str(number), "999") == nobodys.replace(str(number), "999")


def test_other_accounts_cases_are_in_no_list_and_no_number(
    signed_in: Visitor, elsewhere: Elsewhere, maria: Case
) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    link, own = f"/cases/{elsewhere.case.id}", f"/cases/{maria.id}"
    for address in ("/queue", "/queue?language=ja", "/search?q=アカウント", "/search?q=kenji"):
        assert link in ben.get(address).text, address
        assert link not in ana.get(address).text, address
    assert own in ana.get("/queue").text
    assert "Japanese" in ben.get("/queue").text
    assert "Japanese" not in ana.get("/queue").text.partition('id="rows"')[0].partition("<main")[2]


def test_a_form_cannot_name_another_accounts_case_either(
    signed_in: Visitor, elsewhere: Elsewhere, maria: Case
) -> None:
    ana = signed_in("ana")
    merging = ana.post(f"/cases/{maria.id}/merging", data={"other": elsewhere.case.id})
    fit = ana.post("/fit", json={"case": elsewhere.case.id, "text": "Hello", "as": "private"})
    assert (merging.status_code, fit.status_code) == (404, 404)


def test_the_health_of_other_accounts_is_not_told(signed_in: Visitor, elsewhere: Elsewhere) -> None:
    told = signed_in("ana").get("/health.json").json()
    assert [account["account"] for account in told] == ["NorthwindHelp"]
    everybodys = signed_in("ben").get("/health.json").json()
    assert {account["account"] for account in everybodys} == {"NorthwindHelp", "SouthwindHelp"}


def test_whoever_only_reads_at_an_account_is_refused_there(
    signed_in: Visitor, database: Database, cast: Cast, maria: Case
) -> None:
    place(database, cast.ana, "agent", {maria.account_id: "read_only"})
    ana = signed_in("ana")
    assert ana.get(f"/cases/{maria.id}").status_code == 200
    assert ana.post(f"/cases/{maria.id}/resolution").status_code == 403


@pytest.fixture
def olga(signed_in: Visitor, database: Database, password_hash: str) -> TestClient:
    """The admin."""
    hire(database, "olga", "admin", password_hash)
    return signed_in("olga")


def test_somebody_invited_chooses_a_password_and_works(olga: TestClient, visitor: Browser) -> None:
    page = olga.post("/people", data={"username": "nils", "name": "Nils Berg", "role": "agent"}).text
    token = page.partition('id="invitation">')[2].partition("<")[0]
    assert len(token) > 20
    assert token not in olga.get("/people").text
    assert "invited" in olga.get("/people").text
    nils = visitor()
    assert nils.post("/invitation", data={"token": "x", "password": "blue harbour 12"}).status_code == 422
    assert nils.post("/invitation", data={"token": token, "password": "short"}).status_code == 422
    assert nils.post("/invitation", data={"token": token, "password": "blue harbour 12"}).status_code == 303
    assert nils.get("/queue").status_code == 200
    again = visitor().post("/invitation", data={"token": token, "password": "blue harbour 12"})
    assert again.status_code == 422


def test_whoever_loses_a_role_is_signed_out_at_once(
    olga: TestClient, sofia: TestClient, cast: Cast, maria: Case
) -> None:
    changed = olga.post(
        f"/people/{cast.sofia.id}/role",
        data={"role": "agent", "where": "some", "account": maria.account_id, "at": "read_only"},
    )
    assert changed.status_code == 303
    assert "has the new role" in olga.get(changed.headers["location"]).text
    assert sofia.get("/queue").status_code == 303
    assert "Reads only <bdi>@NorthwindHelp</bdi>" in olga.get("/people").text


def test_whoever_is_disabled_is_signed_out_at_once_and_may_be_let_in_again(
    olga: TestClient, ana: TestClient, cast: Cast
) -> None:
    assert olga.post(f"/people/{cast.ana.id}/disabling").status_code == 303
    assert ana.get("/queue").status_code == 303
    assert olga.post(f"/people/{cast.ana.id}/disabling").status_code == 409
    assert "can&#39;t sign in" in olga.get(f"/people/{cast.ana.id}").text.replace("can't", "can&#39;t")
    assert olga.post(f"/people/{cast.ana.id}/enabling").status_code == 303


def test_the_last_admin_stays_one(olga: TestClient, database: Database) -> None:
    with database.reading() as session:
        number = session.exec(select(Agent.id).where(Agent.username == "olga")).one()
    demoted = olga.post(f"/people/{number}/role", data={"role": "agent"})
    assert (demoted.status_code, "is the last admin" in demoted.text) == (409, True)
    assert olga.post(f"/people/{number}/disabling").status_code == 409
    assert olga.get("/people").status_code == 200


def test_the_languages_somebody_reads_are_kept_and_shown(olga: TestClient, cast: Cast) -> None:
    data = {"language": ["es", "ja", "sv"], "level": ["writes", "", "none"]}
    assert olga.post(f"/people/{cast.ana.id}/languages", data=data).status_code == 303
    row = olga.get("/people").text.partition("Ana Horvat")[2].partition("</tr>")[0]
    assert "Spanish" in row
    assert "Japanese" not in row
    assert "Swedish" not in row


def test_supervisors_see_the_people_without_the_forms(sofia: TestClient) -> None:
    page = sofia.get("/people").text.partition("<main")[2].partition("</main>")[0]
    assert "Ana Horvat" in page
    assert "<form" not in page


def test_whoever_only_reads_is_offered_no_form_that_would_be_refused(
    signed_in: Visitor, database: Database, password_hash: str, maria: Case
) -> None:
    hire(database, "rita", "read_only", password_hash)
    rita = signed_in("rita")
    customer, case = f"/customers/{maria.customer_id}", f"/cases/{maria.id}"
    for address in (
        "/queue",
        f"{case}?from=waiting",
        customer,
        "/search?q=paquete",
        "/replies",
    ):
        answer = rita.get(address)
        assert answer.status_code == 200, address
        posting = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', answer.text)
        assert {each for each in posting if not each.startswith(("/sign-out", "/account/"))} == set(), address
