"""Commands that go on until they are stopped: run, console, worker, sandbox, demo."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from socialdesk.cli.options import SettingsFile, open_desk, say

if TYPE_CHECKING:
    from socialdesk.desk import Desk

Port = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Another port than the settings'.")
]


app = typer.Typer(rich_markup_mode=None)


@app.command()
def run(settings: SettingsFile = None, port: Port = None) -> None:
    """Poller, sender and console in one process."""
    _serve(open_desk(settings), port, with_workers=True)


@app.command()
def console(settings: SettingsFile = None, port: Port = None) -> None:
    """The console alone; the work goes on in `socialdesk worker`."""
    _serve(open_desk(settings), port, with_workers=False)


@app.command()
def worker(settings: SettingsFile = None) -> None:
    """Poller and sender alone."""
    from socialdesk import signals
    from socialdesk.workers.schedule import Schedule

    desk = open_desk(settings)
    until_told = signals.listen()
    with Schedule(desk):
        say(f"Reading and sending for {_accounts(desk)}. Ctrl-C ends it.")
        until_told()


@app.command()
def sandbox(
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8020,
    empty: Annotated[bool, typer.Option("--empty", help="Without the lively scenario.")] = False,
) -> None:
    """A local X alone, for trying things against it."""
    from socialdesk import demo

    demo.serve_sandbox(port, lively=not empty)


@app.command(name="demo")
def demo_(
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8080,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Where it keeps its files; an earlier demo there is kept aside.",
            show_default="var/demo",
        ),
    ] = None,
) -> None:
    """The whole desk against a local X in thirteen languages; nothing else is needed.

    Begins afresh each time, since the local X remembers nothing; the last three before are kept as demo-N.db.
    """
    from socialdesk import demo

    demo.run(port, data or demo.FOLDER)


def _serve(desk: Desk, port: int | None, *, with_workers: bool) -> None:
    from socialdesk import intake, signals
    from socialdesk.console.app import create_app
    from socialdesk.console.server import ConsoleServer
    from socialdesk.workers.schedule import Schedule

    until_told = signals.listen()
    if not with_workers:  # they do it themselves
        Thread(target=intake.warm_up, daemon=True).start()
    if port is not None:
        desk = replace(desk, settings=desk.settings.with_option("console", port=port))
    set_to = desk.settings.console
    serving = ConsoleServer(
        create_app(desk),
        set_to.host,
        set_to.port,
        trusted=set_to.trusted_proxies,
    )
    with serving, Schedule(desk) if with_workers else nullcontext():
        say(f"The console is at {serving.url}. Ctrl-C ends it.")
        _greet(desk, set_to.public_url or serving.url)
        until_told()


def _greet(desk: Desk, url: str) -> None:
    from socialdesk.people import first_run

    with desk.database.transaction() as session:
        token = first_run.offer(session)
    if token:
        say(f"Nobody works here yet. Within a day, make the first admin at {url}/setup with this token:")
        say(f"  {token}")
    if not _is_here(desk.settings.console.host):
        say(
            "Others can reach this address, and it has no TLS: passwords cross the network as they are typed."
        )


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _accounts(desk: Desk) -> str:
    return (
        ", ".join(f"@{account.handle}" for account in desk.settings.accounts)
        or "no account (see settings.toml)"
    )
