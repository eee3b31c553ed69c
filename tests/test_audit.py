"""The audit log: a chain that shows where somebody has changed it, whoever writes at the same moment."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from socialdesk import audit, cases, parts, replies, webhooks
from socialdesk.audit import AuditEntry
from socialdesk.casework import optouts
from socialdesk.console.audit import DEEDS
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.people import refusals
from socialdesk.placing import muting
from socialdesk.replies import Reply, State
from socialdesk.replying import again, drafts
from socialdesk.templating import texts
from tests.conftest import Cast
from tests.console.conftest import Town


@pytest.fixture
def town(desk: Desk) -> Town:
    town = Town(desk)
    town.meet("101", "maria", "María García")
    return town


@pytest.fixture
def ten(database: Database, cast: Cast) -> list[AuditEntry]:
    """Ten entries of Ana's, written by as many transactions."""
    for number in range(10):
        with database.transaction() as session:
            audit.record(session, "signed_in", by=cast.ana.id, subject=f"browser {number}", number=number)
    with database.reading() as session:
        return list(session.exec(select(AuditEntry).order_by(col(AuditEntry.id))))


def verdict(database: Database, noted: str | None = None) -> audit.Verdict:
    with database.reading() as session:
        return audit.verify(session, noted=noted)


def tamper(database: Database, *statements: str) -> None:
    """As somebody would who owns the database: the triggers go first."""
    with database.transaction() as session:
        connection = session.connection()
        if database.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_entries_no_update"))
            connection.execute(text("DROP TRIGGER audit_entries_no_delete"))
        else:
            connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement))
        if not database.is_sqlite:
            connection.execute(text("ALTER TABLE audit_entries ENABLE TRIGGER USER"))


def test_what_is_written_is_told_as_it_was(database: Database, cast: Cast, ten: list[AuditEntry]) -> None:
    first = ten[0]
    assert (first.id, first.who, first.kind, first.details) == (1, "ana", "signed_in", {"number": 0})
    assert first.previous == audit.BEGINNING
    assert [entry.previous for entry in ten[1:]] == [entry.hash for entry in ten[:-1]]
    found = verdict(database)
    assert (found.entries, found.head, found.broken) == (10, ten[-1].hash, None)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_entries SET who = 'ben' WHERE id = 4", 4),
        ("UPDATE audit_entries SET told = '{\"number\": 8}' WHERE id = 4", 4),
        ("UPDATE audit_entries SET at = '2020-01-01 00:00:00+00:00' WHERE id = 4", 4),
        ("UPDATE audit_entries SET address = '192.0.2.1' WHERE id = 10", 10),
        ("UPDATE audit_entries SET hash = 'x' WHERE id = 4", 4),
        ("DELETE FROM audit_entries WHERE id = 4", 4),
        ("DELETE FROM audit_entries WHERE id = 1", 1),
        ("UPDATE audit_entries SET id = 99 WHERE id = 4", 4),
    ],
)
def test_a_changed_entry_is_found(
    database: Database, ten: list[AuditEntry], statement: str, broken: int
) -> None:
    tamper(database, statement)
    found = verdict(database)
    assert (found.broken, found.entries) == (broken, broken - 1)
    assert found.why is not None
    assert f"Entry {broken} " in found.why


def test_a_time_that_is_none_is_found_and_not_stumbled_over(
    database: Database, ten: list[AuditEntry]
) -> None:
    if not database.is_sqlite:
        with pytest.raises(DBAPIError):
            tamper(database, "UPDATE audit_entries SET at = 'never' WHERE id = 4")
        return
    tamper(database, "UPDATE audit_entries SET at = 'never' WHERE id = 4")
    assert verdict(database).broken == 4


def test_an_end_that_was_cut_off_shows_against_a_hash_noted_down(
    database: Database, ten: list[AuditEntry]
) -> None:
    assert verdict(database, ten[6].hash).broken is None
    tamper(database, "DELETE FROM audit_entries WHERE id > 6")
    assert verdict(database).broken is None
    assert verdict(database, ten[6].hash).broken == 7


_AGAIN = "SELECT {}, at, kind, agent_id, 'ben', subject, case_id, address, told, {}, hash FROM audit_entries"


@pytest.mark.parametrize(
    ("engine", "statement"),
    [
        ("both", "UPDATE audit_entries SET who = 'ben'"),
        ("both", "DELETE FROM audit_entries WHERE id = 1"),
        ("sqlite", f"REPLACE INTO audit_entries {_AGAIN.format('id', 'previous')} WHERE id = 4"),
        ("sqlite", f"INSERT OR REPLACE INTO audit_entries {_AGAIN.format(99, 'previous')} WHERE id = 4"),
        ("sqlite", f"INSERT OR REPLACE INTO audit_entries {_AGAIN.format('id', 'hash')} WHERE id = 10"),
        ("sqlite", "UPDATE OR REPLACE audit_entries SET id = 3 WHERE id = 4"),
        ("postgresql", "TRUNCATE audit_entries"),
        ("postgresql", "TRUNCATE agents CASCADE"),
    ],
)
def test_the_database_itself_refuses_to_change_it(
    database: Database, ten: list[AuditEntry], engine: str, statement: str
) -> None:
    if engine not in ("both", "sqlite" if database.is_sqlite else "postgresql"):
        return
    with pytest.raises(DBAPIError, match="never changed"), database.transaction() as session:
        session.connection().execute(text(statement))
    assert verdict(database).broken is None


def test_what_was_not_done_is_not_in_it(database: Database, cast: Cast) -> None:
    def fail(session: Session) -> None:
        audit.record(session, "signed_in", by=cast.ana.id)
        raise ValueError

    with pytest.raises(ValueError), database.transaction() as session:
        fail(session)
    with database.transaction() as session:
        audit.record(session, "signed_out", by=cast.ana.id)
    with database.reading() as session:
        assert [entry.kind for entry in audit.newest(session)] == ["signed_out"]


def test_many_writers_at_once_make_one_chain(database: Database, cast: Cast) -> None:
    def write(number: int) -> None:
        with database.transaction() as session:
            audit.record(session, "signed_in", by=cast.ana.id, number=number)
            audit.record(session, "signed_out", by=cast.ben.id, number=number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(100)))
    found = verdict(database)
    assert (found.entries, found.broken) == (200, None)


def test_whoever_audits_nothing_does_not_wait_for_who_does(
    database: Database, cast: Cast, town: Town
) -> None:
    """On PostgreSQL; on SQLite writers are alone anyway."""
    if database.is_sqlite:
        return
    with database.transaction() as session:
        audit._hold_chain(session)
        town.meet("103", "lena", "Lena")
        assert town.writes("103", "Wo bleibt mein Paket?").id


def test_it_holds_what_agents_do_in_cases_and_nothing_of_the_customers(
    desk: Desk, database: Database, cast: Cast, town: Town
) -> None:
    case = town.writes("101", "Mi paquete no ha llegado todavía")
    with database.transaction() as session:
        held = cases.hold(session, case.id or 0)
        muting.block(session, held, by=cast.ana)
    with database.transaction() as session:
        muting.unblock(session, case.customer_id, by=cast.sofia)
    with database.transaction() as session:
        optouts.opt_out(session, cases.with_customer(session, case.id or 0)[1], by=cast.ana)
    with database.transaction() as session:
        key = desk.library.key("thanks", "de", "private")
        texts.save(session, desk.shelf, key, "Danke! {{ customer_name }}", seen=0, by=cast.sofia)
    with database.reading() as session:
        entries = audit.newest(session)
    assert [(entry.who, entry.kind, entry.case_id) for entry in reversed(entries)] == [
        ("ana", "blocked", case.id),
        ("sofia", "unblocked", case.id),
        ("ana", "opted_out", case.id),
        ("sofia", "template_edited", None),
    ]
    assert entries[0].subject == "thanks/de/private"


@pytest.mark.parametrize("name", ["two\nlines\r", "\x00\x1b[31mred", "\ud800", "‮reversed", "x" * 9000])
def test_what_people_type_cannot_look_like_another_entry(database: Database, name: str) -> None:
    audit.come_from(name, name)
    with database.transaction() as session:
        audit.record(session, "signed_in", who=name, subject=name, details=name)
    audit.come_from(None)
    with database.reading() as session:
        entry = audit.newest(session)[0]
    assert verdict(database).broken is None
    for told in (entry.who, entry.subject, entry.address):
        assert told is not None
        assert told.isprintable()
        assert len(told) <= audit.LONGEST


# What is noted of words: never they themselves


def entry(database: Database, kind: str) -> AuditEntry:
    with database.reading() as session:
        return session.exec(select(AuditEntry).where(AuditEntry.kind == kind)).one()


def test_of_an_edited_reply_text_the_log_tells_what_stood_there_and_what_stands_there(
    desk: Desk, database: Database, cast: Cast
) -> None:
    key, words = desk.library.key("thanks", "de", "private"), "Danke! {{ customer_name }}"
    with database.transaction() as session:
        texts.save(session, desk.shelf, key, words, seen=0, by=cast.sofia)
    with database.transaction() as session:
        texts.restore(session, desk.shelf, key, seen=1, by=cast.sofia)
    files, edited = sha256(desk.library.sources[key].strip()), sha256(words)
    assert entry(database, "template_edited").details == {"version": 1, "before": files, "after": edited}
    assert entry(database, "template_restored").details == {"version": 2, "before": edited, "after": files}


def test_of_a_reply_it_tells_which_words_were_changed_which_were_read_and_which_were_given(
    desk: Desk, database: Database, cast: Cast, town: Town
) -> None:
    case_id = town.writes("101", "Mi paquete no ha llegado todavía").id or 0
    first, second = "Lo sentimos mucho, María.", "Lo sentimos, María: lo miramos ahora mismo."
    for words, by in ((first, cast.ana), (first, cast.ben), (second, cast.ben)):
        with database.transaction() as session:
            reply = drafts.write(session, cases.hold(session, case_id), text=words, by=by)
    with database.transaction() as session:
        replies.approve(session, session.get_one(Reply, reply.id), by=cast.sofia, sign_off="^{initials}")
    edited, approved = entry(database, "reply_edited"), entry(database, "reply_approved")
    assert (edited.who, edited.case_id) == ("ben", case_id)
    assert edited.details == {"reply": reply.id, "before": sha256(first), "after": sha256(second)}
    with database.reading() as session:
        given = [part.text for part in parts.of_reply(session, reply.id or 0)]
    assert given == [f"{second} ^BO"]
    assert (approved.who, approved.case_id) == ("sofia", case_id)
    assert approved.details == {"reply": reply.id, "before": sha256(second), "after": sha256(given[0])}
    with database.reading() as session:
        assert not any("María" in each.told for each in audit.newest(session))


def test_a_reply_that_is_let_go_on_is_told_with_its_words(
    desk: Desk, database: Database, cast: Cast, town: Town
) -> None:
    case_id = town.writes("101", "Mi paquete no ha llegado todavía").id or 0
    with database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, case_id), text="Lo miramos ahora.", by=cast.ana)
        replies.approve(session, reply, by=None)
        replies.move(session, reply, State.HELD, since=(State.APPROVED,), trouble="X said no")
    with database.transaction() as session:
        held = session.get_one(Reply, reply.id)
        again.send(session, held, by=cast.ana, library=desk.library, settings=desk.settings)
    words = sha256("Lo miramos ahora.")
    assert entry(database, "reply_approved").details == {"reply": reply.id, "before": words, "after": words}


def test_of_a_webhook_it_tells_the_host_and_no_more_of_the_address(
    database: Database, cast: Cast, secrets_key: str
) -> None:
    with database.transaction() as session:
        webhooks.subscribe(
            session,
            name="Warehouse",
            url="https://hooks.example/services/T0/s3cr3t?key=s3cr3t",
            kinds=["opened"],
            hosts=["hooks.example"],
            by=cast.sofia,
        )
    added = entry(database, "webhook_added")
    assert (added.subject, added.details) == ("Warehouse", {"host": "hooks.example"})


def test_whatever_is_written_down_has_words_on_the_page() -> None:
    """The kinds are read from the code: each stands where it is recorded."""
    recorded = re.compile(r'(?:audit\.record|\b_tell)\(\s*session,\s*(?:kind=)?"(\w+)"')
    kinds = {
        kind
        for module in Path(audit.__file__).parent.rglob("*.py")
        for kind in recorded.findall(module.read_text(encoding="utf-8"))
    }
    assert {"token_issued", "reply_edited", "agent_disabled"} <= kinds
    kinds |= audit.FROM_HISTORY | {refusals.REFUSED, refusals.ANOTHERS, refusals.BAD_TOKEN}
    assert kinds - set(DEEDS) == set()


def sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
