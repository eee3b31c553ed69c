"""socialdesk privacy …: what the desk has about a person, exported or erased."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from socialdesk.cli.options import (
    InputFile,
    Quiet,
    SettingsFile,
    lines,
    open_desk,
    open_desk_to_read,
    print_json,
    say,
)
from socialdesk.errors import BadInput, NotAllowed

if TYPE_CHECKING:
    from sqlmodel import Session

    from socialdesk.people.agents import Agent
    from socialdesk.privacy.tombstones import Tombstone

app = typer.Typer(help="A person's data.", no_args_is_help=True, rich_markup_mode=None)
Person = Annotated[
    str, typer.Argument(metavar="PERSON", help="A handle, X's id, or customer:7 for the desk's own number.")
]
By = Annotated[str, typer.Option("--by", metavar="AGENT", help="The admin who does it.")]


class Form(StrEnum):
    JSON = "json"
    HTML = "html"


@app.command()
def export(
    person: Person,
    form: Annotated[Form, typer.Option("--form", help="For programs, or to be read.")] = Form.JSON,
    settings: SettingsFile = None,
) -> None:
    """Everything that somebody wrote and was written to them, on standard output."""
    from socialdesk.privacy import exporting

    desk = open_desk(settings)
    with desk.database.transaction() as session:
        customer = exporting.find(session, person)
        told = exporting.collect(session, customer)
        exporting.tell(session, customer, form, by=None)
    html = form is Form.HTML
    sys.stdout.write(
        exporting.as_html(told, desk.settings.paths.templates) if html else exporting.as_json(told)
    )


@app.command()
def erase(
    person: Person,
    by: By,
    settings: SettingsFile = None,
    quiet: Quiet = False,
) -> None:
    """Erase somebody for good, and write the database anew without the traces; nobody can undo it."""
    from socialdesk.privacy import erasing, exporting

    database = open_desk(settings).database
    with database.transaction() as session:
        admin, customer = _admin(session, by), exporting.find(session, person)
        found = erasing.erase(session, customer.id or 0, by=admin)
    erasing.scrub(database)
    say(f"Erased. Messages: {found.messages}, replies: {found.replies}, notes: {found.notes}.", quiet=quiet)


@app.command()
def scrub(settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Write the database anew without what it holds of erased rows; the desk waits meanwhile."""
    from socialdesk.privacy import erasing

    erasing.scrub(open_desk(settings).database)
    say("The database was written anew.", quiet=quiet)


@app.command(name="tombstones")
def print_tombstones(settings: SettingsFile = None) -> None:
    """Who was erased, as keyed hashes: to be kept beside the back-ups, for `apply`."""
    from socialdesk.privacy import tombstones

    with open_desk_to_read(settings).database.reading() as session:
        print_json(each.model_dump(include=_TOLD) for each in tombstones.all_of(session))


@app.command()
def apply(by: By, file: InputFile = None, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Erase again whom a restored back-up brought back, by the hashes that `tombstones` printed."""
    from socialdesk.privacy import erasing, tombstones

    database = open_desk(settings).database
    told = [_stone(line) for line in lines(file) if line.strip()]
    with database.transaction() as session:
        admin = _admin(session, by)
        tombstones.adopt(session, told)
        back = tombstones.brought_back(session)
        for customer_id in back:
            erasing.erase(session, customer_id, by=admin)
    if back:
        erasing.scrub(database)
    say(f"Tombstones: {len(told)}, people erased again: {len(back)}.", quiet=quiet)


_TOLD = {"salt", "keyed", "digest", "opted_out", "erased_at"}


def _stone(line: str) -> Tombstone:
    from socialdesk.privacy.tombstones import Tombstone

    try:
        told: dict[str, Any] = json.loads(line)
        at = datetime.fromisoformat(told["erased_at"])
        return Tombstone(**{name: told[name] for name in _TOLD} | {"erased_at": at})
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"That is no tombstone as `socialdesk privacy tombstones` prints it: {line:.60}"
        ) from error


def _admin(session: Session, username: str) -> Agent:
    from socialdesk.people import agents, permissions
    from socialdesk.people.permissions import Verb

    agent = agents.named(session, username)
    if not permissions.may(agent.role, Verb.ERASE_PERSON):
        raise NotAllowed(permissions.refusal(Verb.ERASE_PERSON))
    return agent
