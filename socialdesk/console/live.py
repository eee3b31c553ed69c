"""The live feed: open consoles are told that something changed, never what was written."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Header, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import format_sse_event
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool

from socialdesk.console.access import Admitted, Visit, who
from socialdesk.database import Database
from socialdesk.errors import DatabaseUnusable
from socialdesk.feed import LOOK_BACK, Feed
from socialdesk.history import CaseEvent

router = APIRouter()
log = structlog.get_logger(__name__)

MOST_LISTENERS = 200
LOOK_EVERY_SECONDS = 0.5
HEARTBEAT_SECONDS = 15
_BACKLOG = 50  # batches; whoever is further behind is told to look at everything anew

Event = tuple[int, int, str]
Batch = list[Event]
# The server puts an asyncio.Event under this name into each request's scope and sets it when it closes.
CLOSING = "socialdesk.closing"


class Listener:
    """One open console, and what it has not been told yet."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.waiting: asyncio.Queue[Batch] = asyncio.Queue(_BACKLOG)

    def tell(self, batch: Batch) -> None:
        """Called by the watching thread."""
        self._loop.call_soon_threadsafe(self._put, batch)

    def _put(self, batch: Batch) -> None:
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
        self.waiting.put_nowait(batch)


class Watch:
    """One thread that reads the feed for all listeners of the process, while there are any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()

    def join(self, listener: Listener) -> bool:
        """False when the house is full. What happens after it returns will be told."""
        with self._lock:
            if len(self._listeners) >= MOST_LISTENERS:
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
                return feed.news(session)
        except DatabaseUnusable as error:
            log.warning("live feed waits for the database", reason=str(error))
            return []

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


@router.get("/live")
async def live(visit: Admitted, last_event_id: Annotated[str, Header()] = "") -> Response:
    watch: Watch = visit.request.app.state.watch
    listener = Listener()
    if not await run_in_threadpool(watch.join, listener):
        return Response("Too many consoles are open.", 503, headers={"Retry-After": "30"})
    missed = await run_in_threadpool(_since, visit.database, last_event_id)
    return StreamingResponse(_stream(visit, watch, listener, missed), media_type="text/event-stream")


async def _stream(visit: Visit, watch: Watch, listener: Listener, missed: Batch) -> AsyncIterator[bytes]:
    closing = asyncio.ensure_future(_closing(visit.request).wait())
    try:
        yield format_sse_event(retry=2000, comment="open")
        if missed:
            yield _written(missed)
        async for batch in _batches(listener, closing):
            if batch:
                yield _written(batch)
            elif await run_in_threadpool(who, visit.request, visit.desk):
                yield format_sse_event(comment="still here")
            else:
                return
    finally:
        closing.cancel()
        watch.leave(listener)


async def _batches(listener: Listener, closing: asyncio.Future[Literal[True]]) -> AsyncIterator[Batch | None]:
    """What is told, and None when nothing was for a while; ends when the server closes."""
    coming = asyncio.ensure_future(listener.waiting.get())
    try:
        while not closing.done():
            await asyncio.wait(
                (coming, closing), timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if coming.done():
                yield coming.result()
                coming = asyncio.ensure_future(listener.waiting.get())
            elif not closing.done():
                yield None
    finally:
        coming.cancel()


def _closing(request: Request) -> asyncio.Event:
    event: asyncio.Event = request.scope.get(CLOSING) or asyncio.Event()
    return event


def _since(database: Database, last_event_id: str) -> Batch:
    """What a console that was away has missed, as far as one page of the feed goes back."""
    if not (last_event_id.isascii() and last_event_id.isdigit()) or len(last_event_id) > 18:
        return []
    query = select(CaseEvent.id, CaseEvent.case_id, CaseEvent.kind).where(
        col(CaseEvent.id) > int(last_event_id)
    )
    with database.reading() as session:
        found = session.exec(query.order_by(col(CaseEvent.id).desc()).limit(LOOK_BACK)).all()
    return [(row[0] or 0, row[1] or 0, row[2]) for row in reversed(found)]


def _written(batch: Batch) -> bytes:
    told = [{"id": event_id, "case": case_id, "kind": kind} for event_id, case_id, kind in batch]
    return format_sse_event(
        event="cases", data_str=json.dumps(told), id=str(max(event_id for event_id, _, _ in batch))
    )
