"""The open consoles, and the one thread of the process that tells them what is new to them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from socialdesk.database import Database
from socialdesk.errors import DatabaseUnusable
from socialdesk.feed import Feed, News
from socialdesk.worklists import presence
from socialdesk.worklists.presence import Present

log = structlog.get_logger(__name__)

MOST_LISTENERS = 2000
MOST_OF_ONE_AGENT = 50  # pages that he has open
LOOKED_AFTER_AT_ONCE = 2
LOOK_EVERY_SECONDS = 0.5
_BACKLOG = 50  # batches; whoever is further behind is told to look at everything anew


@dataclass(frozen=True, slots=True)
class Batch:
    """What is new: events, and who is where when that has changed."""

    events: Sequence[News] = ()
    present: Sequence[Present] | None = None

    def __bool__(self) -> bool:
        return bool(self.events) or self.present is not None


class Listener:
    """One open console, and what it has not been told yet: nothing of accounts that are not its agent's,
    nor where he is himself."""

    def __init__(self, agent_id: int | None, accounts: frozenset[int] | None) -> None:
        self._loop = asyncio.get_running_loop()
        self.agent_id = agent_id
        self._present: Sequence[Present] | None = None
        self.accounts = accounts
        self.waiting: asyncio.Queue[Batch] = asyncio.Queue(_BACKLOG)

    def tell(self, batch: Batch) -> None:
        """Called by the watching thread."""
        self._loop.call_soon_threadsafe(self._put, batch)

    def begin(self, present: Sequence[Present]) -> None:
        """What it is told first; what has been told meanwhile is newer."""
        if self._present is None:
            self._present = present

    def events(self, told: Sequence[News]) -> Sequence[News]:
        return [each for each in told if self._concerns(each.account_id)]

    def present(self, told: Sequence[Present]) -> Sequence[Present]:
        """The colleagues."""
        others = [each for each in told if each.agent_id != self.agent_id]
        return [each for each in others if self._concerns(each.account_id)]

    def _concerns(self, account_id: int) -> bool:
        return self.accounts is None or account_id in self.accounts

    def _put(self, batch: Batch) -> None:
        mine = Batch(self.events(batch.events), self._moved(batch.present))
        if not mine:
            return
        while self.waiting.full():
            left_out = self.waiting.get_nowait()
            if mine.present is None:
                mine = replace(mine, present=left_out.present)
        self.waiting.put_nowait(mine)

    def _moved(self, told: Sequence[Present] | None) -> Sequence[Present] | None:
        """None when nothing has changed that this console may know."""
        colleagues = None if told is None else self.present(told)
        if colleagues is None or colleagues == self._present:
            return None
        self._present = colleagues
        return colleagues


class Watch:
    """One thread that reads the feed for all listeners of the process, while there are any.

    What has to be asked for each of them takes `turns`, so that a thousand leave most threads to the pages.
    """

    def __init__(self, database: Database) -> None:
        self.turns = asyncio.Semaphore(LOOKED_AFTER_AT_ONCE)
        self._database = database
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._present: Sequence[Present] = ()

    def join(self, listener: Listener) -> bool:
        """False when the house is full, or this agent has more than his share of it. What happens after it
        returns will be told."""
        with self._lock:
            own = sum(each.agent_id == listener.agent_id for each in self._listeners)
            if len(self._listeners) >= MOST_LISTENERS or own >= MOST_OF_ONE_AGENT:
                return False
            if not self._listeners:
                self._begin()
            self._listeners.add(listener)
            return True

    def leave(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def _begin(self) -> None:
        with self._database.reading() as session:
            feed = Feed(session)
        threading.Thread(target=self._run, args=(feed,), name="live feed", daemon=True).start()

    def _run(self, feed: Feed) -> None:
        while self._wanted():
            self._tell(self._news(feed))
            time.sleep(LOOK_EVERY_SECONDS)

    def _wanted(self) -> bool:
        with self._lock:
            return bool(self._listeners)

    def _news(self, feed: Feed) -> Batch:
        try:
            with self._database.reading() as session:
                return Batch(feed.news(session), self._moved(presence.now_there(session)))
        except DatabaseUnusable as error:
            log.warning("live feed waits for the database", reason=str(error))
            return Batch()

    def _moved(self, present: Sequence[Present]) -> Sequence[Present] | None:
        """None when everybody is where they were: nobody is to be woken for that."""
        if present == self._present:
            return None
        self._present = present
        return present

    def _tell(self, batch: Batch) -> None:
        if not batch:
            return
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener.tell(batch)
            except RuntimeError:  # its event loop is closed: the process is ending
                self.leave(listener)
