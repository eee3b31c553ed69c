"""socialdesk coverage: whether the coming 24 hours are covered, language by language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from socialdesk.cli.options import AsJson, SettingsFile, open_desk_to_read, print_json, say

if TYPE_CHECKING:
    from socialdesk.routing.coverage import Radar

app = typer.Typer(rich_markup_mode=None)


@app.command(name="coverage")
def coverage_(settings: SettingsFile = None, json: AsJson = False) -> None:
    """Which language will be answered too late first in the next 24 hours, and what can be done."""
    from socialdesk.console import coverage as page
    from socialdesk.languages import name_of
    from socialdesk.routing import radar

    desk = open_desk_to_read(settings)
    with desk.database.reading() as session:
        seen = radar.look(session, desk.settings)
    if json:
        print_json(_rows(seen))
        return
    zone = desk.settings.console.time_zone
    if seen.first is None:
        say("As things stand, every language is answered in time.")
    for sentence in [*page.told(seen.first, seen.at, zone), *page.advice(seen.first)] if seen.first else []:
        say(sentence)
    for line in seen.lines:
        name, left = name_of(line.language), round(line.cells[-1].backlog)
        nobody = sum(cell.uncovered for cell in line.cells)
        say(
            f"{name}\twaiting {line.waiting}\texpected {round(line.expected)}"
            f"\tleft tomorrow {left}\thours with nobody {nobody}"
        )


def _rows(seen: Radar) -> Iterator[dict[str, Any]]:
    for line in seen.lines:
        yield {
            "language": line.language,
            "waiting": line.waiting,
            "overdue": line.overdue,
            "expected": round(line.expected, 2),
            "breach_at": line.breach_at and line.breach_at.isoformat(),
            "nobody_until": line.nobody_until and line.nobody_until.isoformat(),
            "ask": list(line.ask),
            "stand_in": dict(line.stand_in),
            "pace": round(seen.pace, 2),
            "hours": [
                {
                    "at": cell.at.isoformat(),
                    "expected": round(cell.expected, 2),
                    "people": cell.people,
                    "answered": round(cell.answered, 2),
                    "left": round(cell.backlog, 2),
                }
                for cell in line.cells
            ],
        }
