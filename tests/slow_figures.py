"""The figures counted slowly and obviously: everything is read, and looked at one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from sqlmodel import Session, col, select

from socialdesk.cases import Case
from socialdesk.figures.promised import Kept
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart
from socialdesk.replies import Reply

Open = Callable[[Case, datetime], bool]
_MINUTE = timedelta(minutes=1)


@dataclass
class Line:
    numbers: Counter[str] = field(default_factory=Counter)
    waits: list[timedelta] = field(default_factory=list)
    opened: list[timedelta] = field(default_factory=list)
    unanswered: int = 0
    micro_dollars: int = 0

    def share(self, share: float) -> timedelta | None:
        return _at(self.waits, share)

    def opened_share(self, share: float) -> timedelta | None:
        """The same by business hours."""
        return _at(self.opened, share)


def is_persons(reply: Reply) -> bool:
    """Neither by itself nor for everybody whom an incident concerns."""
    return not reply.automated and (reply.by_rule or "").split(":")[0] != "incident"


def _price(part: ReplyPart, visibility: str) -> int:
    if visibility == "public" and "https://" in part.text:
        return 200_000
    return 10_000 if visibility == "public" and part.number == 1 else 15_000


def _at(waits: list[timedelta], share: float) -> timedelta | None:
    in_order = sorted(waits)
    return in_order[max(0, ceil(share * len(in_order)) - 1)] if in_order else None


@dataclass
class _Spell:
    """One wait of a case."""

    began: datetime
    answered: datetime | None = None


def count(
    session: Session,
    now: datetime,
    since: datetime,
    until: datetime,
    visibility: str | None = None,
    is_open: Open | None = None,
) -> dict[str, Line]:
    """By language; messages, replies, cases and waits of the period, of one channel if that is asked.
    `is_open` says of a case and a minute whether that is in business hours."""
    lines: dict[str, Line] = defaultdict(Line)
    messages = {each.x_id: each for each in session.exec(select(Message))}
    replies = [each for each in session.exec(select(Reply)) if each.state == "sent"]
    sent = {each.id: each for each in replies}
    parts = [each for each in session.exec(select(ReplyPart)) if each.x_id]
    posted = {each.x_id for each in parts}

    def within(at: datetime, channel: str) -> bool:
        return since <= at < until and visibility in (None, channel)

    for x_id, message in messages.items():
        if within(message.sent_at, message.visibility):
            elsewhere = message.language_source != "reply" and x_id not in posted
            figure = "messages" if message.direction == "inbound" else "elsewhere" if elsewhere else "part"
            lines[message.language].numbers[figure] += 1
    for reply in replies:
        assert reply.sent_at
        if within(reply.sent_at, reply.visibility):
            figure = "replies" if is_persons(reply) else "automated"
            lines[messages[reply.x_id or ""].language].numbers[figure] += 1
    for part in parts:
        message = messages[part.x_id or ""]
        assert part.sent_at
        if within(part.sent_at, message.visibility):
            lines[message.language].micro_dollars += _price(part, message.visibility)
    for case in session.exec(select(Case)):
        line = lines[case.language]
        if case.merged_into_id is None and within(case.opened_at, case.visibility):
            line.numbers["opened"] += 1
        spells = _spells(session, case, messages, sent)
        for spell in spells:
            if spell.answered and within(spell.began, case.visibility):
                line.waits.append(max(timedelta(), spell.answered - spell.began))
                line.opened += _opened(is_open, case, spell.began, spell.answered)
        for spell in [each for each in spells if each is not spells[0]]:
            line.numbers["reopened"] += within(spell.began, case.visibility)
        newest = max(spells, key=lambda each: each.began)
        if case.status == "waiting" and not newest.answered and within(newest.began, case.visibility):
            line.waits.append(now - newest.began)
            line.opened += _opened(is_open, case, newest.began, now)
            line.unanswered += 1
    return lines


def by_hour(session: Session, since: datetime, until: datetime, visibility: str | None = None) -> list[int]:
    """Messages of customers in each of these whole hours."""
    numbers = [0] * int((until - since) / timedelta(hours=1))
    for message in session.exec(select(Message)):
        if message.direction == "inbound" and visibility in (None, message.visibility):
            hour = int((message.sent_at - since) // timedelta(hours=1))
            if 0 <= hour < len(numbers):
                numbers[hour] += 1
    return numbers


def _opened(is_open: Open | None, case: Case, began: datetime, ended: datetime) -> list[timedelta]:
    """Minute by minute: all that happens in these histories happens on a whole one."""
    minutes = max(0, int((ended - began) / _MINUTE))
    told = [is_open(case, began + number * _MINUTE) for number in range(minutes)] if is_open else []
    return [] if is_open is None else [told.count(True) * _MINUTE]


def kept(
    session: Session,
    now: datetime,
    since: datetime,
    until: datetime,
    *,
    account_id: int | None = None,
    visibility: str | None = None,
) -> dict[str, Kept]:
    """By language, what became of the targets of the cases opened in the period."""
    found: dict[str, Kept] = defaultdict(Kept)
    for case in session.exec(select(Case)):
        if case.merged_into_id or not since <= case.opened_at < until:
            continue
        if account_id not in (None, case.account_id) or visibility not in (None, case.visibility):
            continue
        late = case.status == "waiting" and case.due_at is not None and case.due_at <= now
        found[case.language] += Kept(
            first_met=int(case.first_in_target is True),
            first_missed=int(case.first_in_target is False),
            next_met=case.next_in_target,
            next_missed=case.next_late,
            resolved_met=int(case.resolved_in_target is True),
            resolved_missed=int(case.resolved_in_target is False),
            overdue=int(late),
        )
    return {language: each for language, each in found.items() if each != Kept()}


def _spells(
    session: Session, case: Case, messages: dict[str, Message], sent: dict[int | None, Reply]
) -> list[_Spell]:
    """The first began with the case, and each reopening begins another; an answer is to the newest."""
    spells = [_Spell(case.opened_at)]
    events = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id))
    for event in session.exec(events):
        message = messages.get(event.details.get("message", ""))
        if event.kind == "reopened":
            spells.append(_Spell(message.sent_at if message else event.at))
        answered_at = None
        if event.kind == "reply_sent" and is_persons(sent[event.details["reply"]]):
            answered_at = sent[event.details["reply"]].sent_at
        if event.kind == "we_wrote" and message and message.language_source != "reply":
            answered_at = message.sent_at
        begun = [each for each in spells if answered_at and each.began <= answered_at]
        newest = max(begun, key=lambda each: each.began, default=None)
        if newest and newest.answered is None:
            newest.answered = answered_at
    return spells
