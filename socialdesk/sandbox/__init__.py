"""A local stand-in for the part of X that a support desk uses, spoken to over HTTP by the real client."""

from socialdesk.sandbox.app import create_app
from socialdesk.sandbox.world import World

__all__ = ["World", "create_app"]
