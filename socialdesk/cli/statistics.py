"""socialdesk stats: the supervisors' figures in a terminal, or as CSV, JSON and a picture."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from socialdesk.cli.options import AsJson, Quiet, SettingsFile, open_desk_to_read, print_json
from socialdesk.cli.words import By, Visibility

Days = Annotated[
    int | None, typer.Option("--days", min=1, max=36_500, help="Only so many days, today being the last.")
]
Account = Annotated[str | None, typer.Option("--account", metavar="HANDLE", help="Of one account alone.")]
Channel = Annotated[Visibility | None, typer.Option("--channel", help="Of one channel alone.")]
First = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")]
Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day.")]


app = typer.Typer(rich_markup_mode=None)


@app.command()
def stats(
    settings: SettingsFile = None,
    days: Days = None,
    first: First = None,
    last: Last = None,
    account: Account = None,
    channel: Channel = None,
    by: Annotated[By, typer.Option("--by", help="What a line is about.")] = By.LANGUAGE,
    json: AsJson = False,
    csv: Annotated[bool, typer.Option("--csv", help="As comma-separated values.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="As a picture.")] = None,
    quiet: Quiet = False,
) -> None:
    """The language statistics; how often topics were right; who came to direct messages when asked."""
    from rich.console import Console

    from socialdesk.cli import figures as told
    from socialdesk.figures import reports

    desk = open_desk_to_read(settings)
    with desk.database.reading() as session:
        period = told.chosen(desk, days, first and first.date(), last and last.date(), channel)
        asked = period.but(account=told.account_id(session, account)).asked(None)
        figures = reports.of_period(session, asked)
        rows = list(told.rows(session, by, desk, asked, figures))
    if json:
        print_json(rows)
    elif csv:
        sys.stdout.write(told.as_csv(by, rows))
    elif not quiet:
        Console().print(told.table(figures) if by == By.LANGUAGE else told.plain_table(by, rows))
    if svg:
        told.write_chart(svg, desk, figures)
