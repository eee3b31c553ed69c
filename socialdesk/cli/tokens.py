"""socialdesk tokens …: what programs come in with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from socialdesk.cli.options import AsJson, Quiet, SettingsFile, open_desk, open_desk_to_read, print_json, say
from socialdesk.cli.words import Scope
from socialdesk.errors import NotFound

if TYPE_CHECKING:
    from socialdesk.people.tokens import ApiToken

app = typer.Typer(help="Bearer tokens for programs.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def add(
    username: Annotated[str, typer.Argument(metavar="AGENT", help="In whose name the program works.")],
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="May be given more than once.")],
    days: Annotated[int, typer.Option("--days", help="How long it is good.")] = 30,
    settings: SettingsFile = None,
) -> None:
    """Give out a token; it is printed and kept nowhere."""
    from socialdesk.people import agents, tokens

    scopes = [tokens.Scope(each) for each in scope]
    with open_desk(settings).database.transaction() as session:
        made = tokens.issue(session, agents.named(session, username), name=name, scopes=scopes, days=days)
    say(made)


@app.command(name="list")
def list_(settings: SettingsFile = None, json: AsJson = False) -> None:
    """The tokens that are good."""
    from socialdesk.people import agents, tokens

    with open_desk_to_read(settings).database.reading() as session:
        usernames = {each.id: each.username for each in agents.all_of(session)}
        given = [(token, usernames[token.agent_id]) for token in tokens.good(session)]
    if json:
        print_json(_told(*each) for each in given)
    for token, username in [] if json else given:
        say(f"{token.id}\t{username}\t{token.name}\t{token.scopes}\t{token.expires_at:%Y-%m-%d}")


def _told(token: ApiToken, username: str) -> dict[str, Any]:
    return {
        "id": token.id,
        "agent": username,
        "name": token.name,
        "scopes": token.scopes.split(),
        "expires_at": token.expires_at.isoformat(),
        "used_at": token.used_at.isoformat() if token.used_at else None,
    }


@app.command()
def revoke(
    token: Annotated[int, typer.Argument(metavar="ID", help="As `tokens list` tells it.")],
    settings: SettingsFile = None,
    quiet: Quiet = False,
) -> None:
    """Take a token back; it is good for nothing from now on."""
    from socialdesk.people import agents, tokens

    with open_desk(settings).database.transaction() as session:
        found = session.get(tokens.ApiToken, token)
        if found is None:
            raise NotFound("There is no such token.")
        tokens.revoke(session, session.get_one(agents.Agent, found.agent_id), token)
    say("It is revoked.", quiet=quiet)
