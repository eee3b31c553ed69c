"""The form on one's own page by which a supervisor asks for the weekly summary, as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from socialdesk import accounts, phrases
from socialdesk.accounts import Account
from socialdesk.console.access import Visit
from socialdesk.people.permissions import Verb
from socialdesk.summaries import subscriptions
from socialdesk.summaries.subscriptions import Subscription

MORNING = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """The form as it stands. `mailed` is False where the desk has no mail server."""

    kept: Subscription | None
    accounts: Sequence[Account]
    chosen: frozenset[int]
    weekdays: Sequence[str]
    zone: str
    mailed: bool

    @property
    def day(self) -> int:
        return self.kept.weekday if self.kept else 0

    @property
    def hour(self) -> int:
        return self.kept.hour if self.kept else MORNING


def own(session: Session, visit: Visit) -> Offer | None:
    """Of whoever looks; None for who may not see the figures and gets no summary either."""
    kept = subscriptions.of_agent(session, visit.agent)
    if kept is None and not visit.may(Verb.SEE_STATISTICS):
        return None
    assert visit.reach is not None, "only behind a door for agents"
    seen = visit.reach.where(Verb.SEE_STATISTICS)
    days = phrases.locale().days["format"]["wide"]
    return Offer(
        kept,
        [each for each in accounts.all_of(session) if seen is None or each.id in seen],
        (kept.accounts if kept else None) or frozenset(),
        [days[number] for number in range(7)],
        visit.desk.settings.console.time_zone,
        bool(visit.desk.settings.mail.host),
    )
