"""Who is told of what, and what each is still to be told."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Field, Index, Session, SQLModel, col, delete

from socialdesk.database import only_where
from socialdesk.replies import State

# What happens to cases and their replies, as history.py calls it.
KINDS = (
    *("opened", "customer_wrote", "reopened", "we_wrote", "assigned", "resolved", "snoozed", "woken"),
    *("merged", "split", "language_corrected", "topic_corrected"),
    *("wave_found", "incident_joined", "incident_left", "incident_held"),
    *(f"reply_{state}" for state in State if state != State.SENDING),
)
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
    secret: str  # sealed; empty once it has ended
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


def drop(session: Session, webhook_id: int) -> None:
    """Nothing that it was to be told is left."""
    mine = col(WebhookDelivery.webhook_id) == webhook_id
    session.exec(delete(WebhookDelivery).where(mine))
