"""What was refused, in the audit log: told so that it can be neither kept out of it nor flooded by it.

Of what one agent is refused at one route within a minute the first is told at once, and then the tenth, the
hundredth and so on, each with how many there have been. Whoever has no token that anybody knows is told apart
by the address; from more of them than STRANGERS in a minute all are one. Every process counts for itself.
"""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakKeyDictionary

from socialdesk import audit, clock
from socialdesk.database import Database
from socialdesk.people import brakes
from socialdesk.people.agents import Agent

REFUSED = "refused"  # what is above his role, or beyond his token
ANOTHERS = "anothers_row"  # what is another account's: to him it was said not to be there
BAD_TOKEN = "token_refused"  # noqa: S105  # a kind of entry
SOMEBODY = "somebody"  # who it was is not known
STRANGERS = 30  # addresses a minute


class Counter:
    """How often each was refused each thing in the minute that the clock shows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[tuple[object, str], int] = {}

    def count(self, who: object, what: str, *, most: int | None = None) -> int:
        """Once more; how often that makes. Those who come after the first `most` are counted as one."""
        with self._lock:
            minute = int(clock.now().timestamp()) // 60
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            key = (who, what)
            if most is not None and key not in self._counts:
                strangers = sum(isinstance(known, str) for known, _ in self._counts)
                key = key if strangers < most else ("", "")
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


_counters: WeakKeyDictionary[Database, Counter] = WeakKeyDictionary()


def tell(database: Database, kind: str, *, by: Agent, route: str, subject: str, **what: Any) -> None:
    """An agent was refused what he asked that `route` for; `subject` is what that was."""
    assert by.id is not None
    times = _counter(database).count(by.id, f"{kind} {route}")
    _write(database, kind, times, by=by.id, subject=subject, **what)


def tell_of_stranger(database: Database, kind: str, *, address: str, **what: Any) -> None:
    """Somebody was refused of whom no more is known than the address."""
    network = str(brakes.of_address(address))
    times = _counter(database).count(network, kind, most=STRANGERS)
    _write(database, kind, times, who=SOMEBODY, **what)


def _counter(database: Database) -> Counter:
    return _counters.setdefault(database, Counter())


def _write(database: Database, kind: str, times: int, **what: Any) -> None:
    if str(times).strip("0") != "1":
        return
    with database.transaction() as session:
        audit.record(session, kind, times=times if times > 1 else None, **what)
