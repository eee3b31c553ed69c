"""Several cases at once, what has happened to a case, and taking back, for programs, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people import skills
from socialdesk.people.agents import Agent
from socialdesk.people.tokens import Scope
from socialdesk.worklists import views
from tests.conftest import Cast
from tests.console.conftest import Call, Town
from tests.console.test_api_verbs import every


def together(call: Call, act: str, *cases: Case, **more: Any) -> Any:
    return call("POST", "/cases/together", json={"act": act, "cases": [each.id for each in cases]} | more)


def shown(call: Call, case: Case) -> Any:
    return call("GET", f"/cases/{case.id}").json()


def test_what_is_done_to_many_is_told_and_taken_back(call: Call, maria: Case, kenji: Case) -> None:
    done = together(call, "topic", maria, kenji, value="payment")
    assert (done.status_code, done.json()["changed"], done.json()["left_out"]) == (200, 2, [])
    assert [shown(call, each)["topic"] for each in (maria, kenji)] == ["payment", "payment"]
    again = together(call, "topic", maria, kenji, value="payment").json()
    assert (again["id"], again["changed"]) == (None, 0)
    assert [each["id"] for each in again["left_out"]] == [maria.id, kenji.id]
    assert again["left_out"][0]["why"] == "It is about that already."
    at = f"/cases/together/{done.json()['id']}/undoing"
    assert call("POST", at).json() == {"id": None, "changed": 2, "left_out": []}
    assert "payment" not in [shown(call, each)["topic"] for each in (maria, kenji)]
    assert call("POST", at).status_code == 409


def test_cases_snoozed_in_another_zone_are_woken_again(call: Call, maria: Case, kenji: Case) -> None:
    until = (clock.now() + timedelta(hours=3)).isoformat().replace("+00:00", "+02:00")
    done = together(call, "snooze", maria, kenji, until=until).json()
    assert (done["changed"], shown(call, maria)["snoozed_until"] is None) == (2, False)
    back = call("POST", f"/cases/together/{done['id']}/undoing").json()
    assert (back["changed"], shown(call, maria)["snoozed_until"]) == (2, None)


@pytest.mark.parametrize(
    "more",
    [
        {"act": "topic", "value": "nonsense"},
        {"act": "language"},
        {"act": "tag", "value": " "},
        {"act": "snooze"},
        {"act": "snooze", "until": "2001-01-01T00:00:00Z"},
        {"act": "snooze", "until": "9999-12-31T23:59:59-14:00"},
        {"act": "explode"},
        {"cases": []},
        {"cases": list(range(1, 102))},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_done(
    call: Call, maria: Case, more: dict[str, Any]
) -> None:
    before = shown(call, maria)
    asked = {"act": "assign", "cases": [maria.id]} | more
    assert call("POST", "/cases/together", json=asked).status_code == 422
    assert shown(call, maria) == before


def test_one_that_is_not_there_leaves_the_others_as_they_are(call: Call, maria: Case) -> None:
    asked = {"act": "assign", "cases": [maria.id, 999]}
    assert call("POST", "/cases/together", json=asked).status_code == 404
    assert shown(call, maria)["assignee_id"] is None


def test_nobody_takes_back_what_a_colleague_has_done(call: Call, maria: Case, cast: Cast) -> None:
    done = together(call, "assign", maria).json()
    theirs = call("POST", f"/cases/together/{done['id']}/undoing", by=cast.ben)
    nobodys = call("POST", "/cases/together/999/undoing", by=cast.ben)
    assert (theirs.status_code, theirs.text) == (nobodys.status_code, nobodys.text) == (404, nobodys.text)
    assert shown(call, maria)["assignee_id"] == cast.ana.id


# What has happened, and undoing it


def event_of(call: Call, case: Case, kind: str, by: Agent) -> int:
    found = [each for each in every(call, f"/cases/{case.id}/events", by) if each["kind"] == kind]
    assert found[-1]["agent_id"] == by.id
    number: int = found[-1]["id"]
    return number


def test_a_cases_events_are_read_a_page_at_a_time(call: Call, maria: Case, cast: Cast) -> None:
    call("PUT", f"/cases/{maria.id}/assignee", json={"agent": "ana"})
    call("POST", f"/cases/{maria.id}/resolution")
    told = every(call, f"/cases/{maria.id}/events", cast.ben)
    assert [each["id"] for each in told] == sorted(each["id"] for each in told)
    assert [(each["kind"], each["agent_id"]) for each in told[-2:]] == [
        ("assigned", cast.ana.id),
        ("resolved", cast.ana.id),
    ]
    assert {each["case_id"] for each in told} == {maria.id}


def test_an_agents_own_doing_is_undone(call: Call, maria: Case, cast: Cast) -> None:
    call("POST", f"/cases/{maria.id}/resolution")
    at = f"/cases/{maria.id}/events/{event_of(call, maria, 'resolved', cast.ana)}/undoing"
    assert call("POST", at, by=cast.ben).status_code == 403
    assert shown(call, maria)["status"] == "resolved"
    assert call("POST", at).json()["status"] == "waiting"
    assert call("POST", at).status_code == 409


def test_a_draft_that_was_discarded_is_there_again(call: Call, maria: Case, cast: Cast) -> None:
    (message,) = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    words = {"text": "Lo miramos.", "seen_message_id": message["id"]}
    draft = call("POST", f"/cases/{maria.id}/replies", json=words).json()
    assert call("POST", f"/replies/{draft['id']}/cancellation").json()["state"] == "cancelled"
    event = event_of(call, maria, "reply_cancelled", cast.ana)
    at = f"/cases/{maria.id}/events/{event}/undoing"
    refused = call("POST", at, scopes=(Scope.CASES_READ, Scope.CASES_WRITE))
    assert (refused.status_code, "replies:write" in refused.json()["detail"]) == (403, True)
    assert call("GET", f"/replies/{draft['id']}").json()["state"] == "cancelled"
    assert call("POST", at, scopes=(Scope.CASES_WRITE, Scope.REPLIES_WRITE)).status_code == 200
    assert call("GET", f"/replies/{draft['id']}").json()["state"] == "draft"


def test_an_event_of_another_case_is_not_there(call: Call, maria: Case, kenji: Case, cast: Cast) -> None:
    call("POST", f"/cases/{kenji.id}/resolution")
    event = event_of(call, kenji, "resolved", cast.ana)
    assert call("POST", f"/cases/{maria.id}/events/{event}/undoing").status_code == 404


# Saved views, lists, and a message's language


def test_a_saved_view_tells_what_it_is_narrowed_to_and_has_its_cases(
    call: Call, desk: Desk, town: Town, maria: Case, kenji: Case, cast: Cast
) -> None:
    ana = cast.ana
    with desk.database.transaction() as session:
        saved = [
            views.save(session, name, told, by=ana).id
            for name, told in (
                ("Japanese", f"waiting.ja..{kenji.account_id}"),
                ("Mine to write", "waiting.own"),
                ("All", "waiting"),
            )
        ]
        skills.learn(session, session.merge(ana), {"es": "writes"})
    told = every(call, "/views", ana)
    assert [each["name"] for each in told] == ["Japanese", "Mine to write", "All"]
    assert {name: told[0][name] for name in ("list", "language", "topic", "account", "tag")} == {
        "list": "waiting",
        "language": "ja",
        "topic": None,
        "account": kenji.account_id,
        "tag": None,
    }
    cases = [[each["id"] for each in every(call, f"/views/{view_id}/cases", ana)] for view_id in saved]
    assert cases == [[kenji.id], [maria.id], [maria.id, kenji.id]]
    assert call("GET", f"/views/{saved[0]}/cases", by=cast.ben).status_code == 404


@pytest.mark.parametrize("told", ["archived", "waiting...north", "waiting....north"])
def test_a_view_that_is_none_any_more_takes_no_other_with_it(
    call: Call, desk: Desk, maria: Case, cast: Cast, told: str
) -> None:
    """As on the pages, of what another version has saved."""
    with desk.database.transaction() as session:
        old = views.save(session, "Old", told, by=cast.ana).id
        views.save(session, "All", "waiting", by=cast.ana)
    assert [each["name"] for each in every(call, "/views", cast.ana)] == ["All"]
    assert call("GET", f"/views/{old}/cases").status_code == 404


def test_lists_tags_and_people_are_told(call: Call, maria: Case, kenji: Case, cast: Cast) -> None:
    call("POST", f"/cases/{maria.id}/tags", json={"tag": "VIP"})
    call("POST", f"/cases/{kenji.id}/tags", json={"tag": "vip"})
    call("POST", f"/cases/{kenji.id}/tags", json={"tag": "Broken"})
    call("PUT", f"/cases/{kenji.id}/assignee", json={"agent": "ana"})
    lists = {each["list"]: each["cases"] for each in call("GET", "/lists").json()["items"]}
    assert [lists[each] for each in ("waiting", "unassigned", "mine", "resolved")] == [2, 1, 1, 0]
    tags = every(call, "/tags", cast.ana)
    assert [(each["name"], each["cases"]) for each in tags] == [("Broken", 1), ("VIP", 2)]
    assert [each["id"] for each in every(call, "/cases", cast.ana, tag=tags[0]["id"])] == [kenji.id]
    people = every(call, "/agents", cast.ana)
    assert [(each["username"], each["id"]) for each in people] == [
        ("ana", cast.ana.id),
        ("ben", cast.ben.id),
        ("sofia", cast.sofia.id),
    ]
    assert all(set(each) == {"id", "username", "name", "disabled_at"} for each in people)
    (account,) = call("GET", "/accounts").json()["items"]
    assert account["id"] == maria.account_id
    asked = {"account": account["id"]}
    assert len(every(call, "/cases", cast.ana, **asked)) == 2
    assert every(call, "/cases", cast.ana, account=999) == []
    assert call("GET", "/lists", params={"account": 999}).json()["items"][0]["cases"] == 0


def test_the_language_of_one_message_is_corrected(call: Call, town: Town, maria: Case) -> None:
    town.writes("101", "¿Hay alguien?", minutes_ago=1)
    first, second = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    told = {"language": "pt", "message": first["id"]}
    assert call("PUT", f"/cases/{maria.id}/language", json=told).status_code == 200
    after = call("GET", f"/cases/{maria.id}/messages").json()["items"]
    assert [each["language"] for each in after] == ["pt", second["language"]]
    told = {"language": "pt", "message": 999}
    assert call("PUT", f"/cases/{maria.id}/language", json=told).status_code == 404
