"""What waits for a second person: approved, sent back, or opened to be changed; many at once if unedited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from sqlmodel import Session

from socialdesk import clock, exposure, replies
from socialdesk.console import entries, health
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.case import RowId
from socialdesk.console.filters import Filter
from socialdesk.console.flash import SOON, flash, told
from socialdesk.errors import BadInput, Conflict, DeskError
from socialdesk.phrases import gettext as _
from socialdesk.replying import approvals, forecasts
from socialdesk.replying.approvals import OneOfMany, Outcome
from socialdesk.replying.matters import Matter

router = APIRouter()
PAGE = 25  # looked at, the longest waiting; the others follow when these are done
MOST_AT_ONCE = 50
Revision = Annotated[int, Form(ge=1, le=LARGEST_ID)]
Guard = Annotated[str, Field(max_length=20)]
Choice = Annotated[str, Field(pattern=r"^[1-9]\d{0,8}\.[1-9]\d{0,8}$")]  # a reply and its revision
CAME_FROM = 40  # characters of a queue's filter


@dataclass(frozen=True, slots=True)
class Refused:
    """What could not be done to a reply, with the words that the agent had typed."""

    reply_id: int
    problem: DeskError
    why: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Became:
    """What approving many made of one of them; `row` is None for a reply that is not there. The page says it
    itself where `leaves_at` is known, which is None when it leaves at once."""

    one: OneOfMany
    row: Matter | None
    leaves_at: datetime | None = None

    @property
    def soon(self) -> bool:
        """Whether it is counted down."""
        return self.leaves_at is not None and self.leaves_at - clock.now() < SOON

    @property
    def sentence(self) -> str:
        if self.one.outcome is None:
            return self.one.why or ""
        if self.one.outcome == Outcome.WAITS:
            return _("Waits for a second person now.")
        if self.row and self.row.reply.private:
            return _("Approved: the direct message goes out now.")
        return _("Approved: the public reply goes out now.")


@router.get("/approvals")
def show(visit: Admitted, done: str = "") -> Response:
    return _page(visit, done=done)


@router.post("/approvals/{reply_id}/approval")
def approve(
    visit: Admitted,
    reply_id: RowId,
    revision: Revision,
    override: Annotated[list[Guard] | None, Form(max_length=20)] = None,
    reason: Annotated[str, Form(max_length=approvals.LONGEST_REASON)] = "",
) -> Response:
    try:
        with visit.database.transaction() as session:
            following = _following(session, reply_id)
            reply = replies.find(session, reply_id)
            approvals.approve(
                session,
                reply,
                by=visit.agent,
                library=visit.desk.library_now(session),
                settings=visit.desk.settings,
                revision=revision,
                overrides=override or (),
                reason=reason,
            )
            done = told(reply.visibility, reply.case_id)
    except (Conflict, BadInput) as error:
        return _refused(visit, Refused(reply_id, error, reason=reason))
    return RedirectResponse(f"/approvals?done={done}{following}", 303)


@router.post("/approvals/{reply_id}/return")
def send_back(
    visit: Admitted,
    reply_id: RowId,
    revision: Revision,
    why: Annotated[str, Form(max_length=approvals.LONGEST_REASON)] = "",
) -> Response:
    try:
        with visit.database.transaction() as session:
            following = _following(session, reply_id)
            reply = replies.find(session, reply_id)
            approvals.send_back(session, reply, by=visit.agent, why=why, revision=revision)
            done = told("sent_back", reply.case_id)
    except (Conflict, BadInput) as error:
        return _refused(visit, Refused(reply_id, error, why=why))
    return RedirectResponse(f"/approvals?done={done}{following}", 303)


@router.get("/approvals/preview")
def preview(
    visit: Admitted,
    choice: Annotated[list[Choice] | None, Query(max_length=MOST_AT_ONCE)] = None,
    came_from: Annotated[str, Query(alias="from", max_length=CAME_FROM)] = "",
) -> Response:
    """What approving the chosen ones at once would do. Nothing is done yet."""
    with visit.database.reading() as session:
        rows = entries.find(session, list(_read(choice or ())))
        foreseen = [entries.foresee(each) for each in _entries(visit, session, rows)]
        accounts, names = health.of(visit, session), visit.names(session)
    going = [each.entry for each in foreseen if each.goes]
    return visit.page(
        "approvals/preview.html",
        foreseen=foreseen,
        going=going,
        total=sum((each.looked.price for each in going), Decimal()),
        came_from=Filter.parse(came_from),
        names=names,
        accounts=accounts,
        price=entries.price,
    )


@router.post("/approvals/many")
def approve_many(
    visit: Admitted,
    choice: Annotated[list[Choice] | None, Form(max_length=MOST_AT_ONCE)] = None,
    came_from: Annotated[str, Form(alias="from", max_length=CAME_FROM)] = "",
) -> Response:
    chosen = _read(choice or ())
    with visit.database.reading() as session:
        library = visit.desk.library_now(session)
    became = approvals.approve_many(
        visit.database, chosen.items(), by=visit.agent, library=library, settings=visit.desk.settings
    )
    with visit.database.reading() as session:
        rows = {row.reply.id: row for row in entries.find(session, list(chosen))}
        leaves = _leaves(visit, session, {row.reply.account_id for row in rows.values()})
    outcomes = [Became(each, rows.get(each.reply_id), leaves.get(each.reply_id)) for each in became]
    return _page(visit, outcomes=outcomes, came_from=Filter.parse(came_from))


def _page(
    visit: Visit,
    *,
    done: str = "",
    refused: Refused | None = None,
    outcomes: Sequence[Became] = (),
    came_from: Filter | None = None,
    status: int = 200,
) -> Response:
    with visit.database.reading() as session:
        accounts, names = health.of(visit, session), visit.names(session)
        found = _entries(visit, session, approvals.waiting(session, most=PAGE))
        waiting = _waiting(visit, session, len(found), changed=bool(outcomes))
        told_now = flash(session, done, accounts, visit.desk.settings.sending, by=visit.agent)
    return visit.page(
        "approvals.html",
        status=status,
        entries=found,
        waiting=waiting,
        refused=refused,
        outcomes=outcomes,
        came_from=came_from,
        names=names,
        accounts=accounts,
        flash=told_now,
        asked_for=bool(visit.desk.settings.approvals.rules),
        price=entries.price,
        shown=exposure.shown,
    )


def _waiting(visit: Visit, session: Session, shown: int, *, changed: bool) -> int:
    """How many wait in all; counted only where that is not known already."""
    if shown < PAGE:
        return shown
    if visit.accounts is None and not changed:
        return max(visit.submitted, shown)  # it was counted a moment before these were read
    return approvals.waiting_count(session)


def _leaves(visit: Visit, session: Session, accounts: Iterable[int]) -> dict[int, datetime]:
    """When the approved replies of these accounts go out; only those that wait for their time."""
    sending, soonest = visit.desk.settings.sending, clock.now() + timedelta(seconds=1)
    found = [forecasts.leaves_at(session, each, sending) for each in accounts]
    return {reply: at for each in found for reply, at in each.items() if at > soonest}


def _refused(visit: Visit, refused: Refused) -> Response:
    return _page(visit, refused=refused, status=409 if isinstance(refused.problem, Conflict) else 422)


def _entries(visit: Visit, session: Session, rows: Sequence[Matter]) -> list[entries.Entry]:
    library, settings = visit.desk.library_now(session), visit.desk.settings
    return entries.of(session, rows, by=visit.agent, library=library, settings=settings)


def _following(session: Session, reply_id: int) -> str:
    """The place on the page of the entry that comes after this one, which is about to leave it."""
    ids = approvals.waiting_ids(session, most=PAGE + 1)
    behind = ids[ids.index(reply_id) + 1 :] if reply_id in ids else ids
    following = next((each for each in (*behind, *reversed(ids)) if each != reply_id), None)
    return f"#reply-{following}" if following else ""


def _read(choices: Sequence[str]) -> dict[int, int]:
    """By reply, the revision that was read."""
    return {int(reply): int(revision) for reply, revision in (each.split(".") for each in choices)}
