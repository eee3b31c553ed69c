"""The public door for posts that X does not let us answer, or may not: open, open with a warning, or shut."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from httpx2 import Response
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.messages import Message, Unrepliable, Visibility
from socialdesk.replies import Reply, State
from tests.console.conftest import Visitor
from tests.console.forms import composer
from tests.stories import arrive, post

MAY_REFUSE = "X may refuse a public answer to that post"
WOULD_REFUSE = "X would refuse a public answer to that post"
PUBLIC_DOOR = 'name="as" value="public"'
LET_GO = 'name="confirm" value="not_repliable"'
SORRY = "Lo sentimos mucho, lo estamos mirando ahora mismo."


def write_without_mention(desk: Desk, why: Unrepliable, text: str = "¿Y mi paquete?") -> int:
    said = post("101", text, minutes=-20, conversation="conversation-of-101")
    arrive(desk, replace(said, not_repliable=why))
    with desk.database.reading() as session:
        return session.exec(select(Case.id)).one() or 0


@pytest.fixture
def carried(desk: Desk) -> int:
    """The case of a customer whose only post has our name from the thread alone."""
    return write_without_mention(desk, Unrepliable.CARRIED_OVER)


@pytest.fixture
def unasked(desk: Desk) -> int:
    """The case of a customer whose only post does not name us."""
    return write_without_mention(desk, Unrepliable.NOT_MENTIONED)


def the_reply(desk: Desk) -> Reply:
    with desk.database.reading() as session:
        return session.exec(select(Reply)).one()


def typed(agent: TestClient, case_id: int, text: str, visibility: str = "public") -> str:
    answer = agent.post("/fit", json={"case": case_id, "text": text, "as": visibility})
    assert answer.status_code == 200
    return unescape(answer.text)


def send(agent: TestClient, case_id: int, form: dict[str, str], **pressed: str | list[str]) -> Response:
    return agent.post(f"/cases/{case_id}/replies", data=form | pressed)


def test_what_x_may_refuse_can_be_tried_by_approving_once_more(
    ana: TestClient, desk: Desk, carried: int
) -> None:
    page = ana.get(f"/cases/{carried}")
    assert "X may refuse a public answer: it only carried our name over from the thread</p>" in page.text
    form = composer(page) | {"text": SORRY}
    assert form["as"] == "public"

    refused = send(ana, carried, form, approve="true")
    assert refused.status_code == 422
    assert MAY_REFUSE in unescape(refused.text)
    again = composer(refused)
    assert (again["as"], again["text"]) == ("public", SORRY)
    assert LET_GO in refused.text

    assert send(ana, carried, again, confirm="not_repliable").status_code == 303
    reply = the_reply(desk)
    assert (reply.state, reply.visibility) == (State.APPROVED, Visibility.PUBLIC)
    with desk.database.reading() as session:
        assert "guard_overridden" in [event.kind for event in cases.events(session, carried)]


def test_what_x_may_refuse_is_told_while_it_is_typed(ana: TestClient, carried: int) -> None:
    page = typed(ana, carried, SORRY)
    assert MAY_REFUSE in page
    assert LET_GO in page
    assert "not_repliable" not in typed(ana, carried, SORRY, "private")


def test_beside_another_objection_both_are_ticked(ana: TestClient, desk: Desk, carried: int) -> None:
    text = f"{SORRY} Mire https://example.com"
    page = typed(ana, carried, text)
    assert 'name="override" value="not_repliable"' in page
    assert LET_GO not in page

    form = composer(ana.get(f"/cases/{carried}")) | {"text": text}
    refused = send(ana, carried, form, approve="true", override="not_repliable")
    assert refused.status_code == 422
    assert composer(refused)["override"] == "not_repliable"
    ticked = ["not_repliable", "link"]
    assert send(ana, carried, composer(refused), approve="true", override=ticked).status_code == 303
    assert the_reply(desk).state == State.APPROVED


def test_what_a_supervisor_has_to_decide_takes_the_rest_along(
    signed_in: Visitor, desk: Desk, carried: int
) -> None:
    text = f"{SORRY} Llámenos al +34 612 345 678"
    hers, supervisors = typed(signed_in("ana"), carried, text), typed(signed_in("sofia"), carried, text)
    assert 'name="ask"' in hers
    assert LET_GO not in hers
    assert 'name="override"' not in hers
    assert 'name="override" value="not_repliable"' in supervisors


def test_a_post_that_x_lets_us_answer_is_answered_rather(ana: TestClient, desk: Desk, maria: Case) -> None:
    write_without_mention(desk, Unrepliable.CARRIED_OVER)

    page = ana.get(f"/cases/{maria.id}")
    assert "the newest that X lets us answer" in page.text
    assert "not_repliable" not in typed(ana, maria.id or 0, SORRY)
    assert send(ana, maria.id or 0, composer(page) | {"text": SORRY}, approve="true").status_code == 303
    with desk.database.reading() as session:
        answered = session.get_one(Message, the_reply(desk).answers_id)
        assert answered.not_repliable is None


def test_of_others_that_which_x_only_may_refuse_is_answered(ana: TestClient, desk: Desk) -> None:
    case_id = write_without_mention(desk, Unrepliable.CARRIED_OVER)
    write_without_mention(desk, Unrepliable.NOT_MENTIONED, "Sigo esperando.")

    page = ana.get(f"/cases/{case_id}").text
    assert PUBLIC_DOOR in page
    assert "the newest that X lets us answer" not in page
    assert MAY_REFUSE in typed(ana, case_id, SORRY)


def test_where_x_certainly_refuses_the_door_is_shut_with_its_reason_and_what_to_do(
    ana: TestClient, desk: Desk, unasked: int
) -> None:
    page = unescape(ana.get(f"/cases/{unasked}").text)
    assert PUBLIC_DOOR not in page
    shut = page[page.index('id="shut"') : page.index("</p>", page.index('id="shut"'))]
    assert f"{WOULD_REFUSE}: the customer did not mention us in it. Write a direct message" in shut
    assert "stands here as a direct message now" not in shut
    assert composer(ana.get(f"/cases/{unasked}"))["as"] == "private"


def test_the_shut_door_leads_to_the_post_on_x(ana: TestClient, desk: Desk, maria: Case) -> None:
    with desk.database.transaction() as session:
        stored = session.exec(select(Message)).one()
        stored.not_repliable = Unrepliable.NOT_MENTIONED
        x_id = stored.x_id
    page = ana.get(f"/cases/{maria.id}").text
    shut = page[page.index('id="shut"') :]
    assert f"/maria/status/{x_id}" in shut[: shut.index("</p>")]


def test_words_for_a_door_that_is_shut_are_not_turned_in_silence(
    ana: TestClient, desk: Desk, unasked: int
) -> None:
    form = composer(ana.get(f"/cases/{unasked}")) | {"as": "public", "text": SORRY}
    refused = send(ana, unasked, form, approve="true")
    assert refused.status_code == 422
    assert WOULD_REFUSE in unescape(refused.text)
    assert "approve once more" not in refused.text
    assert "What was written for the public stands here as a direct message now." in refused.text
    assert composer(refused)["text"] == SORRY
    with desk.database.reading() as session:
        assert session.exec(select(Reply)).all() == []


def test_what_x_certainly_refuses_is_told_while_it_is_typed_and_cannot_be_tried(
    ana: TestClient, sofia: TestClient, unasked: int
) -> None:
    for agent in (ana, sofia):
        page = typed(agent, unasked, SORRY)
        assert WOULD_REFUSE in page
        assert 'name="move" value="private"' in page
        assert "Confirm and approve" not in page
        assert 'name="override"' not in page


def test_a_direct_message_needs_no_door_to_be_told_shut(ana: TestClient, kenji: Case) -> None:
    page = ana.get(f"/cases/{kenji.id}").text
    assert PUBLIC_DOOR not in page
    assert 'id="shut"' not in page
