"""Webhooks: other programs are told what happens to cases, at least once each, and never what was written.

What is to be told stands in rows of its own, made from the case events; workers/announcer.py tells it. The
signature is that of the Standard Webhooks specification (standardwebhooks.com), so that receivers have
libraries for it.
"""

from socialdesk.webhooks.addresses import address, is_outside, refuse
from socialdesk.webhooks.deliveries import (
    AGAIN_AFTER,
    Announcement,
    claim,
    failed,
    forget_old,
    gather,
    signature,
    told,
)
from socialdesk.webhooks.rows import KINDS, Webhook, WebhookDelivery
from socialdesk.webhooks.subscriptions import Subscribed, all_of, anybody, end, keep_sealed, subscribe

__all__ = [
    "AGAIN_AFTER",
    "KINDS",
    "Announcement",
    "Subscribed",
    "Webhook",
    "WebhookDelivery",
    "address",
    "all_of",
    "anybody",
    "claim",
    "end",
    "failed",
    "forget_old",
    "gather",
    "is_outside",
    "keep_sealed",
    "refuse",
    "signature",
    "subscribe",
    "told",
]
