"""socialdesk summary: the weekly summary as it would be mailed now."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from socialdesk.cli.options import AsJson, SettingsFile, open_desk, print_json
from socialdesk.errors import NotAllowed

if TYPE_CHECKING:
    from socialdesk.desk import Desk

To = Annotated[str | None, typer.Option("--to", metavar="NAME", help="As this supervisor gets it.")]


app = typer.Typer(rich_markup_mode=None)


@app.command()
def summary(settings: SettingsFile = None, to: To = None, json: AsJson = False) -> None:
    """The figures of the last whole week beside those of the week before; nothing is sent."""
    from socialdesk import clock, phrases
    from socialdesk.summaries import letters, posting, weeks

    desk = open_desk(settings)
    seen, language = _reader(desk, to) if to else (None, phrases.SOURCE)
    week = weeks.last_whole(clock.now(), posting.zone_of(desk))
    told = posting.prepare(desk, week, seen, language)
    if json:
        print_json([asdict(told)])
        return
    with phrases.read_in(told.language):
        sys.stdout.write(letters.plain(told))


def _reader(desk: Desk, name: str) -> tuple[frozenset[int] | None, str]:
    """The accounts and the language of his summary. Raises NotFound, NotAllowed."""
    from socialdesk import phrases
    from socialdesk.people import agents, permissions
    from socialdesk.people.permissions import Verb
    from socialdesk.summaries import subscriptions

    with desk.database.reading() as session:
        agent = agents.named(session, name)
        if not subscriptions.may_have_one(session, agent):
            raise NotAllowed(permissions.refusal(Verb.SEE_STATISTICS))
        kept = subscriptions.of_agent(session, agent)
        seen = subscriptions.seen(session, agent, kept.accounts if kept else None)
        return seen, agent.language or (kept.language if kept else phrases.SOURCE)
