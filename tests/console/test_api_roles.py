"""Every role against every address for programs; one without a rule here fails."""

from __future__ import annotations

import pytest

from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent, Role
from tests.conftest import Cast
from tests.console.conftest import Call
from tests.console.test_api import routes

READS, WRITES, SUPERVISES = Role.READ_ONLY, Role.AGENT, Role.SUPERVISOR
CASE, TEXT = "/cases/{case_id}", "/templates/{template}/{language}/{visibility}"
# Who may at least.
LEAST = {
    ("GET", "/cases"): READS,
    ("GET", CASE): READS,
    ("GET", f"{CASE}/messages"): READS,
    ("PUT", f"{CASE}/assignee"): WRITES,
    ("POST", f"{CASE}/resolution"): WRITES,
    ("POST", f"{CASE}/reopening"): WRITES,
    ("PUT", f"{CASE}/language"): WRITES,
    ("PUT", f"{CASE}/topic"): WRITES,
    ("PUT", f"{CASE}/priority"): WRITES,
    ("POST", f"{CASE}/tags"): WRITES,
    ("DELETE", CASE + "/tags/{tag_id}"): WRITES,
    ("POST", f"{CASE}/merging"): WRITES,
    ("POST", f"{CASE}/unmerging"): WRITES,
    ("POST", f"{CASE}/splitting"): WRITES,
    ("POST", f"{CASE}/rejoining"): WRITES,
    ("POST", f"{CASE}/snoozing"): WRITES,
    ("POST", f"{CASE}/waking"): WRITES,
    ("POST", f"{CASE}/blocking"): WRITES,
    ("POST", f"{CASE}/unblocking"): WRITES,
    ("POST", f"{CASE}/muting"): WRITES,
    ("POST", f"{CASE}/unmuting"): WRITES,
    ("POST", f"{CASE}/opting-out"): WRITES,
    ("POST", f"{CASE}/opting-in"): WRITES,
    ("POST", "/cases/together"): WRITES,
    ("POST", "/cases/together/{change_id}/undoing"): WRITES,
    ("GET", f"{CASE}/events"): READS,
    ("POST", CASE + "/events/{event_id}/undoing"): WRITES,
    ("GET", f"{CASE}/notes"): READS,
    ("POST", f"{CASE}/notes"): WRITES,
    ("PUT", CASE + "/notes/{note_id}"): WRITES,
    ("DELETE", CASE + "/notes/{note_id}"): WRITES,
    ("GET", f"{CASE}/replies"): READS,
    ("POST", f"{CASE}/replies"): WRITES,
    ("GET", "/replies/{reply_id}"): READS,
    ("POST", "/replies/{reply_id}/approval"): WRITES,
    ("POST", "/replies/{reply_id}/cancellation"): WRITES,
    ("POST", "/replies/{reply_id}/retry"): WRITES,
    ("POST", "/replies/{reply_id}/return"): WRITES,
    ("POST", "/replies/{reply_id}/submission"): WRITES,
    ("GET", "/replies/{reply_id}/parts"): READS,
    ("POST", "/replies/{reply_id}/sighting"): WRITES,
    ("POST", "/replies/{reply_id}/resending"): WRITES,
    ("GET", "/approvals"): WRITES,
    ("GET", "/search"): READS,
    ("GET", "/views"): READS,
    ("GET", "/views/{view_id}/cases"): READS,
    ("GET", "/accounts"): READS,
    ("GET", "/agents"): READS,
    ("GET", "/tags"): READS,
    ("GET", "/lists"): READS,
    ("GET", "/customers/{customer_id}"): READS,
    ("GET", "/customers/{customer_id}/cases"): READS,
    ("GET", "/templates"): READS,
    ("GET", "/templates/problems"): READS,
    ("GET", TEXT): READS,
    ("GET", f"{TEXT}/history"): READS,
    ("PUT", TEXT): SUPERVISES,
    ("POST", f"{TEXT}/checking"): SUPERVISES,
    ("POST", f"{TEXT}/restoring"): SUPERVISES,
    ("POST", f"{TEXT}/confirming"): SUPERVISES,
    ("GET", "/statistics/languages"): SUPERVISES,
    ("GET", "/statistics/hours"): SUPERVISES,
    ("GET", "/statistics/topics"): SUPERVISES,
    ("GET", "/statistics/corrections"): SUPERVISES,
    ("GET", "/statistics/satisfaction"): SUPERVISES,
    ("GET", "/statistics/accuracy/languages"): SUPERVISES,
    ("GET", "/statistics/accuracy/topics"): SUPERVISES,
    ("GET", "/statistics/handovers"): SUPERVISES,
}
NAMED: dict[str, int | str] = dict.fromkeys(
    ("case_id", "reply_id", "tag_id", "note_id", "event_id", "change_id", "view_id", "customer_id"), 99
)
NAMED |= {"template": "thanks", "language": "es", "visibility": "public"}


def test_every_address_has_a_rule() -> None:
    assert {(method, route.path) for route in routes() for method in route.methods or ()} == set(LEAST)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_comes_as_far_as_the_table_says(
    call: Call, desk: Desk, cast: Cast, maria: Case, role: Role
) -> None:
    """Of rows that are not there, and with nothing told: who may is told so, and nothing is done."""
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ben.id).role = role
    answers = {
        (method, path): call(method, path.format(**NAMED), by=cast.ben).status_code for method, path in LEAST
    }
    assert {way for way, status in answers.items() if status == 403} == {
        way for way, least in LEAST.items() if not role.reaches(least)
    }
    assert max(answers.values()) < 500
