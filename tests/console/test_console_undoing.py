"""What was just done to a case is undone by one click: all of it, or nothing when it has changed since."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import audit, cases, history, messages, targets
from socialdesk.cases import Case, Status
from socialdesk.casework import snoozing, tagging
from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.casework.snoozing import Until
from socialdesk.casework.sorting import TopicCorrection
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.figures import recount
from socialdesk.figures.waits import Wait
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.people.refusals import ANOTHERS, REFUSED
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts
from socialdesk.settings.promises import Targets
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.stories import arrive, post

UNDO = re.compile(r'id="flash"(?:(?!</div>).)*?<form method="post" action="([^"]+)">', re.DOTALL)
CHANGED = "This has changed since: it can&#39;t be undone any more."


def done(browser: TestClient, address: str, **data: Any) -> str:
    """The page that follows."""
    answer = browser.post(address, data=data)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def way_back(page: str) -> str:
    found = UNDO.search(page)
    assert found, "no undo is offered"
    assert 'data-key="u"' in page[found.start() :].partition("</div>")[0]
    return found[1]


def undone(browser: TestClient, page: str) -> str:
    said = done(browser, way_back(page))
    assert "Undone: everything is as it was before." in said
    assert UNDO.search(said) is None
    return said


def stored(desk: Desk, case: Case) -> dict[str, Any]:
    """All of the case, its messages, its customer and what is kept of corrections."""
    with desk.database.reading() as session:
        rows = [
            session.get_one(Case, case.id),
            session.get_one(Customer, case.customer_id),
            *session.exec(select(Message).where(Message.case_id == case.id)),
            *session.exec(select(LanguageCorrection)),
            *session.exec(select(TopicCorrection)),
            *session.exec(select(Wait)),
        ]
        return {f"{type(row).__name__} {at}": row.model_dump(exclude={"id"}) for at, row in enumerate(rows)}


@pytest.fixture
def timed(desk: Desk) -> Desk:
    with desk.database.transaction() as session:
        rules = [{"first_response_minutes": 10, "resolution_minutes": 600}]
        targets.use(session, Targets.model_validate({"rules": rules}))
    return desk


def on_it(desk: Desk, case: Case) -> int | None:
    with desk.database.reading() as session:
        return session.get_one(Case, case.id).assignee_id


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("resolution", {}),
        ("assignment", {"to": "me"}),
        ("language", {"language": "pt"}),
        ("language", {"language": "es"}),
        ("topic", {"topic": "returns_and_refunds"}),
        ("priority", {"priority": "urgent"}),
    ],
    ids=["resolved", "taken", "language corrected", "language confirmed", "topic", "priority"],
)
def test_what_is_undone_leaves_no_trace_but_in_the_history(
    ana: TestClient, timed: Desk, maria: Case, verb: str, data: dict[str, str]
) -> None:
    with timed.database.transaction() as session:  # the detector guessed
        session.get_one(Case, maria.id).language_sure = False
        message = messages.newest_from_customer(session, maria.id or 0)
        assert message
        message.confidence, message.runner_up = 0.61, "pt"
    before = stored(timed, maria)
    page = done(ana, f"/cases/{maria.id}/{verb}", **data)
    assert stored(timed, maria) != before
    undone(ana, page)
    assert stored(timed, maria) == before


def test_a_resolved_case_is_undone_on_the_page_of_the_next_one_and_comes_back(
    ana: TestClient, maria: Case, kenji: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/resolution", **{"from": "waiting"})
    assert f'data-case="{kenji.id}"' in page
    page = done(ana, way_back(page), **{"from": "waiting"})
    assert f'data-case="{maria.id}"' in page
    assert "Waiting for us" in page


def test_an_answered_case_that_was_resolved_waits_for_the_customer_again(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    with desk.database.transaction() as session:
        held = cases.hold(session, maria.id or 0)
        held.status, held.waiting_since = Status.ANSWERED, None
    page = done(ana, f"/cases/{maria.id}/resolution")
    assert "Waiting for the customer" in undone(ana, page)


def test_undoing_counts_as_no_reopening(ana: TestClient, desk: Desk, maria: Case) -> None:
    undone(ana, done(ana, f"/cases/{maria.id}/resolution"))
    with desk.database.transaction() as session:
        assert session.exec(select(Wait)).all() == []
        assert recount.rebuild(session)
    done(ana, f"/cases/{maria.id}/resolution")
    done(ana, f"/cases/{maria.id}/reopening")
    with desk.database.reading() as session:
        assert [each.reopened for each in session.exec(select(Wait))] == [True]


def test_what_the_customer_writes_after_it_was_resolved_is_not_undone(
    ana: TestClient, desk: Desk, maria: Case, town: Town
) -> None:
    page = done(ana, f"/cases/{maria.id}/resolution")
    town.writes("101", "¿Hola?", minutes_ago=1)
    before = stored(desk, maria)
    answer = ana.post(way_back(page))
    assert answer.status_code == 409
    assert CHANGED in answer.text
    assert stored(desk, maria) == before


def test_a_case_goes_back_to_whoever_had_it(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/assignment", to="me")
    undone(ana, page)
    assert on_it(desk, maria) is None
    ben = signed_in("ben")
    done(ana, f"/cases/{maria.id}/assignment", to="me")
    page = done(ben, f"/cases/{maria.id}/assignment", to="me")
    assert "Ben Okoro gave the case to" in undone(ben, page)
    assert on_it(desk, maria) == cast.ana.id
    page = done(ana, f"/cases/{maria.id}/assignment", to="nobody")
    undone(ana, page)
    assert on_it(desk, maria) == cast.ana.id


def test_a_case_that_a_colleague_has_taken_since_is_left_to_him(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/assignment", to="me")
    done(signed_in("ben"), f"/cases/{maria.id}/assignment", to="me")
    answer = ana.post(way_back(page))
    assert answer.status_code == 409
    assert CHANGED in answer.text
    assert on_it(desk, maria) == cast.ben.id


def test_nobody_undoes_what_another_did(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/assignment", to="me")
    answer = signed_in("ben").post(way_back(page))
    assert answer.status_code == 409
    assert "Only who did this can take it back." in answer.text
    assert f'data-case="{maria.id}"' in answer.text
    with desk.database.reading() as session:
        assert [each.kind for each in audit.newest(session) if each.kind in (REFUSED, ANOTHERS)] == []
    assert on_it(desk, maria) == cast.ana.id


def test_the_second_press_changes_nothing(ana: TestClient, desk: Desk, maria: Case) -> None:
    page = done(ana, f"/cases/{maria.id}/priority", priority="high")
    undone(ana, page)
    before = stored(desk, maria)
    assert ana.post(way_back(page)).status_code == 409
    assert stored(desk, maria) == before


def test_what_never_happened_to_that_case_is_not_undone(
    ana: TestClient, desk: Desk, maria: Case, kenji: Case
) -> None:
    page = done(ana, f"/cases/{maria.id}/assignment", to="me")
    elsewhere = way_back(page).replace(f"/cases/{maria.id}/", f"/cases/{kenji.id}/")
    assert ana.post(elsewhere).status_code == 404
    with desk.database.reading() as session:
        (opened,) = (each for each in history.of_case(session, maria.id or 0) if each.kind == "opened")
    assert ana.post(f"/cases/{maria.id}/events/{opened.id}/undoing").status_code == 409


def test_an_undone_correction_says_so_in_the_history(ana: TestClient, desk: Desk, maria: Case) -> None:
    page = undone(ana, done(ana, f"/cases/{maria.id}/language", language="pt"))
    assert "Ana Horvat took the correction back: the language is Spanish again" in page
    with desk.database.transaction() as session:
        session.get_one(Case, maria.id).topic = None
    page = undone(ana, done(ana, f"/cases/{maria.id}/topic", topic="returns_and_refunds"))
    assert "Ana Horvat took the topic back: none is told" in page
    done(ana, f"/cases/{maria.id}/topic", topic="returns_and_refunds")
    page = undone(ana, done(ana, f"/cases/{maria.id}/topic", topic="other"))
    assert "took the correction back: the topic is Returns and refunds again" in page


def test_undoing_a_second_correction_brings_the_first_one_back(
    ana: TestClient, signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    done(ana, f"/cases/{maria.id}/language", language="pt")
    done(ana, f"/cases/{maria.id}/topic", topic="returns_and_refunds")
    before = stored(desk, maria)
    ben = signed_in("ben")
    undone(ben, done(ben, f"/cases/{maria.id}/language", language="it"))
    undone(ben, done(ben, f"/cases/{maria.id}/topic", topic="other"))
    assert stored(desk, maria) == before


def test_a_language_that_the_customer_has_shown_since_stays(ana: TestClient, desk: Desk, maria: Case) -> None:
    page = done(ana, f"/cases/{maria.id}/language", language="pt")
    arrive(
        desk, post("101", "Obrigado, mas onde está a minha encomenda?", conversation="conversation-of-101")
    )
    before = stored(desk, maria)
    assert ana.post(way_back(page)).status_code == 409
    assert stored(desk, maria) == before


def test_a_tag_is_put_on_and_taken_off_again(ana: TestClient, desk: Desk, maria: Case) -> None:
    def tags() -> list[str]:
        with desk.database.reading() as session:
            return [tag.name for tag in session.get_one(Case, maria.id).tags]

    undone(ana, done(ana, f"/cases/{maria.id}/tags", tag="parcel"))
    assert tags() == []
    with desk.database.transaction() as session:
        held = cases.hold(session, maria.id or 0)
        tag = tagging.add(session, held, "vip", by=None)
    undone(ana, done(ana, f"/cases/{maria.id}/tags/{tag.id}/removal"))
    assert tags() == ["vip"]
    page = done(ana, f"/cases/{maria.id}/tags/{tag.id}/removal")
    done(ana, f"/cases/{maria.id}/tags", tag="other")
    undone(ana, page)
    assert sorted(tags()) == ["other", "vip"]


def test_a_case_that_was_woken_sleeps_again_till_the_same_moment(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        moment = snoozing.moment(Until.HOUR, UTC)
        snoozing.snooze(cases.hold(session, maria.id or 0), moment, by=cast.ben)
    before = stored(desk, maria)
    undone(ana, done(ana, f"/cases/{maria.id}/waking"))
    assert stored(desk, maria) == before


def test_a_discarded_draft_is_there_again_and_waits_if_it_did(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        draft = drafts.write(session, cases.hold(session, maria.id or 0), text="Lo miramos.", by=cast.ben)
    page = undone(ana, done(ana, f"/replies/{draft.id}/cancellation"))
    assert ">Lo miramos.</textarea>" in page
    assert "Ana Horvat brought a discarded draft back" in page
    page = done(ana, f"/replies/{draft.id}/cancellation")
    with desk.database.transaction() as session:
        drafts.write(session, cases.hold(session, maria.id or 0), text="Otro.", by=cast.ben)
    assert ana.post(way_back(page)).status_code == 409
    with desk.database.reading() as session:
        assert [each.state for each in session.exec(select(Reply).order_by(Reply.id))] == [  # type: ignore[arg-type]
            State.CANCELLED,
            State.DRAFT,
        ]


def test_an_old_sentence_offers_to_undo_nothing_else(ana: TestClient, maria: Case) -> None:
    """Two windows: what the one tells was followed by something else in the other."""
    done(ana, f"/cases/{maria.id}/priority", priority="high")
    done(ana, f"/cases/{maria.id}/priority", priority="urgent")
    page = ana.get(f"/cases/{maria.id}?done=priority_high-{maria.id}").text
    assert "The priority is high now." in page
    assert UNDO.search(page) is None


def snoozed(browser: TestClient, case: Case, until: str) -> str:
    return done(browser, f"/cases/{case.id}/snoozing", until=until, zone="Europe/Rome")


def test_a_case_that_was_awake_is_awake_again(ana: TestClient, desk: Desk, maria: Case) -> None:
    page = snoozed(ana, maria, "hour")
    undone(ana, page)
    assert aside_until(desk, maria) is None
    assert ana.post(way_back(page)).status_code == 409


def test_an_old_event_that_tells_of_no_moment_before_wakes(ana: TestClient, desk: Desk, maria: Case) -> None:
    snoozed(ana, maria, "monday")
    page = snoozed(ana, maria, "hour")
    with desk.database.transaction() as session:
        query = select(CaseEvent).where(CaseEvent.kind == "snoozed")
        for event in session.exec(query):
            event.told = json.dumps({"until": event.details["until"]})
    undone(ana, page)
    assert aside_until(desk, maria) is None


def test_a_moment_that_was_moved_since_stays(
    ana: TestClient, signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    page = snoozed(ana, maria, "hour")
    snoozed(signed_in("ben"), maria, "monday")
    before = stored(desk, maria)
    assert ana.post(way_back(page)).status_code == 409
    assert stored(desk, maria) == before


def aside_until(desk: Desk, case: Case) -> datetime | None:
    with desk.database.reading() as session:
        return session.get_one(Case, case.id).snoozed_until
