"""Which addresses of each of the console's pages are asked for, in turn."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from sqlmodel import Session, col, select

from benchmarks.bulk_statements import A_CASE, LONG, OLD_WORD
from socialdesk import clock
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.languages import LANGUAGES
from socialdesk.messages import Message
from socialdesk.topics.names import TOPICS
from socialdesk.worklists.queues import PAGE, Cases

SEED = 2
DEEP = 1_000  # pages, or half of the list where that is shorter
PERIODS = (7, 30, 90, 365)  # days
SEARCHES = {
    "a rare word": ["kettle 314159", "zzyzx", "999983"],
    "a common word": ["parcel", "paquete", "paket", "colis"],
    "two common words": ["parcel depot", "boots charged", "paquete semana"],
    "two that rarely meet": ["kettle boots", "boots kettl"],
    "two that never meet": ["kettle courier", "charged basket"],
    "common long ago": [OLD_WORD, "adve"],
    "Japanese": ["荷物", "引き落とさ", "ログインできな", "靴"],
    "a name": ["customer1234", "@customer1234", "customer 4321"],
}


def of_pages(database: Database, requests: int) -> dict[str, list[str]]:
    """By the name of the page, in the order in which they are shown."""
    with database.reading() as session:
        found = {f"queue, {kind}": [_queue(status=kind)] for kind in Cases}
        found |= dict(_narrowed(session))
        found["reading pane"] = _cases("/cases/{}/glance?from=waiting", session, requests)
        found["case"] = _cases("/cases/{}?from=waiting", session, requests)
        found[f"case of {LONG} messages"] = _long_cases(session)
        found["approvals"] = ["/approvals"]
        found["customer"] = _customers(session, requests)
    for kind, words in SEARCHES.items():
        found[f"search, {kind}"] = [f"/search?q={quote(each)}" for each in words]
    for days in PERIODS:
        found[f"languages, {days} days"] = [_languages(days)]
    return found


def _narrowed(session: Session) -> Iterator[tuple[str, list[str]]]:
    yield "queue, one language", [_queue(language=code) for code in LANGUAGES]
    yield "queue, one topic", [_queue(topic=topic) for topic in TOPICS]
    yield "queue, one account", [_queue(account=1), _queue(account=2)]
    yield "queue, far down", [_queue(after=_place(session, Status.WAITING))]
    yield "queue, resolved, far down", [_queue(status="resolved", after=_place(session, Status.RESOLVED))]


def _place(session: Session, status: Status) -> str:
    """Behind which case the page begins."""
    case: Any = Case
    resolved = status == Status.RESOLVED
    order = (case.last_message_at.desc(), case.id.desc()) if resolved else (case.due_at, case.id)
    rows: Any = select(case).where(case.status == status, case.exposed.is_(False))
    most = len(session.exec(rows.with_only_columns(case.id).limit(DEEP * PAGE * 2)).all())
    found = session.exec(rows.order_by(*order).offset(min(DEEP * PAGE, most // 2)).limit(1)).one()
    if resolved:
        return f"{found.last_message_at.isoformat()}~{found.id}"
    return f"{found.waiting_since.isoformat()}~{found.id}~~{found.due_at.isoformat()}"


def _cases(pattern: str, session: Session, number: int) -> list[str]:
    ids = list(session.exec(select(Case.id).order_by(col(Case.id)).limit(100_000)))
    return _addresses(pattern, ids, number)


def _long_cases(session: Session) -> list[str]:
    first = session.exec(select(Message.id).order_by(col(Message.id).desc()).limit(1)).one() or 0
    query: Any = select(Message.case_id).where(col(Message.id) > first - 20 * (LONG - A_CASE))
    return _addresses("/cases/{}", set(session.exec(query)), 20)


def _customers(session: Session, number: int) -> list[str]:
    ids = set(session.exec(select(Case.customer_id).order_by(col(Case.id)).limit(20_000)))
    return _addresses("/customers/{}", ids, number)


def _addresses(pattern: str, ids: Iterable[int | None], number: int) -> list[str]:
    found = sorted(each for each in ids if each is not None)
    return [pattern.format(each) for each in random.Random(SEED).sample(found, min(number, len(found)))]


def _queue(**query: object) -> str:
    return f"/queue?{urlencode({'status': Status.WAITING.value} | query)}"


def _languages(days: int) -> str:
    last: datetime = clock.now()
    told = {"from": f"{last - timedelta(days=days - 1):%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"}
    return f"/languages?{urlencode(told)}"
