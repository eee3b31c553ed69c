"""socialdesk agents …: the people who work at the desk."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from socialdesk import admission, agents, passwords, staffing
from socialdesk.agents import Role
from socialdesk.cli.options import AsJson, Quiet, SettingsFile, open_desk, print_json, say

app = typer.Typer(help="People, their roles and passwords.", no_args_is_help=True, rich_markup_mode=None)
Username = Annotated[str, typer.Argument(metavar="AGENT", help="The name to sign in with.")]


@app.command()
def add(
    username: Username,
    name: Annotated[str, typer.Option("--name", help="As colleagues know them; customers see the initials.")],
    role: Annotated[Role, typer.Option("--role")] = Role.AGENT,
    settings: SettingsFile = None,
    quiet: Quiet = False,
) -> None:
    """Let somebody in; asks for a password, or reads it from standard input."""
    desk = open_desk(settings)
    password = _password()
    with desk.database.transaction() as session:
        agents.hire(session, username=username, name=name, role=role, password=password)
    say(f"{name} ({role}) signs in as {username}.", quiet=quiet)


@app.command(name="list")
def list_(settings: SettingsFile = None, json: AsJson = False) -> None:
    """Everybody who works here."""
    with open_desk(settings).database.reading() as session:
        for agent in agents.all_of(session):
            disabled = agent.disabled_at is not None
            told = {"username": agent.username, "name": agent.name, "role": agent.role, "disabled": disabled}
            if json:
                print_json([told])
            else:
                say("\t".join(map(str, told.values() if disabled else list(told.values())[:3])))


@app.command()
def password(username: Username, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Give somebody a new password; asks for it, or reads it from standard input."""
    desk = open_desk(settings)
    kept = passwords.hashed(_password(), of=username)
    with desk.database.transaction() as session:
        admission.new_password(session, agents.named(session, username), kept, by=None)
    say(f"{username} has a new password, and is signed out everywhere.", quiet=quiet)


@app.command()
def reset_codes(username: Username, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Let somebody in without one-time codes, whose telephone and recovery codes are gone."""
    with open_desk(settings).database.transaction() as session:
        admission.codes_off(session, agents.known(session, username), by=None)
    say(f"{username} signs in with the password alone.", quiet=quiet)


@app.command()
def enable(username: Username, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Let somebody in again who was disabled."""
    desk = open_desk(settings)
    with desk.database.transaction() as session:
        admission.enable(session, agents.known(session, username))
    say(f"{username} can sign in again.", quiet=quiet)


@app.command()
def disable(username: Username, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Let somebody in no longer; what they did stays in the history."""
    desk = open_desk(settings)
    with desk.database.transaction() as session:
        staffing.disable(session, agents.named(session, username))
    say(f"{username} can't sign in any more.", quiet=quiet)


def _password() -> str:
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
