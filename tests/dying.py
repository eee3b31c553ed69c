"""`socialdesk poll` and `send` in processes that die by SIGKILL, at whichever of their database statements
is named.

As a program: reads a command and a number a line, forks a process that does it and dies at that statement
(0: lives), and tells how it ended. Forking saves a second of imports for each death.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, event

from socialdesk import cli, languages

KILLED = -signal.SIGKILL


class Mortal:
    """Polls and sends, and dies when told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def poll(self, *, dying_at: int = 0) -> int:
        """The exit code of `socialdesk poll`, or minus the signal that ended it."""
        return self._do("poll", dying_at)

    def send(self, *, dying_at: int = 0) -> int:
        """The same of `socialdesk send`."""
        return self._do("send", dying_at)

    def _do(self, command: str, dying_at: int) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{command} {dying_at}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def mortal(settings_file: Path) -> Iterator[Mortal]:
    command = [sys.executable, "-m", "tests.dying", str(settings_file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield Mortal(process)


def main(settings_file: str) -> None:
    assert cli.app.commands["poll"]  # what is slow to load is loaded once
    languages.detect("¿Dónde está mi paquete?")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(settings_file, *line.split())
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _live(settings_file: str, command: str, dying_at: str) -> None:
    steps = count(1)

    def step(*_: object) -> None:
        if next(steps) == int(dying_at):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    sys.argv = ["socialdesk", command, "--quiet", "--settings", settings_file]
    try:
        cli.main()
    except SystemExit as ended:
        os._exit(int(ended.code or 0))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
