"""What somebody did in the last thirty days, for himself; a supervisor finds the team's sums there, too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from socialdesk import clock
from socialdesk.console import health, statistics
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.periods import Period
from socialdesk.figures import own
from socialdesk.figures.own import Work
from socialdesk.people.permissions import Verb

router = APIRouter()
DAYS = 30
REASONS = 20  # the newest


@router.get("/figures/me")
def show(visit: Admitted) -> Response:
    zone = ZoneInfo(visit.desk.settings.console.time_zone)
    today = clock.now().astimezone(zone).date()
    period = Period(zone, first=today - timedelta(days=DAYS - 1), last=today)
    asked = period.asked(visit.accounts)
    with visit.database.reading() as session:
        days = own.by_day(session, asked, visit.agent.id or 0, zone)
        back = [each for each in own.sent_back(session, asked) if each.agent_id == visit.agent.id]
        team, people = _team(session, visit, period)
        accounts = health.of(visit, session)
    return visit.page(
        "own_figures.html",
        days=days,
        all_days=own.total(days),
        sent_back=back[:REASONS],
        team=team,
        people=people,
        number_of_days=DAYS,
        day_name=statistics.day_name,
        accounts=accounts,
    )


def _team(session: Session, visit: Visit, period: Period) -> tuple[Work | None, Sequence[tuple[str, Work]]]:
    """Of the accounts that he supervises; people by name, so that it is no ranking, and only if it is set."""
    assert visit.reach is not None, "only behind a door for agents"
    led = visit.reach.where(Verb.SEE_STATISTICS)
    if led is not None and not led:
        return None, []
    asked = period.asked(led)
    if not visit.desk.settings.figures.people:
        return own.of_everybody(session, asked), []
    names = visit.names(session)
    named = [(names[agent_id], work) for agent_id, work in own.by_person(session, asked).items()]
    return own.of_everybody(session, asked), sorted(named, key=lambda each: each[0])
