"""The texts of reply templates by a program: read, checked, edited, restored and confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from socialdesk import audit
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Membership
from socialdesk.people.tokens import Scope
from tests.conftest import Cast
from tests.console.conftest import Call
from tests.console.test_api_verbs import every

AT = "/templates/thanks/es/public"
WORDS = "¡Gracias a ti! Nos alegra mucho leerlo."


@pytest.fixture
def sofia(call: Call, cast: Cast) -> Call:
    """As the supervisor's program."""
    return lambda method, path, **more: call(method, path, by=cast.sofia, **more)


def test_a_text_is_edited_and_the_files_words_put_back(sofia: Call, desk: Desk, cast: Cast) -> None:
    files = sofia("GET", AT).json()
    assert (files["version"], files["edited"], files["edited_at"]) == (0, False, None)
    edited = sofia("PUT", AT, json={"text": WORDS, "version": 0})
    assert edited.status_code == 200, edited.text
    told = edited.json()
    assert (told["source"], told["version"], told["edited"]) == (WORDS, 1, True)
    assert told["edited_by_id"] == cast.sofia.id
    assert sofia("GET", AT).json() == told
    with desk.database.reading() as session:
        assert desk.library_now(session).render("thanks", "es", "public", {}) == WORDS
    restored = sofia("POST", f"{AT}/restoring", json={"version": 1}).json()
    assert (restored["source"], restored["version"], restored["edited"]) == (files["source"], 2, False)
    again = sofia("POST", f"{AT}/restoring", json={"version": 2})
    assert (again.status_code, again.json()["type"]) == (409, "urn:socialdesk:already-done")
    with desk.database.reading() as session:
        kinds = [each.kind for each in audit.newest(session, most=100) if each.kind.startswith("template")]
    assert kinds == ["template_restored", "template_edited"]


def test_whoever_has_not_read_the_newest_words_changes_nothing(sofia: Call) -> None:
    assert sofia("PUT", AT, json={"text": WORDS, "version": 0}).status_code == 200
    for path, body in ((AT, {"text": "Gracias.", "version": 0}), (f"{AT}/restoring", {"version": 0})):
        late = sofia("PUT" if path == AT else "POST", path, json=body)
        assert (late.status_code, late.json()["type"]) == (409, "urn:socialdesk:stale-draft")
    assert sofia("GET", AT).json()["source"] == WORDS
    same = sofia("PUT", AT, json={"text": WORDS, "version": 1})
    assert (same.status_code, same.json()["type"]) == (409, "urn:socialdesk:already-done")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Gracias {{ nobody_knows }}", "refused"),
        ("a" * 400, "long"),
        ("Mira https://example.com/", "unwelcome"),
    ],
)
def test_what_must_not_go_out_is_never_saved(sofia: Call, text: str, kind: str) -> None:
    for overrides in ([], [kind]):
        body = {"text": text, "version": 0, "overrides": overrides}
        refused = sofia("PUT", AT, json=body)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:socialdesk:guarded")
        assert kind in refused.json()["guards"]
        assert kind not in refused.json()["may_override"]
    found = sofia("POST", f"{AT}/checking", json={"text": text}).json()["problems"]
    assert (kind, True) in [(each["kind"], each["grave"]) for each in found]
    assert sofia("GET", AT).json()["version"] == 0


def test_what_may_be_mended_later_is_saved_when_it_is_said_so(sofia: Call) -> None:
    at, words = "/templates/please_send_dm/es/public", "Escríbenos por mensaje directo, por favor."
    found = sofia("POST", f"{at}/checking", json={"text": words}).json()["problems"]
    kinds = list(dict.fromkeys(each["kind"] for each in found))
    assert kinds
    assert not any(each["grave"] for each in found)
    refused = sofia("PUT", at, json={"text": words, "version": 0})
    assert refused.status_code == 422
    assert refused.json()["guards"] == refused.json()["may_override"] == kinds
    saved = sofia("PUT", at, json={"text": words, "version": 0, "overrides": kinds})
    assert (saved.status_code, saved.json()["source"]) == (200, words)


def test_a_text_whose_source_has_changed_is_confirmed(sofia: Call, call: Call, cast: Cast) -> None:
    early = sofia("POST", f"{AT}/confirming", json={"version": 0})
    assert (early.status_code, early.json()["type"]) == (409, "urn:socialdesk:already-done")
    source = "/templates/thanks/en/public"
    assert sofia("PUT", source, json={"text": "Thank you so much!", "version": 0}).status_code == 200
    assert ("thanks/es/public", "older") in problems(call, cast.sofia)
    confirmed = sofia("POST", f"{AT}/confirming", json={"version": 0})
    assert (confirmed.status_code, confirmed.json()["version"]) == (200, 1)
    assert confirmed.json()["edited"] is False
    assert ("thanks/es/public", "older") not in problems(call, cast.sofia)


def problems(call: Call, supervisor: Agent) -> list[tuple[str, str]]:
    told = every(call, "/templates/problems", supervisor)
    names = [f"{each['template']}/{each['language']}/{each['visibility']}" for each in told]
    assert names == sorted(set(names))
    return [(name, one["kind"]) for name, each in zip(names, told, strict=True) for one in each["problems"]]


def test_what_was_done_to_a_text_is_read_a_page_at_a_time(sofia: Call, call: Call, cast: Cast) -> None:
    for version in range(5):
        body = {"text": f"¡Gracias! {version}", "version": version}
        assert sofia("PUT", AT, json=body).status_code == 200
    assert sofia("POST", f"{AT}/restoring", json={"version": 5}).status_code == 200
    told = every(call, f"{AT}/history", cast.ana)
    assert [each["version"] for each in told] == [6, 5, 4, 3, 2, 1]
    assert [each["text"] for each in told[:2]] == [None, "¡Gracias! 4"]
    assert {each["edited_by_id"] for each in told} == {cast.sofia.id}


def test_a_text_that_the_catalog_does_not_ask_for_is_not_there(sofia: Call) -> None:
    for path in ("/templates/nothing/es/public", "/templates/thanks/xx/public"):
        assert sofia("GET", path).status_code == 404
        assert sofia("GET", f"{path}/history").status_code == 404
        assert sofia("PUT", path, json={"text": WORDS, "version": 0}).status_code == 404
        for verb, body in (("checking", {"text": WORDS}), ("restoring", {"version": 0})):
            assert sofia("POST", f"{path}/{verb}", json=body).status_code == 404


CHANGES = (
    ("PUT", AT, {"text": WORDS, "version": 0}),
    ("POST", f"{AT}/checking", {"text": WORDS}),
    ("POST", f"{AT}/restoring", {"version": 0}),
    ("POST", f"{AT}/confirming", {"version": 0}),
)


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_only_who_supervises_the_whole_desk_edits_and_only_with_that_scope(
    call: Call, desk: Desk, cast: Cast, maria: Case, method: str, path: str, body: dict[str, Any]
) -> None:
    """As on the pages: the library is everybody's."""
    assert call(method, path, json=body).status_code == 403
    read = call(method, path, by=cast.sofia, scopes=(Scope.TEMPLATES_READ,), json=body)
    assert read.json()["detail"] == "The token has not the scope templates:write."
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ben.id).role = "read_only"
        account = session.exec(select(Account.id)).one() or 0
        session.add(Membership(agent_id=cast.sofia.id or 0, account_id=account, role="supervisor"))
    assert call(method, path, by=cast.ben, json=body).status_code == 403
    assert call(method, path, by=cast.sofia, json=body).status_code == 403
    assert call("GET", AT, by=cast.ben).json()["version"] == 0
