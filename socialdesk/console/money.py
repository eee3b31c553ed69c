"""What X charges, for supervisors: by account, day and kind, and by the end of the month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from fastapi import APIRouter
from fastapi.responses import Response

from socialdesk import accounts, clock, measures
from socialdesk.console import health, statistics
from socialdesk.console.access import Admitted
from socialdesk.figures import money
from socialdesk.figures.asking import Asked
from socialdesk.figures.money import Charge, Kind
from socialdesk.phrases import mark

router = APIRouter()
NAMES = {
    Kind.ANSWERS: mark("Public answers"),
    Kind.POSTS: mark("Further posts"),
    Kind.LINKS: mark("Posts with a link"),
    Kind.MESSAGES: mark("Direct messages sent"),
    Kind.MENTION_READS: mark("Mentions read"),
    Kind.OWN_READS: mark("Own posts read"),
    Kind.POST_READS: mark("Posts looked up"),
    Kind.MESSAGE_READS: mark("Direct messages read"),
    Kind.USER_READS: mark("People looked up"),
}


@router.get("/money")
def show(visit: Admitted) -> Response:
    """This month of UTC, as X counts."""
    now, settings = clock.now(), visit.desk.settings
    owned = settings.money.owned_reads
    with visit.database.reading() as session:
        month, of_late = (
            money.charged(session, Asked(each.since, each.until, visit.accounts), owned=owned)
            for each in (money.this_month(now), money.recent(now))
        )
        names = {each.id or 0: each.handle for each in accounts.all_of(session)}
        health_of = health.of(visit, session)
    reach = [each for each in names if visit.accounts is None or each in visit.accounts]
    limits = {each: settings.money.budget_of(names[each]) for each in reach}
    budgets = {each: limit for each, limit in limits.items() if limit is not None}
    return visit.page(
        "money.html",
        months=money.months(month, of_late, budgets, now),
        days=by_day(month),
        savings=money.savings(month, owned=owned),
        handles=names,
        kinds=NAMES,
        dollars=measures.dollars,
        cents=statistics.cents,
        day_name=statistics.day_name,
        recheck=settings.retention,
        accounts=health_of,
    )


def by_day(charges: Iterable[Charge]) -> Mapping[tuple[date, int], Mapping[Kind, Charge]]:
    """A row for each day and account, the newest day first."""
    found: defaultdict[tuple[date, int], dict[Kind, Charge]] = defaultdict(dict)
    for each in sorted(charges, key=lambda each: (-each.day.toordinal(), each.account_id)):
        found[each.day, each.account_id][each.kind] = each
    return found
