"""What has come into a list since somebody began to look at a page of it, wherever in the list it sorts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from socialdesk.bulk import among
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.worklists import queues
from socialdesk.worklists.listed import Listed
from socialdesk.worklists.queues import Cases

AS_FAR = 5_000  # events; a page that was left alone for longer tells no more by itself
MOST = queues.PAGE
_WROTE = "customer_wrote"
_BEGINS_TO_WAIT = ("opened", "reopened", "woken", _WROTE)
# What brings a case into each list. Lists of what is newest first show it at their top by themselves.
_INTO: Mapping[str, Sequence[str]] = {
    Cases.WAITING: _BEGINS_TO_WAIT,
    Cases.UNASSIGNED: (*_BEGINS_TO_WAIT, "assigned"),
    Cases.MINE: (*_BEGINS_TO_WAIT, "assigned"),
    Cases.DUE: _BEGINS_TO_WAIT,
}
# And where the list is narrowed, into that part of it.
_NARROWED = {
    "language": "language_corrected",
    "languages": "language_corrected",
    "topic": "topic_corrected",
    "tag": "tagged",
}


def of(session: Session, status: str, *, since: int, newest: int, **asked: Any) -> Sequence[Listed]:
    """The list's cases that were not in it after the event of the id `since`, in the list's order and MOST at
    most; `newest` is the last event there is, and `asked` narrows the list as for queues.page."""
    kinds = _kinds(status, asked)
    events = _events(session, max(since, newest - AS_FAR), kinds) if kinds else []
    if not events:
        return []
    case_ids = sorted({case_id for case_id, _kind, _told in events})
    rows = queues.listed_page(session, status, **asked, among=case_ids, size=len(case_ids)).rows
    waited = _waited_already(session, events, rows)
    return [row for row in rows if row.id not in waited][:MOST]


def _kinds(status: str, asked: Mapping[str, Any]) -> tuple[str, ...]:
    into = _INTO.get(status, ())
    return (*into, *(kind for name, kind in _NARROWED.items() if asked.get(name))) if into else ()


def _events(session: Session, since: int, kinds: Sequence[str]) -> Sequence[tuple[int, str, str]]:
    query: Any = select(CaseEvent.case_id, CaseEvent.kind, CaseEvent.told)
    query = query.where(col(CaseEvent.id) > since, among(col(CaseEvent.kind), "kinds"))
    found: Sequence[tuple[int, str, str]] = session.exec(query, params={"kinds": list(kinds)}).all()
    return found


def _waited_already(
    session: Session, events: Sequence[tuple[int, str, str]], rows: Sequence[Listed]
) -> set[int]:
    """Those in which the customer has only added something: they waited since before that."""
    written: dict[int, set[str]] = defaultdict(set)
    for case_id, kind, told in events:
        written[case_id].add(str(json.loads(told).get("message")) if kind == _WROTE else "")
    only_added = {row.id: written[row.id] for row in rows if "" not in written[row.id]}
    moments = _moments(session, only_added)
    since = {row.id: row.waiting_since for row in rows}
    return {
        case_id
        for case_id, messages in only_added.items()
        if (began := since[case_id]) and all(began < moments.get((case_id, each), began) for each in messages)
    }


def _moments(session: Session, written: Mapping[int, set[str]]) -> dict[tuple[int, str], datetime]:
    """When those messages of these cases were written, by case and X's id: each account that a post is
    written to has a copy of it, and by X's ids alone every message would be read."""
    if not written:
        return {}
    query: Any = select(Message.case_id, Message.x_id, Message.sent_at).where(
        among(col(Message.case_id), "case_ids"), among(col(Message.x_id), "x_ids")
    )
    asked = {"case_ids": sorted(written), "x_ids": sorted(set().union(*written.values()))}
    return {(case_id, x_id): sent_at for case_id, x_id, sent_at in session.exec(query, params=asked)}
