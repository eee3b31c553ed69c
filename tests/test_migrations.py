"""A database with a desk's work in it comes along to the newest schema, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from socialdesk import counts, search
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.database import MIGRATIONS, Database
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart

AT = "'2026-11-20 12:00:00+00:00'"
ROWS = (
    f"INSERT INTO accounts (handle, credentials, enrolled_at) VALUES ('NorthwindHelp', 'NORTHWIND', {AT})",
    f"INSERT INTO customers (x_id, handle, first_seen_at) VALUES ('101', 'maria', {AT})",
    "INSERT INTO cases (account_id, customer_id, status, language, visibility, opened_at, last_message_at,"
    f" customer_wrote_at, excerpt) VALUES (1, 1, 'waiting', 'es', 'public', {AT}, {AT}, {AT}, 'Hola')",
    "INSERT INTO messages (account_id, case_id, customer_id, x_id, visibility, direction, text, sent_at,"
    " taken_in_at, language, confidence, language_source)"
    f" VALUES (1, 1, 1, '5001', 'public', 'inbound', 'Hola', {AT}, {AT}, 'es', 0.9, 'detector')",
    f"INSERT INTO case_events (case_id, kind, at, told) VALUES (1, 'opened', {AT}, '{{}}')",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").create(f"desk_{uuid4().hex[:8]}")
    database = Database(url)
    yield database
    database.close()


def migrate(database: Database, revision: str, *, back: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.transaction() as session:
        config.attributes["connection"] = session.connection()
        (command.downgrade if back else command.upgrade)(config, revision)


def test_rows_of_the_first_schema_come_along(empty: Database) -> None:
    migrate(empty, "0001")
    with empty.transaction() as session:
        for row in ROWS:
            session.connection().execute(text(row))

    empty.upgrade()

    empty.check()
    with empty.reading() as session:
        case, message = session.exec(select(Case)).one(), session.exec(select(Message)).one()
        assert (case.language, case.language_sure) == ("es", True)
        assert (message.text, message.language_found, message.mixed) == ("Hola", None, False)
        assert session.exec(select(Customer)).one().language is None


ANA = (
    "INSERT INTO agents (username, name, role, password_hash, hired_at)"
    f" VALUES ('ana', 'Ana Horvat', 'agent', 'x', {AT})"
)
REPLY = (
    "INSERT INTO replies (account_id, case_id, answers_id, answers_visibility, visibility, seen_message_id,"
    " seen_reply_id, state, revision, text, text_hash, drafted_by_id, drafted_at, attempts, sent_at, x_id)"
    " VALUES (1, 1, 1, 'public', 'public', 1, 0, '{state}', 1, '{state}', '{state}', 1, {at}, 1,"
    " {sent_at}, {x_id})"
)


def test_replies_on_their_way_come_along_as_one_part(empty: Database) -> None:
    migrate(empty, "0007")
    states = dict.fromkeys(("draft", "approved", "unknown", "held"), "NULL") | {"sent": "'6001'"}
    with empty.transaction() as session:
        for row in (*ROWS, ANA):
            session.connection().execute(text(row))
        for state, x_id in states.items():
            sent_at = AT if state == "sent" else "NULL"
            row = REPLY.format(state=state, at=AT, x_id=x_id, sent_at=sent_at)
            session.connection().execute(text(row))

    empty.upgrade()

    with empty.reading() as session:
        parts = session.exec(select(ReplyPart).order_by(col(ReplyPart.id))).all()
    assert [part.text for part in parts] == ["approved", "unknown", "held", "sent"]
    assert [(part.number, part.x_id) for part in parts] == [(1, None), (1, None), (1, None), (1, "6001")]
    assert parts[3].sent_at is not None


def test_what_was_stored_before_there_was_a_search_is_found(empty: Database) -> None:
    migrate(empty, "0002")
    with empty.transaction() as session:
        for row in (*ROWS, ANA, REPLY.format(state="draft", at=AT, x_id="NULL", sent_at="NULL")):
            session.connection().execute(text(row))

    empty.upgrade()

    with empty.reading() as session:
        found = [len(search.find(session, query).hits) for query in ("hola", "maria", "draft", "nothing")]
    assert found == [1, 1, 1, 0]


def test_the_way_back_keeps_the_rows(empty: Database) -> None:
    migrate(empty, "0001")
    with empty.transaction() as session:
        for row in ROWS:
            session.connection().execute(text(row))
    migrate(empty, "0002")

    migrate(empty, "0001", back=True)

    with empty.reading() as session:
        rows = session.connection().execute(text("SELECT language, excerpt FROM cases")).all()
    assert [tuple(row) for row in rows] == [("es", "Hola")]


RUN = (
    "INSERT INTO rule_runs (rule_id, case_id, message_id, interaction, did, why, wrote_at, at)"
    f" VALUES ('{{rule}}', 1, 1, 0, '{{did}}', '', {AT}, {AT})"
)
WISH = f"INSERT INTO opt_out_wishes (message_id, customer_id, run_id, at) VALUES (1, 1, 1, {AT})"


def test_what_rules_did_before_comes_along_and_from_then_on_they_tag(empty: Database) -> None:
    migrate(empty, "0032")
    with empty.transaction() as session:
        for row in (*ROWS, RUN.format(rule="old", did="assigned"), WISH):
            session.connection().execute(text(row))
    empty.upgrade()
    with empty.transaction() as session:
        session.connection().execute(text(RUN.format(rule="new", did="tagged")))
        session.connection().execute(text(RUN.format(rule="newer", did="snoozed")))
    with pytest.raises(IntegrityError), empty.transaction() as session:
        session.connection().execute(text(RUN.format(rule="newest", did="danced")))
    with empty.reading() as session:
        told = session.connection().execute(text("SELECT did FROM rule_runs ORDER BY id")).scalars().all()
        wishes = session.connection().execute(text("SELECT run_id FROM opt_out_wishes")).scalars().all()
    assert (told, wishes) == (["assigned", "tagged", "snoozed"], [1])


def test_what_was_answered_while_it_was_snoozed_is_counted_as_waiting_for_its_customer(
    empty: Database,
) -> None:
    migrate(empty, "0039")
    later = "2099-01-01 12:00:00+00:00"
    snoozed = f"UPDATE cases SET snoozed_until = '{later}', snoozed_at = {AT} WHERE id < 3"
    counted = "INSERT INTO case_counts (account_id, status, language, cases) VALUES (1, 'snoozed', 'es', 2)"
    others = "INSERT INTO case_counts (account_id, status, language, cases) VALUES (1, 'waiting', 'es', 1)"
    with empty.transaction() as session:
        for row in (*ROWS, ROWS[2], ROWS[2], snoozed, counted, others):
            session.connection().execute(text(row))
        session.connection().execute(text("UPDATE cases SET status = 'answered' WHERE id = 1"))
        session.connection().execute(text("INSERT INTO list_counts VALUES (1, 'waiting', 0, 1)"))
    migrate(empty, "0040")
    with empty.transaction() as session:
        assert counts.by_status_and_language(session) == {("answered", "es"): 1, ("waiting", "es"): 2}
        assert counts.rebuild(session)
    migrate(empty, "0039", back=True)
    with empty.reading() as session:
        told = "SELECT status, cases FROM case_counts WHERE cases > 0 ORDER BY status"
        rows = session.connection().execute(text(told)).all()
    assert [tuple(row) for row in rows] == [("snoozed", 2), ("waiting", 1)]
