"""When approved replies will leave, as far as is known now: in their turn, and as many as X takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from socialdesk import clock, parts
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.replies import UNDER_WAY, Reply, State
from socialdesk.replying import allowances, turns
from socialdesk.replying.allowances import WINDOW, SendBudget
from socialdesk.settings import Sending


@dataclass(slots=True)
class _Gate:
    """What lets replies of one kind out: one after another, and so many in each of X's windows."""

    every: timedelta
    free_at: datetime
    budget: SendBudget | None
    left: int = 0
    window_ends: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.window_ends = self.free_at
        if self.budget and self.budget.stands:
            self.left, self.window_ends = self.budget.remaining, self.budget.resets_at

    def pass_one(self, earliest: datetime) -> datetime:
        """When one that is ready at `earliest` goes through."""
        at = max(self.free_at, earliest)
        if self.budget:
            at = self._granted(at, self.budget.limit)
        self.free_at = at + self.every
        return at

    def _granted(self, at: datetime, limit: int) -> datetime:
        """X's next window begins with the first request after the last one's end."""
        if self.left == 0:
            at = max(at, self.window_ends)
        if at >= self.window_ends:
            self.left, self.window_ends = max(limit, 1), at + WINDOW
        self.left -= 1
        return at


def leaves_at(session: Session, account_id: int, sending: Sending | None = None) -> dict[int, datetime]:
    """By row id, when each approved reply of the account will leave, a thread with its next part.

    A reply that waits for another of its case whose fate is unknown is taken to leave when X's timeline can
    be believed again.
    """
    sending = sending or Sending()
    under_way = _under_way(session, account_id)
    waiting = [reply for reply in under_way if reply.state == State.APPROVED]
    if not waiting:
        return {}
    gates = _gates(session, account_id, sending)
    rows = parts.of_replies(session, [reply.id or 0 for reply in waiting])
    freed = _freed(under_way, sending)
    found: dict[int, datetime] = {}
    for reply in _as_they_leave(waiting):
        gate, done = gates[reply.visibility], freed.get(reply.case_id)
        earliest = max(filter(None, (reply.due_at, done, clock.now())))
        unsent = sum(part.x_id is None for part in rows.get(reply.id or 0, ()))
        moments = [gate.pass_one(earliest) for _ in range(max(unsent, 1))]
        found[reply.id or 0], freed[reply.case_id] = moments[0], moments[-1]
    return found


def _under_way(session: Session, account_id: int) -> Sequence[Reply]:
    query: Any = (
        select(Reply)
        .join(Case, col(Case.id) == Reply.case_id)
        .where(Reply.account_id == account_id, col(Reply.state).in_(UNDER_WAY))
    )
    found: Sequence[Reply] = session.exec(query.order_by(*turns.in_turn())).all()
    return found


def _gates(session: Session, account_id: int, sending: Sending) -> Mapping[str, _Gate]:
    """How it stands with each kind: X's pauses, and what it still grants."""
    account, now = session.get_one(Account, account_id), clock.now()
    granted, every = allowances.of(session, account_id), timedelta(seconds=sending.every_seconds)
    paused = {"public": account.public_not_before, "private": account.private_not_before}
    return {kind: _Gate(every, max(until or now, now), granted.get(kind)) for kind, until in paused.items()}


def _freed(under_way: Sequence[Reply], sending: Sending) -> dict[int, datetime]:
    """By case, when the fate of a reply that is in doubt will be known."""
    in_doubt = (reply for reply in under_way if reply.state == State.UNKNOWN and reply.attempt_at)
    return {reply.case_id: reply.attempt_at + sending.settle for reply in in_doubt if reply.attempt_at}


def _as_they_leave(waiting: Sequence[Reply]) -> list[Reply]:
    """Given in their turn: who has to wait for his own moment lets the others pass, but not in his case."""
    now = clock.now()
    cases: dict[int, datetime] = {}
    ready: dict[int | None, datetime] = {}
    for reply in sorted(waiting, key=lambda each: each.id or 0):
        ready[reply.id] = max(reply.due_at or now, now, cases.get(reply.case_id, now))
        cases[reply.case_id] = ready[reply.id]
    return sorted(waiting, key=lambda each: ready[each.id])
