"""The numbers of one week and of the week before, as the pages have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from socialdesk import accounts, clock
from socialdesk.desk import Desk
from socialdesk.figures import money, reports, still_waiting, sums
from socialdesk.figures.asking import Asked
from socialdesk.figures.money import Month
from socialdesk.figures.reports import LanguageFigures
from socialdesk.incidents.incidents import Incident, IncidentCase
from socialdesk.polling.gaps import Gap, GapState
from socialdesk.replying import handovers
from socialdesk.satisfaction import measuring
from socialdesk.satisfaction.measuring import Satisfaction
from socialdesk.summaries.weeks import Week


@dataclass(frozen=True, slots=True)
class Answered:
    """Of so many who were asked to come to direct messages, so many came within a week."""

    sent: int = 0
    came: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of one week, by language where it says so."""

    lines: Sequence[LanguageFigures]
    handovers: Mapping[str, Answered]
    satisfaction: Mapping[str, Satisfaction]

    def of(self, language: str) -> LanguageFigures:
        found = (line for line in self.lines if line.language == language)
        return next(found, LanguageFigures(language))


@dataclass(frozen=True, slots=True)
class Happened:
    """An incident that was open in the week, and how many cases it has."""

    incident: Incident
    cases: int


@dataclass(frozen=True, slots=True)
class Measured:
    """`months` are as of now, in dollars; `gaps` were found in the week, `open_gaps` of them nobody has dealt
    with. `handles` are those of our accounts, by row id."""

    week: Week
    at: datetime
    now: Numbers
    before: Numbers
    months: Sequence[Month]
    incidents: Sequence[Happened]
    gaps: int
    open_gaps: int
    handles: Mapping[int, str]


def measure(session: Session, desk: Desk, week: Week, seen: frozenset[int] | None) -> Measured:
    """Of these accounts, None for all; the session shows no others."""
    now, before = week.asked(seen), week.before().asked(seen)
    waiting = still_waiting.read(session, now, compared=before)
    told = [
        Numbers(
            reports.of(session, asked, waiting, sums.corrections(session, asked)),
            _handed_over(session, desk, asked),
            {row.language: row for row in measuring.by_language(measuring.figures(session, asked))},
        )
        for asked in (now, before)
    ]
    found = _gaps(session, now)
    handles = {each.id or 0: each.handle for each in accounts.all_of(session)}
    return Measured(
        week,
        clock.now(),
        told[0],
        told[1],
        _months(session, desk, seen, handles),
        _incidents(session, now),
        sum(found.values()),
        found[GapState.OPEN],
        handles,
    )


def _handed_over(session: Session, desk: Desk, asked: Asked) -> dict[str, Answered]:
    since, until = asked.moments
    assert since and until, "a week has both ends"
    sent: Counter[str] = Counter()
    came: Counter[str] = Counter()
    asking = handovers.templates(desk.library)
    for each in handovers.measure(session, asking, since=since, until=until, accounts=asked.accounts):
        sent[each.language] += each.sent
        came[each.language] += each.came
    return {language: Answered(sent[language], came[language]) for language in sent}


def _months(
    session: Session, desk: Desk, seen: frozenset[int] | None, handles: Mapping[int, str]
) -> list[Month]:
    now, settings = clock.now(), desk.settings.money
    month, of_late = (
        money.charged(session, Asked(each.since, each.until, seen), owned=settings.owned_reads)
        for each in (money.this_month(now), money.recent(now))
    )
    reach = [each for each in handles if seen is None or each in seen]
    limits = {each: settings.budget_of(handles[each]) for each in reach}
    budgets = {each: limit for each, limit in limits.items() if limit is not None}
    return money.months(month, of_late, budgets, now)


def _incidents(session: Session, asked: Asked) -> list[Happened]:
    """Those that were open at any time of the week, the oldest first."""
    since, until = asked.moments
    assert since and until, "a week has both ends"
    query = (
        select(Incident, func.count(col(IncidentCase.case_id)))
        .outerjoin(
            IncidentCase,
            (col(IncidentCase.incident_id) == Incident.id) & col(IncidentCase.taken_out_at).is_(None),
        )
        .where(Incident.opened_at < until, asked.whose(Incident))
        .where(col(Incident.closed_at).is_(None) | (col(Incident.closed_at) >= since))
        .group_by(*Incident.__table__.columns)  # type: ignore[attr-defined]  # sqlmodel does not tell of it
        .order_by(col(Incident.opened_at), col(Incident.id))
    )
    return [Happened(incident, number) for incident, number in session.exec(query)]


def _gaps(session: Session, asked: Asked) -> Counter[str]:
    """Found in the week, by what has become of them."""
    query = select(Gap.state, func.count()).where(asked.when(col(Gap.found_at)), asked.whose(Gap))
    return Counter(dict(session.exec(query.group_by(Gap.state)).all()))
