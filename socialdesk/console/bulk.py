"""Several cases at once: a page says what will happen to which, one form does it, another takes it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from socialdesk.cases import Status
from socialdesk.casework import snoozing
from socialdesk.casework.snoozing import Until
from socialdesk.console import changed, choosing, health
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.case import CameFrom, RowId
from socialdesk.console.filters import Filter
from socialdesk.console.snoozing import zone_of
from socialdesk.errors import BadInput, DeskError
from socialdesk.phrases import gettext as _
from socialdesk.phrases import ngettext
from socialdesk.worklists import putting_back, together
from socialdesk.worklists.queues import Cases
from socialdesk.worklists.together import Act, Done, Foreseen, Wanted

router = APIRouter()
Short = Annotated[str, Query(max_length=60)]


# What will happen to one case or to several.
_WILL: dict[Act, Callable[[int], str]] = {
    Act.ASSIGN: lambda n: ngettext("One case will be yours.", "%(number)s cases will be yours.", n),
    Act.LEAVE: lambda n: ngettext("One case will be nobody's.", "%(number)s cases will be nobody's.", n),
    Act.LANGUAGE: lambda n: ngettext(
        "The language of one case will be set.", "The language of %(number)s cases will be set.", n
    ),
    Act.TOPIC: lambda n: ngettext(
        "The topic of one case will be set.", "The topic of %(number)s cases will be set.", n
    ),
    Act.TAG: lambda n: ngettext("One case will be tagged.", "%(number)s cases will be tagged.", n),
    Act.UNTAG: lambda n: ngettext("One case will lose a tag.", "%(number)s cases will lose a tag.", n),
    Act.SNOOZE: lambda n: ngettext("One case will be snoozed.", "%(number)s cases will be snoozed.", n),
    Act.RESOLVE: lambda n: ngettext("One case will be resolved.", "%(number)s cases will be resolved.", n),
}


@router.get("/queue/together")
def preview(
    visit: Admitted,
    act: Act | Literal["approve"],
    case: Annotated[list[int], Query()],
    language: Short = "",
    topic: Short = "",
    tag: Annotated[str, Query(max_length=200)] = "",
    until: Until = Until.TOMORROW,
    at: Short = "",
    zone: Short = "",
    came_from: Annotated[str, Query(alias="from", max_length=60)] = "",
) -> Response:
    chosen = [case_id for case_id in case if 0 < case_id <= LARGEST_ID]
    if act == "approve":
        return _to_approvals(visit, chosen, came_from)
    moment = snoozing.moment(until, zone_of(zone), at) if act == Act.SNOOZE else None
    values = {Act.LANGUAGE: language, Act.TOPIC: topic, Act.TAG: tag, Act.UNTAG: tag}
    wanted = Wanted(act, values.get(act, ""), moment)
    with visit.database.reading() as session:
        foreseen = together.foresee(session, chosen, wanted, by=visit.agent, accounts=visit.accounts)
        return _page(visit, came_from, wanted=wanted, foreseen=foreseen)


def _to_approvals(visit: Visit, case_ids: Sequence[int], came_from: str) -> Response:
    """The preview of approving, with those of the cases' drafts that are a template's own words."""
    with visit.database.reading() as session:
        choices = choosing.choices(session, visit.desk, case_ids[: together.MOST])
    if not choices:
        raise BadInput(_("None of the chosen cases has a draft in a template's own words."))
    query = [("from", came_from), *(("choice", each) for each in choices)]
    return RedirectResponse(f"/approvals/preview?{urlencode(query)}", 303)


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
    if done.change_id and not done.left_out:
        return _to_the_list(came_from, changed.word(done.change_id))
    return _page(visit, came_from, wanted=wanted, done=done)


@router.post("/queue/together/{change_id}/undoing")
def undo(visit: Admitted, change_id: RowId, came_from: CameFrom = "") -> Response:
    try:
        with visit.database.transaction() as session:
            done = putting_back.undo(session, change_id, by=visit.agent)
    except DeskError as error:
        return _page(visit, came_from, problem=error)
    if not done.left_out:
        return _to_the_list(came_from, changed.word(change_id, back=True))
    return _page(visit, came_from, undone=done)


def _to_the_list(came_from: str, done: str) -> Response:
    """Which tells what was done: a page of its own is for what was left out, and why."""
    return RedirectResponse((Filter.parse(came_from) or Filter()).address(done=done), 303)


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
    listed = Filter.parse(came_from) or Filter()
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
        beware=_beware(wanted, will, listed) if wanted else [],
        done=done,
        undone=undone,
        may_be_undone=bool(done and done.change_id),
        problem=problem,
        came_from=listed,
        accounts=accounts,
    )


def _told(wanted: Wanted, will: int, done: Done | None) -> str:
    if done:
        return changed.did(wanted.act, done.changed) if done.changed else _("Nothing was changed.")
    return _WILL[wanted.act](will) if will else _("Nothing will be changed.")


def _beware(wanted: Wanted, will: Sequence[Foreseen], listed: Filter) -> list[str]:
    """What whoever changes so many at once may not have seen in the list that they were chosen in."""
    if wanted.act != Act.RESOLVE:
        resolved = sum(each.case.status == Status.RESOLVED for each in will)
        return [_resolved(resolved)] if resolved and listed.status != Cases.RESOLVED else []
    unanswered = sum(each.case.first_response_at is None for each in will)
    exposed = sum(each.case.exposed for each in will)
    told = (unanswered and _unanswered(unanswered), exposed and _exposed(exposed))
    return [each for each in told if each]


def _resolved(number: int) -> str:
    return ngettext("One case is resolved already.", "%(number)s cases are resolved already.", number)


def _unanswered(number: int) -> str:
    return ngettext("One case was never answered.", "%(number)s cases were never answered.", number)


def _exposed(number: int) -> str:
    return ngettext(
        "One case shows personal data in public.",
        "%(number)s cases show personal data in public.",
        number,
    )


def _stamps(told: list[str]) -> dict[int, str]:
    """From the form that the preview made: ids with their stamps."""
    stamps = {}
    for each in told[: together.MOST + 1]:
        case_id, _dot, stamp = each.partition(".")
        if not (case_id.isascii() and case_id.isdigit() and len(case_id) < 10):
            raise BadInput(_("Choose the cases in the queue."))
        stamps[int(case_id)] = stamp
    return stamps


def _moment(told: str) -> datetime | None:
    try:
        return datetime.fromisoformat(told) if told else None
    except ValueError:
        raise BadInput(_("Choose until when.")) from None
