"""Webhooks: other programs are told what happens to cases, at least once each, and never what was written.

What is to be told stands in rows of its own, made from the case events; workers/announcer.py tells it. The
signature is that of the Standard Webhooks specification (standardwebhooks.com), so that receivers have
libraries for it.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text, update
from sqlmodel import Field, Index, Session, SQLModel, col, delete, select

from socialdesk import audit, clock, feed
from socialdesk.bulk import insert_new
from socialdesk.cases import Case
from socialdesk.database import only_where
from socialdesk.errors import BadInput, NotFound
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.replies import State

LONGEST_NAME = 60
LONGEST_URL = 500
# What happens to cases and their replies, as history.py calls it.
KINDS = (
    *("opened", "customer_wrote", "reopened", "we_wrote", "assigned", "resolved", "snoozed", "woken"),
    *("merged", "split", "language_corrected", "topic_corrected"),
    *("wave_found", "incident_joined", "incident_left", "incident_held"),
    *(f"reply_{state}" for state in State if state != State.SENDING),
)
AGAIN_AFTER = tuple(timedelta(seconds=each) for each in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400))
ENDS_AFTER = timedelta(hours=36)  # of nothing but failures
KEPT = timedelta(days=7)
_DUE = text("due_at IS NOT NULL")


class Webhook(SQLModel, table=True):
    """Who is told of which kinds of events, with spaces between them.

    Events up to `begins_after` are none of its; `seen_event_id` is the newest that was looked at. It was
    ended by an admin, or by itself with the `trouble` that it had.
    """

    __tablename__ = "webhooks"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    url: str
    secret: str
    kinds: str
    made_at: datetime
    begins_after: int
    seen_event_id: int
    failing_since: datetime | None = None
    ended_at: datetime | None = None
    trouble: str | None = None


class WebhookDelivery(SQLModel, table=True):
    """One event that one webhook is told of; `due_at` is None once it was, or was given up."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_due_at", "due_at", "id", **only_where(_DUE)),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    webhook_id: int = Field(foreign_key="webhooks.id")
    event_id: int = Field(foreign_key="case_events.id")
    attempts: int = 0
    due_at: datetime | None = None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is posted where, ready to be sent."""

    delivery_id: int
    url: str
    headers: dict[str, str]
    body: bytes


def subscribe(
    session: Session,
    *,
    name: str,
    url: str,
    kinds: Collection[str],
    hosts: Collection[str],
    by: Agent | None = None,
) -> Webhook:
    """A webhook for what happens from now on; `hosts` are those the settings allow. Raises BadInput."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(_("Say what the webhook is for, in at most %(most)s characters.", most=LONGEST_NAME))
    if not kinds or not set(kinds) <= set(KINDS):
        raise BadInput(_("Choose at least one kind of event."))
    refuse(url, hosts)
    now, newest = clock.now(), feed.newest(session)
    made = Webhook(
        name=name.strip(),
        url=url,
        secret=f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        kinds=" ".join(kind for kind in KINDS if kind in kinds),
        made_at=now,
        begins_after=newest,
        seen_event_id=newest,
    )
    session.add(made)
    session.flush()
    audit.record(session, "webhook_added", by=by.id if by else None, subject=made.name, url=url)
    return made


def _not_allowed(host: str) -> str:
    if not host:
        return _("That host is not among webhooks.hosts in the settings.")
    return _("%(host)s is not among webhooks.hosts in the settings.", host=host)


def refuse(url: str, hosts: Collection[str]) -> None:
    """Raises BadInput for an address that nothing may be sent to."""
    try:
        parsed = urlsplit(url)
        host = (parsed.hostname or "").lower()
        port = parsed.port
    except ValueError as error:
        raise BadInput(_("That is no address of a web server.")) from error
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadInput(_("That is no address of a web server."))
    named = f"{host}:{port}" if port else host
    if not host or named not in hosts:
        raise BadInput(_not_allowed(named))
    if parsed.username or parsed.password:
        raise BadInput(_("The address may hold no user name and no password."))
    if parsed.scheme != "https" and not (parsed.scheme == "http" and host in ("127.0.0.1", "localhost")):
        raise BadInput(_("The address begins with https://."))


def all_of(session: Session) -> Sequence[Webhook]:
    """Those that have not ended or ended by themselves, the newest first."""
    kept = col(Webhook.ended_at).is_(None) | col(Webhook.trouble).is_not(None)
    return session.exec(select(Webhook).where(kept).order_by(col(Webhook.id).desc())).all()


def anybody(session: Session) -> bool:
    """Whether somebody is told of anything."""
    return (
        session.exec(select(Webhook.id).where(col(Webhook.ended_at).is_(None)).limit(1)).first() is not None
    )


def end(session: Session, webhook_id: int, *, by: Agent | None = None) -> None:
    """Nothing more is told to it. Raises NotFound."""
    webhook = session.get(Webhook, webhook_id)
    if webhook is None or (webhook.ended_at and not webhook.trouble):
        raise NotFound(_("There is no such webhook any more."))
    webhook.ended_at, webhook.trouble = webhook.ended_at or clock.now(), None
    _drop(session, webhook_id)
    audit.record(session, "webhook_ended", by=by.id if by else None, subject=webhook.name)


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


def claim(session: Session, *, lease: timedelta) -> Announcement | None:
    """The one that is due longest, which nobody else takes while the lease lasts."""
    now = clock.now()
    query: Any = (
        select(WebhookDelivery, Webhook, CaseEvent, Case, Agent)  # type: ignore[call-overload]
        .join(Webhook, col(Webhook.id) == WebhookDelivery.webhook_id)
        .join(CaseEvent, col(CaseEvent.id) == WebhookDelivery.event_id)
        .join(Case, col(Case.id) == CaseEvent.case_id)
        .outerjoin(Agent, col(Agent.id) == CaseEvent.agent_id)
        .where(col(WebhookDelivery.due_at) <= now)
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
    return _announcement(delivery, webhook, happened, case, agent)


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
        webhook.ended_at, webhook.trouble = now, why
        _drop(session, webhook.id or 0)
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


def _drop(session: Session, webhook_id: int) -> None:
    mine = col(WebhookDelivery.webhook_id) == webhook_id
    session.exec(delete(WebhookDelivery).where(mine))


def _announcement(
    delivery: WebhookDelivery, webhook: Webhook, happened: CaseEvent, case: Case, agent: Agent | None
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
        "webhook-signature": signature(webhook.secret, message_id, at, body),
    }
    return Announcement(delivery.id or 0, webhook.url, headers, body)
