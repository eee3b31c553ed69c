"""socialdesk rules …: what the desk may do by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from socialdesk.cli.options import (
    AsJson,
    Quiet,
    SettingsFile,
    load,
    open_desk,
    open_desk_to_read,
    print_json,
    say,
)

if TYPE_CHECKING:
    from socialdesk.automation.book import RuleBook
    from socialdesk.automation.rules import Rule
    from socialdesk.automation.switches import RuleSwitch
    from socialdesk.automation.trying import Meant
    from socialdesk.desk import Desk

app = typer.Typer(help="Replies by rules.", no_args_is_help=True, rich_markup_mode=None)
RuleId = Annotated[str, typer.Argument(metavar="RULE", help="Its id in rules.toml.")]
By = Annotated[str, typer.Option("--by", metavar="AGENT", help="A supervisor.")]


@app.command()
def check(settings: SettingsFile = None, json: AsJson = False, quiet: Quiet = False) -> None:
    """What is wrong with replies/rules.toml, each with the line and what to write instead."""
    from socialdesk.automation import book
    from socialdesk.templating.library import Library

    loaded = load(settings)
    found = book.read(loaded, Library.load(loaded.paths.replies))
    for flaw in found.flaws:
        if json:
            print_json([{"line": flaw.line, "rule": flaw.rule, "problem": flaw.words}])
        else:
            say(str(flaw))
    if found.flaws:
        raise typer.Exit(1)
    say(f"{len(found.rules)} rules: nothing to mend.", quiet=quiet or json)


@app.command(name="list")
def list_(settings: SettingsFile = None, json: AsJson = False) -> None:
    """The rules, which are on, and what each did in the last seven days."""
    from socialdesk import clock
    from socialdesk.automation import runs, switches

    desk = open_desk_to_read(settings)
    with desk.database.reading() as session:
        rules, switched = _book(desk).rules, switches.of_all(session)
        did = runs.counts(session, since=clock.now() - timedelta(days=7))
    for rule in rules:
        told = _told(rule, switched.get(rule.id)) | {"did": dict(did.get(rule.id, {}))}
        if json:
            print_json([told])
        else:
            counted = ", ".join(f"{what} {number}" for what, number in told["did"].items()) or "nothing yet"
            say("\t".join([told["state"], rule.id, rule.title, counted]))


@app.command(name="try")
def try_(
    rule_id: RuleId,
    days: Annotated[int, typer.Option("--days", help="How far back, at most 31.")] = 7,
    settings: SettingsFile = None,
    json: AsJson = False,
) -> None:
    """Which cases the rule would have been for; nothing is changed."""
    from socialdesk.automation import trying
    from socialdesk.languages import name_of

    desk = open_desk_to_read(settings)
    rule = _book(desk).find(rule_id)
    with desk.database.reading() as session:
        trial = trying.attempt(session, rule, days=days, settings=desk.settings)
    if json:
        print_json(_row(each) for each in trial.meant)
        return
    say(trial.sentence)
    if not trial.whole:
        say(f"Only the newest {trying.MOST_MESSAGES} messages were read.")
    for each in trial.meant:
        named = f"@{each.handle}" if each.handle else "-"
        say(f"{each.case_id}\t{each.at:%Y-%m-%d %H:%M}\t{name_of(each.language)}\t{named}\t{_line(each)}")


@app.command()
def on(rule_id: RuleId, by: By, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Let the rule work from now on."""
    from socialdesk.automation import switches
    from socialdesk.people import agents

    desk = open_desk(settings)
    rule = _book(desk).find(rule_id)
    with desk.database.transaction() as session:
        switches.switch_on(session, rule, by=agents.named(session, by))
    say(f"The rule {rule.id} is on.", quiet=quiet)


@app.command()
def off(rule_id: RuleId, by: By, settings: SettingsFile = None, quiet: Quiet = False) -> None:
    """Let it rest."""
    from socialdesk.automation import switches
    from socialdesk.people import agents

    desk = open_desk(settings)
    rule = _book(desk).find(rule_id)
    with desk.database.transaction() as session:
        switches.switch_off(session, rule, by=agents.named(session, by))
    say(f"The rule {rule.id} is off.", quiet=quiet)


def _book(desk: Desk) -> RuleBook:
    from socialdesk.automation import book

    with desk.database.reading() as session:
        return book.read(desk.settings, desk.library_now(session))


def _told(rule: Rule, switch: RuleSwitch | None) -> dict[str, Any]:
    from socialdesk.automation import switches

    state = "on" if switches.is_on(rule, switch) else "off"
    told = {"id": rule.id, "title": rule.title, "state": state}
    return told | ({"why": switch.why} if switch and switch.why and state == "off" else {})


def _row(meant: Meant) -> dict[str, Any]:
    return {
        "case": meant.case_id,
        "customer": meant.handle,
        "language": meant.language,
        "at": meant.at.isoformat(),
        "text": meant.excerpt,
    }


def _line(meant: Meant) -> str:
    return " ".join(meant.excerpt.split())
