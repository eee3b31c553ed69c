"""socialdesk audit …: the audit log, read and verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from socialdesk.cli.options import AsJson, Quiet, SettingsFile, open_desk_to_read, print_json, say

if TYPE_CHECKING:
    from socialdesk.audit import AuditEntry

app = typer.Typer(help="The audit log.", no_args_is_help=True, rich_markup_mode=None)
BATCH = 500


@app.callback()
def _audit() -> None:
    """The audit log."""


@app.command()
def verify(
    noted: Annotated[
        str | None,
        typer.Option("--noted", metavar="HASH", help="A hash printed earlier, which must still be there."),
    ] = None,
    settings: SettingsFile = None,
    quiet: Quiet = False,
) -> None:
    """Whether every entry is as it was written; else the first that is not, and exit code 1."""
    from socialdesk import audit

    with open_desk_to_read(settings).database.reading() as session:
        found = audit.verify(session, noted=noted)
    if found.why:
        say(f"{found.why} The {found.entries} before it are as they were written.")
        raise typer.Exit(1)
    say(f"{found.entries} entries, all as they were written. The newest hash is {found.head}.", quiet=quiet)


@app.command()
def show(
    most: Annotated[int, typer.Option("--most", min=1, help="How many, newest first.")] = BATCH,
    settings: SettingsFile = None,
    json: AsJson = False,
) -> None:
    """Who did what, newest first."""
    from socialdesk import audit

    with open_desk_to_read(settings).database.reading() as session:
        before, left = None, most
        while left and (entries := audit.newest(session, before=before, most=min(left, BATCH))):
            for entry in entries:
                _print(entry, json)
            before, left = entries[-1].id, left - len(entries)


def _print(entry: AuditEntry, json: bool) -> None:
    if json:
        print_json([entry.model_dump(exclude={"told"}) | {"details": entry.details}])
        return
    told: list[Any] = [entry.id, f"{entry.at:%Y-%m-%dT%H:%M:%SZ}", entry.who, entry.kind, entry.subject]
    told += [f"case {entry.case_id}" if entry.case_id else None, entry.address]
    told += [f"{name}={value}" for name, value in entry.details.items()]
    say("\t".join(str(each) for each in told if each is not None))
