"""The lists of cases that agents work from: what waits by its urgency, all else by time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from sqlalchemy import ColumnElement, Integer, bindparam, tuple_
from sqlmodel import Session, col, select

from socialdesk import clock, counts, replies, targets
from socialdesk.bulk import among
from socialdesk.cases import Case, Status
from socialdesk.casework.notes import Mention
from socialdesk.casework.tagging import CaseTag
from socialdesk.customers import Customer
from socialdesk.database import at_most
from socialdesk.worklists import listed, urgency
from socialdesk.worklists.listed import Listed

PAGE = 50
SOON = timedelta(hours=2)  # what is due within that, or overdue, is due soon
MOST_COUNTED = 1_000  # of what is due soon: when a case becomes so nothing is written, so it is counted
_AHEAD = 20  # how many cases are looked at for one that nobody is answering


class Cases(StrEnum):
    """Which cases a list has; those of a status are called as it is."""

    WAITING = "waiting"
    UNASSIGNED = "unassigned"
    MINE = "mine"
    DUE = "due"
    MENTIONS = "mentions"
    ANSWERED = "answered"
    FAILED = "failed"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


_BY_URGENCY = (Cases.WAITING, Cases.UNASSIGNED, Cases.MINE, Cases.DUE)
_OLDEST_FIRST: dict[str, Any] = {
    Cases.FAILED: col(Case.failed_since),
    Cases.SNOOZED: col(Case.snoozed_until),
}


# What is counted as a kind of its own, and stands in these lists.
_IN_TWO: dict[str, tuple[str, ...]] = {counts.REMINDED: (Cases.ANSWERED, Cases.SNOOZED)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the queue ended; the next one begins behind it. What waits by urgency is placed by
    whether it is exposed and when it is due, too."""

    at: datetime
    case_id: int
    exposed: bool = False
    due_at: datetime | None = None


class Asked(TypedDict, total=False):
    """What a list is narrowed by, and which part of it is wanted: so many rows as `size`, behind `after`.

    `agent` is whose own lists are meant, `accounts` are those that he may see: None is all. `among` are the
    ids of the only cases that are wanted.
    """

    language: str | None
    languages: Collection[str] | None
    topic: str | None
    tag: int | None
    account: int | None
    agent: int | None
    accounts: Collection[int] | None
    among: Collection[int] | None
    after: Place | None
    size: int


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`rows` are cases with their customers, whole or as they are listed; `next` is None on the last page."""

    rows: Sequence[Row]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many cases there are, by status over all languages, by language in one list where that is kept,
    and by list."""

    by_status: dict[str, int]
    by_language: dict[str, int]
    by_list: dict[str, int]

    def within(self, languages: Collection[str]) -> int:
        """How many cases the list has in those languages."""
        return sum(self.by_language.get(code, 0) for code in languages)


def page(session: Session, status: str, **asked: Unpack[Asked]) -> Page[tuple[Case, Customer]]:
    """Waiting cases by urgency; failed and snoozed ones by since and until when they are; those of other
    lists by when something was last written in them."""
    rows, size = _read(session, status, whole=True, **asked)
    following = _end(rows[size - 1][0], status) if rows[size:] else None
    return Page([tuple(row) for row in rows[:size]], following)


def listed_page(session: Session, status: str, **asked: Unpack[Asked]) -> Page[Listed]:
    """The same cases, in the same order, as a list shows them."""
    rows, size = _read(session, status, whole=False, **asked)
    found = [Listed._make(row) for row in rows]
    return Page(found[:size], _end(found[size - 1], status) if found[size:] else None)


def _read(
    session: Session,
    status: str,
    *,
    whole: bool,
    account: int | None = None,
    agent: int | None = None,
    accounts: Collection[int] | None = None,
    after: Place | None = None,
    size: int = PAGE,
    **narrowed: Any,
) -> tuple[Sequence[Any], int]:
    """The page's rows, with one more where another page follows, and how many make a page."""
    seen = _both(account, accounts)
    narrowed["accounts"] = None if seen is None else sorted(seen)
    narrowing = {name: value for name, value in narrowed.items() if value is not None and value != ""}
    behind = (after.exposed, after.due_at is not None) if after else None
    query = _made(status, frozenset(narrowing), behind, size + 1, whole)
    asked = {"agent": agent or counts.NOBODY, "until": clock.now() + SOON} | narrowing
    return session.exec(query, params=asked | _moments(after)).all(), size


def _both(account: int | None, accounts: Collection[int] | None) -> Collection[int] | None:
    if account is None:
        return accounts
    return [account] if accounts is None or account in accounts else []


def _moments(after: Place | None) -> dict[str, Any]:
    """Where the page begins."""
    return {"place_at": after.at, "place_id": after.case_id, "place_due_at": after.due_at} if after else {}


@lru_cache(maxsize=1_000)
def _made(
    status: str, narrowed: frozenset[str], behind: tuple[bool, bool] | None, size: int, whole: bool
) -> Any:
    """The question for such a page, made once: that takes longer than to answer it. `narrowed` names what
    the list is narrowed by, and `behind` says of which kind the place is where the page begins."""
    cases, conditions = _CASES if whole else listed.CASES, _conditions(status, narrowed)
    if status in _BY_URGENCY:
        return _by_urgency(cases, status, conditions, behind, size).limit(at_most(size))
    return _by_time(cases, status, conditions, behind=behind is not None).limit(at_most(size))


def _conditions(status: str, narrowed: frozenset[str]) -> list[ColumnElement[bool]]:
    """What narrows the list, and of one that is another for every agent makes it his."""
    assignee = col(Case.assignee_id)
    own = {Cases.UNASSIGNED: assignee.is_(None), Cases.MINE: assignee == bindparam("agent")}
    narrowing = {
        "language": col(Case.language) == bindparam("language"),
        "languages": among(col(Case.language), "languages"),
        "topic": col(Case.topic) == bindparam("topic"),
        "tag": col(Case.id).in_(select(CaseTag.case_id).where(CaseTag.tag_id == bindparam("tag"))),
        "accounts": col(Case.account_id).in_(bindparam("accounts", expanding=True)),
        "among": among(col(Case.id), "among"),
    }
    whose = [own[Cases(status)]] if status in own else []
    return whose + [condition for name, condition in narrowing.items() if name in narrowed]


def _by_urgency(
    cases: Any,
    status: str,
    conditions: Sequence[ColumnElement[bool]],
    behind: tuple[bool, bool] | None,
    size: int,
) -> Any:
    after = urgency.place_to_come(exposed=behind[0], timed=behind[1]) if behind else None
    until: Any = bindparam("until") if status == Cases.DUE else None
    ranking = urgency.ranked(size, *conditions, after=after, until=until)
    return cases.join(ranking, ranking.c.id == Case.id).order_by(*urgency.order(ranking))


def _by_time(cases: Any, status: str, conditions: Sequence[ColumnElement[bool]], *, behind: bool) -> Any:
    moment = _OLDEST_FIRST.get(status, col(Case.last_message_at))
    query = _belonging(cases, status).where(*conditions)
    oldest_first = status in _OLDEST_FIRST
    if behind:
        here = tuple_(moment, col(Case.id))
        there = tuple_(bindparam("place_at", type_=moment.type), bindparam("place_id", type_=Integer))
        query = query.where(here > there if oldest_first else here < there)
    ways = (moment, col(Case.id)) if oldest_first else (moment.desc(), col(Case.id).desc())
    return query.order_by(*ways)


def _belonging(cases: Any, status: str) -> Any:
    if status == Cases.MENTIONS:
        return cases.join(
            Mention, (col(Mention.case_id) == Case.id) & (col(Mention.agent_id) == bindparam("agent"))
        )
    if status == Cases.FAILED:
        return cases.where(col(Case.failed_since).is_not(None))
    if status == Cases.SNOOZED:
        return cases.where(col(Case.snoozed_until).is_not(None))
    query = cases.where(Case.status == status)
    # what was merged leads to another case, and is found there
    return query.where(col(Case.merged_into_id).is_(None)) if status == Cases.RESOLVED else query


def numbers(
    session: Session,
    status: str,
    *,
    account: int | None = None,
    agent: int | None = None,
    accounts: Collection[int] | None = None,
) -> Numbers:
    """Read from the kept counts: as fast with a million cases as with ten. What is due soon is counted as
    far as MOST_COUNTED, and only while there are targets."""
    seen = _both(account, accounts)
    besides = _due_soon(seen) if targets.in_force(session).fingerprint is not None else {}
    kept = counts.of_lists(session, agent or counts.NOBODY, seen, **besides)
    by_list: dict[str, int] = dict.fromkeys(Cases, 0)
    by_language: dict[str, int] = {}
    for (kind, part), number in kept.items():
        if isinstance(part, str):
            lists = _IN_TWO.get(kind, (kind,))
            by_list |= {name: by_list[name] + number for name in lists if name in by_list}
            if status in lists and number:
                by_language[part] = by_language.get(part, 0) + number
    by_list[Cases.UNASSIGNED] = kept.get((counts.WAITING, counts.NOBODY), 0)
    by_list[Cases.FAILED] = kept.get((counts.FAILED, counts.NOBODY), 0)
    if agent:
        by_list[Cases.MINE] = kept.get((counts.WAITING, agent), 0)
        by_list[Cases.MENTIONS] = kept.get((counts.MENTIONS, agent), 0)
    by_list[Cases.DUE] = kept.get((Cases.DUE, counts.NOBODY), 0)
    by_status = {str(each): by_list[each] for each in Status}
    ordered = dict(sorted(by_language.items(), key=lambda each: (-each[1], each[0])))
    return Numbers(by_status, ordered, by_list)


def _due_soon(accounts: Collection[int] | None) -> dict[str, Any]:
    """What counts.of_lists asks besides."""
    asked: dict[str, Any] = {"until": clock.now() + SOON, "most": MOST_COUNTED}
    if accounts is not None:
        asked["accounts"] = sorted(accounts)
    return {"besides": urgency.due_counts(Cases.DUE, of_accounts=accounts is not None), "asked": asked}


def next_free(session: Session, case: Case, status: str, **asked: Unpack[Asked]) -> Case | None:
    """The case to take after this one: the next in its list, else the first, that nobody is answering."""
    there = _moment(case, status) and (case.due_at or status != Cases.DUE)
    behind = _end(case, status) if there and case.id else None
    for place in dict.fromkeys((behind, None)):
        told: Asked = {**asked, "after": place, "size": _AHEAD}
        rows = page(session, status, **told).rows
        ids = [found.id for found, _ in rows if found.id and found.id != case.id]
        busy = replies.unsent(session, ids) if status != Cases.FAILED else ()
        if free := next((found for found, _ in rows if found.id in ids and found.id not in busy), None):
            return free
    return None


def _moment(case: Case | Listed, status: str) -> datetime | None:
    """By what the list orders the case, besides its urgency."""
    if status in _BY_URGENCY:
        return case.waiting_since
    of = {Cases.FAILED: case.failed_since, Cases.SNOOZED: case.snoozed_until}
    return of.get(Cases(status), case.last_message_at)


def _end(last: Case | Listed, status: str) -> Place:
    at = _moment(last, status)
    assert at is not None
    assert last.id is not None
    return Place(at, last.id, last.exposed, last.due_at) if status in _BY_URGENCY else Place(at, last.id)


_CASES: Any = select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id)
