"""The live feed: open consoles are told that something changed, never what was written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from socialdesk import feed
from socialdesk.console.access import Admitted, Visit, who
from socialdesk.console.listeners import Batch, Listener, Watch
from socialdesk.feed import News
from socialdesk.people import permissions
from socialdesk.phrases import gettext as _
from socialdesk.worklists import presence
from socialdesk.worklists.presence import Present

__all__ = ["CLOSING", "Watch", "router"]

router = APIRouter()

HEARTBEAT_SECONDS = 15
# The server puts an asyncio.Event under this name into each request's scope and sets it when it closes.
CLOSING = "socialdesk.closing"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a console is told first: what it has missed, where the feed is now, and who is where."""

    missed: Sequence[News]
    newest: int
    present: Sequence[Present]


@router.get("/live")
async def live(
    visit: Admitted,
    after: Annotated[str, Query(max_length=20)] = "",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """`after` is the last event that this page has been told, by whichever connection it was."""
    watch: Watch = visit.request.app.state.watch
    listener = Listener(visit.agent.id, visit.accounts)
    if not await run_in_threadpool(watch.join, listener):
        return Response(_("Too many consoles are open."), 503, headers={"Retry-After": "30"})
    beginning = await run_in_threadpool(_beginning, visit, listener, _event_id(after or last_event_id))
    return StreamingResponse(_stream(visit, watch, listener, beginning), media_type="text/event-stream")


async def _stream(
    visit: Visit, watch: Watch, listener: Listener, beginning: Beginning
) -> AsyncIterator[bytes]:
    closing = asyncio.ensure_future(_closing(visit.request).wait())
    try:
        yield format_sse_event(retry=2000, comment="open")
        listener.begin(beginning.present)
        yield _begun(visit, beginning)
        async for batch in _batches(listener, closing):
            if batch:
                yield _written(visit, batch)
            elif await _in_turn(watch, visit, listener):
                yield format_sse_event(event="still", data_str="{}")
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


def _accounts(visit: Visit) -> frozenset[int] | None:
    with visit.desk.database.reading() as session:
        return permissions.accounts_seen(session, visit.agent)


async def _in_turn(watch: Watch, visit: Visit, listener: Listener) -> bool:
    async with watch.turns:
        return await run_in_threadpool(_still_in, visit, listener)


def _still_in(visit: Visit, listener: Listener) -> bool:
    """Whether the agent is signed in; what he may see can have changed since the stream began."""
    if who(visit.request, visit.desk) is None:
        return False
    listener.accounts = _accounts(visit)
    return True


def _beginning(visit: Visit, listener: Listener, event_id: int | None) -> Beginning:
    """What a console that was away has missed, as far as one page of the feed goes back."""
    with visit.database.reading() as session:
        missed = [] if event_id is None else feed.since(session, event_id)
        return Beginning(
            listener.events(missed), feed.newest(session), listener.present(presence.now_there(session))
        )


def _event_id(told: str) -> int | None:
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 18 else None


def _begun(visit: Visit, beginning: Beginning) -> bytes:
    missed = _cases(visit, beginning.missed) if beginning.missed else b""
    data = json.dumps({"newest": beginning.newest})
    begun = format_sse_event(event="begun", data_str=data, id=str(beginning.newest))
    return missed + begun + _present(beginning.present)


def _written(visit: Visit, batch: Batch) -> bytes:
    cases = _cases(visit, batch.events) if batch.events else b""
    return cases + (_present(batch.present) if batch.present is not None else b"")


def _cases(visit: Visit, events: Sequence[News]) -> bytes:
    told = [_told(each, visit.agent.id) for each in events]
    return format_sse_event(event="cases", data_str=json.dumps(told), id=str(max(each.id for each in events)))


def _told(event: News, reader: int | None) -> dict[str, Any]:
    """Who has taken a case is told to the others, and whoever is called in a note that it is he."""
    told: dict[str, Any] = {"id": event.id, "case": event.case_id, "kind": event.kind}
    if event.kind == "assigned" and event.agent_id != reader and json.loads(event.told).get("to"):
        told["by"] = event.agent
    if event.kind == "mentioned" and reader in json.loads(event.told)["agents"]:
        told["me"] = True
    return told


def _present(present: Sequence[Present]) -> bytes:
    told = [
        {"case": each.case_id, "name": each.name, "initials": each.initials, "writing": each.writing}
        for each in present
    ]
    return format_sse_event(event="presence", data_str=json.dumps(told))
