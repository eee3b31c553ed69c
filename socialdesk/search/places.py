"""In which case an entry's text stands: read from the text's own row, which may move to another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import exposure
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.casework.notes import Note
from socialdesk.customers import Customer
from socialdesk.languages import UNDETERMINED
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.people import scope
from socialdesk.replies import Reply, State
from socialdesk.search.entries import Source
from socialdesk.search.matching import Match

MOST_CASES = 50  # of one customer: the newest ones
# What was sent is found as the message that it is now.
_NO_REPLIES = (State.SENT, State.CANCELLED)

Accounts = Collection[int] | None


@dataclass(frozen=True, slots=True)
class Place:
    """One text in its case, as everybody may see it; `entry_id` is 0 for what was not found by its words."""

    entry_id: int
    source: Source
    source_id: int
    case_id: int
    text: str
    at: datetime
    language: str | None
    private: bool
    ours: bool


def of(session: Session, matches: Sequence[Match], accounts: Accounts) -> list[Place]:
    """In the order of the matches; a customer's entry stands in all of his cases, the newest first."""
    entries = {(match.source, match.source_id): match.id for match in matches}
    found = chain.from_iterable(
        read(session, entries, [each.source_id for each in matches if each.source == source], accounts)
        for source, read in _READERS.items()
    )
    return sorted(found, key=lambda place: -place.entry_id)


def by_x_id(session: Session, x_id: str, accounts: Accounts) -> list[Place]:
    """The message with that id, or the cases of the customer with it."""
    messages = select(Message).where(Message.x_id == x_id)
    found = session.exec(
        _in(messages, Message.account_id, _all_accounts(session) if accounts is None else accounts)
    ).all()
    if found:
        return [_of_message(message, 0) for message in found]
    customer_id = session.exec(select(Customer.id).where(Customer.x_id == x_id)).first()
    return list(_of_customers(session, {}, [customer_id] if customer_id else [], accounts))


def _all_accounts(session: Session) -> Collection[int]:
    """X's ids are indexed within an account."""
    return [account_id for account_id in session.exec(select(Account.id)) if account_id is not None]


def _of_messages(
    session: Session, entries: dict[tuple[str, int], int], ids: Collection[int], accounts: Accounts
) -> Iterable[Place]:
    if not ids:
        return []
    with scope.whole_desk(session):  # asked for both, SQLite reads all messages of an account
        found = session.exec(select(Message).where(col(Message.id).in_(ids))).all()
    return [
        _of_message(each, entries[Source.MESSAGE, each.id or 0])
        for each in found
        if accounts is None or each.account_id in accounts
    ]


def _of_message(message: Message, entry_id: int) -> Place:
    return Place(
        entry_id,
        Source.MESSAGE,
        message.id or 0,
        message.case_id,
        exposure.shown(message),
        message.sent_at,
        message.language,
        private=message.private,
        ours=message.direction == Direction.OUTBOUND,
    )


def _of_replies(
    session: Session, entries: dict[tuple[str, int], int], ids: Collection[int], accounts: Accounts
) -> Iterable[Place]:
    if not ids:
        return []
    query = select(Reply).where(col(Reply.id).in_(ids), col(Reply.state).not_in(_NO_REPLIES))
    return [
        Place(
            entries[Source.REPLY, reply.id or 0],
            Source.REPLY,
            reply.id or 0,
            reply.case_id,
            reply.text,
            reply.drafted_at,
            None,
            private=reply.private,
            ours=True,
        )
        for reply in session.exec(_in(query, Reply.account_id, accounts))
    ]


def _of_customers(
    session: Session, entries: dict[tuple[str, int], int], ids: Collection[int], accounts: Accounts
) -> Iterable[Place]:
    if not ids:
        return []
    # What was merged has nothing left, and its words are found where they went.
    theirs = select(Case).where(col(Case.customer_id).in_(ids), col(Case.merged_into_id).is_(None))
    with scope.whole_desk(session):
        found = session.exec(theirs.order_by(col(Case.last_message_at).desc())).all()
    cases_of: dict[int, list[Case]] = defaultdict(list)
    for case in found:
        if accounts is None or case.account_id in accounts:
            cases_of[case.customer_id].append(case)
    return [
        _of_customer(case, entries.get((Source.CUSTOMER, customer_id), 0))
        for customer_id, cases in cases_of.items()
        for case in cases[:MOST_CASES]
    ]


def _of_customer(case: Case, entry_id: int) -> Place:
    return Place(
        entry_id,
        Source.CUSTOMER,
        case.customer_id,
        case.id or 0,
        case.excerpt,
        case.last_message_at,
        case.language,
        private=case.visibility == Visibility.PRIVATE,
        ours=False,
    )


def _of_notes(
    session: Session, entries: dict[tuple[str, int], int], ids: Collection[int], accounts: Accounts
) -> Iterable[Place]:
    if not ids:
        return []
    query = select(Note).where(col(Note.id).in_(ids), col(Note.deleted_at).is_(None))
    return [
        Place(
            entries[Source.NOTE, note.id or 0],
            Source.NOTE,
            note.id or 0,
            note.case_id,
            note.text,
            note.written_at,
            UNDETERMINED,
            private=True,
            ours=True,
        )
        for note in session.exec(_in(query, Note.account_id, accounts))
    ]


_READERS = {
    Source.MESSAGE: _of_messages,
    Source.REPLY: _of_replies,
    Source.CUSTOMER: _of_customers,
    Source.NOTE: _of_notes,
}


def _in(query: Any, column: Any, accounts: Accounts) -> Any:
    return query if accounts is None else query.where(col(column).in_(accounts))
