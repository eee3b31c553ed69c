"""Who works here, in which role, for which accounts: what admins change, all of it audited.

There is always an admin who may sign in. Whoever loses something is signed out at once.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, delete, select

from socialdesk import audit
from socialdesk.accounts import Account
from socialdesk.errors import AlreadyDone, BadInput, Conflict
from socialdesk.people import admission, agents, invitations, sign_ins, skills
from socialdesk.people.agents import Agent, Role
from socialdesk.people.permissions import AtAccount, Membership
from socialdesk.phrases import gettext as _


def add(session: Session, *, username: str, name: str, role: str, by: Agent) -> tuple[Agent, str]:
    """Somebody new, and the token with which he chooses his password. Raises as agents.hire does."""
    agent = agents.hire(session, username=username, name=name, role=role, password=None, by=by)
    return agent, invitations.invite(session, agent)


def invite_again(session: Session, agent: Agent, *, by: Agent) -> str:
    """A new token; until it is taken up the agent's password, if he has one, is good."""
    if agent.disabled_at:
        raise AlreadyDone(_("%(name)s is disabled: enable the person first.", name=agent.name))
    _tell(session, "agent_invited", agent, by)
    return invitations.invite(session, agent)


def give_role(
    session: Session, agent: Agent, role: str, at: Mapping[int, str] | None = None, *, by: Agent | None
) -> None:
    """`at` are the accounts he works for from now on and his role at each; none are all, in that `role`.
    Raises BadInput, and Conflict when no admin would be left."""
    at = dict(at or {})
    _refuse_nonsense(session, role, at)
    if role != Role.ADMIN:
        _keep_an_admin(session, agent)
    before, agent.role = agent.role, role
    session.add(agent)
    session.exec(delete(Membership).where(col(Membership.agent_id) == agent.id))
    for account_id, there in at.items():
        session.add(Membership(agent_id=agent.id or 0, account_id=account_id, role=there))
    sign_ins.close_all(session, agent, but="")
    _tell(session, "role_changed", agent, by, before=before, role=role, accounts=_handles(session, at))


def teach(session: Session, agent: Agent, levels: Mapping[str, str], *, by: Agent | None) -> None:
    """The languages he reads and writes. Raises as skills.learn does."""
    skills.learn(session, agent, levels)
    _tell(session, "languages_changed", agent, by, languages=dict(levels))


def disable(session: Session, agent: Agent, *, by: Agent | None = None) -> None:
    """Raises Conflict when no admin would be left."""
    if agent.disabled_at:
        raise AlreadyDone(_("%(name)s is disabled already.", name=agent.name))
    _keep_an_admin(session, agent)
    invitations.withdraw(session, agent)
    admission.disable(session, agent, by=by)


def of_everybody(session: Session) -> dict[int, dict[int, str]]:
    """By agent, his role at each account that he works for; who works for all is not in it."""
    found: dict[int, dict[int, str]] = {}
    for row in session.exec(select(Membership).order_by(col(Membership.account_id))):
        found.setdefault(row.agent_id, {})[row.account_id] = row.role
    return found


def _refuse_nonsense(session: Session, role: str, at: Mapping[int, str]) -> None:
    if role not in list(Role):
        raise BadInput(_("A role is one of %(roles)s.", roles=", ".join(Role)))
    if at and role == Role.ADMIN:
        raise BadInput(_("An admin is one for all accounts: choose another role, or no account."))
    if not set(at) <= set(session.exec(select(Account.id))):
        raise BadInput(_("One of those accounts is not on this desk."))
    if not set(at.values()) <= set(AtAccount):
        raise BadInput(_("The role at an account is one of %(roles)s.", roles=", ".join(AtAccount)))


def _keep_an_admin(session: Session, agent: Agent) -> None:
    """The rows are held, so that two admins do not demote each other at the same moment."""
    working = select(Agent.id).where(Agent.role == Role.ADMIN, col(Agent.disabled_at).is_(None))
    admins = session.exec(working.order_by(col(Agent.id)).with_for_update()).all()
    if list(admins) == [agent.id]:
        raise Conflict(_("%(name)s is the last admin: make somebody else one first.", name=agent.name))


def _handles(session: Session, at: Mapping[int, str]) -> dict[str, str] | None:
    found = session.exec(select(Account).where(col(Account.id).in_(at))).all() if at else []
    return {account.handle: at[account.id or 0] for account in found} or None


def _tell(session: Session, kind: str, agent: Agent, by: Agent | None, **what: Any) -> None:
    audit.record(session, kind, by=by.id if by else None, subject=agent.username, **what)
