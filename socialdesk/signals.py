"""Being told to stop, by a person or by the system."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

STOPS = (signal.SIGINT, signal.SIGTERM)


def listen() -> Callable[[], None]:
    """From now on Ctrl-C and SIGTERM are only noted; what is returned waits for the first of them.

    To be called from the main thread and before anything is served, so that none is missed. A second one
    ends the process at once, for whoever will not wait for a slow X: what is being sent is marked on the
    disk and settled by the next start.
    """
    told = threading.Event()

    def stop(*_: object) -> None:
        told.set()
        for number in STOPS:
            signal.signal(number, signal.SIG_DFL)

    for number in STOPS:
        signal.signal(number, stop)

    def wait() -> None:
        told.wait()

    return wait
