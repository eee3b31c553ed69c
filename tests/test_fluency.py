"""Who only reads a language answers in it in public with templates alone, unless a supervisor lets it go."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from socialdesk import cases, replies
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import BadInput, Guarded
from socialdesk.guards import Kind
from socialdesk.messages import Visibility
from socialdesk.people import skills
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, drafts
from tests.conftest import Cast
from tests.stories import MARIA, all_cases, arrive, post

WORDS = "Lo sentimos, lo miramos ahora mismo."


@pytest.fixture
def of_maria(desk: Desk) -> int:
    """Her public question, in Spanish."""
    arrive(desk, post(MARIA))
    with desk.database.reading() as session:
        (case,) = all_cases(session)
        return case.id or 0


def knows(desk: Desk, agent: Agent, **levels: str) -> None:
    with desk.database.transaction() as session:
        skills.learn(session, session.get_one(Agent, agent.id), levels)


def written(
    desk: Desk, case_id: int, by: Agent, text: str = WORDS, visibility: Visibility = Visibility.PUBLIC
) -> int:
    with desk.database.transaction() as session:
        case = cases.hold(session, case_id)
        return drafts.write(session, case, text=text, by=by, visibility=visibility).id or 0


def approve(session: Session, desk: Desk, reply_id: int, by: Agent, **more: object) -> Reply:
    reply = replies.find(session, reply_id)
    settings, library = desk.settings, desk.library
    approvals.approve(session, reply, by=by, library=library, settings=settings, **more)  # type: ignore[arg-type]
    return reply


@pytest.mark.parametrize("levels", [{"es": "reads"}, {"es": "none"}, {"de": "writes"}])
def test_own_words_in_public_wait_for_somebody_who_writes_the_language(
    desk: Desk, cast: Cast, of_maria: int, levels: dict[str, str]
) -> None:
    knows(desk, cast.ana, **levels)
    reply_id = written(desk, of_maria, cast.ana)
    told = "Ana Horvat is not known to write Spanish"
    with pytest.raises(Guarded, match=told) as refused, desk.database.transaction() as session:
        approve(session, desk, reply_id, cast.ana)
    assert (refused.value.kinds, refused.value.may_override) == ([Kind.FLUENCY], [])
    knows(desk, cast.ben, es="writes")
    with desk.database.transaction() as session:
        assert approve(session, desk, reply_id, cast.ben).state == State.APPROVED


def test_a_supervisor_lets_it_go_with_a_reason(desk: Desk, cast: Cast, of_maria: int) -> None:
    knows(desk, cast.ana, es="reads")
    knows(desk, cast.sofia, es="reads")
    reply_id = written(desk, of_maria, cast.ana)
    aside = {"overrides": [Kind.FLUENCY.value]}
    with pytest.raises(BadInput, match="Say why"), desk.database.transaction() as session:
        approve(session, desk, reply_id, cast.sofia, **aside)
    with desk.database.transaction() as session:
        reply = approve(session, desk, reply_id, cast.sofia, **aside, reason="A friend of hers has read it.")
        assert reply.state == State.APPROVED


def test_a_desk_that_records_no_languages_holds_nobody_back(desk: Desk, cast: Cast, of_maria: int) -> None:
    knows(desk, cast.ben, es="writes")
    reply_id = written(desk, of_maria, cast.ana)
    with desk.database.transaction() as session:
        assert approve(session, desk, reply_id, cast.ana).state == State.APPROVED


def test_a_templates_own_words_and_who_writes_the_language_are_not_held_back(
    desk: Desk, cast: Cast, of_maria: int
) -> None:
    knows(desk, cast.ana, es="reads")
    with desk.database.transaction() as session:
        case = cases.hold(session, of_maria)
        maria = session.get_one(Customer, case.customer_id)
        text = drafts.from_template(
            desk.library, "acknowledge", language="es", visibility=Visibility.PUBLIC, customer=maria
        )
        reply = drafts.write(session, case, text=text, by=cast.ana, template_id="acknowledge")
        assert approve(session, desk, reply.id or 0, cast.ana).state == State.APPROVED
    knows(desk, cast.ben, es="writes")
    other = written(desk, of_maria, cast.ben)
    with desk.database.transaction() as session:
        assert approve(session, desk, other, cast.ben).state == State.APPROVED
