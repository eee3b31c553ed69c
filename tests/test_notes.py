"""Internal notes: for colleagues only, kept, found, and calling people by name."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import Session, select

from socialdesk import cases, clock, counts, messages, replies, search
from socialdesk.accounts import Account
from socialdesk.cases import Case, Status
from socialdesk.casework import naming, notes
from socialdesk.casework.notes import Mention, Note
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, NotAllowed
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Membership
from socialdesk.placing import merging
from socialdesk.replying import drafts
from socialdesk.worklists import queues
from socialdesk.worklists.queues import Cases
from tests.conftest import Cast
from tests.stories import MARIA, arrive, post


@pytest.fixture
def of_maria(desk: Desk) -> int:
    arrive(desk, post(MARIA))
    return 1


def note(desk: Desk, case_id: int, text: str, by: Agent) -> int:
    with desk.database.transaction() as session:
        return notes.write(session, cases.hold(session, case_id), text, by=by).id or 0


def number(session: Session, agent: Agent) -> int:
    return queues.numbers(session, Cases.WAITING, agent=agent.id).by_list[Cases.MENTIONS]


def test_a_note_is_no_answer_and_makes_no_draft_stale(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        drafts.write(session, cases.hold(session, of_maria), text="Lo sentimos.", by=cast.ana)
    note(desk, of_maria, "The carrier says Thursday.", cast.ben)
    with desk.database.transaction() as session:
        case = cases.find(session, of_maria)
        replies.approve(session, replies.of_case(session, of_maria)[0], by=cast.ana)
        assert case.status == Status.WAITING
        assert case.first_response_at is None
        assert [each.ours for each in messages.of_case(session, of_maria)] == [False]


def test_whoever_is_called_finds_the_case_until_it_is_read(desk: Desk, cast: Cast, of_maria: int) -> None:
    note(desk, of_maria, "@ben, can you ask the carrier? And @BEN again, @nobody.", cast.ana)
    with desk.database.reading() as session:
        assert (number(session, cast.ben), number(session, cast.ana)) == (1, 0)
        rows = queues.page(session, Cases.MENTIONS, agent=cast.ben.id).rows
        assert [case.id for case, _ in rows] == [of_maria]
        assert notes.of_case(session, of_maria, reader=cast.ben).calls
        assert not notes.of_case(session, of_maria, reader=cast.sofia).calls
    with desk.database.transaction() as session:
        notes.read(session, of_maria, by=cast.ben)
    with desk.database.transaction() as session:
        assert number(session, cast.ben) == 0
        assert queues.page(session, Cases.MENTIONS, agent=cast.ben.id).rows == []
        assert counts.rebuild(session)


def test_only_who_may_see_the_case_can_be_called(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).disabled_at = clock.now()
    note(desk, of_maria, "@sofia and @ana: look", cast.ana)
    with desk.database.reading() as session:
        assert session.exec(select(Mention)).all() == []


def test_who_works_for_another_account_is_not_called(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        other = _another_account(session)
        session.add(Membership(agent_id=cast.ben.id or 0, account_id=other, role="agent"))
    note(desk, of_maria, "@ben look", cast.ana)
    with desk.database.reading() as session:
        assert session.exec(select(Mention)).all() == []


def _another_account(session: Session) -> int:
    account = Account(handle="NorthwindOther", credentials="OTHER", enrolled_at=clock.now())
    session.add(account)
    session.flush()
    return account.id or 0


def test_notes_are_found_as_they_are_now(desk: Desk, cast: Cast, of_maria: int) -> None:
    def found(words: str) -> list[str]:
        with desk.database.reading() as session:
            return [hit.source for hit in search.find(session, words).hits]

    written = note(desk, of_maria, "The carrier calls it a hippopotamus crate.", cast.ana)
    assert found("hippopotamus") == ["note"]
    with desk.database.transaction() as session:
        notes.edit(session, written, "The carrier calls it a giraffe crate.", by=cast.ana)
    assert (found("hippopotamus"), found("giraffe")) == ([], ["note"])
    with desk.database.transaction() as session:
        notes.remove(session, written, by=cast.ana)
    assert found("giraffe") == []


def test_an_edited_note_keeps_what_it_said_and_a_deleted_one_leaves_a_sign(
    desk: Desk, cast: Cast, of_maria: int
) -> None:
    written = note(desk, of_maria, "Thursday", cast.ana)
    with desk.database.transaction() as session:
        notes.edit(session, written, "Friday", by=cast.ana)
    with desk.database.reading() as session:
        noted = notes.of_case(session, of_maria, reader=cast.ben)
        assert ([each.text for each in noted.notes], noted.before) == (["Friday"], {written: ["Thursday"]})
    with desk.database.transaction() as session:
        notes.remove(session, written, by=cast.ana)
    with desk.database.transaction() as session:
        noted = notes.of_case(session, of_maria, reader=cast.ben)
        assert [(each.text, each.deleted_at is not None) for each in noted.notes] == [("", True)]
        assert noted.before == {}
        with pytest.raises(AlreadyDone):
            notes.edit(session, written, "Saturday", by=cast.ana)


def test_only_its_author_changes_a_note(desk: Desk, cast: Cast, of_maria: int) -> None:
    written = note(desk, of_maria, "Thursday", cast.ana)
    with desk.database.transaction() as session:
        with pytest.raises(NotAllowed):
            notes.edit(session, written, "Never", by=cast.sofia)
        with pytest.raises(NotAllowed):
            notes.remove(session, written, by=cast.sofia)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001])
def test_a_note_has_words_and_not_too_many(desk: Desk, cast: Cast, of_maria: int, text: str) -> None:
    with desk.database.transaction() as session, pytest.raises(BadInput):
        notes.write(session, cases.hold(session, of_maria), text, by=cast.ana)


def test_notes_follow_a_merge_and_come_back(desk: Desk, cast: Cast, of_maria: int) -> None:
    arrive(desk, post(MARIA, minutes=5))
    written = note(desk, 2, "@ben this is the second parcel", cast.ana)
    with desk.database.transaction() as session:
        merging.merge(session, 1, 2, by=cast.ana)
    with desk.database.transaction() as session:
        assert [each.id for each in notes.of_case(session, 1, reader=cast.ben).notes] == [written]
        assert [case.id for case, _ in queues.page(session, Cases.MENTIONS, agent=cast.ben.id).rows] == [1]
        assert counts.rebuild(session)
    with desk.database.transaction() as session:
        merging.unmerge(session, 2, by=cast.ana)
    with desk.database.reading() as session:
        assert session.get_one(Case, 2).merged_into_id is None
        assert [each.id for each in notes.of_case(session, 2, reader=cast.ben).notes] == [written]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ben.", ["ben"]),
        ("(@ana-maria)", ["ana-maria"]),
        ("mail a@b.org", []),
        ("@Ben @ben", ["ben"]),
        ("no one", []),
    ],
)
def test_user_names_are_told_from_other_words(text: str, names: list[str]) -> None:
    assert naming.called_in(text) == names


def written(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list(session.exec(select(Note.text).order_by(Note.id)))  # type: ignore[arg-type]


def test_a_note_that_is_sent_twice_is_there_once(desk: Desk, cast: Cast, of_maria: int) -> None:
    first = note(desk, of_maria, "@ben: the carrier says Thursday.", cast.ana)
    assert note(desk, of_maria, " @ben: the carrier says Thursday.\n", cast.ana) == first
    assert written(desk) == ["@ben: the carrier says Thursday."]
    with desk.database.reading() as session:
        assert [each.kind for each in cases.events(session, of_maria)].count("noted") == 1


def test_a_note_that_is_sent_four_times_at_once_is_there_once(desk: Desk, cast: Cast, of_maria: int) -> None:
    together = threading.Barrier(4)

    def send() -> None:
        together.wait()
        note(desk, of_maria, "The carrier says Thursday.", cast.ana)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert written(desk) == ["The carrier says Thursday."]


def test_the_same_words_are_another_note_of_somebody_else_in_another_case_or_later(
    desk: Desk, cast: Cast, of_maria: int
) -> None:
    arrive(desk, post(MARIA, minutes=5))
    first = note(desk, of_maria, "Rang.", cast.ana)
    assert note(desk, of_maria, "Rang.", cast.ben) != first
    assert note(desk, 2, "Rang.", cast.ana) != first
    with time_machine.travel(clock.now() + notes.ONCE_WITHIN + timedelta(seconds=1)):
        later = note(desk, of_maria, "Rang.", cast.ana)
    assert later != first
    with desk.database.transaction() as session:
        notes.remove(session, first, by=cast.ana)
    assert len(written(desk)) == 4


def test_the_names_in_a_note_are_looked_up_together(desk: Desk, cast: Cast, of_maria: int) -> None:
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    names: Any = " ".join(f"@nobody{number}" for number in range(40))
    note(desk, of_maria, f"{names} @ben", cast.ana)
    assert sum("FROM agents" in each for each in asked) == 1
    with desk.database.reading() as session:
        assert [each.agent_id for each in session.exec(select(Mention))] == [cast.ben.id]


def test_a_note_calls_only_so_many(desk: Desk, cast: Cast, of_maria: int) -> None:
    names = " ".join(f"@nobody{number}" for number in range(1_800))
    with pytest.raises(BadInput, match="at most 50 people"):
        note(desk, of_maria, names[:9_900], cast.ana)
    assert written(desk) == []
