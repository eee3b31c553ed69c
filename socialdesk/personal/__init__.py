"""What a customer should not have written in public: found, and masked."""

from socialdesk.personal.findings import NAMES, Finding, mask, without
from socialdesk.personal.search import find

__all__ = ["NAMES", "Finding", "find", "mask", "without"]
