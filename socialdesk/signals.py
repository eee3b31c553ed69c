"""Waiting until a person or the system says stop."""

from __future__ import annotations

import signal
import threading


def until_told() -> None:
    """Returns at the first Ctrl-C or SIGTERM; to be called from the main thread."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    told.wait()
