"""What a rule would have been for, had it been on: read from the stored messages, and nothing is changed.

A case counts once for each time the customer opened it or came back. Language, channel and words are those of
the message as it is stored; the topic and the followers are today's. What guards would have kept from going
out on the way, a release that is missing or a budget that is used up, is not reckoned with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import clock, exposure
from socialdesk.accounts import Account
from socialdesk.automation import conditions, occasions
from socialdesk.automation.conditions import Matter
from socialdesk.automation.rules import Rule
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.errors import BadInput
from socialdesk.history import CaseEvent
from socialdesk.hours import Calendar
from socialdesk.incidents.incidents import JOINED
from socialdesk.messages import Direction, Message
from socialdesk.phrases import gettext as _
from socialdesk.phrases import ngettext
from socialdesk.polling.gaps import GapFind
from socialdesk.settings import Settings
from socialdesk.settings.restraint import Automation

LONGEST = 31  # days
MOST_MESSAGES = 20_000
EXCERPT = 90
_COLUMNS: tuple[Any, ...] = (
    Message.case_id,
    Message.id,
    Message.sent_at,
    Message.direction,
    Message.visibility,
    Message.language,
    Message.text,
    Message.personal,
    Message.gone,
    Message.not_repliable,
)


@dataclass(frozen=True, slots=True)
class Meant:
    """A case that the rule would have been for, and when."""

    case_id: int
    handle: str | None
    language: str
    at: datetime
    excerpt: str


@dataclass(frozen=True, slots=True)
class Trial:
    """`whole` is False when there was too much to read it all: then the newest messages were."""

    days: int
    meant: Sequence[Meant]
    whole: bool
    languages: Counter[str] = field(default_factory=Counter)

    @property
    def sentence(self) -> str:
        cases, languages = len(self.meant), len(self.languages)
        # To translate: stands as %(days)s in “Over %(days)s it would have been for no case.”
        days = ngettext("the last day", "the last %(number)s days", self.days)
        if not cases:
            return _("Over %(days)s it would have been for no case.", days=days)
        # To translate: as %(cases)s in “Over %(days)s it would have been for %(cases)s in %(languages)s.”
        of_cases = ngettext("1 case", "%(number)s cases", cases)
        # To translate: as %(languages)s in the same sentence.
        in_languages = ngettext("1 language", "%(number)s languages", languages)
        return _(
            "Over %(days)s it would have been for %(cases)s in %(languages)s.",
            days=days,
            cases=of_cases,
            languages=in_languages,
        )


@dataclass(frozen=True, slots=True)
class _Story:
    """One case as it was told: its messages in order, and when what happened to it."""

    case: Case
    customer: Customer
    account: Account
    known: bool
    said: Sequence[Any]
    resolved: Sequence[datetime]
    joined: Sequence[datetime]
    found: Mapping[int, datetime]
    reopened: Sequence[datetime]


def attempt(session: Session, rule: Rule, *, days: int, settings: Settings) -> Trial:
    """Raises BadInput for a number of days that is none."""
    if not 1 <= days <= LONGEST:
        raise BadInput(_("A rule can be tried on 1 to %(most)s days.", most=LONGEST))
    now = clock.now()
    since, calendar = now - timedelta(days=days), occasions.calendar_of(rule, settings)
    stories, whole = _stories(session, since)
    meant = [
        each
        for story in stories
        for each in _of_story(rule, story, calendar, since, now, settings.automation)
    ]
    meant.sort(key=lambda each: (each.at, each.case_id), reverse=True)
    return Trial(days, meant, whole, Counter(each.language for each in meant))


def _of_story(
    rule: Rule, story: _Story, calendar: Calendar, since: datetime, now: datetime, automation: Automation
) -> Iterator[Meant]:
    taken: set[int] = set()
    for at, number in _moments(rule, story, calendar, now):
        line = story.said[number]
        came_back = sum(reopened <= line.sent_at for reopened in story.reopened)
        if at < since or came_back in taken or _may_not_be_answered(rule, story, line):
            continue
        if occasions.too_late(rule, line.sent_at, at, automation):
            continue
        if not conditions.fits(rule, _matter(story, line)):
            continue
        taken.add(came_back)
        yield Meant(
            story.case.id or 0,
            story.customer.handle,
            line.language,
            at,
            "" if line.gone else exposure.shown(line)[:EXCERPT],
        )


def _may_not_be_answered(rule: Rule, story: _Story, line: Any) -> bool:
    barred = story.customer.opted_out_at or story.customer.blocked_at or story.customer.business
    return rule.writes and bool(barred or line.not_repliable or line.gone)


def _moments(rule: Rule, story: _Story, calendar: Calendar, now: datetime) -> Iterator[tuple[datetime, int]]:
    """When the rule would have looked at which message."""
    if rule.when in ("resolved", "incident"):
        for at in story.resolved if rule.when == "resolved" else story.joined:
            before = [n for n, line in enumerate(story.said) if not _ours(line) and line.sent_at <= at]
            yield from ((at, number) for number in before[-1:])
        return
    if rule.when == "gap":
        yield from (
            (story.found[line.id], number) for number, line in enumerate(story.said) if line.id in story.found
        )
        return
    for number, line in enumerate(story.said):
        moment = None if _ours(line) else _moment(rule, story.said, number, calendar, now)
        if moment:
            yield moment, number


def _moment(
    rule: Rule, said: Sequence[Any], number: int, calendar: Calendar, now: datetime
) -> datetime | None:
    at: datetime = said[number].sent_at
    answered = any(_ours(line) for line in said[:number])
    match rule.when:
        case "new_case":
            return None if answered else at
        case "follow_up":
            return at if answered else None
        case "outside_hours":
            return None if conditions.is_open(calendar, at) else at
        case _:
            return _unanswered(rule, said, number, now)


def _unanswered(rule: Rule, said: Sequence[Any], number: int, now: datetime) -> datetime | None:
    at: datetime = said[number].sent_at
    late = at + timedelta(minutes=rule.minutes or 0)
    following: Any = next((line.sent_at for line in said[number + 1 :] if _ours(line)), now)
    return late if late <= following else None


def _matter(story: _Story, line: Any) -> Matter:
    return Matter(
        account=story.account.handle,
        visibility=line.visibility,
        language=line.language,
        topic=story.case.topic,
        text=line.text,
        followers=story.customer.followers,
        first_contact=not story.known,
    )


def _ours(line: Any) -> bool:
    return bool(line.direction == Direction.OUTBOUND)


def _stories(session: Session, since: datetime) -> tuple[list[_Story], bool]:
    """The cases in which something was written since then, as much of them as is bearable."""
    newest = select(*_COLUMNS).where(col(Message.sent_at) >= since)
    rows = session.exec(newest.order_by(col(Message.sent_at).desc()).limit(MOST_MESSAGES)).all()
    rows = sorted(rows, key=lambda row: (row.case_id, row.sent_at, row.id))
    by_case = {case_id: list(lines) for case_id, lines in groupby(rows, key=lambda row: row.case_id)}
    before = _with_ours_before(session, by_case, since)
    events = _events(session, by_case, since)
    about, found = _about(session, by_case), _found(session, rows)
    stories = [
        _Story(
            *about[case_id],
            said=[*before.get(case_id, ()), *lines],
            resolved=events.get((case_id, "resolved"), ()),
            joined=events.get((case_id, JOINED), ()),
            found=found,
            reopened=events.get((case_id, occasions.BY_THE_CUSTOMER), ()),
        )
        for case_id, lines in by_case.items()
        if case_id in about
    ]
    return stories, len(rows) < MOST_MESSAGES


def _with_ours_before(session: Session, by_case: dict[int, Any], since: datetime) -> dict[int, list[Any]]:
    """Our last words before that in each of the cases, for whether the customer had had an answer."""
    query = select(*_COLUMNS).where(
        col(Message.direction) == Direction.OUTBOUND, col(Message.sent_at) < since
    )
    rows = _in_slices(session, query, Message.case_id, by_case)
    newest: dict[int, Any] = {}
    for row in rows:
        kept = newest.get(row.case_id)
        newest[row.case_id] = row if kept is None or row.sent_at > kept.sent_at else kept
    return {case_id: [row] for case_id, row in newest.items()}


def _events(session: Session, by_case: dict[int, Any], since: datetime) -> dict[Any, list[datetime]]:
    kinds = ("resolved", occasions.BY_THE_CUSTOMER, JOINED)
    query = select(CaseEvent.case_id, CaseEvent.kind, CaseEvent.at).where(
        col(CaseEvent.kind).in_(kinds), col(CaseEvent.at) >= since
    )
    found: dict[Any, list[datetime]] = {}
    for case_id, kind, at in _in_slices(session, query, CaseEvent.case_id, by_case):
        found.setdefault((case_id, kind), []).append(at)
    return found


def _found(session: Session, rows: Sequence[Any]) -> dict[int, datetime]:
    """When which of the messages were brought in by the search for a gap."""
    finds = select(GapFind.message_id, GapFind.found_at)
    told = _in_slices(session, finds, GapFind.message_id, {row.id: row for row in rows})
    return dict(told)


def _about(session: Session, by_case: dict[int, Any]) -> dict[int, tuple[Case, Customer, Account, bool]]:
    query = (
        select(Case, Customer, Account, occasions.known_before())
        .join(Customer, col(Customer.id) == Case.customer_id)
        .join(Account, col(Account.id) == Case.account_id)
        .where(col(Case.merged_into_id).is_(None))
    )
    return {row[0].id: row for row in _in_slices(session, query, Case.id, by_case)}


def _in_slices(session: Session, query: Any, column: Any, by_case: dict[int, Any]) -> list[Any]:
    """No database takes any number of parameters."""
    ids = sorted(by_case)
    return [
        row
        for start in range(0, len(ids), 500)
        for row in session.exec(query.where(col(column).in_(ids[start : start + 500])))
    ]
