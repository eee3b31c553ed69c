"""Who may do what: four roles, at the whole desk or at single accounts, and always an admin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlmodel import select

from socialdesk.audit import AuditEntry
from socialdesk.database import MIGRATIONS, Database
from socialdesk.errors import AlreadyDone, BadInput, Conflict, NotAllowed, NotFound
from socialdesk.people import (
    admission,
    agents,
    first_run,
    invitations,
    permissions,
    scope,
    skills,
    staffing,
)
from socialdesk.people.agents import Agent, Role
from socialdesk.people.permissions import LEAST, Reach, Verb
from socialdesk.replying import policy
from socialdesk.replying.policy import Written
from socialdesk.settings import ApprovalRule, Approvals
from tests.conftest import Cast
from tests.people import another_account, hire, place


@dataclass
class Owned:
    """What is one account's."""

    account_id: int


def test_every_verb_has_its_least_role() -> None:
    assert set(LEAST) == set(Verb)


def test_each_role_may_whatever_the_lesser_ones_may() -> None:
    allowed = [{verb for verb in Verb if permissions.may(role, verb)} for role in Role]
    assert allowed[0] < allowed[1] < allowed[2] < allowed[3] == set(Verb)


@pytest.mark.parametrize(
    ("role", "verb", "may"),
    [
        ("read_only", Verb.SEE_CASE, True),
        ("read_only", Verb.WRITE_DRAFT, False),
        ("agent", Verb.APPROVE, True),
        ("agent", Verb.EDIT_TEMPLATE, False),
        ("supervisor", Verb.EDIT_TEMPLATE, True),
        ("supervisor", Verb.MANAGE_PEOPLE, False),
        ("supervisor", Verb.SEE_AUDIT, False),
        ("admin", Verb.SEE_AUDIT, True),
    ],
)
def test_a_role_may_what_its_name_says(role: str, verb: Verb, may: bool) -> None:
    assert permissions.may(role, verb) == may


def test_what_is_no_verb_is_a_mistake_and_no_permission() -> None:
    with pytest.raises(ValueError, match="fly"):
        permissions.may("admin", "fly")


def test_a_role_at_some_accounts_holds_there_and_nowhere_else() -> None:
    reach = Reach("supervisor", {1: "agent", 2: "read_only"})
    assert reach.accounts == frozenset({1, 2})
    assert [reach.may(Verb.APPROVE, each) for each in (1, 2, 3)] == [True, False, False]
    assert reach.may(Verb.APPROVE)
    assert reach.where(Verb.APPROVE) == frozenset({1})
    assert not reach.may(Verb.LIFT_MUTE)


def test_what_concerns_the_whole_desk_needs_a_role_for_the_whole_desk() -> None:
    assert not Reach("supervisor", {1: "supervisor"}).may(Verb.EDIT_TEMPLATE)
    assert Reach("supervisor").may(Verb.EDIT_TEMPLATE)


def test_whoever_acts_at_several_accounts_at_once_acts_in_his_least_role(cast: Cast) -> None:
    reach = Reach("supervisor", {1: "supervisor", 2: "agent", 3: "read_only"})
    assert reach.acting(cast.sofia, Verb.APPROVE, 1).supervises
    assert not reach.acting(cast.sofia, Verb.APPROVE, 2).supervises
    assert not reach.acting(cast.sofia, Verb.APPROVE, None).supervises
    assert cast.sofia.role == "supervisor"


def test_a_case_of_another_account_is_not_there_and_one_above_the_role_is_refused(
    database: Database, cast: Cast
) -> None:
    ours, others = another_account(database), another_account(database, "WestwindHelp")
    place(database, cast.ana, "agent", {ours: "read_only"})
    mine, theirs = Owned(ours), Owned(others)
    with database.reading() as session:
        assert permissions.accounts_seen(session, cast.ana) == frozenset({ours})
        assert permissions.accounts_seen(session, cast.ben) is None
        permissions.require_case(session, cast.ana, mine, Verb.SEE_CASE)
        with pytest.raises(NotAllowed):
            permissions.require_case(session, cast.ana, mine, Verb.RESOLVE)
        with pytest.raises(NotFound):
            permissions.require_case(session, cast.ana, theirs, Verb.SEE_CASE)
        permissions.require_case(session, cast.ben, theirs, Verb.RESOLVE)


def test_a_narrowed_session_finds_counts_and_changes_nothing_of_other_accounts(
    database: Database, cast: Cast
) -> None:
    first, second = another_account(database), another_account(database, "WestwindHelp")
    place(database, cast.ana, "agent", {first: "agent"})
    place(database, cast.ben, "agent", {second: "agent"})
    table = permissions.Membership
    with scope.narrowed(database, {first}).reading() as session:
        assert [row.account_id for row in session.exec(select(table)).all()] == [first]
        assert list(session.exec(select(table.account_id))) == [first]
        assert session.get(table, (cast.ben.id, second)) is None
        with scope.whole_desk(session):
            assert len(session.exec(select(table)).all()) == 2
        assert len(session.exec(select(table)).all()) == 1
    with scope.narrowed(database, set()).reading() as session:
        assert session.exec(select(table)).all() == []


@pytest.fixture
def olga(database: Database, cast: Cast, password_hash: str) -> Agent:
    """The one admin."""
    return hire(database, "olga", "admin", password_hash)


@pytest.mark.parametrize("role", ["read_only", "agent", "supervisor"])
def test_the_last_admin_is_not_demoted(database: Database, olga: Agent, role: str) -> None:
    with database.transaction() as session, pytest.raises(Conflict, match="last admin"):
        staffing.give_role(session, session.get_one(Agent, olga.id), role, by=olga)


def test_the_last_admin_is_not_disabled_and_a_disabled_one_does_not_count(
    database: Database, olga: Agent, cast: Cast
) -> None:
    place(database, cast.sofia, "admin")
    with database.transaction() as session:
        staffing.disable(session, session.get_one(Agent, cast.sofia.id), by=olga)
    with database.transaction() as session, pytest.raises(Conflict, match="last admin"):
        staffing.disable(session, session.get_one(Agent, olga.id), by=olga)


def test_one_of_two_admins_may_step_back(database: Database, olga: Agent, cast: Cast) -> None:
    place(database, cast.sofia, "admin")
    with database.transaction() as session:
        staffing.give_role(session, session.get_one(Agent, olga.id), "agent", by=olga)
    with database.reading() as session:
        assert agents.known(session, "olga").role == "agent"


@pytest.mark.parametrize(
    ("role", "at", "told"),
    [
        ("boss", {}, "A role is one of"),
        ("admin", {1: "agent"}, "An admin is one for all accounts"),
        ("agent", {1: "admin"}, "The role at an account is one of"),
        ("agent", {99: "agent"}, "not on this desk"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(
    database: Database, olga: Agent, cast: Cast, role: str, at: dict[int, str], told: str
) -> None:
    account = another_account(database)
    at = {account if each == 1 else each: there for each, there in at.items()}
    with database.transaction() as session, pytest.raises(BadInput, match=told):
        staffing.give_role(session, session.get_one(Agent, cast.ana.id), role, at, by=olga)


def test_who_changed_a_role_is_in_the_audit_log(database: Database, olga: Agent, cast: Cast) -> None:
    account = another_account(database)
    with database.transaction() as session:
        ana = session.get_one(Agent, cast.ana.id)
        staffing.give_role(session, ana, "agent", {account: "supervisor"}, by=olga)
    with database.reading() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.kind == "role_changed")).one()
    assert (entry.who, entry.subject) == ("olga", "ana")
    assert entry.details["accounts"] == {"SouthwindHelp": "supervisor"}


def test_an_invitation_is_good_once_and_a_new_one_takes_its_place(database: Database, olga: Agent) -> None:
    with database.transaction() as session:
        agent, old = staffing.add(session, username="nils", name="Nils Berg", role="agent", by=olga)
        token = staffing.invite_again(session, agent, by=olga)
    with database.transaction() as session:
        with pytest.raises(NotAllowed):
            admission.take_up_invitation(session, old, "kept")
        assert admission.take_up_invitation(session, token, "kept").username == "nils"
    with database.transaction() as session, pytest.raises(NotAllowed):
        admission.take_up_invitation(session, token, "kept again")


def test_whoever_is_invited_has_no_password_that_fits(database: Database, olga: Agent) -> None:
    with database.transaction() as session:
        agent, _ = staffing.add(session, username="nils", name="Nils Berg", role="agent", by=olga)
    assert not agents.check_password(agent, "")


def test_a_disabled_person_has_no_invitation_any_more(database: Database, olga: Agent) -> None:
    with database.transaction() as session:
        agent, token = staffing.add(session, username="nils", name="Nils Berg", role="agent", by=olga)
        staffing.disable(session, agent, by=olga)
    with database.transaction() as session:
        with pytest.raises(NotAllowed):
            invitations.invited(session, token)
        with pytest.raises(AlreadyDone):
            staffing.invite_again(session, session.get_one(Agent, agent.id), by=olga)


def test_whoever_sets_up_the_desk_is_an_admin(database: Database) -> None:
    with database.transaction() as session:
        token = first_run.offer(session)
        assert token
        first = first_run.set_up(
            session, token, username="olga", name="Olga Petrova", password="correct horse battery"
        )
    assert first.role == Role.ADMIN


def test_what_people_are_known_to_read_wins_over_the_settings(database: Database, cast: Cast) -> None:
    approvals = Approvals(
        rules=(ApprovalRule(unread=True),), readers={"es": frozenset({"ana"}), "ja": frozenset({"ana"})}
    )
    with database.transaction() as session:
        staffing.teach(session, cast.ana, {"es": "none"}, by=None)
        staffing.teach(session, cast.ben, {"es": "reads", "sv": "writes"}, by=None)
    with database.reading() as session:
        known = policy.readers(session, approvals, ("es", "ja", "sv"))
    reading = {
        code: [policy.reads(approvals, each, code, known.get(code)) for each in (cast.ana, cast.ben)]
        for code in ("es", "ja", "sv")
    }
    assert reading == {"es": [False, True], "ja": [True, False], "sv": [False, True]}
    written = Written(cast.ana, "public", "es", None, known["es"])
    assert policy.second_person(approvals, written, cast.ana)
    assert policy.second_person(approvals, written, cast.ben) is None


def test_no_rule_about_readers_asks_for_none(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        staffing.teach(session, cast.ana, {"es": "reads"}, by=None)
        assert policy.readers(session, Approvals(), ("es",)) == {}
        assert skills.readers(session, "es") == frozenset({cast.ana.id or 0})


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    url = f"sqlite:///{tmp_path / 'earlier.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").create(f"earlier_{uuid4().hex[:8]}")
    database = Database(url)
    yield database
    database.close()


def migrate(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.transaction() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, revision)


def test_the_supervisor_who_is_here_longest_becomes_the_admin(empty: Database) -> None:
    migrate(empty, "0012")
    at = "'2026-11-20 12:00:00+00:00'"
    people = (("ana", "agent", "NULL"), ("otto", "supervisor", at), ("sofia", "supervisor", "NULL"))
    with empty.transaction() as session:
        for username, role, disabled_at in (*people, ("tom", "supervisor", "NULL")):
            row = f"VALUES ('{username}', 'X', '{role}', 'x', {at}, {disabled_at})"
            columns = "(username, name, role, password_hash, hired_at, disabled_at)"
            session.connection().execute(text(f"INSERT INTO agents {columns} {row}"))

    migrate(empty, "0014")

    with empty.transaction() as session:
        found = session.connection().execute(text("SELECT username, role FROM agents ORDER BY id")).all()
        session.connection().execute(text("UPDATE agents SET role = 'read_only' WHERE username = 'tom'"))
    assert [tuple(each) for each in found] == [
        ("ana", "agent"),
        ("otto", "supervisor"),
        ("sofia", "admin"),
        ("tom", "supervisor"),
    ]


@pytest.mark.parametrize("levels", [{"tlh": "reads"}, {"es": "fluently"}])
def test_a_level_that_makes_no_sense_is_refused(
    database: Database, cast: Cast, levels: dict[str, str]
) -> None:
    with database.transaction() as session, pytest.raises(BadInput):
        staffing.teach(session, cast.ana, levels, by=None)
