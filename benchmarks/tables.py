"""What was measured, what was wanted, and what the nearest relative does, in tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks import pages, replying
from benchmarks.engines import ENGINES
from benchmarks.intake import Throughput
from benchmarks.pages import Measured, Times
from benchmarks.replying import Replying
from socialdesk import clock
from socialdesk.workers.storing import BATCH

BUSY = 0.8  # somebody else has most of a core
MESSAGES_WANTED = 1_500  # a second on SQLite, without detection's share
PAGE_WANTED = 25.0  # milliseconds, the queue's p95 with the most cases
# django-helpdesk 2.6.1, measured on the same kind of machine: messages a second through its own intake, bare
# rows through its ORM, and its list of tickets when there are 100,000.
RELATIVE = "django-helpdesk 2.6.1"
ITS_INTAKE, ITS_BARE_ROWS, ITS_LIST = "25", "300–490", "1,200 ms"

console = Console(highlight=False, width=100)
Intake = Mapping[str, Throughput]
Pages = Mapping[str, Measured]
Replies = Mapping[str, Mapping[str, Replying]]


def introduce() -> None:
    """Say what is measured on, and what else is going on there: to be called before anything begins."""
    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    kind = f"{cores} cores, {platform.machine()}, Python {platform.python_version()}"
    busy = " (busy with something else: the desk will look slower than it is)" if load > BUSY else ""
    console.print(f"{clock.now():%Y-%m-%d}: {kind}, load {load:.1f} before the start{busy}.\n")


def show(took_in: Intake, answered: Pages, replied: Replies) -> None:
    """A table for each part that was measured, and last the targets that these parts settle."""
    if took_in:
        console.print(_intake(took_in), "\n")
    for engine, measured in answered.items():
        console.print(_pages(engine, measured))
        console.print(_filled(measured), "\n")
    if replied:
        console.print(_replies(replied), "\n")
    if lines := [*_intake_target(took_in), *_page_targets(answered), *_reply_targets(replied)]:
        console.print(_targets(lines))


def _intake(took_in: Intake) -> Table:
    table = _table(f"Intake: messages a second on one thread, in batches of {BATCH}, median of the rounds")
    table.add_column("", no_wrap=True)
    headings = ("all of it,\nwall", "\nCPU", "without detection,\nwall", "\nCPU", "detection's\nshare")
    for heading in headings:
        table.add_column(heading, justify="right")
    for engine, found in took_in.items():
        speeds = (found.wall, found.cpu, found.wall_without_detection, found.cpu_without_detection)
        table.add_row(ENGINES[engine], *(f"{speed:,.0f}" for speed in speeds), f"{found.share:.0%}")
    table.add_row(f"{RELATIVE}, its intake", ITS_INTAKE, "", ITS_INTAKE, "", "")
    table.add_row(f"{RELATIVE}, bare rows", "", "", ITS_BARE_ROWS, "", "")
    return table


def _pages(engine: str, measured: Measured) -> Table:
    few, many = measured.sizes[0], measured.sizes[-1]
    table = _table(f"Pages on {ENGINES[engine]}: milliseconds over HTTP, one request after the other")
    table.add_column("")
    for size in (few, many):
        table.add_column(f"{size.cases:,} cases,\np50", justify="right")
        table.add_column("\np95", justify="right")
    table.add_column(f"{many.cases:,} :\n{few.cases:,} (p50)", justify="right")
    table.add_column("requests", justify="right")
    for page, after in many.times.items():
        before = few.times[page]
        figures = (before.p50, before.p95, after.p50, after.p95)
        ratio = f"{after.p50 / before.p50:.2f}"
        table.add_row(page, *(f"{figure:.1f}" for figure in figures), ratio, f"{after.requests}")
    table.caption = f"{RELATIVE} takes {ITS_LIST} for its list of 100,000 tickets."
    return table


def _filled(measured: Measured) -> str:
    filled = measured.filled
    statuses = ", ".join(f"{number:,} {status}" for status, number in filled.by_status.items())
    right = "right" if filled.counts_right else "WRONG"
    return (
        f"Cases: {statuses}; {filled.messages:,} messages, ours included,"
        f" in {filled.seconds:.0f} s. Kept counts: {right}."
    )


def _intake_target(took_in: Intake) -> Iterator[tuple[str, str, bool]]:
    if found := took_in.get("sqlite"):
        speed = found.wall_without_detection
        wanted = f"intake on SQLite without detection: {MESSAGES_WANTED:,} messages a second or more"
        yield wanted, f"{speed:,.0f}", speed >= MESSAGES_WANTED


def _page_targets(answered: Pages) -> Iterator[tuple[str, str, bool]]:
    for engine, measured in answered.items():
        many = measured.sizes[-1]
        for page in (pages.QUEUE, pages.BY_LANGUAGE, pages.DEEP):
            found: Times = many.times[page]
            wanted = f"{page} on {ENGINES[engine]}, {many.cases:,} cases: p95 {PAGE_WANTED:.0f} ms or less"
            yield wanted, f"{found.p95:.1f} ms", found.p95 <= PAGE_WANTED


def _replies(replied: Replies) -> Table:
    table = _table("A reply: milliseconds to render it and to ask every guard")
    for heading in ("", "", "p50", "p95", "p95 CPU", "replies"):
        table.add_column(heading, justify="right" if heading else "left")
    for engine, kinds in replied.items():
        for kind, found in kinds.items():
            times = (f"{time:.1f}" for time in (found.p50, found.p95, found.cpu))
            table.add_row(ENGINES[engine], kind, *times, f"{found.replies:,}")
    return table


def _reply_targets(replied: Replies) -> Iterator[tuple[str, str, bool]]:
    for engine, kinds in replied.items():
        for kind, found in kinds.items():
            wanted = f"a reply on {ENGINES[engine]}, {kind}: p95 {replying.WANTED:.0f} ms or less"
            yield wanted, f"{found.p95:.1f} ms", found.p95 <= replying.WANTED


def _targets(lines: Sequence[tuple[str, str, bool]]) -> Table:
    table = _table("Targets")
    table.add_column("wanted")
    table.add_column("found", justify="right")
    table.add_column("")
    for wanted, found, met in lines:
        table.add_row(wanted, found, "met" if met else "NOT MET")
    return table


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", caption_justify="left", header_style=""
    )
