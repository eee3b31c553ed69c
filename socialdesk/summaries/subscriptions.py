"""Who wants the weekly summary: where to, of which accounts, and when; a row says when its next is due."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import audit, clock, mail
from socialdesk.errors import BadInput
from socialdesk.people import permissions
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Verb
from socialdesk.phrases import gettext as _
from socialdesk.summaries import weeks

# After each failed try; that makes six tries, well before a week's figures are too old to be sent.
AGAIN = tuple(timedelta(minutes=each) for each in (5, 15, 60, 240, 720))


class Subscription(SQLModel, table=True):
    """`account_ids` are row ids with spaces between, none are all; `weekday` is 0 for Monday, and `hour` one
    of the desk's zone. `language` is for who has chosen none for the console.

    `trouble` is why the last one could not be made, after so many `tries`; `try_at` is when it is tried
    again, None once that was given up. A summary that was made clears all three.
    """

    __tablename__ = "summary_subscriptions"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
    )

    agent_id: int = Field(foreign_key="agents.id", primary_key=True)
    address: str
    account_ids: str = ""
    weekday: int
    hour: int
    language: str
    due_at: datetime
    tries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    try_at: datetime | None = None
    trouble: str | None = None

    @property
    def accounts(self) -> frozenset[int] | None:
        """None is all that he may see, also those to come."""
        return frozenset(map(int, self.account_ids.split())) or None


def of_agent(session: Session, agent: Agent) -> Subscription | None:
    return session.get(Subscription, agent.id)


def subscribe(
    session: Session,
    agent: Agent,
    *,
    address: str,
    accounts: Collection[int],
    weekday: int,
    hour: int,
    language: str,
    zone: ZoneInfo,
) -> Subscription:
    """From the next such hour on; without accounts it is of all. Raises BadInput."""
    if not (0 <= weekday <= 6 and 0 <= hour <= 23):
        raise BadInput(_("Choose a day of the week and a full hour."))
    wanted = mail.checked_address(address)
    _refuse_unseen(session, agent, accounts)
    new = Subscription(
        agent_id=agent.id or 0,
        address=wanted,
        account_ids=" ".join(map(str, sorted(accounts))),
        weekday=weekday,
        hour=hour,
        language=language,
        due_at=weeks.next_time(weekday, hour, zone, after=clock.now()),
    )
    audit.record(session, "summary_subscribed", by=agent.id)
    return session.merge(new)


def unsubscribe(session: Session, agent: Agent) -> None:
    """The address is forgotten; nothing happens to who has no summary."""
    kept = of_agent(session, agent)
    if kept:
        session.delete(kept)
        audit.record(session, "summary_ended", by=agent.id)


def due(session: Session) -> Sequence[tuple[Subscription, Agent]]:
    """Those whose time has come, also that of another try, the longest due first."""
    query = select(Subscription, Agent).join(Agent, col(Agent.id) == Subscription.agent_id)
    again = col(Subscription.try_at).is_(None) | (col(Subscription.try_at) <= clock.now())
    return session.exec(
        query.where(col(Subscription.due_at) <= clock.now(), again).order_by(col(Subscription.due_at))
    ).all()


def claim(session: Session, subscription: Subscription, zone: ZoneInfo) -> bool:
    """Whether this one is ours to send; the next is due in a week. Of two who try, one gets it."""
    return _move_on(session, subscription, zone, tries=0, try_at=None, trouble=None)


def note_failure(session: Session, subscription: Subscription, zone: ZoneInfo, *, why: str) -> bool:
    """It is tried again, longer and longer after; at the end the next one is due in a week, and `why` stays.

    Whether that was the last try. Of two who failed at once, one counts.
    """
    tries = subscription.tries + 1
    if tries > len(AGAIN):
        return _move_on(session, subscription, zone, tries=tries, try_at=None, trouble=why)
    try_at = clock.now() + AGAIN[tries - 1]
    _change(session, subscription, tries=tries, try_at=try_at, trouble=why)
    return False


def failing(session: Session) -> Sequence[tuple[Subscription, Agent]]:
    """Those whose last summary could not be made."""
    query = select(Subscription, Agent).join(Agent, col(Agent.id) == Subscription.agent_id)
    return session.exec(
        query.where(col(Subscription.trouble).is_not(None)).order_by(col(Agent.username))
    ).all()


def _move_on(session: Session, subscription: Subscription, zone: ZoneInfo, **changes: Any) -> bool:
    following = weeks.next_time(subscription.weekday, subscription.hour, zone, after=clock.now())
    return _change(session, subscription, due_at=following, **changes)


def _change(session: Session, subscription: Subscription, **changes: Any) -> bool:
    """One conditional UPDATE; False when somebody else has dealt with this one since it was read."""
    still = (
        (col(Subscription.agent_id) == subscription.agent_id)
        & (col(Subscription.due_at) == subscription.due_at)
        & (col(Subscription.tries) == subscription.tries)
    )
    return session.connection().execute(update(Subscription).where(still).values(**changes)).rowcount == 1


def may_have_one(session: Session, agent: Agent) -> bool:
    """Whether he works here and may see figures at all."""
    if agent.disabled_at:
        return False
    return permissions.reach(session, agent).may(Verb.SEE_STATISTICS)


def seen(session: Session, agent: Agent, wanted: frozenset[int] | None = None) -> frozenset[int] | None:
    """Of the wanted accounts, those whose figures he may see; None is all."""
    reach = permissions.reach(session, agent).where(Verb.SEE_STATISTICS)
    if reach is None or wanted is None:
        return wanted if reach is None else reach
    return wanted & reach


def _refuse_unseen(session: Session, agent: Agent, accounts: Collection[int]) -> None:
    wanted = frozenset(accounts)
    if wanted and seen(session, agent, wanted) != wanted:
        raise BadInput(_("There is no such account."))
