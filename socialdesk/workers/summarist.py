"""Makes the weekly summaries of whoever wants them; the postman takes them away."""

from __future__ import annotations

from socialdesk.desk import Desk
from socialdesk.summaries import posting

EVERY_SECONDS = 60.0


def summarize(desk: Desk) -> int:
    """How many were made; safe to run in several processes at once. Without a mail server nobody gets one."""
    return posting.post_due(desk) if desk.settings.mail.host else 0
