"""What was sighted becomes a wave that supervisors are told of, once, until it is over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from socialdesk import clock, history
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.incidents import incidents, watching, waves
from socialdesk.incidents.incidents import Incident
from socialdesk.incidents.watching import Sighted
from socialdesk.incidents.waves import Wave
from socialdesk.settings import Incidents

log = structlog.get_logger()

FOUND = "wave_found"


def notice(database: Database, bounds: Incidents) -> int:
    """Look once; returns how many waves are new. Safe to run in several processes at once."""
    with database.reading() as session:
        sighted, going_on = watching.look(session, bounds), waves.going_on(session)
    if not (sighted or going_on):
        return 0
    with database.transaction() as session:
        new = sum(_note(session, each) for each in sighted)
        _end_the_others(session, bounds)
    return new


def _note(session: Session, sighted: Sighted) -> bool:
    """Whether it is a new wave; one that goes on has its numbers brought up to date."""
    wave = _going_on(session, sighted)
    if wave is not None:
        wave.came, wave.usual, wave.seen_at = sighted.rise.came, sighted.rise.usual, clock.now()
        wave.minutes = _minutes(sighted)
        wave.spread(sighted.languages)
        session.add(wave)
        return False
    if not _begin(session, sighted):
        return False
    _tell(session, sighted)
    log.warning("a wave", topic=sighted.topic, languages=list(sighted.languages), came=sighted.rise.came)
    return True


def _going_on(session: Session, sighted: Sighted) -> Wave | None:
    query = select(Wave).where(
        Wave.account_id == sighted.account_id, Wave.topic == sighted.topic, col(Wave.ended_at).is_(None)
    )
    return session.exec(query.with_for_update()).first()


def _begin(session: Session, sighted: Sighted) -> bool:
    """False when another process was faster."""
    now, connection = clock.now(), session.connection()
    dialect = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    incident = _incident_for(incidents.open_ones(session), sighted)
    row = {
        "account_id": sighted.account_id,
        "topic": sighted.topic,
        "languages": " ".join(sighted.languages),
        "came": sighted.rise.came,
        "usual": sighted.rise.usual,
        "minutes": _minutes(sighted),
        "began_at": sighted.began_at,
        "found_at": now,
        "seen_at": now,
        "incident_id": incident.id if incident else None,
    }
    statement = dialect(Wave).values(row).on_conflict_do_nothing().returning(col(Wave.id))
    return connection.execute(statement).scalar() is not None


def _incident_for(open_ones: Iterable[Incident], sighted: Sighted) -> Incident | None:
    """One about the same that is open already: nobody needs to be told of it again."""
    for each in open_ones:
        if each.account_id == sighted.account_id and each.topic in (None, sighted.topic):
            return each
    return None


def _tell(session: Session, sighted: Sighted) -> None:
    """On its newest case: so consoles and webhooks hear of it as of everything else."""
    query = select(Case).where(
        Case.account_id == sighted.account_id,
        Case.topic == sighted.topic,
        col(Case.language).in_(sighted.languages),
    )
    case = session.exec(query.order_by(col(Case.opened_at).desc(), col(Case.id).desc()).limit(1)).first()
    if case is not None:
        told: dict[str, Any] = {
            "topic": sighted.topic,
            "languages": list(sighted.languages),
            "came": sighted.rise.came,
        }
        history.record(case, FOUND, **told)


def _end_the_others(session: Session, bounds: Incidents) -> None:
    """Those that have not stood out for twice the window are over."""
    now = clock.now()
    for wave in waves.going_on(session):
        if wave.seen_at < now - 2 * bounds.window:
            wave.ended_at = now
            session.add(wave)


def _minutes(sighted: Sighted) -> int:
    return round(sighted.window.total_seconds() / 60)
