"""The figures counted slowly and obviously: everything is read, and looked at one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from sqlmodel import Session, col, select

from socialdesk.cases import Case
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart
from socialdesk.replies import Reply


@dataclass
class Line:
    numbers: Counter[str] = field(default_factory=Counter)
    waits: list[timedelta] = field(default_factory=list)
    unanswered: int = 0

    def share(self, share: float) -> timedelta | None:
        in_order = sorted(self.waits)
        return in_order[max(0, ceil(share * len(in_order)) - 1)] if in_order else None


@dataclass
class _Spell:
    """One wait of a case."""

    began: datetime
    answered: datetime | None = None


def count(
    session: Session, now: datetime, since: datetime, until: datetime, visibility: str | None = None
) -> dict[str, Line]:
    """By language; messages, replies, cases and waits of the period, of one channel if that is asked."""
    lines: dict[str, Line] = defaultdict(Line)
    messages = {each.x_id: each for each in session.exec(select(Message))}
    replies = [each for each in session.exec(select(Reply)) if each.state == "sent"]
    sent = {each.id for each in replies}
    posted = {each.x_id for each in session.exec(select(ReplyPart)) if each.reply_id in sent}

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
            figure = "automated" if reply.automated else "replies"
            lines[messages[reply.x_id or ""].language].numbers[figure] += 1
    for case in session.exec(select(Case)):
        line = lines[case.language]
        if case.merged_into_id is None and within(case.opened_at, case.visibility):
            line.numbers["opened"] += 1
        spells = _spells(session, case, messages, replies)
        for spell in spells:
            if spell.answered and within(spell.began, case.visibility):
                line.waits.append(max(timedelta(), spell.answered - spell.began))
        for spell in [each for each in spells if each is not spells[0]]:
            line.numbers["reopened"] += within(spell.began, case.visibility)
        newest = max(spells, key=lambda each: each.began)
        if case.status == "waiting" and not newest.answered and within(newest.began, case.visibility):
            line.waits.append(now - newest.began)
            line.unanswered += 1
    return lines


def _spells(session: Session, case: Case, messages: dict[str, Message], replies: list[Reply]) -> list[_Spell]:
    """The first began with the case, and each reopening begins another; an answer is to the newest."""
    spells = [_Spell(case.opened_at)]
    sent = {each.id: each for each in replies}
    events = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id))
    for event in session.exec(events):
        message = messages.get(event.details.get("message", ""))
        if event.kind == "reopened":
            spells.append(_Spell(message.sent_at if message else event.at))
        answered_at = None
        if event.kind == "reply_sent" and not sent[event.details["reply"]].automated:
            answered_at = sent[event.details["reply"]].sent_at
        if event.kind == "we_wrote" and message and message.language_source != "reply":
            answered_at = message.sent_at
        begun = [each for each in spells if answered_at and each.began <= answered_at]
        newest = max(begun, key=lambda each: each.began, default=None)
        if newest and newest.answered is None:
            newest.answered = answered_at
    return spells
