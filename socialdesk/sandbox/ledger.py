"""What X would charge each account: prices of April 2026 (docs.x.com, x-api/getting-started/pricing)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

DAYS_KEPT = 40


class Price(Enum):
    """In tenths of a US cent."""

    OWNED_POST_READ = "owned post read", 1
    POST_READ = "post read", 5
    USER_READ = "user read", 10
    DIRECT_MESSAGE_READ = "direct message read", 10
    POST_CREATED = "post created", 15
    SUMMONED_REPLY_CREATED = "summoned reply created", 10
    POST_WITH_ADDRESS_CREATED = "post with a URL created", 200
    DIRECT_MESSAGE_CREATED = "direct message created", 15
    POST_DELETED = "post deleted", 10

    @property
    def label(self) -> str:
        return self.value[0]

    @property
    def mills(self) -> int:
        return self.value[1]


@dataclass
class DayBook:
    counts: Counter[Price] = field(default_factory=Counter)
    read: set[tuple[str, str]] = field(default_factory=set)
    """Kind and id of what was read: the same thing is charged once per UTC day."""

    def in_dollars(self) -> dict[str, Any]:
        items = {
            price.label: {"count": count, "usd": price.mills * count / 1000}
            for price, count in self.counts.items()
        }
        return {"usd": self.mills / 1000, "items": items}

    @property
    def mills(self) -> int:
        return sum(price.mills * count for price, count in self.counts.items())


@dataclass
class Ledger:
    _accounts: dict[str, dict[date, DayBook]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, account: str, day: date, price: Price, ids: Iterable[str]) -> None:
        kind = "post" if price in (Price.OWNED_POST_READ, Price.POST_READ) else price.label
        with self._lock:
            book = self._book(account, day)
            fresh = {(kind, thing) for thing in ids} - book.read
            if fresh:
                book.read |= fresh
                book.counts[price] += len(fresh)

    def wrote(self, account: str, day: date, price: Price) -> None:
        with self._lock:
            self._book(account, day).counts[price] += 1

    def in_dollars(self) -> dict[str, Any]:
        """Account → its total and its days, each with what was bought how often."""
        with self._lock:
            return {account: _account_in_dollars(days) for account, days in self._accounts.items()}

    def _book(self, account: str, day: date) -> DayBook:
        days = self._accounts.setdefault(account, {})
        if day not in days:
            days[day] = DayBook()
            for old in sorted(days)[:-DAYS_KEPT]:
                del days[old]
        return days[day]


def _account_in_dollars(days: dict[date, DayBook]) -> dict[str, Any]:
    return {
        "usd": sum(book.mills for book in days.values()) / 1000,
        "days": {day.isoformat(): book.in_dollars() for day, book in sorted(days.items())},
    }
