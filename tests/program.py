"""`socialdesk` as a process of its own, without waiting for its start each time.

One process loads all that any command needs, and forks another for each call: that has its own arguments,
folder, environment, standard input and output, and ends as any other. A command loads for a second or
two, on a busy machine for five, which no test is about; those that are start the program itself.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import TracebackType
from typing import Any

PROGRAM = [sys.executable, "-W", "error", "-c", "from socialdesk.cli import main; main()"]
FORKS = "import sys; from tests.program import main; main(int(sys.argv[1]))"
PATIENCE = 120  # seconds, on a machine that is busy with other things


@dataclass(frozen=True)
class Ended:
    """The exit code, or minus the signal that ended it; what was printed, and what was complained of."""

    code: int
    printed: bytes
    complaints: bytes

    @property
    def said(self) -> str:
        return self.printed.decode()

    @property
    def complained(self) -> str:
        return self.complaints.decode()

    @property
    def rows(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.said.splitlines()]


class Program:
    """Started at the first call; to be left when nothing calls it any more."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asking: socket.socket

    def run(
        self,
        *arguments: object,
        folder: Path,
        environment: dict[str, str],
        given: str | bytes = "",
        dying_at: int = 0,
    ) -> Ended:
        """`socialdesk` with these arguments in the folder, to its end or to that statement."""
        with tempfile.TemporaryDirectory() as beside:
            files = [Path(beside, name) for name in ("given", "said", "complained")]
            files[0].write_bytes(given.encode() if isinstance(given, str) else given)
            code = self._ask(
                {
                    "arguments": [str(each) for each in arguments],
                    "folder": str(folder),
                    "environment": environment,
                    "files": [str(file) for file in files],
                    "dying_at": dying_at,
                }
            )
            return Ended(code, files[1].read_bytes(), files[2].read_bytes())

    def _ask(self, order: dict[str, Any]) -> int:
        if self._process is None:
            self._begin()
        self._asking.sendall(json.dumps(order).encode() + b"\n")
        told = self._asking.recv(100)
        assert told, "The process that forks has ended."
        return int(told)

    def _begin(self) -> None:
        self._asking, theirs = socket.socketpair()
        self._asking.settimeout(PATIENCE)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", "-c", FORKS, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=Path(__file__).parent.parent,
            )

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._asking.close()
            self._process.wait(PATIENCE)


def load_all() -> None:
    """All that any command loads when it is called."""
    from socialdesk import cli

    for module in iter_modules(cli.__path__, f"{cli.__name__}."):
        import_module(module.name)
    for name in ("demo", "doctor", "summaries.posting", "summaries.letters", "privacy.exporting", "replay"):
        import_module(f"socialdesk.{name}")
    warm_up()


def warm_up() -> None:
    """What the first message and the first query of each process would wait for."""
    from sqlalchemy.orm import configure_mappers

    from socialdesk import intake, tables

    assert tables.METADATA
    configure_mappers()
    intake.warm_up()


def main(fileno: int) -> None:
    load_all()
    with socket.socket(fileno=fileno) as own, own.makefile("rw", encoding="utf-8") as orders:
        for line in orders:
            child = os.fork()
            if child == 0:
                _live(**json.loads(line))
            orders.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
            orders.flush()


def _live(
    arguments: list[str], folder: str, environment: dict[str, str], files: list[str], dying_at: int
) -> None:
    """Never comes back."""
    from socialdesk import cli
    from tests.dying import die_at

    for number, (file, mode) in enumerate(zip(files, (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        os.dup2(os.open(file, mode | os.O_CREAT), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["socialdesk", *arguments]
    if dying_at:
        die_at(dying_at)
    code: object = 0
    try:
        cli.main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # as the interpreter tells of it
        traceback.print_exc()
        code = 1
    _end(code)


def _end(code: object) -> None:
    """As the interpreter ends, but for throwing away, module by module, what was loaded: half a second."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    gc.collect()  # what it holds of a database is let go of
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)
