"""How many requests X still grants, read from the headers of its answers and from nothing else."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import regex

from socialdesk import clock
from socialdesk.errors import RateLimited
from socialdesk.phrases import mark

_NUMBER = regex.compile(r"\d{4,}")
SOONEST = timedelta(seconds=15)
LATEST = timedelta(minutes=15)
_CREDIBLE = LATEST + timedelta(minutes=1)  # X's windows last a quarter of an hour; later, the clock has moved


@dataclass(frozen=True, slots=True)
class Budget:
    """What one endpoint's last answer said: `remaining` of `limit` requests until `resets_at`."""

    limit: int
    remaining: int
    resets_at: datetime


class Budgets:
    """One account's budgets, by method and path; shared by all threads that speak for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[str, Budget] = {}
        self._not_before: dict[str, datetime] = {}
        self._limited: set[str] = set()  # whose last answer was a 429

    def see(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        limit, remaining = _number(headers, "x-rate-limit-limit"), _number(headers, "x-rate-limit-remaining")
        reset = _number(headers, "x-rate-limit-reset")
        if limit is None or remaining is None or reset is None:
            return
        with self._lock:
            self._budgets[_endpoint(method, path)] = Budget(limit, remaining, _moment(reset))

    def all(self) -> dict[str, Budget]:
        with self._lock:
            return dict(self._budgets)

    def of(self, method: str, path: str) -> Budget | None:
        """What X granted at its last answer; None when its window is over, or X has said nothing."""
        with self._lock:
            budget = self._budgets.get(_endpoint(method, path))
        return budget if budget and _is_ahead(budget.resets_at) else None

    def granted(self, method: str, path: str) -> None:
        """That endpoint has answered as it should."""
        with self._lock:
            self._limited.discard(_endpoint(method, path))

    def limited(self, method: str, path: str, headers: Mapping[str, str]) -> datetime:
        """X has answered 429: when to ask again. One early question is allowed, a second one is not."""
        endpoint = _endpoint(method, path)
        with self._lock:
            until = come_back_at(headers, again=endpoint in self._limited)
            self._not_before[endpoint] = until
            self._limited.add(endpoint)
        return until

    def check(self, method: str, path: str) -> None:
        """Raises RateLimited when X is known to refuse: it counts questions that it refuses, too."""
        endpoint = _endpoint(method, path)
        with self._lock:
            until, budget = self._not_before.get(endpoint), self._budgets.get(endpoint)
        if until is None and budget and budget.remaining == 0:
            until = budget.resets_at
        if until and _is_ahead(until):
            raise RateLimited(told_to_wait(until), until=until)
        with self._lock:
            self._not_before.pop(endpoint, None)


def come_back_at(headers: Mapping[str, str], *, again: bool = False) -> datetime:
    """When to ask again after a 429: what X says, but neither at once nor, if it says nonsense, next week.

    `again`: it is not the first in a row. Who is told nothing of use then waits as long as X's windows last.
    """
    now = clock.now()
    reset = _number(headers, "x-rate-limit-reset")
    said = _moment(reset) if reset is not None else now
    soonest = LATEST if again and said <= now else SOONEST
    return min(max(said, now + soonest), now + LATEST)


def _endpoint(method: str, path: str) -> str:
    return f"{method} {_NUMBER.sub(':id', path)}"


def _is_ahead(moment: datetime) -> bool:
    now = clock.now()
    return now < moment <= now + _CREDIBLE


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None


def _moment(timestamp: int) -> datetime:
    return datetime.fromtimestamp(min(timestamp, 32_503_680_000), UTC)


def told_to_wait(until: datetime) -> str:
    return mark("X asks us to wait until %(time)s UTC.") % {"time": f"{until:%H:%M:%S}"}
