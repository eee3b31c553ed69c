"""Several cases at once: a page says what will happen to which, one form does it, another takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from socialdesk import snoozing, together
from socialdesk.console import health
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.case import CameFrom, RowId
from socialdesk.console.queue import Filter
from socialdesk.console.snoozing import zone_of
from socialdesk.errors import BadInput, DeskError
from socialdesk.snoozing import Until
from socialdesk.together import Act, Done, Foreseen, Wanted

router = APIRouter()
Short = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class Sentences:
    """How an act is spoken of: what will happen to one case or several, and what did."""

    one: str
    several: str
    done_one: str
    done_several: str


SENTENCES = {
    Act.ASSIGN: Sentences(
        "One case will be yours.", "{} cases will be yours.", "One case is yours.", "{} cases are yours."
    ),
    Act.LEAVE: Sentences(
        "One case will be nobody's.",
        "{} cases will be nobody's.",
        "One case is nobody's now.",
        "{} cases are nobody's now.",
    ),
    Act.LANGUAGE: Sentences(
        "The language of one case will be set.",
        "The language of {} cases will be set.",
        "The language of one case is set.",
        "The language of {} cases is set.",
    ),
    Act.TOPIC: Sentences(
        "The topic of one case will be set.",
        "The topic of {} cases will be set.",
        "The topic of one case is set.",
        "The topic of {} cases is set.",
    ),
    Act.SNOOZE: Sentences(
        "One case will be snoozed.",
        "{} cases will be snoozed.",
        "One case is snoozed.",
        "{} cases are snoozed.",
    ),
    Act.RESOLVE: Sentences(
        "One case will be resolved.",
        "{} cases will be resolved.",
        "One case is resolved.",
        "{} cases are resolved.",
    ),
}


@router.get("/queue/together")
def preview(
    visit: Admitted,
    act: Act,
    case: Annotated[list[int], Query()],
    language: Short = "",
    topic: Short = "",
    until: Until = Until.TOMORROW,
    at: Short = "",
    zone: Short = "",
    came_from: Annotated[str, Query(alias="from", max_length=40)] = "",
) -> Response:
    moment = snoozing.moment(until, zone_of(zone), at) if act == Act.SNOOZE else None
    wanted = Wanted(act, {Act.LANGUAGE: language, Act.TOPIC: topic}.get(act, ""), moment)
    chosen = [case_id for case_id in case if 0 < case_id <= LARGEST_ID]
    with visit.database.reading() as session:
        foreseen = together.foresee(session, chosen, wanted, by=visit.agent, accounts=visit.accounts)
        return _page(visit, came_from, wanted=wanted, foreseen=foreseen)


@router.post("/queue/together")
def carry_out(
    visit: Admitted,
    act: Annotated[Act, Form()],
    case: Annotated[list[str], Form()],
    value: Annotated[str, Form(max_length=60)] = "",
    until: Annotated[str, Form(max_length=40)] = "",
    came_from: CameFrom = "",
) -> Response:
    wanted = Wanted(act, value, _moment(until))
    with visit.database.transaction() as session:
        done = together.carry_out(session, _stamps(case), wanted, by=visit.agent, accounts=visit.accounts)
    return _page(visit, came_from, wanted=wanted, done=done)


@router.post("/queue/together/{change_id}/undoing")
def undo(visit: Admitted, change_id: RowId, came_from: CameFrom = "") -> Response:
    try:
        with visit.database.transaction() as session:
            done = together.undo(session, change_id, by=visit.agent)
    except DeskError as error:
        return _page(visit, came_from, problem=error)
    return _page(visit, came_from, undone=done)


def _page(
    visit: Visit,
    came_from: str,
    *,
    wanted: Wanted | None = None,
    foreseen: list[Foreseen] | None = None,
    done: Done | None = None,
    undone: Done | None = None,
    problem: DeskError | None = None,
) -> Response:
    with visit.database.reading() as session:
        accounts = health.of(visit, session)
    will = [each for each in foreseen or () if each.why_not is None]
    return visit.page(
        "queue/together.html",
        status=409 if problem else 200,
        wanted=wanted,
        will=will,
        will_not=[each for each in foreseen or () if each.why_not],
        sentence=_told(wanted, len(will), done) if wanted else None,
        done=done,
        undone=undone,
        may_be_undone=bool(wanted and done and done.change_id and wanted.act in together.UNDOABLE),
        problem=problem,
        came_from=Filter.parse(came_from) or Filter(),
        accounts=accounts,
    )


def _told(wanted: Wanted, will: int, done: Done | None) -> str:
    words = SENTENCES[wanted.act]
    number = done.changed if done else will
    if number == 0:
        return "Nothing was changed." if done else "Nothing will be changed."
    if number == 1:
        return words.done_one if done else words.one
    return (words.done_several if done else words.several).format(number)


def _stamps(told: list[str]) -> dict[int, str]:
    """From the form that the preview made: ids with their stamps."""
    stamps = {}
    for each in told[: together.MOST + 1]:
        case_id, _, stamp = each.partition(".")
        if not (case_id.isascii() and case_id.isdigit() and len(case_id) < 10):
            raise BadInput("Choose the cases in the queue.")
        stamps[int(case_id)] = stamp
    return stamps


def _moment(told: str) -> datetime | None:
    try:
        return datetime.fromisoformat(told) if told else None
    except ValueError:
        raise BadInput("Choose until when.") from None
