"""The command: `make week`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import engines
from benchmarks.week import findings, report, simulation


def run(
    conversations: Annotated[
        int, typer.Option(help="Customers who write; each message counted is some 1.5.")
    ] = 26_000,
    hours: Annotated[int, typer.Option(help="Fewer than the 168 of a week, for a look.")] = 168,
    engine: Annotated[str, typer.Option(help="sqlite or postgresql.")] = "sqlite",
    write: Annotated[Path | None, typer.Option(help="Where the report goes, besides the terminal.")] = None,
) -> None:
    """Simulate a week of the desk and say what became of every message."""
    with tempfile.TemporaryDirectory(prefix="socialdesk-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else and has to get through
        with engines.started(engine, folder) as new_url:
            for week in simulation.run(new_url("week"), folder, conversations=conversations, hours=hours):
                found = findings.of(week)
                told = report.of(week, found, engine=engines.ENGINES[engine])
                sys.stdout.write(told)
                if write:
                    write.write_text(told, encoding="utf-8")
                if found.faults:
                    sys.exit(1)


if __name__ == "__main__":
    typer.run(run)
