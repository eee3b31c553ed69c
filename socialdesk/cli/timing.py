"""socialdesk targets …: when open cases are due."""

from __future__ import annotations

import typer

from socialdesk.cli.options import Quiet, SettingsFile, open_desk, say

app = typer.Typer(help="Targets and due times.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _targets() -> None:
    """Targets and due times."""


@app.command()
def apply(settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Reckon anew when open cases are due: after targets or business hours in the settings have changed."""
    from socialdesk import retiming

    desk = open_desk(settings)
    done = sum(retiming.apply(desk.database, desk.settings.targets))
    say(f"Open cases timed anew: {done}.", quiet=quiet)
