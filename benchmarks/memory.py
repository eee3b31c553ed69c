"""Is the desk's memory flat while a million messages go through its intake?

.venv/bin/python -m benchmarks.memory --messages 1000000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import engines
from benchmarks.engines import ENGINES
from benchmarks.intake import REOPEN_DAYS, SEED
from benchmarks.traffic import HANDLE, Traffic
from socialdesk import clock, intake
from socialdesk.database import Database
from socialdesk.settings import AccountSettings
from socialdesk.workers.storing import BATCH

ACCOUNT = AccountSettings(handle=HANDLE, credentials="NORTHWIND")
TOLD_EVERY = 50_000
MEASURED_EVERY = 10_000
MOST_GROWTH = 1.15  # from the first tenth, when everything is loaded, to the end
LASTING = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Stage:
    """After so many messages: resident memory at its highest since the stage before, in MB, and the speed."""

    messages: int
    memory: float
    speed: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=list(ENGINES), default="sqlite")
    asked = parser.parse_args()
    console = Console(highlight=False)
    stages = []
    with tempfile.TemporaryDirectory(prefix="socialdesk-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as somebody else and has to get through
        with (
            engines.started(asked.engine, Path(folder)) as new_url,
            engines.opened(new_url("memory"), ACCOUNT) as (database, account_id),
        ):
            for stage in _stages(database, account_id, asked.messages):
                stages.append(stage)
                console.print(f"{stage.messages:>9,}  {stage.memory:6.0f} MB  {stage.speed:6,.0f}/s")
    return _tell(console, stages, ENGINES[asked.engine])


def _stages(database: Database, account_id: int, messages: int) -> Iterator[Stage]:
    """One each TOLD_EVERY messages, or each tenth when there are fewer than ten such."""
    intake.warm_up()
    traffic = Traffic(SEED, clock.now() - LASTING, LASTING, messages)
    process, every = psutil.Process(), min(TOLD_EVERY, max(messages // 10, BATCH))
    memory, begun = 0.0, perf_counter()
    for done in range(BATCH, messages + 1, BATCH):
        _take_in(database, account_id, traffic)
        if done % min(MEASURED_EVERY, every) < BATCH:
            memory = max(memory, process.memory_info().rss / 1e6)
        if done % every < BATCH:
            yield Stage(done, memory, every / (perf_counter() - begun))
            memory, begun = 0.0, perf_counter()


def _take_in(database: Database, account_id: int, traffic: Traffic) -> None:
    fresh = intake.read(database, account_id, traffic.take(BATCH))
    with database.transaction(durable=False) as session:
        intake.take_in(session, account_id, fresh, reopen_days=REOPEN_DAYS)


def _tell(console: Console, stages: list[Stage], engine: str) -> int:
    first, last = stages[0], stages[-1]
    growth = max(stage.memory for stage in stages) / first.memory
    flat = growth <= MOST_GROWTH
    table = Table(
        "messages", "resident", "at most, to the first", "", title=f"Memory of the intake on {engine}"
    )
    table.add_row(f"{first.messages:,}", f"{first.memory:.0f} MB", "", "")
    verdict = "flat" if flat else f"NOT within {MOST_GROWTH}"
    table.add_row(f"{last.messages:,}", f"{last.memory:.0f} MB", f"{growth:.2f}", verdict)
    console.print(table)
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
