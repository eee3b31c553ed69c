"""Who comes in, how far he reaches, and whose account the row in the address is: asked in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import bindparam, null
from sqlmodel import Session, col, func, select

from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.history import CaseEvent
from socialdesk.incidents.incidents import Incident
from socialdesk.incidents.waves import Wave
from socialdesk.messages import Message
from socialdesk.people import sign_ins
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Membership, Reach
from socialdesk.people.sign_ins import SignIn
from socialdesk.phrases import mark
from socialdesk.placing.muting import MutedConversation
from socialdesk.polling.gaps import Gap
from socialdesk.replies import Reply
from socialdesk.replying.approvals import WAITS

LARGEST_ID = 2**31 - 1  # of a row
NO_ROW = 0  # no row has that id
# Read from an index that holds nothing but these.
_SUBMITTED: Any = select(func.count(col(Reply.id))).where(*WAITS).scalar_subquery()
_NEWEST: Any = select(func.max(CaseEvent.id)).scalar_subquery()
# What a part of an address names, if it is a row of one account's.
OF_AN_ACCOUNT: Mapping[str, Any] = {
    "case_id": Case,
    "reply_id": Reply,
    "message_id": Message,
    "mute_id": MutedConversation,
    "gap_id": Gap,
    "incident_id": Incident,
    "wave_id": Wave,
}
MISSING = {
    "case_id": mark("There is no case %(number)s."),
    "reply_id": mark("There is no reply %(number)s."),
    "message_id": mark("There is no message %(number)s."),
    "mute_id": mark("That conversation is not muted any more."),
    "gap_id": mark("There is no gap %(number)s."),
    "incident_id": mark("There is no incident %(number)s."),
    "wave_id": mark("There is no wave %(number)s."),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """`account_id` is that of the row `named` in the address; None where there is none. `submitted` is how
    many replies of any account wait for a second person: every page's header tells it. `newest` is the last
    event there was: the page has seen all until it, and is told what comes after."""

    agent: Agent
    sign_in: SignIn
    reach: Reach
    account_id: int | None = None
    named: str | None = None
    submitted: int = 0
    newest: int = 0


def read(session: Session, desk: Desk, token: str, address: Mapping[str, Any]) -> Arrival | None:
    """None when nobody is signed in with that token; `address` are the parts of the path."""
    idle, longest = desk.settings.console.session_limits
    named = next((name for name in address if name in OF_AN_ACCOUNT), None)
    number = row_id(address[named]) if named else None
    if number is None or number > LARGEST_ID:
        number = NO_ROW
    asked = sign_ins.asked_of(token, idle=idle, longest=longest)
    rows = session.exec(_made(named), params=asked | ({"row_id": number} if named else {})).all()
    if not rows:
        return None
    agent, sign_in, _, _, account_id, submitted, newest = rows[0]
    by_account = {row[2]: row[3] for row in rows if row[2] is not None}
    reach = Reach(agent.role, by_account or None)
    return Arrival(agent, sign_in, reach, account_id, named, submitted, newest or 0)


def knows(session: Session, reach: Reach, customer_id: int) -> bool:
    """Whether the customer exists for him: has a case with an account of his."""
    if reach.accounts is None:
        return True
    query = select(Case.id).where(Case.customer_id == customer_id, col(Case.account_id).in_(reach.accounts))
    return session.exec(query.limit(1)).first() is not None


def row_id(written: Any) -> int | None:
    """None for what cannot be a row's id."""
    text = str(written)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID)) else None


@cache
def _made(named: str | None) -> Any:
    """The question for an address that names such a row; making it takes longer than answering it."""
    table = OF_AN_ACCOUNT[named] if named else None
    whose = select(table.account_id).where(table.id == bindparam("row_id")) if table else None
    query = sign_ins.RESUMING.outerjoin(Membership, col(Membership.agent_id) == Agent.id)
    return query.add_columns(
        col(Membership.account_id),
        col(Membership.role),
        null() if whose is None else whose.scalar_subquery(),
        _SUBMITTED,
        _NEWEST,
    )
