"""The desk's real worker, forked ready to run, for whoever wants to kill it.

As a program: reads lines, for each forks a worker that runs until it is killed, and tells its process id.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path

from socialdesk import desk, languages, logs, settings
from socialdesk.settings import Settings
from socialdesk.workers import sender
from socialdesk.workers.schedule import Schedule
from socialdesk.x import session

READ_SECONDS = 1.0


def main(settings_file: str, settle_seconds: str) -> None:
    languages.detect("¿Dónde está mi paquete?")  # what is slow to load is loaded once
    configured = _hurried(settings.load(Path(settings_file)), float(settle_seconds))
    logs.configure(configured.log)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        worker = os.fork()
        if worker == 0:
            _work(configured)
        sys.stdout.write(f"{worker}\n")
        sys.stdout.flush()


def _hurried(configured: Settings, settle_seconds: float) -> Settings:
    """All that has to be waited for, shortened alike: X's answers, the lease, and X's timeline."""
    session.CONNECT_SECONDS, session.READ_SECONDS = READ_SECONDS, READ_SECONDS
    sender.LEASE = timedelta(seconds=settle_seconds / 4)
    sending = configured.sending.model_copy(update={"settle_seconds": settle_seconds})
    return configured.model_copy(update={"sending": sending})


def _work(configured: Settings) -> None:
    with Schedule(desk.assemble(configured)):
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
