"""X, spoken to through tweepy: what may be asked, what its answers mean, how often it may be asked."""

from socialdesk.x.client import XClient, connect
from socialdesk.x.payloads import LookedUp, Page

__all__ = ["LookedUp", "Page", "XClient", "connect"]
