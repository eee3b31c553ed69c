"""The week's report: what was simulated, what became of it, and whether anything is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from benchmarks.week.findings import Findings
from benchmarks.week.simulation import Week
from socialdesk.figures.reports import LanguageFigures
from socialdesk.languages import name_of

_INTRODUCTION = """\
A local X that the desk's real client speaks to over HTTP, customers in thirteen languages, each by the daily
curve of its speakers, agents in shifts, the rules of `replies/rules.toml` switched on, and an outage of the
app on Wednesday morning."""
_CHECKED = """\
Each message that X offered is stored once; each case that waits shows a reason; X refused nothing; no reply
was posted twice or to nobody, no interaction had two automated ones, and nobody had one who wanted no more;
each figure equals the slow recomputation, and the kept ones are those of `socialdesk db recount`."""
_HEADINGS = ("", "in", "answered", "automated", "unchanged", "median", "p90", "open", "waiting")


def of(week: Week, found: Findings, *, engine: str) -> str:
    """As Markdown."""
    written = sum(week.crowd.written.values())
    return "\n".join(
        [
            "# A simulated week",
            "",
            _INTRODUCTION,
            f"`make week` runs it anew; this was on {engine} and took {week.seconds / 60:.0f} minutes.",
            "",
            f"**{written:,} messages of customers**, {len(week.staff.workers)} agents and a supervisor.",
            "",
            *_rows(_HEADINGS, [_line(each) for each in found.lines]),
            "",
            "## What became of the cases",
            "",
            *_counts(found.statuses),
            "",
            "Those that wait, by the reason that the desk shows:",
            "",
            *(_counts(found.waiting) or ["- none waits"]),
            "",
            "## What agents did",
            "",
            *_counts(week.staff.did),
            "",
            "What stood in their way (a guard, or X):",
            "",
            *(_counts(week.staff.why_not) or ["- nothing"]),
            "",
            "## What X answered",
            "",
            *_counts(found.answers),
            "",
            "## What was checked",
            "",
            _CHECKED,
            "",
            *([f"- **WRONG**: {fault}" for fault in found.faults] or ["All of it holds."]),
            "",
        ]
    )


def _line(line: LanguageFigures) -> tuple[str, ...]:
    numbers = (line.messages, line.replies, line.automated, line.unchanged)
    waits = (line.median_first_response, line.ninetieth_first_response)
    return (
        name_of(line.language),
        *(f"{number:,}" for number in numbers),
        *(_told(wait) for wait in waits),
        f"{line.open_cases:,}",
        f"{line.waiting_cases:,}",
    )


def _told(wait: timedelta | None) -> str:
    if wait is None:
        return "–"
    hours, minutes = divmod(round(wait / timedelta(minutes=1)), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [headings, ["---", *["--:"] * (len(headings) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _counts(counted: Counter[str]) -> list[str]:
    return [f"- {what}: {number:,}" for what, number in counted.most_common()]
