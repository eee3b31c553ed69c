"""What is to be told of what has happened: made, given to whoever tells it, and settled."""

import base64
import hashlib
import hmac
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from socialdesk import audit, clock, feed
from socialdesk.bulk import insert_new
from socialdesk.cases import Case
from socialdesk.errors import SettingsError
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Agent
from socialdesk.phrases import mark
from socialdesk.webhooks import rows, subscriptions
from socialdesk.webhooks.rows import Webhook, WebhookDelivery

AGAIN_AFTER = tuple(timedelta(seconds=each) for each in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400))
ENDS_AFTER = timedelta(hours=36)  # of nothing but failures
KEPT = timedelta(days=7)
_NO_KEY = mark("The key is missing that the webhook's secret was kept with.")


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is posted where, ready to be sent; or the `trouble` why it is not."""

    delivery_id: int
    webhook_id: int
    url: str
    headers: dict[str, str]
    body: bytes
    trouble: str | None = None


def gather(session: Session) -> int:
    """Make a row for each event that some webhook is to be told of; returns for how many."""
    newest = feed.newest(session)
    made = 0
    for webhook in session.exec(select(Webhook).where(col(Webhook.ended_at).is_(None))):
        if webhook.seen_event_id >= newest:
            continue
        events = session.exec(
            select(CaseEvent.id)
            .where(
                col(CaseEvent.id) > max(webhook.begins_after, webhook.seen_event_id - feed.LOOK_BACK),
                col(CaseEvent.id) <= newest,
                col(CaseEvent.kind).in_(webhook.kinds.split()),
            )
            .order_by(col(CaseEvent.id))
        ).all()
        insert_new(session, WebhookDelivery, [_row(webhook, each) for each in events if each], unique="key")
        webhook.seen_event_id = newest
        made += len(events)
    return made


def _row(webhook: Webhook, event_id: int) -> dict[str, Any]:
    now = clock.now()
    row = {"key": f"{webhook.id}:{event_id}", "webhook_id": webhook.id, "event_id": event_id}
    return row | {"attempts": 0, "due_at": now, "made_at": now}


def claim(session: Session, *, lease: timedelta, but: Collection[int] = ()) -> Announcement | None:
    """The one that is due longest, save those of the webhooks `but`; nobody else takes it while the lease
    lasts."""
    now = clock.now()
    query: Any = (
        select(WebhookDelivery, Webhook, CaseEvent, Case, Agent)  # type: ignore[call-overload]
        .join(Webhook, col(Webhook.id) == WebhookDelivery.webhook_id)
        .join(CaseEvent, col(CaseEvent.id) == WebhookDelivery.event_id)
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .outerjoin(Agent, col(Agent.id) == CaseEvent.agent_id)
        .where(col(WebhookDelivery.due_at) <= now, col(WebhookDelivery.webhook_id).not_in(but))
        .order_by(col(WebhookDelivery.due_at), col(WebhookDelivery.id))
    )
    found = session.exec(query.limit(1)).first()
    if found is None:
        return None
    delivery, webhook, happened, case, agent = found
    taken = session.connection().execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id) == delivery.id, col(WebhookDelivery.due_at) == delivery.due_at)
        .values(due_at=now + lease, attempts=delivery.attempts + 1)
    )
    if not taken.rowcount:
        return None
    try:
        secret = subscriptions.secret_of(session, webhook)
    except SettingsError:
        return Announcement(delivery.id or 0, webhook.id or 0, webhook.url, {}, b"", trouble=_NO_KEY)
    return _announcement(delivery, webhook, happened, case, agent, secret)


def told(session: Session, delivery_id: int) -> None:
    """The receiver said yes."""
    delivery = session.get_one(WebhookDelivery, delivery_id)
    delivery.due_at = None
    session.get_one(Webhook, delivery.webhook_id).failing_since = None


def failed(session: Session, delivery_id: int, why: str, *, gone: bool = False) -> None:
    """It is tried again later, more and more seldom; a webhook that only fails, or is `gone`, ends."""
    delivery = session.get_one(WebhookDelivery, delivery_id)
    webhook = session.get_one(Webhook, delivery.webhook_id)
    now = clock.now()
    webhook.failing_since = webhook.failing_since or now
    waits = AGAIN_AFTER[delivery.attempts - 1] if delivery.attempts <= len(AGAIN_AFTER) else None
    delivery.due_at = now + waits if waits else None
    if gone or now - webhook.failing_since > ENDS_AFTER:
        webhook.ended_at, webhook.trouble, webhook.secret = now, why, ""
        rows.drop(session, webhook.id or 0)
        audit.record(session, "webhook_ended", subject=webhook.name, why=why)


def forget_old(session: Session) -> None:
    """Remove the rows of what was told or given up some days ago."""
    over = col(WebhookDelivery.due_at).is_(None) & (col(WebhookDelivery.made_at) < clock.now() - KEPT)
    session.exec(delete(WebhookDelivery).where(over))


def signature(secret: str, message_id: str, at: int, body: bytes) -> str:
    """Of Standard Webhooks, version 1: HMAC-SHA256 over id, time in seconds and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _announcement(
    delivery: WebhookDelivery,
    webhook: Webhook,
    happened: CaseEvent,
    case: Case,
    agent: Agent | None,
    secret: str,
) -> Announcement:
    about: dict[str, Any] = {"event_id": happened.id, "case_id": case.id, "account_id": case.account_id}
    about["by"] = agent.username if agent else None
    told = {"type": happened.kind, "timestamp": happened.at.isoformat(), "data": about}
    body = json.dumps(told).encode()
    message_id, at = f"event_{webhook.id}_{happened.id}", int(clock.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "socialdesk",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secret, message_id, at, body),
    }
    return Announcement(delivery.id or 0, webhook.id or 0, webhook.url, headers, body)
