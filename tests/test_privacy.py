"""A person's data: exported whole, erased without a trace, and never taken in again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import AutoString, Session, select

from socialdesk import audit, cases, customers, history, intake, replies, search, unplaced
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.customers import Customer, Profile
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, Conflict, NotFound, SettingsError
from socialdesk.figures import recount
from socialdesk.messages import Incoming, Message, Visibility
from socialdesk.people.agents import Agent
from socialdesk.placing import vanishing
from socialdesk.polling import quarantine, walks
from socialdesk.polling.cursors import Channel
from socialdesk.polling.quarantine import Rejected
from socialdesk.privacy import erasing, exporting, tombstones
from socialdesk.privacy.tombstones import Tombstone
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, jottings, outbox
from socialdesk.replying.jottings import Jotted, Place
from socialdesk.tables import METADATA
from socialdesk.unplaced import Why
from tests.conftest import Cast, settings_of
from tests.people import hire
from tests.program import Program
from tests.stories import NOON, arrive, direct_message, post

ROSA, HANDLE, NAME = "7700112233445566", "rosa_quitte", "Rosalinde Quittner"
OTHER = "7700112233449999"
# One word of its own for each place that holds words.
SAID = {
    "public": "Dóndequedó mi zwetschge, pedido con retraso",
    "before": "Dóndequedó mi mirabelle",
    "private": "アカウント holunder にログインできません",
    "retweet": "RT: schlehe",
    "unreadable": "sanddorn",
}
OURS = {"sent": "Vogelbeere enviada, gracias", "held": "Berberitze espera"}
DESKS = {"note": "kornelkirsche", "edited": "maulbeere", "unsaved": "felsenbirne", "why": "weissdorn"}
WORDS = (
    "zwetschge",
    "mirabelle",
    "holunder",
    "schlehe",
    "sanddorn",
    "vogelbeere",
    "berberitze",
    *DESKS.values(),
)


@pytest.fixture
def olga(database: Database, password_hash: str) -> Agent:
    """The admin."""
    return hire(database, "olga", "admin", password_hash)


@pytest.fixture
def told(desk: Desk) -> list[Incoming]:
    """What Rosa wrote, as X told it: an edited post, and a direct message."""
    first = post(ROSA, SAID["before"], minutes=1)
    second = str(int(first.x_id) + 7)
    newest = replace(first, x_id=second, text=SAID["public"], versions=(first.x_id, second))
    return [first, newest, direct_message(ROSA, SAID["private"], minutes=2)]


@pytest.fixture
def rosa(desk: Desk, cast: Cast, told: list[Incoming]) -> Customer:
    """Somebody of whom there is something in every place that holds words; @kenji wrote too."""
    with desk.database.transaction() as session:
        customers.learn(session, [Profile(ROSA, HANDLE, NAME, followers=3), Profile(OTHER, "kenji", "健二")])
    for each in told:
        arrive(desk, each)
    arrive(desk, post(OTHER, "Mein Paket ist nicht angekommen", minutes=3))
    with desk.database.transaction() as session:
        customer = exporting.find(session, HANDLE)
        _write_about(
            session, session.exec(select(Case).where(Case.customer_id == customer.id)).all()[0], cast
        )
        _keep_outside(session)
    _answer(desk, customer, cast)
    return customer


def _write_about(session: Session, case: Case, cast: Cast) -> None:
    note = notes.write(session, case, DESKS["note"], by=cast.ana)
    notes.edit(session, note.id or 0, f"{DESKS['edited']} of @{HANDLE}", by=cast.ana)
    jotted = Jotted(DESKS["unsaved"], Visibility.PUBLIC)
    jottings.keep(session, case.id or 0, jotted, by=cast.ana, place=Place(Visibility.PUBLIC))
    history.record(case, "reply_held", reply=1, why=DESKS["why"])
    case.topic_words = "zwetschge"


def _keep_outside(session: Session) -> None:
    theirs = replace(post(ROSA, SAID["retweet"]), retweet=True)
    others = replace(post(OTHER, f"RT @{HANDLE}: schlehe"), retweet=True)
    unplaced.put_by(session, 1, {Why.RETWEET: [theirs, others]})
    broken = Rejected("no text", {"author": {"username": HANDLE}, "note": SAID["unreadable"]})
    quarantine.set_aside(session, 1, Channel.MENTIONS, [broken])
    walk = walks.begin(1, Channel.MENTIONS, cursor_x_id=None, floor_x_id=None)
    walks.keep(session, walk, [post(ROSA, "schlehe"), post(OTHER, "Hallo")])


def _answer(desk: Desk, customer: Customer, cast: Cast) -> None:
    """One reply is sent, and one is a draft."""
    with desk.database.transaction() as session:
        case = session.exec(select(Case).where(Case.customer_id == customer.id)).all()[0]
        words = f"@{HANDLE} {OURS['sent']} https://example.com/a"
        reply = drafts.write(session, case, text=words, by=cast.ana, visibility=Visibility.PUBLIC)
        replies.approve(session, reply, by=cast.ben)
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, 1)
    assert outgoing
    with desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id="1999000000000000000", at=NOON)
    with desk.database.transaction() as session:
        drafts.write(session, cases.find(session, case.id or 0), text=OURS["held"], by=cast.ana)


def erase(desk: Desk, rosa: Customer, by: Agent) -> erasing.Traces:
    with desk.database.transaction() as session:
        return erasing.erase(session, rosa.id or 0, by=by)


def found_in(database: Database) -> Iterator[str]:
    """Every text of every table in which something of hers stands."""
    with database.reading() as session:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, AutoString):
                    continue
                for (value,) in session.connection().execute(select(column).where(column.is_not(None))):
                    lower = str(value).lower()
                    for word in (*WORDS, HANDLE, "rosalinde", "quittner", ROSA):
                        if word in lower:
                            yield f"{table.name}.{column.name}: {word}"


def test_words_stand_in_every_place_before(desk: Desk, rosa: Customer) -> None:
    places = {each.partition(":")[0] for each in found_in(desk.database)}
    assert places >= {
        "cases.excerpt",
        "cases.topic_words",
        "case_events.told",
        "customers.handle",
        "customers.x_id",
        "jottings.text",
        "message_versions.text",
        "messages.text",
        "messages.conversation_id",
        "note_versions.text",
        "notes.text",
        "quarantined_items.raw",
        "replies.text",
        "reply_parts.text",
        "search_entries.words",
        "unplaced_messages.told",
        "walk_pages.items",
    }


def test_after_erasing_nothing_of_a_person_stands_in_any_table(
    desk: Desk, rosa: Customer, olga: Agent
) -> None:
    erase(desk, rosa, olga)
    assert list(found_in(desk.database)) == []


def test_nor_in_the_file_once_it_is_written_anew(desk: Desk, rosa: Customer, olga: Agent) -> None:
    if desk.database.is_sqlite:
        assert b"zwetschge" in _file(desk)
    erase(desk, rosa, olga)
    erasing.scrub(desk.database)
    if not desk.database.is_sqlite:
        with desk.database.reading() as session:
            dead = session.connection().execute(text("SELECT sum(n_dead_tup) FROM pg_stat_user_tables"))
            assert dead.scalar() is not None
        return
    raw = _file(desk)
    for word in (*WORDS, HANDLE, "Rosalinde", ROSA):
        assert word.encode() not in raw, word


def _file(desk: Desk) -> bytes:
    """With the log beside it."""
    file = desk.settings.database.url.removeprefix("sqlite:///")
    both = (Path(file), Path(f"{file}-wal"))
    return b"".join(each.read_bytes() for each in both if each.exists())


def test_search_finds_nothing_of_an_erased_person(desk: Desk, rosa: Customer, olga: Agent) -> None:
    assert hits(desk, "zwetschge")
    assert hits(desk, HANDLE)
    erase(desk, rosa, olga)
    assert [hits(desk, word) for word in (*WORDS, HANDLE, NAME, ROSA)] == [0] * (len(WORDS) + 3)
    assert hits(desk, "Paket") == 1


def hits(desk: Desk, words: str) -> int:
    with desk.database.reading() as session:
        return len(search.find(session, words).hits)


def test_counts_and_statistics_stay_as_they_are(desk: Desk, rosa: Customer, olga: Agent) -> None:
    before = counted(desk)
    erase(desk, rosa, olga)
    assert counted(desk) == before
    with desk.database.transaction() as session:
        assert recount.rebuild(session)
    assert counted(desk) == before


def counted(desk: Desk) -> list[object]:
    tables = ("cases", "messages", "message_versions", "replies", "notes", "language_corrections")
    with desk.database.reading() as session:
        rows = session.connection().execute(text("SELECT * FROM case_counts ORDER BY 1, 2, 3")).all()
        numbers = [
            session.connection().execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in tables
        ]
        return [rows, numbers, recount.kept(session)]


def test_what_an_erased_person_wrote_is_not_taken_in_again(
    desk: Desk, rosa: Customer, olga: Agent, told: list[Incoming]
) -> None:
    erase(desk, rosa, olga)
    before = counted(desk)
    new = [
        *told,
        post(ROSA, "zwetschge, otra vez"),
        direct_message(ROSA, "holunder"),
        replace(post(ROSA, "schlehe"), retweet=True),
        direct_message("1000", f"@{HANDLE} berberitze", to=ROSA),
        post("1000", f"@{HANDLE} vogelbeere", to=ROSA),
    ]
    assert arrive(desk, *new) == []
    assert counted(desk) == before
    assert list(found_in(desk.database)) == []
    with desk.database.reading() as session:
        stone = session.exec(select(Tombstone)).one()
        assert stone.refused == len(new)


def test_nor_when_it_was_read_just_before(desk: Desk, rosa: Customer, olga: Agent) -> None:
    """Between the two steps of the intake somebody is erased, and X tells the name once more."""
    late = [post(ROSA, "zwetschge"), replace(post(ROSA, "schlehe"), retweet=True)]
    read = intake.read(desk.database, 1, late)
    assert len(read) == 2
    erase(desk, rosa, olga)
    with desk.database.transaction() as session:
        customers.learn(session, [Profile(ROSA, HANDLE, NAME)])
    with desk.database.transaction() as session:
        assert intake.take_in(session, 1, read, reopen_days=14) == []
    assert list(found_in(desk.database)) == []


def test_what_we_wrote_under_an_answer_to_an_erased_person_is_turned_away(
    desk: Desk, rosa: Customer, olga: Agent, told: list[Incoming]
) -> None:
    erase(desk, rosa, olga)
    below = post("1000", f"@{HANDLE} vogelbeere", answers=told[1].x_id, conversation=told[1].conversation_id)
    assert below.customer_x_id is None
    assert arrive(desk, below) == []
    assert list(found_in(desk.database)) == []


def test_other_people_are_heard_as_before(desk: Desk, rosa: Customer, olga: Agent) -> None:
    erase(desk, rosa, olga)
    assert len(arrive(desk, post(OTHER, "Und noch etwas", minutes=9))) == 1


def test_an_export_holds_every_word_and_nothing_of_the_desks_own(desk: Desk, rosa: Customer) -> None:
    with desk.database.reading() as session:
        told = exporting.collect(session, rosa)
    for whole in (exporting.as_json(told), exporting.as_html(told, desk.settings.paths.templates)):
        for word in (*SAID.values(), OURS["sent"], HANDLE, NAME, ROSA):
            assert word in whole, word
        for word in (*DESKS.values(), OURS["held"], "kenji"):
            assert word not in whole, word
    assert json.loads(exporting.as_json(told))["person"]["name"] == NAME


def test_a_person_is_found_by_handle_by_id_and_by_the_desks_number(desk: Desk, rosa: Customer) -> None:
    with desk.database.reading() as session:
        for who in (HANDLE, f"@{HANDLE.upper()}", ROSA, f"customer:{rosa.id}", str(rosa.id)):
            assert exporting.find(session, who).id == rosa.id, who
        for nobody in ("", "@", "@7700112233445566", "customer:999", "9" * 19):
            with pytest.raises(NotFound):
                exporting.find(session, nobody)


def test_a_handle_that_two_people_had_names_nobody(desk: Desk, rosa: Customer) -> None:
    with desk.database.transaction() as session:
        customers.learn(session, [Profile("7700112233441111", HANDLE, "Somebody else")])
    with desk.database.reading() as session, pytest.raises(BadInput, match="customer:"):
        exporting.find(session, HANDLE)


def test_nobody_is_erased_while_a_reply_is_on_its_way(
    desk: Desk, rosa: Customer, olga: Agent, cast: Cast
) -> None:
    with desk.database.transaction() as session:
        draft = session.exec(select(Reply).where(Reply.state == State.DRAFT)).one()
        replies.approve(session, draft, by=cast.ben)
    with pytest.raises(Conflict, match="on its way"):
        erase(desk, rosa, olga)
    with desk.database.transaction() as session:
        replies.cancel(session, replies.find(session, draft.id or 0), by=cast.ana)
    erase(desk, rosa, olga)


def test_drafts_are_taken_back_so_that_nobody_sends_them_empty(
    desk: Desk, rosa: Customer, olga: Agent
) -> None:
    erase(desk, rosa, olga)
    with desk.database.reading() as session:
        assert {each.state for each in session.exec(select(Reply))} == {State.SENT, State.CANCELLED}


def test_nobody_is_erased_twice(desk: Desk, rosa: Customer, olga: Agent) -> None:
    erase(desk, rosa, olga)
    with pytest.raises(AlreadyDone):
        erase(desk, rosa, olga)
    with desk.database.reading() as session, pytest.raises(NotFound):
        exporting.collect(session, session.get_one(Customer, rosa.id))


def test_who_erased_is_told_by_the_case_and_by_the_audit_log(desk: Desk, rosa: Customer, olga: Agent) -> None:
    found = erase(desk, rosa, olga)
    with desk.database.reading() as session:
        case = session.exec(select(Case).where(Case.customer_id == rosa.id)).all()[0]
        event = history.of_case(session, case.id or 0)[-1]
        entry = audit.newest(session)[0]
        assert (event.kind, event.agent_id) == (erasing.ERASED, olga.id)
        assert (entry.kind, entry.who, entry.subject) == (erasing.ERASED, "olga", f"customer {rosa.id}")
        assert entry.details == {"cases": found.cases}
        assert audit.verify(session).why is None
        assert case.excerpt == erasing.INSTEAD


def test_x_is_not_asked_about_an_erased_persons_posts(desk: Desk, rosa: Customer, olga: Agent) -> None:
    def watched() -> set[str]:
        with desk.database.reading() as session:
            late = datetime.fromisoformat("2100-01-01T00:00:00+00:00")
            due = vanishing.due(session, 1, looked_before=late, resolved_since=NOON, most=100)
            return {each.author_x_id for each in due}

    assert watched() == {ROSA, OTHER}
    erase(desk, rosa, olga)
    assert watched() == {OTHER}


def test_the_wish_to_hear_nothing_more_outlives_the_person(desk: Desk, rosa: Customer, olga: Agent) -> None:
    with desk.database.transaction() as session:
        session.get_one(Customer, rosa.id).opted_out_at = NOON
    erase(desk, rosa, olga)
    with desk.database.reading() as session:
        assert session.exec(select(Tombstone)).one().opted_out


def test_without_the_key_that_tombstones_were_made_with_nothing_is_taken_in(
    desk: Desk, rosa: Customer, olga: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(tombstones.KEY, "a key of the desk's own")
    erase(desk, rosa, olga)
    assert arrive(desk, post(ROSA, "zwetschge")) == []
    monkeypatch.delenv(tombstones.KEY)
    with pytest.raises(SettingsError, match=tombstones.KEY):
        arrive(desk, post(ROSA, "zwetschge"))


def test_tombstones_made_before_there_was_a_key_still_count(
    desk: Desk, rosa: Customer, olga: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(desk, rosa, olga)
    monkeypatch.setenv(tombstones.KEY, "a key of the desk's own")
    assert arrive(desk, post(ROSA, "zwetschge")) == []


@pytest.fixture
def run(desk: Desk, tmp_path: Path, program: Program) -> Callable[..., str]:
    """What `socialdesk privacy` says to such arguments."""
    file = settings_of(desk, tmp_path)

    def said(*arguments: str, given: str = "") -> str:
        told = ("privacy", *arguments, "--settings", file)
        ended = program.run(*told, folder=tmp_path, given=given, environment=dict(os.environ))
        assert ended.code == 0, ended.complained
        return ended.said

    return said


def test_a_restored_back_up_is_rid_of_everybody_erased_since(
    desk: Desk, rosa: Customer, olga: Agent, told: list[Incoming], run: Callable[..., str]
) -> None:
    exported = json.loads(run("export", f"@{HANDLE}"))
    assert exported["person"]["x_id"] == ROSA
    assert "Erased. Messages: 3," in run("erase", HANDLE, "--by", "olga")
    assert list(found_in(desk.database)) == []
    kept = run("tombstones")
    _bring_back(desk, rosa, told[0])
    assert list(found_in(desk.database)) != []
    assert "people erased again: 1." in run("apply", "--by", "olga", given=kept)
    assert list(found_in(desk.database)) == []
    assert arrive(desk, *told) == []


def _bring_back(desk: Desk, rosa: Customer, said: Incoming) -> None:
    """As a back-up does that was made before the person was erased."""
    with desk.database.transaction() as session:
        for stone in session.exec(select(Tombstone)).all():
            session.delete(stone)
        customer = session.get_one(Customer, rosa.id)
        customer.x_id, customer.handle, customer.name = ROSA, HANDLE, NAME
        message = session.exec(select(Message).where(Message.customer_id == rosa.id)).first()
        assert message
        message.text = said.text
