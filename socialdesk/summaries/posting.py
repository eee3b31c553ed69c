"""Posts the summaries that are due, each once, however many processes try."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from socialdesk import clock, mail, phrases
from socialdesk.desk import Desk
from socialdesk.errors import DatabaseUnusable, DeskError
from socialdesk.people import scope
from socialdesk.people.agents import Agent
from socialdesk.summaries import letters, measuring, subscriptions, telling, weeks
from socialdesk.summaries.subscriptions import Subscription
from socialdesk.summaries.telling import Told
from socialdesk.summaries.weeks import Week

log = structlog.get_logger()

LATEST = timedelta(days=3)  # a week's figures help nobody when the next week is half over
LIST = "weekly-summary"
LONGEST_TROUBLE = 300


def post_due(desk: Desk) -> int:
    """How many mails were made."""
    with desk.database.reading() as session:
        waiting = subscriptions.due(session)
    return sum(_tried(desk, subscription, agent) for subscription, agent in waiting)


def prepare(desk: Desk, week: Week, seen: frozenset[int] | None, language: str) -> Told:
    """The summary of these accounts, None for all, in that language."""
    with scope.narrowed(desk.database, seen).reading() as session, phrases.read_in(language):
        measured = measuring.measure(session, desk, week, seen)
        here = desk.settings.console.public_url or desk.settings.satisfaction.public_url
        return telling.tell(measured, here)


def zone_of(desk: Desk) -> ZoneInfo:
    return ZoneInfo(desk.settings.console.time_zone)


def _tried(desk: Desk, subscription: Subscription, agent: Agent) -> bool:
    """One that cannot be made keeps nobody else's back."""
    try:
        return _post(desk, subscription, agent)
    except DatabaseUnusable:
        raise
    except Exception as error:  # the edge of one supervisor's summary: whatever his figures trip over
        log.exception("a weekly summary could not be made", agent=agent.username)
        _note(desk, subscription, agent, error)
        return False


def _note(desk: Desk, subscription: Subscription, agent: Agent, error: Exception) -> None:
    why = str(error) if isinstance(error, DeskError) else f"{type(error).__name__}: {error}"
    with desk.database.transaction() as session:
        given_up = subscriptions.note_failure(session, subscription, zone_of(desk), why=why[:LONGEST_TROUBLE])
    if given_up:
        log.error("a weekly summary was given up until the next week", agent=agent.username)


def _post(desk: Desk, subscription: Subscription, agent: Agent) -> bool:
    """The figures are read before anything is held; who may not see them any more is struck off."""
    with desk.database.reading() as session:
        allowed = subscriptions.may_have_one(session, agent)
        seen = subscriptions.seen(session, agent, subscription.accounts)
    nothing = seen is not None and not seen
    late = clock.now() - subscription.due_at >= LATEST
    week = weeks.last_whole(subscription.due_at, zone_of(desk))
    language = agent.language or subscription.language
    told = None if late or nothing or not allowed else prepare(desk, week, seen, language)
    with desk.database.transaction() as session:
        if not subscriptions.claim(session, subscription, zone_of(desk)):
            return False
        if not allowed:
            subscriptions.unsubscribe(session, agent)
        elif told:
            _enqueue(session, desk, subscription, week, told)
    if late:
        log.warning("a weekly summary was not sent: it is too late for it", agent=agent.username)
    return told is not None


def _enqueue(session: Session, desk: Desk, subscription: Subscription, week: Week, told: Told) -> None:
    """Whoever moves the day of his summary gets no second one of the same week."""
    with phrases.read_in(told.language):
        text, page = letters.plain(told), letters.html(told, desk.settings.paths.templates)
    mail.enqueue(
        session,
        subscription.address,
        told.subject,
        text,
        page,
        language=told.language,
        key=f"summary {subscription.agent_id} {week.first}",
        list_name=LIST,
    )
