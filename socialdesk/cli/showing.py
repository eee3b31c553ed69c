"""Commands that show what the desk holds: cases, doctor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from socialdesk.cli.options import AsJson, Quiet, SettingsFile, open_desk_to_read, print_json, say

if TYPE_CHECKING:
    from sqlmodel import Session

app = typer.Typer(rich_markup_mode=None)


@app.command(name="cases")
def cases_(settings: SettingsFile = None, json: AsJson = False, quiet: Quiet = False) -> None:
    """List the cases, oldest first."""
    with open_desk_to_read(settings).database.reading() as session:
        if json:
            print_json(_told(session))
            return
        for case, customer in session.exec(_all_cases()).yield_per(500):
            say(
                f"{case.id}\t{case.status}\t{case.language}\t@{customer.shown}\t{case.excerpt!r}", quiet=quiet
            )


@app.command(name="doctor")
def doctor_(settings: SettingsFile = None, json: AsJson = False) -> None:
    """What is wrong with this installation, and what to do about it."""
    from socialdesk import doctor

    findings = doctor.examine(settings)
    if json:
        print_json({"what": finding.what, "well": finding.well, "says": finding.says} for finding in findings)
    for finding in [] if json else findings:
        say(f"{'ok   ' if finding.well else 'WRONG'}  {finding.what}: {finding.says}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _all_cases() -> Any:
    from sqlmodel import col, select

    from socialdesk.cases import Case
    from socialdesk.customers import Customer

    return select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id).order_by(col(Case.id))


def _told(session: Session) -> Iterator[Mapping[str, Any]]:
    from sqlmodel import col, select

    from socialdesk.messages import Message
    from socialdesk.placing import linked

    for case, customer in session.exec(_all_cases()).yield_per(500):
        ids = session.exec(
            select(Message.x_id)
            .where(Message.case_id == case.id)
            .order_by(col(Message.sent_at), col(Message.id))
        )
        yield {
            "id": case.id,
            "customer": customer.shown,
            "language": case.language,
            "topic": case.topic,
            "tags": [tag.name for tag in case.tags],
            "status": case.status,
            "conversation_id": case.conversation_id,
            "message_ids": list(ids),
            "linked_case_ids": linked.ids(session, case),
            "opened_at": case.opened_at.isoformat(),
            "waiting_since": case.waiting_since and case.waiting_since.isoformat(),
        }
