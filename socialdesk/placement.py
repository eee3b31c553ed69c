"""Which case a message belongs to.

In public a case is one customer in one conversation: other people in the same thread have their own
cases. A direct message joins whatever case the customer has open on that account, public or private.
A customer who comes back to a resolved case reopens it for some days and gets a follow-up case after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlmodel import Session

from socialdesk import cases
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.messages import Incoming, Visibility


class Placement:
    """The cases of the customers in one batch, read at once and kept up to date while it is placed."""

    def __init__(
        self, session: Session, account_id: int, customers: Collection[Customer], *, reopen_days: int
    ) -> None:
        self._session = session
        self._account_id = account_id
        self._reopen_for = timedelta(days=reopen_days)
        self._of: dict[int, list[Case]] = defaultdict(list)
        ids = [customer.id for customer in customers if customer.id is not None]
        for case in cases.of_customers(session, account_id, ids):
            self._of[case.customer_id].append(case)

    def case_for(self, incoming: Incoming, customer: Customer) -> Case | None:
        """The case the message goes into, new if it must be; None for words of ours that answer nobody."""
        assert customer.id is not None
        theirs = self._of[customer.id]
        found = _newest(self._candidates(theirs, incoming))
        if incoming.ours:
            return found
        if found and not self._too_late(found, incoming.sent_at):
            return found
        return self._open(incoming, customer.id, follows=found)

    def _candidates(self, theirs: Iterable[Case], incoming: Incoming) -> list[Case]:
        if incoming.visibility == Visibility.PUBLIC:
            return [case for case in theirs if case.conversation_id == incoming.conversation_id]
        still_open = [case for case in theirs if case.status != Status.RESOLVED]
        return still_open or list(theirs)

    def _too_late(self, case: Case, at: datetime) -> bool:
        return case.resolved_at is not None and at > case.resolved_at + self._reopen_for

    def _open(self, incoming: Incoming, customer_id: int, *, follows: Case | None) -> Case:
        public = incoming.visibility == Visibility.PUBLIC
        case = cases.open_new(
            self._session,
            account_id=self._account_id,
            customer_id=customer_id,
            conversation_id=incoming.conversation_id if public else None,
            visibility=incoming.visibility,
            at=incoming.sent_at,
            follows=follows,
        )
        self._of[customer_id].append(case)
        return case


def _newest(found: list[Case]) -> Case | None:
    """The one that somebody wrote in last; of several opened in this batch, the last one."""
    return max(enumerate(found), key=lambda each: (each[1].last_message_at, each[0]))[1] if found else None
