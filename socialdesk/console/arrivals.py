"""Who comes in, how far he reaches, and whose account the row in the address is: asked in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import bindparam, null
from sqlmodel import Session, col, func, select

from socialdesk.api import whose
from socialdesk.api.whose import OF_AN_ACCOUNT
from socialdesk.desk import Desk
from socialdesk.history import CaseEvent
from socialdesk.people import demands, sign_ins
from socialdesk.people.agents import Agent
from socialdesk.people.codes import CodeSecret
from socialdesk.people.permissions import Membership, Reach
from socialdesk.people.sign_ins import SignIn
from socialdesk.replies import Reply
from socialdesk.replying.approvals import WAITS

# Read from an index that holds nothing but these.
_SUBMITTED: Any = select(func.count(col(Reply.id))).where(*WAITS).scalar_subquery()
_CODED: Any = (
    select(CodeSecret.agent_id)
    .where(CodeSecret.agent_id == Agent.id, col(CodeSecret.since).is_not(None))
    .correlate(Agent)
    .exists()
)
_NEWEST: Any = select(func.max(CaseEvent.id)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Arrival:
    """`account_id` is that of the row which the address names; None where there is none. `submitted` is how
    many replies of any account wait for a second person: every page's header tells it. `newest` is the last
    event there was: the page has seen all until it, and is told what comes after. Who `owes` has to set up
    one-time codes before anything else."""

    agent: Agent
    sign_in: SignIn
    reach: Reach
    account_id: int | None = None
    submitted: int = 0
    newest: int = 0
    owes: bool = False


def read(session: Session, desk: Desk, token: str, address: Mapping[str, Any]) -> Arrival | None:
    """None when nobody is signed in with that token; `address` are the parts of the path."""
    idle, longest = desk.settings.console.session_limits
    named, number = whose.named(address) or (None, 0)
    asked = sign_ins.asked_of(token, idle=idle, longest=longest)
    rows = session.exec(_made(named), params=asked | ({"row_id": number} if named else {})).all()
    if not rows:
        return None
    agent, sign_in, _, _, account_id, submitted, newest, coded = rows[0]
    by_account = {row[2]: row[3] for row in rows if row[2] is not None}
    reach = Reach(agent.role, by_account or None)
    owes = not coded and demands.wanted_of(agent, desk.settings.sign_in)
    return Arrival(agent, sign_in, reach, account_id, submitted, newest or 0, owes)


@cache
def _made(named: str | None) -> Any:
    """The question for an address that names such a row; making it takes longer than answering it."""
    table = OF_AN_ACCOUNT[named] if named else None
    account = select(table.account_id).where(table.id == bindparam("row_id")) if table else None
    query = sign_ins.RESUMING.outerjoin(Membership, col(Membership.agent_id) == Agent.id)
    return query.add_columns(
        col(Membership.account_id),
        col(Membership.role),
        null() if account is None else account.scalar_subquery(),
        _SUBMITTED,
        _NEWEST,
        _CODED,
    )
