"""The topics a case can have: the catalog's own codes, and what agents read for them."""

from __future__ import annotations

from socialdesk.phrases import mark

OTHER = "other"

TOPICS: dict[str, str] = {
    "orders_and_delivery": mark("Orders and delivery"),
    "returns_and_refunds": mark("Returns and refunds"),
    "digital_and_devices": mark("Digital services and devices"),
    "membership": mark("Prime and memberships"),
    "payment": mark("Payment"),
    "account": mark("Account"),
    "suspicious_activity": mark("Suspicious activity"),
    "gift_cards": mark("Gift cards and top-ups"),
    OTHER: mark("Other"),
}

# Where two topics have as much to show: first what does most harm while it waits, and then the particular
# before the general, for nearly every message has a word about an order in it.
FIRST_AT_A_TIE = (
    "suspicious_activity",
    "account",
    "gift_cards",
    "returns_and_refunds",
    "payment",
    "membership",
    "digital_and_devices",
    "orders_and_delivery",
)
