"""Whose the row is that an address names: the same for pages and for programs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.incidents.incidents import Incident
from socialdesk.incidents.waves import Wave
from socialdesk.messages import Message
from socialdesk.people import permissions
from socialdesk.people.permissions import Answer, Reach, Verb
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.placing.muting import MutedConversation
from socialdesk.polling.gaps import Gap
from socialdesk.replies import Reply

LARGEST_ID = 2**31 - 1  # of a row
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


def row_id(written: Any) -> int | None:
    """None for what cannot be a row's id."""
    text = str(written)
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))):
        return None
    return int(text) if 0 < int(text) <= LARGEST_ID else None


def named(address: Mapping[str, Any]) -> tuple[str, int] | None:
    """The part of the path that names a row of one account's, and the row's id."""
    name = next((each for each in address if each in OF_AN_ACCOUNT), None)
    number = row_id(address[name]) if name else None
    return (name, number) if name and number else None


def decide(session: Session, reach: Reach, verb: Verb, address: Mapping[str, Any]) -> tuple[Answer, str]:
    """As permissions.decide does of what the path names, and the sentence for what is not there; of a session
    in which every account's rows are."""
    row, account_id = named(address), None
    if row:
        table = OF_AN_ACCOUNT[row[0]]
        account_id = session.exec(select(table.account_id).where(table.id == row[1])).first()
    return of_row(reach, verb, address, account_id, partial(of_customer, session))


def of_row(
    reach: Reach,
    verb: Verb,
    address: Mapping[str, Any],
    account_id: int | None,
    ask_of_customer: Callable[[Collection[int], int], Answer],
) -> tuple[Answer, str]:
    """The same where it is known whose the row is: that account's, or None when there is no such row."""
    row, customer = named(address), row_id(address.get("customer_id"))
    answer = permissions.decide(reach, verb, named=row is not None, account_id=account_id)
    if answer == Answer.COME_IN and customer and reach.accounts is not None:
        return ask_of_customer(reach.accounts, customer), _("There is no such customer.")
    return answer, _(MISSING[row[0]], number=row[1]) if row else ""


def of_customer(session: Session, accounts: Collection[int], customer_id: int) -> Answer:
    """Customers are no account's: each is there for whoever works for one that he has a case with."""
    query = select(Case.id).where(Case.customer_id == customer_id, col(Case.account_id).in_(accounts))
    if session.exec(query.limit(1)).first() is not None:
        return Answer.COME_IN
    return Answer.NOT_THERE if session.get(Customer, customer_id) is None else Answer.ANOTHERS
