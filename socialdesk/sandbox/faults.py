"""What can be made to go wrong, on purpose, between the desk and X."""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Kind(StrEnum):
    STATUS = "status"  # this status with a problem as its body
    HTML = "html"  # an error page where JSON was expected
    REDIRECT = "redirect"  # somewhere else, please
    HANG = "hang"  # no answer for that many seconds, then the connection is cut
    DROP = "drop"  # the connection is cut, nothing was done
    SLOW = "slow"  # answers rightly, after that many seconds
    ACCEPT_THEN_DROP = "accept_then_drop"  # does what was asked, then cuts the connection without an answer
    TRUNCATE = "truncate"  # does what was asked, then cuts the connection in the middle of the answer
    EMPTY = "empty"  # does what was asked, and answers with nothing in the body
    NO_HEADERS = "no_headers"  # no rate-limit headers; with a status, that status instead of the answer


@dataclass
class Fault:
    """`times` None: until it is taken away. `reset` is sent as x-rate-limit-reset whatever it says."""

    endpoint: str
    kind: Kind
    status: int | None = None
    seconds: float = 60.0
    times: int | None = 1
    probability: float = 1.0
    reset: str | None = None
    location: str | None = None
    body: Any = None

    @property
    def replaces_answer(self) -> bool:
        if self.kind is Kind.NO_HEADERS:
            return self.status is not None
        return self.kind in (Kind.STATUS, Kind.HTML, Kind.REDIRECT, Kind.HANG, Kind.DROP)


@dataclass
class Faults:
    _standing: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._standing.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._standing.clear()

    def strike(self, *names: str) -> Fault | None:
        """The fault that befalls a request known by these names, if any; one of its times is then used up."""
        if not self._standing:
            return None
        with self._lock:
            struck = next((fault for fault in self._standing if _befalls(fault, names)), None)
            if struck and struck.times is not None:
                struck.times -= 1
                self._standing = [fault for fault in self._standing if fault.times != 0]
            return struck

    def as_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._standing]


def _befalls(fault: Fault, names: tuple[str, ...]) -> bool:
    if not any(fnmatchcase(name, fault.endpoint) for name in names):
        return False
    return fault.probability >= 1 or random.random() < fault.probability  # noqa: S311  (chance, not secrecy)
