"""What other people write in a case's conversation is read beside it: bounded, and not as the customer's."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.customers import Customer, Profile, learn
from socialdesk.desk import Desk
from socialdesk.messages import Message
from socialdesk.placing import merging
from socialdesk.worklists import bystanders, dossiers, glances
from socialdesk.worklists.bystanders import Crowd
from tests.conftest import Cast
from tests.people import another_account
from tests.stories import US, arrive, direct_message, post

MARIA = "2001"


@pytest.fixture
def conversation(desk: Desk) -> None:
    """@maria asks twice, somebody else between, and we answer her."""
    arrive(
        desk,
        post(MARIA, "¿Dónde está mi paquete?", minutes=0, conversation="c"),
        post("3001", "Mine is late, too", minutes=1, conversation="c"),
        post(US, "Lo miramos.", minutes=2, conversation="c", to=MARIA),
        post(MARIA, "¿Hola?", minutes=3, conversation="c"),
    )


def case_of(session: Session, x_id: str) -> Case:
    query = select(Case).join(Customer, col(Customer.id) == Case.customer_id)
    return session.exec(query.where(Customer.x_id == x_id).order_by(col(Case.id))).first() or Case()


def read(desk: Desk, x_id: str = MARIA) -> tuple[list[str], Crowd]:
    with desk.database.reading() as session:
        said, crowd = bystanders.thread_of(session, case_of(session, x_id))
    return [each.text for each in said], crowd


def told(crowd: Crowd) -> list[tuple[str, str]]:
    return [(each.who, each.message.text) for each in crowd.posts]


def test_their_posts_come_beside_the_thread_and_the_thread_is_whole(desk: Desk, conversation: None) -> None:
    with desk.database.transaction() as session:
        learn(session, [Profile("3001", "otto", "Otto")])
    said, crowd = read(desk)
    assert said == ["¿Dónde está mi paquete?", "Lo miramos.", "¿Hola?"]
    assert told(crowd) == [("@otto", "Mine is late, too")]
    assert (crowd.cut, crowd.others, crowd.uncounted) == (False, 0, False)
    assert told(read(desk, "3001")[1]) == [("user 2001", "¿Dónde está mi paquete?"), ("user 2001", "¿Hola?")]


def test_what_we_told_them_and_what_they_wrote_elsewhere_or_in_private_is_not_among_it(
    desk: Desk, conversation: None
) -> None:
    arrive(
        desk,
        post(US, "We look into it.", minutes=4, conversation="c", to="3001"),
        post("3001", "And my other parcel?", minutes=5, conversation="d"),
        direct_message("3001", "My number is 12", minutes=6),
    )
    assert [text for _, text in told(read(desk)[1])] == ["Mine is late, too"]


def test_another_accounts_cases_are_none(desk: Desk, conversation: None) -> None:
    other = another_account(desk.database)
    with desk.database.transaction() as session:
        theirs = case_of(session, "3001")
        theirs.account_id = other
        for message in session.exec(select(Message).where(Message.case_id == theirs.id)):
            message.account_id = other
    assert read(desk)[1] == Crowd()


def test_what_was_merged_is_found_where_it_went(desk: Desk, cast: Cast, conversation: None) -> None:
    arrive(desk, post("3001", "Another matter", minutes=-60, conversation="d"))
    with desk.database.transaction() as session:
        theirs = select(Case.id).join(Customer, col(Customer.id) == Case.customer_id)
        first, second = session.exec(theirs.where(Customer.x_id == "3001")).all()
        older, _newer = merging.merge(session, first or 0, second or 0, by=cast.ben)
        into = older.id
    (only,) = read(desk)[1].posts
    assert (only.message.text, only.message.case_id) == ("Mine is late, too", into)


def test_of_a_crowd_the_newest_are_read_and_the_others_counted(desk: Desk, conversation: None) -> None:
    arrive(
        desk,
        *(post(str(4000 + n), f"Me too {n}", minutes=10 + n, conversation="c") for n in range(70)),
        *(post("4069", f"Again {n}", minutes=100 + n, conversation="c") for n in range(5)),
    )
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    said, crowd = read(desk)
    assert len([each for each in asked if each.startswith("SELECT")]) == 2  # the case, and all that
    assert len(said) == 3
    assert len(crowd.posts) == bystanders.MOST
    assert crowd.posts[-1].message.text == "Again 4"
    assert crowd.posts[0].message.text == "Me too 25"
    assert (crowd.cut, crowd.others, crowd.uncounted) == (True, 71 - 45, False)


def test_a_case_is_opened_with_the_last_notes_of_the_customers_other_cases(
    desk: Desk, cast: Cast, conversation: None
) -> None:
    others = ("d", "e", "f", "g")
    arrive(
        desk, *(post(MARIA, "Otra cosa", minutes=60 + n, conversation=each) for n, each in enumerate(others))
    )
    with desk.database.transaction() as session:
        this = case_of(session, MARIA).id or 0
        rest = session.exec(select(Case).where(Case.id != this, Case.conversation_id != "c")).all()
        notes.write(session, case_of(session, MARIA), "Of this one", by=cast.ana)
        for each in rest:
            notes.write(session, each, f"First of {each.conversation_id}", by=cast.ana)
        for each in rest:
            last = notes.write(session, each, f"Last of {each.conversation_id}", by=cast.ben)
        notes.remove(session, last.id or 0, by=cast.ben)
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with desk.database.reading() as session:
        around = dossiers.opened(session, this).beside
    assert len([each for each in asked if each.startswith("SELECT")]) == 1
    assert [note.text for _, note in around.noted] == ["Last of f", "Last of e", "Last of d"]
    assert [case.conversation_id for case in around.own] == ["g", "f", "e", "d", "c"]
    assert not around.more


def test_a_glance_reads_the_end_of_the_thread_alone(desk: Desk, cast: Cast, conversation: None) -> None:
    arrive(desk, *(post(MARIA, f"Palabra {n}", minutes=10 + n, conversation="c") for n in range(30)))
    with desk.database.transaction() as session:
        case = case_of(session, MARIA)
        for n in range(7):
            notes.write(session, case, f"Note {n}", by=cast.ana)
    with desk.database.reading() as session:
        seen = glances.of_case(session, case.id or 0)
    assert [each.text for each in seen.said] == [f"Palabra {n}" for n in range(10, 30)]
    assert seen.earlier
    assert [each.text for each in seen.noted] == [f"Note {n}" for n in range(2, 7)]
