"""socialdesk db …: the schema and what is kept beside it."""

from __future__ import annotations

import typer

from socialdesk.cli.options import Quiet, SettingsFile, load, open_desk, say

app = typer.Typer(help="The database.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def upgrade(settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Make the tables, or bring them to this version; nothing in them is lost."""
    from socialdesk import targets
    from socialdesk.database import Database
    from socialdesk.figures import recount as recount_

    wanted = load(settings)
    database = Database(wanted.database.url)
    database.upgrade()
    with database.transaction() as session:
        if recount_.is_needed(session):
            targets.use(session, wanted.targets)  # by whose business hours the waits are told
            recount_.rebuild(session)
    say("The schema is up to date.", quiet=quiet)


@app.command()
def recount(settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Count the cases and the statistics anew, and say whether the kept counts were right."""
    from socialdesk import counts
    from socialdesk.figures import recount as recount_

    with open_desk(settings).database.transaction() as session:
        right = counts.rebuild(session) & recount_.rebuild(session)
    say("The counts were right." if right else "The counts were wrong and have been mended.", quiet=quiet)
