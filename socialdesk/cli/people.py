"""socialdesk agents …: the people who work at the desk."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from socialdesk.cli.options import AsJson, Quiet, SettingsFile, open_desk, open_desk_to_read, print_json, say
from socialdesk.cli.words import Role

if TYPE_CHECKING:
    from socialdesk.people.agents import Agent
    from socialdesk.routing.shifts import Roster

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
    from socialdesk.people import agents

    desk = open_desk(settings)
    password = _password()
    with desk.database.transaction() as session:
        agents.hire(session, username=username, name=name, role=agents.Role(role), password=password)
    say(f"{name} ({role}) signs in as {username}.", quiet=quiet)


@app.command(name="list")
def list_(settings: SettingsFile = None, json: AsJson = False) -> None:
    """Everybody who works here."""
    from socialdesk.people import agents

    with open_desk_to_read(settings).database.reading() as session:
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
    from socialdesk.people import admission, agents, passwords

    desk = open_desk(settings)
    kept = passwords.hashed(_password(), of=username)
    with desk.database.transaction() as session:
        admission.new_password(session, agents.named(session, username), kept, by=None)
    say(f"{username} has a new password, and is signed out everywhere.", quiet=quiet)


@app.command()
def reset_codes(username: Username, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Let somebody in without one-time codes, whose telephone and recovery codes are gone."""
    from socialdesk.people import admission, agents

    with open_desk(settings).database.transaction() as session:
        admission.codes_off(session, agents.known(session, username), by=None)
    say(f"{username} signs in with the password alone.", quiet=quiet)


@app.command()
def enable(username: Username, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Let somebody in again who was disabled."""
    from socialdesk.people import admission, agents

    desk = open_desk(settings)
    with desk.database.transaction() as session:
        admission.enable(session, agents.known(session, username))
    say(f"{username} can sign in again.", quiet=quiet)


@app.command()
def disable(username: Username, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Let somebody in no longer; what they did stays in the history."""
    from socialdesk.people import agents, staffing

    desk = open_desk(settings)
    with desk.database.transaction() as session:
        staffing.disable(session, agents.named(session, username))
    say(f"{username} can't sign in any more.", quiet=quiet)


@app.command(name="shifts")
def shifts_(
    username: Annotated[str | None, typer.Argument(metavar="[AGENT]", help="Of one alone.")] = None,
    settings: SettingsFile = None,
    json: AsJson = False,
) -> None:
    """Who works when, by the clock of which time zone, and who is on shift now."""
    from socialdesk.people import agents
    from socialdesk.routing import shifts
    from socialdesk.routing.shifts import Roster

    with open_desk_to_read(settings).database.reading() as session:
        people = [agents.known(session, username)] if username else agents.all_of(session)
        rosters = shifts.of_everybody(session)
        for agent in people:
            roster = rosters.get(agent.id or 0) or Roster(agent_id=agent.id or 0)
            if json:
                print_json([_shifts(agent, roster)])
            else:
                say("\t".join(map(str, _shifts(agent, roster).values())))


def _shifts(agent: Agent, roster: Roster) -> dict[str, Any]:
    """Days off as the first and the last of each."""
    from socialdesk import clock
    from socialdesk.routing import shifts

    plan, now = roster.plan, clock.now()
    week = " ".join(f"{day} {','.join(spans)}" for day, spans in plan.hours.items())
    away = roster.is_away(now)
    return {
        "username": agent.username,
        "now": "away" if away else "on shift" if shifts.is_on(roster.calendar, now) else "off shift",
        "zone": plan.zone,
        "week": week,
        "days_off": " ".join(f"{first}/{last}" for first, last in plan.days_off),
        "most_waiting": plan.most_waiting,
    }


def _password() -> str:
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
