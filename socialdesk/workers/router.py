"""Gives waiting cases to whoever is on shift, and takes back what waits with whoever has gone."""

from __future__ import annotations

from socialdesk.desk import Desk
from socialdesk.routing import relief, running

EVERY_SECONDS = 5.0


def route(desk: Desk) -> bool:
    """Whether any case changed hands; safe to run in several processes at once."""
    routing = desk.settings.routing
    back = relief.give_back(desk.database, routing)
    return running.run(desk.database, routing) + back > 0
