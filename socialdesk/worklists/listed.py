"""A case as a list shows it. Nothing else of it is read: whole ones take three times as long."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import col, select

from socialdesk import tagged
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.tagged import TagOn


class Listed(NamedTuple):
    """A case and its customer, whose are `handle`, `name` and `x_id`; all as in those two."""

    id: int
    visibility: str
    language: str
    language_sure: bool
    exposed: bool
    topic: str | None
    tagged: str | None
    excerpt: str
    assignee_id: int | None
    waiting_since: datetime | None
    last_message_at: datetime
    snoozed_until: datetime | None
    failed_since: datetime | None
    due_at: datetime | None
    paused: bool
    handle: str | None
    name: str | None
    x_id: str

    @property
    def tags(self) -> list[TagOn]:
        return tagged.read(self.tagged)


_OF_CUSTOMER = ("handle", "name", "x_id")
_COLUMNS = [getattr(Customer if name in _OF_CUSTOMER else Case, name) for name in Listed._fields]
CASES: Any = select(*_COLUMNS).join_from(Case, Customer, col(Customer.id) == Case.customer_id)
