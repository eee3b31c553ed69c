"""What an incident tells everybody is nobody's own reply, and nobody's first response."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlmodel import Session, select

from socialdesk import clock
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.figures import behind, own, reports
from socialdesk.figures.asking import Asked
from socialdesk.figures.behind import Figure, Number
from socialdesk.figures.reports import LanguageFigures
from socialdesk.figures.waits import Wait
from socialdesk.incidents.incidents import Ending
from socialdesk.sandbox import World
from socialdesk.workers.line import Line
from tests.conftest import Cast
from tests.outgoing import approve, send_all
from tests.test_incident_endings import close, closing_replies, several_held
from tests.test_incidents import ask, tend_on
from tests.test_rollups import kept_is_right

EVER = Asked(None, None)


def line_of_all(session: Session) -> LanguageFigures:
    return reports.total(reports.by_language(session))


def times(session: Session, figure: Figure) -> int:
    number = Number(figure, EVER)
    case_ids = [case.id or 0 for case, _ in behind.cases(session, number)]
    return sum(behind.times(session, number, case_ids).values())


def test_holding_and_closing_replies_are_the_incidents_and_not_the_supervisors(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    incident = several_held(x_desk, line, world, cast)
    close(x_desk, cast, incident, Ending.RESOLVE)
    tend_on(x_desk, 10)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        send_all(line)
    assert [each.state for each in closing_replies(x_desk)] == ["sent"] * 3
    with x_desk.database.reading() as session:
        found = line_of_all(session)
        assert (found.replies, found.unchanged, found.automated) == (0, 0, 6)
        assert found.responses.number == found.unanswered == 0
        assert session.exec(select(Wait)).all() == []
        assert own.by_person(session, EVER) == {}
        assert set(session.exec(select(Case.first_response_at))) == {None}
        assert (times(session, Figure.REPLIES), times(session, Figure.AUTOMATED)) == (0, 6)
        assert times(session, Figure.UNCHANGED) == 0
    assert kept_is_right(x_desk)


def test_a_persons_answer_beside_them_is_a_persons(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    several_held(x_desk, line, world, cast)
    ask(world, line, "ingrid")
    approve(x_desk, "maria", cast.ana)
    send_all(line)
    with x_desk.database.reading() as session:
        found = line_of_all(session)
        assert (found.replies, found.automated) == (1, 3)
        assert found.responses.number - found.unanswered == 1
        assert {agent_id: work.answered for agent_id, work in own.by_person(session, EVER).items()} == {
            cast.ana.id: 1
        }
    assert kept_is_right(x_desk)
