"""Who may do what, and for which of our accounts on X: the one place that decides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk.database import one_of
from socialdesk.errors import NotAllowed, NotFound
from socialdesk.people import scope
from socialdesk.people.agents import Agent, Role
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark


class Verb(StrEnum):
    """What can be done at the desk, in the field's words."""

    SEE_CASE = "see_case"
    SEARCH = "search"
    SEE_STATISTICS = "see_statistics"
    SEE_TEMPLATE = "see_template"
    OWN_ACCOUNT = "own_account"  # the own password, sessions and codes
    WRITE_DRAFT = "write_draft"
    WRITE_NOTE = "write_note"
    APPROVE = "approve"
    ASSIGN = "assign"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    CORRECT = "correct"
    MERGE = "merge"
    BLOCK = "block"
    MUTE = "mute"
    OPT_OUT = "opt_out"
    SEND = "send"  # let it go on, or call it back
    UNMASK = "unmask"
    ACKNOWLEDGE = "acknowledge"  # a gap in what X has given us
    SAVE_VIEW = "save_view"
    SHARE_VIEW = "share_view"
    SEE_MUTED = "see_muted"
    LIFT_BLOCK = "lift_block"
    LIFT_MUTE = "lift_mute"
    EDIT_TEMPLATE = "edit_template"
    HANDLE_INCIDENT = "handle_incident"
    MANAGE_TAGS = "manage_tags"
    PLAN_SHIFTS = "plan_shifts"
    SEE_PEOPLE = "see_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_WEBHOOKS = "manage_webhooks"
    SEE_AUDIT = "see_audit"
    EXPORT_PERSON = "export_person"
    ERASE_PERSON = "erase_person"


LEAST: dict[Verb, Role] = {
    Verb.SEE_CASE: Role.READ_ONLY,
    Verb.SEARCH: Role.READ_ONLY,
    Verb.SEE_STATISTICS: Role.SUPERVISOR,
    Verb.SEE_TEMPLATE: Role.READ_ONLY,
    Verb.OWN_ACCOUNT: Role.READ_ONLY,
    Verb.WRITE_DRAFT: Role.AGENT,
    Verb.WRITE_NOTE: Role.AGENT,
    Verb.APPROVE: Role.AGENT,
    Verb.ASSIGN: Role.AGENT,
    Verb.RESOLVE: Role.AGENT,
    Verb.SNOOZE: Role.AGENT,
    Verb.CORRECT: Role.AGENT,
    Verb.MERGE: Role.AGENT,
    Verb.BLOCK: Role.AGENT,
    Verb.MUTE: Role.AGENT,
    Verb.OPT_OUT: Role.AGENT,
    Verb.SEND: Role.AGENT,
    Verb.UNMASK: Role.AGENT,
    Verb.ACKNOWLEDGE: Role.AGENT,
    Verb.SAVE_VIEW: Role.AGENT,
    Verb.SHARE_VIEW: Role.SUPERVISOR,
    Verb.SEE_MUTED: Role.SUPERVISOR,
    Verb.LIFT_BLOCK: Role.SUPERVISOR,
    Verb.LIFT_MUTE: Role.SUPERVISOR,
    Verb.EDIT_TEMPLATE: Role.SUPERVISOR,
    Verb.HANDLE_INCIDENT: Role.SUPERVISOR,
    Verb.MANAGE_TAGS: Role.SUPERVISOR,
    Verb.PLAN_SHIFTS: Role.SUPERVISOR,
    Verb.SEE_PEOPLE: Role.SUPERVISOR,
    Verb.MANAGE_PEOPLE: Role.ADMIN,
    Verb.MANAGE_ACCOUNTS: Role.ADMIN,
    Verb.MANAGE_TOKENS: Role.ADMIN,
    Verb.MANAGE_WEBHOOKS: Role.ADMIN,
    Verb.SEE_AUDIT: Role.ADMIN,
    Verb.EXPORT_PERSON: Role.ADMIN,
    Verb.ERASE_PERSON: Role.ADMIN,
}
# These concern every account at once, so a role at some of them is not enough.
_WHOLE_DESK = {
    Verb.SHARE_VIEW,
    Verb.EDIT_TEMPLATE,
    Verb.MANAGE_TAGS,
    Verb.SEE_PEOPLE,
    Verb.MANAGE_PEOPLE,
    Verb.MANAGE_ACCOUNTS,
    Verb.MANAGE_TOKENS,
    Verb.MANAGE_WEBHOOKS,
    Verb.SEE_AUDIT,
    Verb.EXPORT_PERSON,
    Verb.ERASE_PERSON,
}


class AtAccount(StrEnum):
    """What one can be at an account: admins are so for the whole desk."""

    READ_ONLY = Role.READ_ONLY.value
    AGENT = Role.AGENT.value
    SUPERVISOR = Role.SUPERVISOR.value


class Membership(SQLModel, table=True):
    """What an agent is at one of our accounts; whoever has none works for all, as agents.role says."""

    __tablename__ = "memberships"
    __table_args__ = (one_of("role", AtAccount),)

    agent_id: int = Field(foreign_key="agents.id", primary_key=True)
    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    role: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody reaches: his role at the whole desk, or, when `by_account` is not None, his role at
    each of the accounts that he works for."""

    role: str
    by_account: Mapping[int, str] | None = None

    @property
    def accounts(self) -> frozenset[int] | None:
        """None is all of them."""
        return None if self.by_account is None else frozenset(self.by_account)

    def role_at(self, account_id: int) -> str | None:
        """None where he does not work."""
        return self.role if self.by_account is None else self.by_account.get(account_id)

    def may(self, verb: Verb | str, account_id: int | None = None) -> bool:
        """Whether he may do it there; without an account, whether at any of his."""
        if self.by_account is None:
            return may(self.role, verb)
        if Verb(verb) in _WHOLE_DESK:
            return False
        roles = self.by_account.values() if account_id is None else [self.by_account.get(account_id)]
        return any(may(role, verb) for role in roles if role)

    def where(self, verb: Verb | str) -> frozenset[int] | None:
        """The accounts at which he may do it; None is all of them."""
        if self.by_account is None:
            return None if may(self.role, verb) else frozenset()
        return frozenset(each for each in self.by_account if self.may(verb, each))

    def acting(self, agent: Agent, verb: Verb, account_id: int | None) -> Agent:
        """The agent in the role he has at that account; without one, in the least role he has wherever he
        may do it. It is a copy that no session keeps, so that the role is never stored."""
        if self.by_account is None or verb in (_WHOLE_DESK | {Verb.OWN_ACCOUNT}):
            return agent
        places = [account_id] if account_id is not None else list(self.where(verb) or ())
        role = min((Role(self.by_account[each]) for each in places), key=list(Role).index)
        return agent if role == agent.role else Agent(**agent.model_dump(exclude={"role"}), role=role)


def may(agent_role: str, verb: Verb | str) -> bool:
    """Whether that role is enough for it. Raises ValueError for what is no verb."""
    return Role(agent_role).reaches(LEAST[Verb(verb)])


def reach(session: Session, agent: Agent) -> Reach:
    """One statement."""
    with scope.whole_desk(session):  # a colleague who works for other accounts alone would seem to for all
        rows = session.exec(select(Membership).where(Membership.agent_id == agent.id)).all()
    return Reach(agent.role, {row.account_id: row.role for row in rows} if rows else None)


def colleagues(session: Session, accounts: Collection[int] | None) -> Sequence[Agent]:
    """By user name, those who work for any of these accounts; None is all. Those who have left, too."""
    theirs = select(Membership.agent_id).where(Membership.agent_id == Agent.id)
    query = select(Agent).order_by(col(Agent.username))
    if accounts is not None:
        here = theirs.where(col(Membership.account_id).in_(accounts))
        query = query.where(here.exists() | ~theirs.exists())
    with scope.whole_desk(session):  # else whoever works for others alone would seem to work for all
        return session.exec(query).all()


def accounts_seen(session: Session, agent: Agent) -> frozenset[int] | None:
    """The accounts whose cases exist for the agent; None is all of them."""
    return reach(session, agent).accounts


def require(reach: Reach, account_id: int, verb: Verb) -> None:
    """Raises NotFound at an account that is not his, NotAllowed for what is above his role there."""
    role = reach.role_at(account_id)
    if role is None:
        raise NotFound(_("There is no such case."))
    if not may(role, verb):
        raise NotAllowed(refusal(verb))


class Answer(StrEnum):
    """To whoever wants in."""

    COME_IN = "come_in"
    NOT_ALLOWED = "not_allowed"
    NOT_THERE = "not_there"
    ANOTHERS = "anothers"  # another account's row, of which he is told what is told of none


def decide(reach: Reach, verb: Verb, *, named: bool = False, account_id: int | None = None) -> Answer:
    """Whether he may do it to the row that he has `named`, of that account; None when there is no such row.

    His role is asked first and the row after it, so that whoever may do it nowhere learns of no row.
    """
    if not reach.may(verb):
        return Answer.NOT_ALLOWED
    if not named:
        return Answer.COME_IN
    if account_id is None:
        return Answer.NOT_THERE
    if reach.role_at(account_id) is None:
        return Answer.ANOTHERS
    return Answer.COME_IN if reach.may(verb, account_id) else Answer.NOT_ALLOWED


class OfAnAccount(Protocol):
    """A case, and whatever else is one account's."""

    account_id: int


def require_case(session: Session, agent: Agent, case: OfAnAccount, verb: Verb) -> None:
    """As `require` does, of the case's account."""
    require(reach(session, agent), case.account_id, verb)


def refusal(verb: Verb) -> str:
    return _(_REFUSALS[LEAST[verb]])


_REFUSALS = {
    Role.READ_ONLY: mark("This page is for people who work here."),
    Role.AGENT: mark("You may read here and change nothing: ask a supervisor to do it."),
    Role.SUPERVISOR: mark("This is for supervisors."),
    Role.ADMIN: mark("This is for admins."),
}
