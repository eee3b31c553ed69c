"""How long until the next look: sooner while there is traffic, later while X grants few or is in trouble."""

from __future__ import annotations

import random
from datetime import timedelta

from socialdesk import clock
from socialdesk.polling.cursors import Channel, Cursor
from socialdesk.settings import Polling
from socialdesk.x.budgets import LATEST, Budget


def usual(polling: Polling, channel: Channel) -> timedelta:
    """Between two looks while messages come in."""
    return timedelta(seconds=polling.seconds_between(channel))


def plan(cursor: Cursor, polling: Polling, *, new: int, budget: Budget | None) -> None:
    """After a look that went well: each that brings nothing doubles the time, up to the settings' bound."""
    shortest = usual(polling, Channel(cursor.channel)).total_seconds()
    longest = shortest * polling.stretch
    before = max(cursor.pace_seconds or shortest, shortest)
    pace = shortest if new or cursor.pace_seconds is None else min(before * 2, longest)
    cursor.requests_left = budget.remaining if budget else None
    cursor.requests_reset_at = budget.resets_at if budget else None
    cursor.look_again(max(pace, min(_spread(budget), longest)), pace=pace)


def back_off(cursor: Cursor, polling: Polling) -> None:
    """After a look that failed: twice as long each time, and by chance up to half of that less, so that the
    desks of the world do not all ask at once."""
    shortest = usual(polling, Channel(cursor.channel)).total_seconds()
    longest = max(LATEST.total_seconds(), shortest)
    seconds = min(shortest * 2 ** min(cursor.failures - 1, 16), longest)
    cursor.look_again(seconds * random.uniform(0.5, 1))  # noqa: S311  (chance, not secrecy)


def _spread(budget: Budget | None) -> float:
    """Seconds between requests that make what X still grants last until it grants more."""
    if budget is None:
        return 0
    return (budget.resets_at - clock.now()).total_seconds() / max(budget.remaining, 1)
