"""How many requests X still grants, read from the headers of its answers and from nothing else."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import regex

from socialdesk import clock

_NUMBER = regex.compile(r"\d{4,}")
SOONEST = timedelta(seconds=15)
LATEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Budget:
    """What one endpoint's last answer said: `remaining` of `limit` requests until `resets_at`."""

    limit: int
    remaining: int
    resets_at: datetime


class Budgets:
    """One account's budgets, by method and path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[str, Budget] = {}

    def see(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        limit, remaining = _number(headers, "x-rate-limit-limit"), _number(headers, "x-rate-limit-remaining")
        reset = _number(headers, "x-rate-limit-reset")
        if limit is None or remaining is None or reset is None:
            return
        with self._lock:
            self._budgets[f"{method} {_NUMBER.sub(':id', path)}"] = Budget(limit, remaining, _moment(reset))

    def all(self) -> dict[str, Budget]:
        with self._lock:
            return dict(self._budgets)


def come_back_at(headers: Mapping[str, str]) -> datetime:
    """When to ask again after a 429: what X says, but neither at once nor, if it says nonsense, next week."""
    now = clock.now()
    reset = _number(headers, "x-rate-limit-reset")
    said = _moment(reset) if reset is not None else now
    return min(max(said, now + SOONEST), now + LATEST)


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None


def _moment(timestamp: int) -> datetime:
    return datetime.fromtimestamp(min(timestamp, 32_503_680_000), UTC)
