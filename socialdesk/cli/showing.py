"""Commands that show what the desk holds: cases, stats, doctor."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import Session, col, select

from socialdesk import accuracy, clock, doctor, handovers, languages, linked, reports
from socialdesk.accuracy import Accuracy
from socialdesk.cases import Case
from socialdesk.cli.options import AsJson, Quiet, SettingsFile, open_desk, print_json, say
from socialdesk.console import statistics
from socialdesk.console.languages import EVER, chart
from socialdesk.customers import Customer
from socialdesk.errors import BadInput
from socialdesk.library import Library
from socialdesk.messages import Message
from socialdesk.reports import LanguageFigures

Days = Annotated[int | None, typer.Option("--days", min=1, max=36_500, help="Only so many days back.")]


class By(StrEnum):
    LANGUAGE = "language"
    TOPIC = "topic"
    TEMPLATE = "template"


def register(app: typer.Typer) -> None:
    app.command(name="cases")(cases_)
    app.command()(stats)
    app.command(name="doctor")(doctor_)


def cases_(settings: SettingsFile = None, json: AsJson = False, quiet: Quiet = False) -> None:
    """List the cases, oldest first."""
    with open_desk(settings).database.reading() as session:
        if json:
            print_json(_told(session))
            return
        for case, customer in session.exec(_all_cases()).yield_per(500):
            say(
                f"{case.id}\t{case.status}\t{case.language}\t@{customer.shown}\t{case.excerpt!r}", quiet=quiet
            )


def stats(
    settings: SettingsFile = None,
    days: Days = None,
    by: Annotated[By, typer.Option("--by", help="What a line is about.")] = By.LANGUAGE,
    json: AsJson = False,
    csv: Annotated[bool, typer.Option("--csv", help="As comma-separated values.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="As a picture.")] = None,
    quiet: Quiet = False,
) -> None:
    """The language statistics; how often topics were right; who came to direct messages when asked."""
    since = clock.now() - timedelta(days=days) if days else None
    desk = open_desk(settings)
    with desk.database.reading() as session:
        figures = reports.by_language(session, since=since) if svg or not (json or csv) else []
        rows = list(_ROWS[by](session, desk.library, since))
    if json:
        print_json(rows)
    elif csv:
        _print_csv(by, rows)
    elif not quiet:
        Console().print(_table(figures) if by == By.LANGUAGE else _plain_table(by, rows))
    if svg:
        _write(svg, chart(desk.settings.paths.templates, figures))


def doctor_(settings: SettingsFile = None, json: AsJson = False) -> None:
    """What is wrong with this installation, and what to do about it."""
    findings = doctor.examine(settings)
    if json:
        print_json({"what": finding.what, "well": finding.well, "says": finding.says} for finding in findings)
    for finding in [] if json else findings:
        say(f"{'ok   ' if finding.well else 'WRONG'}  {finding.what}: {finding.says}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _all_cases() -> Any:
    return select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id).order_by(col(Case.id))


def _told(session: Session) -> Iterator[Mapping[str, Any]]:
    for case, customer in session.exec(_all_cases()).yield_per(500):
        ids = session.exec(
            select(Message.x_id)
            .where(Message.case_id == case.id)
            .order_by(col(Message.sent_at), col(Message.id))
        )
        yield {
            "id": case.id,
            "customer": customer.shown,
            "language": case.language,
            "topic": case.topic,
            "status": case.status,
            "conversation_id": case.conversation_id,
            "message_ids": list(ids),
            "linked_case_ids": linked.ids(session, case),
            "opened_at": case.opened_at.isoformat(),
            "waiting_since": case.waiting_since and case.waiting_since.isoformat(),
        }


def _by_language(session: Session, library: Library, since: datetime | None) -> Iterator[dict[str, Any]]:
    """A language that agents have corrected away altogether has its accuracy still."""
    figures = reports.by_language(session, since=since)
    measured = accuracy.measure(session, since=since)
    asked = list(_by_template(session, library, since))
    told = {line.language for line in figures}
    gone = dict.fromkeys([*(line.code for line in measured.lines), *(each["language"] for each in asked)])
    for line in [*figures, *(LanguageFigures(code) for code in gone if code not in told)]:
        mine = [each for each in asked if each["language"] == line.language]
        yield _figures(line, measured.of(line.language)) | {"handovers": mine}


def _by_topic(session: Session, _: Library, since: datetime | None) -> Iterator[dict[str, Any]]:
    for line in accuracy.measure_topics(session, since=since).lines:
        yield {"topic": line.code} | _accuracy(line)


def _by_template(session: Session, library: Library, since: datetime | None) -> Iterator[dict[str, Any]]:
    asking = handovers.templates(library)
    for line in handovers.measure(session, asking, since=since or EVER, until=clock.now()):
        yield {
            "template": line.template,
            "language": line.language,
            "sent": line.sent,
            "arrived_within_7_days": line.came,
            "median_minutes": line.minutes,
        }


_ROWS = {By.LANGUAGE: _by_language, By.TOPIC: _by_topic, By.TEMPLATE: _by_template}


def _figures(line: LanguageFigures, detected: Accuracy) -> dict[str, Any]:
    return statistics.told(line) | _accuracy(detected)


def _accuracy(line: Accuracy) -> dict[str, Any]:
    return {"seen": line.seen, "corrected": line.corrected, "accuracy": line.right}


def _print_csv(by: By, rows: list[dict[str, Any]]) -> None:
    sys.stdout.write(statistics.as_csv(rows, _COLUMNS[by]))


_COLUMNS = {
    By.LANGUAGE: list(_figures(LanguageFigures("und"), Accuracy("und"))),
    By.TOPIC: ["topic", *_accuracy(Accuracy("und"))],
    By.TEMPLATE: ["template", "language", "sent", "arrived_within_7_days", "median_minutes"],
}


def _plain_table(by: By, rows: list[dict[str, Any]]) -> Table:
    table = Table(*(name.replace("_", " ").capitalize() for name in _COLUMNS[by]))
    for row in rows:
        table.add_row(*(_plainly(row[name]) for name in _COLUMNS[by]))
    return table


def _plainly(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


# What fits in 80 columns; --json and --csv tell everything.
_HEADINGS = ("Messages", "Replies", "Elsewhere", "Open", "Waiting", "Median", "Unanswered")


def _table(figures: list[LanguageFigures]) -> Table:
    table = Table(title="Languages")
    table.add_column("Language", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right")
    for line in [*figures, reports.total(figures)]:
        name = "All" if line.language == "all" else languages.name_of(line.language)
        numbers = (line.messages, line.replies, line.elsewhere, line.open_cases, line.waiting_cases)
        table.add_row(name, *map(str, numbers), _length(line.median_first_response), str(line.unanswered))
    return table


def _length(took: timedelta | None) -> str:
    return str(took).partition(".")[0] if took is not None else "–"


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
