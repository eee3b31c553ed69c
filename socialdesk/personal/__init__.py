"""What a customer should not have written in public: found, and masked."""

from socialdesk.personal.findings import NAMES, Finding, mask, without
from socialdesk.personal.search import find, warm_up

__all__ = ["NAMES", "Finding", "find", "mask", "warm_up", "without"]
