"""The options that work the same on every command, and how a command says things.

The desk is loaded by the command that opens it: every command's help imports this module.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from socialdesk.errors import BadInput

if TYPE_CHECKING:
    from socialdesk.desk import Desk
    from socialdesk.settings import Settings

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings other than ./settings.toml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
InputFile = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Standard input without it.")]


def load(file: Path | None) -> Settings:
    """The settings, with the log set up as they say."""
    from socialdesk import logs, settings

    loaded = settings.load(file)
    logs.configure(loaded.log)
    return loaded


def open_desk(file: Path | None) -> Desk:
    import getpass

    from socialdesk import audit, desk

    audit.come_from(None, f"{getpass.getuser()} at the command line")
    return desk.assemble(load(file))


def open_desk_to_read(file: Path | None) -> Desk:
    """For commands that change nothing: the database may lie where nothing can be written."""
    from socialdesk import targets
    from socialdesk.database import Database
    from socialdesk.desk import Desk
    from socialdesk.templating.library import Library
    from socialdesk.templating.texts import Shelf

    loaded = load(file)
    database = Database(loaded.database.url, only_read=True)
    database.check()
    with database.reading() as session:
        targets.use(session, loaded.targets)
    return Desk(loaded, database, Shelf(Library.load(loaded.paths.replies)))


def say(text: str, *, quiet: bool = False) -> None:
    """A line for whoever runs the command."""
    if not quiet:
        from rich.console import Console

        Console(highlight=False, soft_wrap=True, markup=False).print(text)


def print_json(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def lines(file: Path | None) -> Iterable[str]:
    """The lines of a text, without their ends. Raises BadInput when it cannot be read."""
    if file is None:
        if not isinstance(sys.stdin, TextIOWrapper):
            raise BadInput("There is nothing to read: standard input is closed. Name a file.")
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace", newline=None)
        yield from (line.rstrip("\n") for line in sys.stdin)
        return
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as opened:
            yield from (line.rstrip("\n") for line in opened)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
