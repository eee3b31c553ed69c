"""The report in tables, for a terminal or as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.lid.confusions import Confusion, Confusions
from benchmarks.lid.report import InFull, Report, Row
from benchmarks.lid.scores import Share

WIDTH = 120


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as words: the first `words` columns are read from the left, the others are figures."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1

    def markdown(self) -> str:
        """With the title above it; bars in a cell are escaped."""
        rules = ["---" if at < self.words else "--:" for at in range(len(self.headings))]
        rows = [[cell.replace("|", r"\|") for cell in row] for row in (self.headings, rules, *self.rows)]
        return "\n".join((f"**{self.title}**", "", *(f"| {' | '.join(row)} |" for row in rows), ""))

    def table(self) -> Table:
        width = len(self.title) + 2
        table = Table(
            title=self.title, title_justify="left", title_style="bold", header_style="", min_width=width
        )
        for at, heading in enumerate(self.headings):
            table.add_column(heading, justify="left" if at < self.words else "right", overflow="fold")
        for row in self.rows:
            table.add_row(*(Text(cell) for cell in row))
        return table


def show(report: Report, *, markdown: bool) -> None:
    console = Console(highlight=False, markup=False, width=WIDTH, soft_wrap=markdown)
    for part in _parts(report):
        if isinstance(part, Sheet):
            console.print(part.markdown() if markdown else part.table())
        else:
            console.print(part, "\n" if markdown else "", sep="")


def _parts(report: Report) -> Iterator[Sheet | str]:
    yield (
        f"{report.texts:,} texts; {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end"
    )
    if report.rows:
        yield _counts(report.rows[0])
        yield _comparison(report.rows)
    if report.not_installed:
        yield f"Not installed: {', '.join(report.not_installed)}."
    for name, said in report.failed.items():
        yield f"{name} could not be measured: {said}"
    if report.desk:
        yield from _in_full(report.desk)
    if report.wrong:
        yield _wrong(report)


def _counts(row: Row) -> str:
    found = row.figures
    return (
        f"Of them {found.real_posts.of:,} real posts in the thirteen, {found.others_accepted.of:,} texts in "
        f"other languages, {found.und.of:,} with no language in them."
    )


def _comparison(rows: Sequence[Row]) -> Sheet:
    headings = (
        "detector",
        "texts",
        "macro-F1",
        "real posts",
        "others accepted",
        "und",
        "texts/s",
        "start-up",
        "memory",
    )
    return Sheet("Detectors", headings, [_compared(row) for row in rows], words=2)


def _compared(row: Row) -> tuple[str, ...]:
    found = row.figures
    return (
        f"{row.detector} {row.version}".strip(),
        "cleaned" if row.cleaned else "raw",
        f"{found.macro_f1:.4f}",
        _percent(found.real_posts),
        _percent(found.others_accepted),
        _percent(found.und),
        f"{row.speed:,.0f}",
        "" if row.startup is None else f"{row.startup:.2f} s",
        "" if row.memory is None else f"{row.memory:,.0f} MB",
    )


def _in_full(desk: InFull) -> Iterator[Sheet | str]:
    yield Sheet(
        "The desk: languages",
        ("label", "texts", "answered", "precision", "recall", "F1"),
        [
            (
                name,
                f"{of.texts:,}",
                f"{of.answered:,}",
                f"{of.precision:.1%}",
                f"{of.recall:.1%}",
                f"{of.f1:.4f}",
            )
            for name, of in desk.languages.items()
        ],
    )
    yield _shares("The desk: sources", "source", desk.sources)
    yield _shares("The desk: length", "letters", desk.lengths)
    yield from _confusions(desk)
    yield Sheet(
        "The desk: reliability",
        ("confidence", "answers", "mean confidence", "right"),
        [
            (
                f"{each.low:.1f}–{each.low + 0.1:.1f}",
                f"{each.texts:,}",
                f"{each.confidence:.3f}",
                f"{each.right:.3f}",
            )
            for each in desk.reliability
        ],
    )
    yield f"Expected calibration error: {desk.calibration_error:.4f}"
    yield _coverage(desk)


def _coverage(desk: InFull) -> str:
    found = desk.coverage
    if found.threshold is None or found.precision is None:
        return "Coverage at 95 % precision: 0.0 %, no threshold reaches it"
    accepted = f"{found.share:.1%} of the texts, from a confidence of {found.threshold:.4f}"
    return f"Coverage at 95 % precision: {accepted} ({found.precision:.1%} of them right)"


def _confusions(desk: InFull) -> Iterator[Sheet]:
    yield _among("neighbours", desk.neighbours)
    rows = [(_arrow(each), f"{each.texts:,}") for each in desk.most_frequent]
    yield Sheet("The desk: most frequent confusions", ("really → answered", "texts"), rows)
    yield _among("other languages accepted", desk.false_accepts)


def _among(title: str, found: Sequence[Confusions]) -> Sheet:
    rows = [
        (
            "/".join(each.languages),
            ", ".join(f"{_arrow(confusion)} {confusion.texts}" for confusion in each.confused),
            f"{each.texts:,}",
            f"{each.number:,}",
        )
        for each in found
    ]
    return Sheet(f"The desk: {title}", ("language", "really → answered", "texts", "confused"), rows, words=2)


def _arrow(confusion: Confusion) -> str:
    return f"{confusion.lang} → {confusion.answer}"


def _shares(title: str, what: str, shares: Mapping[str, Share]) -> Sheet:
    rows = [(name, f"{each.of:,}", _percent(each)) for name, each in shares.items()]
    return Sheet(title, (what, "texts", "right"), rows)


def _wrong(report: Report) -> Sheet:
    rows = [
        (
            f"{each.line.label} ({each.line.lang})",
            each.language,
            f"{each.confidence or 0.0:.3f}",
            each.line.source,
            _printable(each.line.text),
        )
        for each in report.wrong
    ]
    headings = ("label", "answer", "confidence", "source", "text")
    return Sheet("The desk: wrong answers, the surest first", headings, rows, words=len(headings))


def _printable(text: str) -> str:
    """What would move the cursor or turn the line around is shown as �."""
    return "".join(character if character.isprintable() else "�" for character in text)


def _percent(share: Share) -> str:
    return "–" if share.share is None else f"{share.share:.1%}"
