"""The figures that `socialdesk stats` tells, and its tables; loaded by the command, not by its help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.table import Table
from sqlmodel import Session

from socialdesk import accounts, clock, languages
from socialdesk.cli.words import By, Visibility
from socialdesk.console import statistics
from socialdesk.console.languages import EVER, chart
from socialdesk.console.periods import Period
from socialdesk.desk import Desk
from socialdesk.errors import BadInput
from socialdesk.figures import accuracy, money, reports
from socialdesk.figures.accuracy import Accuracy
from socialdesk.figures.asking import Asked
from socialdesk.figures.reports import LanguageFigures
from socialdesk.measures import percent, span
from socialdesk.replying import handovers
from socialdesk.templating.library import Library


def chosen(
    desk: Desk, days: int | None, first: date | None, last: date | None, channel: Visibility | None
) -> Period:
    """The page's period of the same name; all time when nothing is said. Raises BadInput."""
    if (first is None) != (last is None) or (first and last and last < first) or (first and days):
        raise BadInput("A period is --days N, or --from and --to, the first day not after the last.")
    zone = ZoneInfo(desk.settings.console.time_zone)
    return Period(zone, str(days or "all"), first, last, channel=channel or "")


def account_id(session: Session, handle: str | None) -> int | None:
    """Raises BadInput for a handle that is none of ours."""
    if handle is None:
        return None
    wanted = handle.removeprefix("@").lower()
    for account in accounts.all_of(session):
        if account.handle.lower() == wanted:
            return account.id
    raise BadInput(f"There is no account @{wanted} at this desk.")


def rows(
    session: Session, by: By, desk: Desk, asked: Asked, figures: list[LanguageFigures]
) -> Iterator[dict[str, Any]]:
    if by == By.LANGUAGE:
        return _by_language(session, desk.library, asked, figures)
    if by == By.MONEY:
        return _by_money(session, desk, asked)
    return _by_topic(session, asked) if by == By.TOPIC else _by_template(session, desk.library, asked)


def _by_language(
    session: Session, library: Library, asked: Asked, figures: list[LanguageFigures]
) -> Iterator[dict[str, Any]]:
    """A language that agents have corrected away altogether has its accuracy still."""
    measured = accuracy.measure(session, asked)
    asking = list(_by_template(session, library, asked))
    told = {line.language for line in figures}
    gone = dict.fromkeys([*(line.code for line in measured.lines), *(each["language"] for each in asking)])
    for line in [*figures, *(LanguageFigures(code) for code in gone if code not in told)]:
        mine = [each for each in asking if each["language"] == line.language]
        yield _figures(line, measured.of(line.language)) | {"handovers": mine}


def _by_topic(session: Session, asked: Asked) -> Iterator[dict[str, Any]]:
    for line in accuracy.measure_topics(session, asked).lines:
        yield {"topic": line.code} | _accuracy(line)


def _by_template(session: Session, library: Library, asked: Asked) -> Iterator[dict[str, Any]]:
    since, until = asked.moments
    for line in handovers.measure(
        session,
        handovers.templates(library),
        since=since or EVER,
        until=until or clock.now(),
        accounts=asked.accounts,
        visibility=asked.visibility,
    ):
        yield {
            "template": line.template,
            "language": line.language,
            "sent": line.sent,
            "arrived_within_7_days": line.came,
            "median_minutes": line.minutes,
        }


def _by_money(session: Session, desk: Desk, asked: Asked) -> Iterator[dict[str, Any]]:
    handles = {account.id or 0: account.handle for account in accounts.all_of(session)}
    for each in money.charged(session, asked, owned=desk.settings.money.owned_reads):
        yield {
            "day": each.day.isoformat(),
            "account": handles[each.account_id],
            "kind": each.kind.value,
            "number": each.number,
            "dollars": f"{each.dollars:.3f}",
            "reckoned": each.reckoned,
        }


def _figures(line: LanguageFigures, detected: Accuracy) -> dict[str, Any]:
    return statistics.told(line) | _accuracy(detected)


def _accuracy(line: Accuracy) -> dict[str, Any]:
    return {"seen": line.seen, "corrected": line.corrected, "accuracy": line.right}


_COLUMNS = {
    By.LANGUAGE: list(_figures(LanguageFigures("und"), Accuracy("und"))),
    By.TOPIC: ["topic", *_accuracy(Accuracy("und"))],
    By.TEMPLATE: ["template", "language", "sent", "arrived_within_7_days", "median_minutes"],
    By.MONEY: ["day", "account", "kind", "number", "dollars", "reckoned"],
}


def as_csv(by: By, told: list[dict[str, Any]]) -> str:
    return statistics.as_csv(told, _COLUMNS[by])


def plain_table(by: By, rows: list[dict[str, Any]]) -> Table:
    table = Table(*(name.replace("_", " ").capitalize() for name in _COLUMNS[by]))
    for row in rows:
        table.add_row(*(_plainly(row[name]) for name in _COLUMNS[by]))
    return table


def _plainly(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


# What fits in 80 columns; --json and --csv tell everything.
_HEADINGS = ("Messages", "Replies", "Else", "Open", "Waiting", "Median", "No answer", "Target")


def table(figures: list[LanguageFigures]) -> Table:
    table = Table(title="Languages", box=SIMPLE_HEAD)
    table.add_column("Language", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right")
    for line in [*figures, reports.total(figures)]:
        name = "All" if line.language == "all" else languages.name_of(line.language)
        table.add_row(name, *_cells(line))
    return table


def _cells(line: LanguageFigures) -> Iterator[str]:
    numbers = (line.messages, line.replies, line.elsewhere, line.open_cases, line.waiting_cases)
    yield from map(str, numbers)
    yield span(line.median_first_response)
    yield str(line.unanswered)
    yield "–" if line.kept.share is None else percent(line.kept.share)


def write_chart(file: Path, desk: Desk, figures: list[LanguageFigures]) -> None:
    """Raises BadInput for a file that cannot be written."""
    try:
        file.write_text(chart(desk.settings.paths.templates, figures), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
