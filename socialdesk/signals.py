"""Waiting until a person or the system says stop."""

from __future__ import annotations

import signal
import threading

STOPS = (signal.SIGINT, signal.SIGTERM)


def until_told() -> None:
    """Returns at the first Ctrl-C or SIGTERM; to be called from the main thread.

    A second one ends the process at once, for whoever will not wait for a slow X: what is being sent is
    marked on the disk and settled by the next start.
    """
    told = threading.Event()
    for number in STOPS:
        signal.signal(number, lambda *_: told.set())
    told.wait()
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
