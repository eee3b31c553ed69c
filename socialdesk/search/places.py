"""In which case an entry's text stands: read from the text's own row, which may move to another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session, col, select

from socialdesk import exposure
from socialdesk.accounts import Account
from socialdesk.bulk import among
from socialdesk.cases import Case
from socialdesk.casework.notes import Note
from socialdesk.customers import Customer
from socialdesk.languages import UNDETERMINED
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.people import scope
from socialdesk.replies import Reply
from socialdesk.search.entries import Source
from socialdesk.search.matching import Match

MOST_CASES = 50  # of one customer: the newest ones

Accounts = Collection[int] | None


class Dealt(Protocol):
    """A case, or as much of one as tells what its customer wrote last."""

    @property
    def customer_id(self) -> int: ...
    @property
    def excerpt(self) -> str: ...
    @property
    def last_message_at(self) -> datetime: ...
    @property
    def language(self) -> str: ...
    @property
    def visibility(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a text stands; `entry_id` is 0 for what was not found by its words."""

    entry_id: int
    source: Source
    source_id: int
    case_id: int


@dataclass(frozen=True, slots=True)
class Place:
    """One text in its case, as everybody may see it."""

    source: Source
    source_id: int
    text: str
    at: datetime
    language: str | None
    private: bool
    ours: bool


def of(session: Session, matches: Sequence[Match], accounts: Accounts) -> list[Standing]:
    """In the order of the matches; a customer's entry stands in all of his cases, the newest first."""
    customers = {match.source_id for match in matches if match.source == Source.CUSTOMER}
    cases = _cases_of(session, customers, accounts)
    return [
        Standing(match.id, Source(match.source), match.source_id, case_id)
        for match in matches
        for case_id in (cases[match.source_id] if match.source == Source.CUSTOMER else [match.case_id])
        if case_id is not None
    ]


def by_x_id(session: Session, x_id: str, accounts: Accounts) -> list[Standing]:
    """The message with that id, or the cases of the customer with it."""
    messages = select(Message.id, Message.case_id).where(Message.x_id == x_id)
    # X's ids are indexed within an account.
    within: Any = select(Account.id) if accounts is None else accounts
    found = session.exec(messages.where(col(Message.account_id).in_(within))).all()
    if found:
        return [Standing(0, Source.MESSAGE, message_id or 0, case_id) for message_id, case_id in found]
    customer_id = session.exec(select(Customer.id).where(Customer.x_id == x_id)).first() or 0
    cases = _cases_of(session, {customer_id} - {0}, accounts)[customer_id]
    return [Standing(0, Source.CUSTOMER, customer_id, case_id) for case_id in cases]


def read(session: Session, standings: Iterable[Standing], cases: Mapping[int, Dealt]) -> dict[int, Place]:
    """What stands there, by case id: one text in each of these cases."""
    places: dict[int, Place] = {}
    ids: dict[Source, dict[int, int]] = defaultdict(dict)
    for each in standings:
        if each.source == Source.CUSTOMER:
            places[each.case_id] = _of_customer(cases[each.case_id])
        else:
            ids[each.source][each.source_id] = each.case_id
    for source, case_ids in ids.items():
        for place in _READERS[source](session, case_ids.keys()):
            places[case_ids[place.source_id]] = place
    return places


def _cases_of(session: Session, customers: Collection[int], accounts: Accounts) -> Mapping[int, list[int]]:
    """Without what was merged: it has nothing left, and its words are found where they went."""
    found: dict[int, list[int]] = defaultdict(list)
    if not customers:
        return found
    query = select(Case.id, Case.customer_id, Case.account_id).where(
        col(Case.customer_id).in_(customers), col(Case.merged_into_id).is_(None)
    )
    with scope.whole_desk(session):  # asked for both, SQLite reads all cases of an account
        rows = session.exec(query.order_by(col(Case.last_message_at).desc())).all()
    for case_id, customer_id, account_id in rows:
        if (accounts is None or account_id in accounts) and len(found[customer_id]) < MOST_CASES:
            found[customer_id].append(case_id or 0)
    return found


def _of_messages(session: Session, ids: Collection[int]) -> Iterator[Place]:
    for message in session.connection().execute(_MESSAGES, {"ids": list(ids)}):
        yield Place(
            Source.MESSAGE,
            message.id,
            exposure.shown(message),
            message.sent_at,
            message.language,
            private=message.visibility == Visibility.PRIVATE,
            ours=message.direction == Direction.OUTBOUND,
        )


def _of_replies(session: Session, ids: Collection[int]) -> Iterator[Place]:
    for reply in session.exec(select(Reply).where(col(Reply.id).in_(ids))):
        yield Place(
            Source.REPLY,
            reply.id or 0,
            reply.text,
            reply.drafted_at,
            None,
            private=reply.private,
            ours=True,
        )


def _of_customer(case: Dealt) -> Place:
    return Place(
        Source.CUSTOMER,
        case.customer_id,
        case.excerpt,
        case.last_message_at,
        case.language,
        private=case.visibility == Visibility.PRIVATE,
        ours=False,
    )


def _of_notes(session: Session, ids: Collection[int]) -> Iterator[Place]:
    for note in session.exec(select(Note).where(col(Note.id).in_(ids))):
        yield Place(
            Source.NOTE,
            note.id or 0,
            note.text,
            note.written_at,
            UNDETERMINED,
            private=True,
            ours=True,
        )


# Whole messages take twice as long.
_MESSAGES: Any = select(
    Message.id,  # type: ignore[call-overload]
    Message.text,
    Message.sent_at,
    Message.language,
    Message.language_found,
    Message.personal,
    Message.visibility,
    Message.direction,
).where(among(col(Message.id), "ids"))
_READERS = {Source.MESSAGE: _of_messages, Source.REPLY: _of_replies, Source.NOTE: _of_notes}
