"""`socialdesk poll` and `send` in processes that die by SIGKILL, at whichever of their database statements
is named.
"""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, event

from tests.program import Program

KILLED = -signal.SIGKILL


class Mortal:
    """Polls and sends, and dies when told to."""

    def __init__(self, program: Program, settings_file: Path) -> None:
        self._program, self._settings_file = program, settings_file

    def poll(self, *, dying_at: int = 0) -> int:
        """The exit code of `socialdesk poll`, or minus the signal that ended it."""
        return self._do("poll", dying_at)

    def send(self, *, dying_at: int = 0) -> int:
        """The same of `socialdesk send`."""
        return self._do("send", dying_at)

    def _do(self, command: str, dying_at: int) -> int:
        return self._program.run(
            *(command, "--quiet", "--settings", self._settings_file),
            folder=self._settings_file.parent,
            environment=dict(os.environ),
            dying_at=dying_at,
        ).code


def die_at(place: int) -> None:
    """From now on this process dies at its so-many-th statement or commit; at none when that is 0."""
    steps = count(1)

    def step(*_: object) -> None:
        if next(steps) == place:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
