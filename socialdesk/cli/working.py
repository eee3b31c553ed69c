"""Commands that do one piece of the desk's work and end: poll, send, replay, reply."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from socialdesk.cli.options import AsJson, Quiet, SettingsFile, open_desk, print_json, say
from socialdesk.errors import BadInput

if TYPE_CHECKING:
    from sqlmodel import Session

    from socialdesk.cases import Case
    from socialdesk.desk import Desk
    from socialdesk.messages import Visibility
    from socialdesk.replies import Reply

app = typer.Typer(rich_markup_mode=None)


@app.command(name="poll")
def poll_(settings: SettingsFile = None, json: AsJson = False, quiet: Quiet = False) -> None:
    """Read every account's mentions and direct messages once."""
    from socialdesk.polling.cursors import Channel
    from socialdesk.workers.line import open_lines
    from socialdesk.workers.poller import poll

    for line in open_lines(open_desk(settings)):
        for channel in Channel:
            new = poll(line, channel)
            if json:
                print_json([{"account": line.handle, "channel": channel.value, "new": new}])
            else:
                say(f"@{line.handle}: {new} new in {channel.value.replace('_', ' ')}", quiet=quiet)


@app.command()
def send(settings: SettingsFile = None, json: AsJson = False, quiet: Quiet = False) -> None:
    """Send what is approved and due, and settle what is in doubt."""
    from socialdesk.workers.line import open_lines
    from socialdesk.workers.reconciler import reconcile
    from socialdesk.workers.schedule import send_due

    for line in open_lines(open_desk(settings)):
        settled, tried = reconcile(line), 0
        while some := send_due(line):
            tried += some
        if json:
            print_json([{"account": line.handle, "tried": tried, "settled": settled}])
        else:
            say(f"@{line.handle}: {tried} tried, {settled} settled", quiet=quiet)


@app.command(name="replay")
def replay_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Support posts in the twcs CSV layout.")],
    handle: Annotated[list[str], typer.Option("--handle", help="Which author_id is ours; may be repeated.")],
    settings: SettingsFile = None,
    json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Take in a history of support posts, just as live ones are."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from socialdesk import replay

    desk = open_desk(settings)
    history = replay.load(file)
    bar = Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        disable=quiet or json,
        transient=True,
    )
    with bar as progress:
        task = progress.add_task(file.name, total=len(history.rows))
        outcome = replay.take_in(desk, history, handle, progress=lambda done: progress.advance(task, done))
    if json:
        print_json([asdict(outcome)])
    else:
        say(str(outcome), quiet=quiet)


@app.command()
def reply(
    case_id: Annotated[int, typer.Argument(metavar="CASE", min=1, max=2**31 - 1)],
    by: Annotated[str, typer.Option("--by", metavar="AGENT", help="Whose reply it is.")],
    template: Annotated[str | None, typer.Option("--template", metavar="NAME")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT")] = None,
    private: Annotated[bool, typer.Option("--private", help="As a direct message.")] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Let it go out.")] = False,
    override: Annotated[
        list[str] | None, typer.Option("--override", metavar="GUARD", help="Set an objection aside.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, if a guard asks.")] = "",
    settings: SettingsFile = None,
    json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draft an answer to a case, with the console's guards."""
    from socialdesk import cases
    from socialdesk.people import agents
    from socialdesk.replying import approvals, drafts

    if (template is None) == (text is None):
        raise BadInput("Say what to answer: either --template NAME or --text TEXT.")
    desk = open_desk(settings)
    with desk.database.transaction() as session:
        case = cases.hold(session, case_id)
        agent = agents.named(session, by)
        door = _door(session, case, private)
        words = text if text is not None else _worded(session, desk, case, str(template), door)
        made = drafts.write(session, case, text=words, by=agent, visibility=door, template_id=template)
        if approve:
            aside: dict[str, Any] = {"overrides": override or (), "reason": reason}
            library, set_to = desk.library_now(session), desk.settings
            approvals.approve(session, made, by=agent, library=library, settings=set_to, **aside)
    if json:
        print_json([_told(made)])
    else:
        where = f"to case {case_id} {_stands(made)} ({made.visibility})"
        say(f"Reply {made.id} {where}:\n{made.text}", quiet=quiet)


def _told(made: Reply) -> dict[str, Any]:
    return {
        "id": made.id,
        "case": made.case_id,
        "state": made.state,
        "waits": made.submitted_at is not None,
        "visibility": made.visibility,
        "text": made.text,
    }


def _stands(reply: Reply) -> str:
    return "waits for a second person" if reply.submitted_at else f"is {reply.state}"


def _door(session: Session, case: Case, private: bool) -> Visibility:
    """Private if asked for; otherwise as the customer wrote last."""
    from socialdesk.messages import Visibility, newest_from_customer

    if private:
        return Visibility.PRIVATE
    newest = newest_from_customer(session, case.id or 0)
    return Visibility(newest.visibility if newest else case.visibility)


def _worded(session: Session, desk: Desk, case: Case, template: str, door: Visibility) -> str:
    from socialdesk.accounts import Account
    from socialdesk.customers import Customer
    from socialdesk.replying import drafts

    customer = session.get_one(Customer, case.customer_id)
    link = drafts.dm_link(desk.settings, session.get_one(Account, case.account_id))
    return drafts.from_template(
        desk.library_now(session),
        template,
        language=case.language,
        visibility=door,
        customer=customer,
        dm_link=link,
    )
