"""Rows that a form, or a program's body, names beside the address: the audit log tells who asked for another
account's and was told that it is not there, as it does of rows in addresses.

It is looked at where that was said, so that nothing is asked of requests which come to something.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool

from socialdesk.accounts import Account
from socialdesk.api import whose
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.incidents.waves import Wave
from socialdesk.messages import Message
from socialdesk.people import permissions
from socialdesk.people.permissions import Answer, Reach, Verb
from socialdesk.people.refusals import ANOTHERS, REFUSED
from socialdesk.replies import Reply

# By route, of pages and of programs alike: which fields name rows of one account's.
NAMED: Mapping[str, Mapping[str, Any]] = {
    "/cases/{case_id}/merging": {"other": Case},
    "/cases/{case_id}/splitting": {"message": Message},
    "/cases/{case_id}/language": {"message": Message},
    "/cases/{case_id}/showing": {"message": Message},
    "/cases/{case_id}/replies": {"again": Reply, "seen_message_id": Message, "seen_reply_id": Reply},
    "/replies/{reply_id}/retry": {"seen_message_id": Message, "seen_reply_id": Reply},
    "/cases/together": {"cases": Case},
    "/fit": {"case": Case},
    "/queue/together": {"case": Case},
    "/incidents": {"account": Account, "wave": Wave, "case": Case},
    "/incidents/{incident_id}/cases": {"number": Case},
}
_KINDS = {Answer.ANOTHERS: ANOTHERS, Answer.NOT_ALLOWED: REFUSED}
_Row = tuple[str, Any, int]  # the field, its table, the row's id


@dataclass(frozen=True, slots=True)
class Asker:
    """Who was let in to do what, and how the audit log is told that he was refused: of which kind, and what.
    All accounts' rows are in `database`."""

    database: Database
    reach: Reach
    verb: Verb
    tell: Callable[[str, str], None]


def telling(answer: Callable[[Request, Exception], Response]) -> Callable[..., Awaitable[Response]]:
    """That answer to what is not there, after the audit log was told if it is, but not for him."""

    async def told(request: Request, error: Exception) -> Response:
        await _tell_of_others(request)
        return await run_in_threadpool(answer, request, error)

    return told


async def _tell_of_others(request: Request) -> None:
    """Of the first such row; one form may name a hundred."""
    asker: Asker | None = getattr(request.state, "asker", None)
    tables = NAMED.get(request.scope["route"].path)
    if asker is None or tables is None or asker.reach.accounts is None:
        return
    rows = list(_rows(await _fields(request), tables))
    if rows:
        await run_in_threadpool(_tell, asker, request.url.path, rows)


async def _fields(request: Request) -> Iterable[tuple[str, Any]]:
    """As they were sent; they have been read once already, and nothing is read twice."""
    if request.headers.get("content-type", "").partition(";")[0].strip().endswith("json"):
        told = await request.json()
        return _each(told) if isinstance(told, dict) else ()
    return (await request.form()).multi_items()


def _each(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a list has one by one, as a form has it."""
    for name, value in told.items():
        yield from ((name, one) for one in (value if isinstance(value, list) else [value]))


def _rows(fields: Iterable[tuple[str, Any]], tables: Mapping[str, Any]) -> Iterator[_Row]:
    """What stands behind a point is what somebody had seen of the row."""
    for name, value in fields:
        number = whose.row_id(str(value).partition(".")[0]) if name in tables else None
        if number:
            yield name, tables[name], number


def _tell(asker: Asker, path: str, rows: Iterable[_Row]) -> None:
    with asker.database.reading() as session:
        found = next(_refused(session, asker, rows), None)
    if found:
        kind, name, number = found
        asker.tell(kind, f"{path} {name}={number}")


def _refused(session: Session, asker: Asker, rows: Iterable[_Row]) -> Iterator[tuple[str, str, int]]:
    for name, table, number in rows:
        account = getattr(table, "account_id", table.id)
        account_id = session.exec(select(account).where(col(table.id) == number)).first()
        if account_id is None:
            continue
        answer = permissions.decide(asker.reach, asker.verb, named=True, account_id=account_id)
        if answer in _KINDS:
            yield _KINDS[answer], name, number
