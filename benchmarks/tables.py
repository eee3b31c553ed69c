"""What was measured, what was wanted, and what the nearest relative does, in tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks import replying
from benchmarks.bulk_filling import Filled
from benchmarks.engines import ENGINES
from benchmarks.intake import Throughput
from benchmarks.pages import Sized
from benchmarks.replying import Replying
from socialdesk import clock
from socialdesk.workers.storing import BATCH

BUSY = 0.8  # somebody else has most of a core
MESSAGES_WANTED = 1_500  # a second on SQLite, without detection's share
PAGE_WANTED, LANGUAGES_WANTED = 15.0, 50.0  # milliseconds, p95 with the most cases
# django-helpdesk 2.6.1, measured on the same kind of machine: messages a second through its own intake, bare
# rows through its ORM; and its pages when there are 100,000 tickets.
RELATIVE = "django-helpdesk 2.6.1"
ITS_INTAKE, ITS_BARE_ROWS = "25", "300–490"
ITS_LIST, ITS_TICKET, ITS_DASHBOARD = "1.26 s (p95 1.4–2.3 s)", "94–308 ms", "7–9 s"

console = Console(highlight=False, width=100)
Intake = Mapping[str, Throughput]
Pages = Mapping[str, Sequence[Sized]]
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
        console.print(*(_filled(size.filled) for size in measured), sep="\n", end="\n\n")
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


def _pages(engine: str, measured: Sequence[Sized]) -> Table:
    many = measured[-1]
    title = "milliseconds, one request after the other, the round in the middle and the quickest"
    table = _table(f"Pages on {ENGINES[engine]}: {title}")
    table.add_column("")
    for size in measured:
        table.add_column(f"{size.filled.cases:,} cases,\np50 / p95", justify="right")
        table.add_column("quickest,\np50 / p95", justify="right")
    for heading in ("\nCPU", "state-\nments"):
        table.add_column(heading, justify="right")
    for page, last in many.times.items():
        rounds = [each for size in measured for each in (size.times[page].middle, size.times[page].quickest)]
        row = [f"{each.p50:.1f} / {each.p95:.1f}" for each in rounds]
        table.add_row(page, *row, f"{last.middle.cpu:.1f}", f"{last.middle.statements}")
    table.caption = (
        f"{RELATIVE} at 100,000 tickets: its list {ITS_LIST}, a ticket {ITS_TICKET}, its dashboard"
        f" {ITS_DASHBOARD}."
    )
    return table


def _filled(filled: Filled) -> str:
    right = "right" if filled.counts_right else "WRONG"
    return (
        f"{filled.cases:,} cases, {filled.messages:,} messages, {filled.megabytes:,.0f} MB, in"
        f" {filled.seconds:.0f} s, {filled.recounting:.0f} s of them to count. Kept counts: {right}."
    )


def _intake_target(took_in: Intake) -> Iterator[tuple[str, str, bool]]:
    if found := took_in.get("sqlite"):
        speed = found.wall_without_detection
        wanted = f"intake on SQLite without detection: {MESSAGES_WANTED:,} messages a second or more"
        yield wanted, f"{speed:,.0f}", speed >= MESSAGES_WANTED


def _page_targets(answered: Pages) -> Iterator[tuple[str, str, bool]]:
    for engine, measured in answered.items():
        for page, found in measured[-1].times.items():
            wanted = LANGUAGES_WANTED if page.startswith("languages") else PAGE_WANTED
            told = f"{page} on {ENGINES[engine]}, {measured[-1].filled.cases:,} cases: p95 {wanted:.0f} ms"
            p95 = found.middle.p95
            yield told, f"{p95:.1f} ms", p95 <= wanted


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
