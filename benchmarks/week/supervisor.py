"""The supervisor: second looks, what X would not take, and the incident from its first wave to its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import select

from benchmarks.week.staff import Staff
from socialdesk import replies
from socialdesk.desk import Desk
from socialdesk.errors import DeskError
from socialdesk.incidents import incidents, joining, releasing, variants, waves
from socialdesk.incidents.incidents import Ending, How
from socialdesk.incidents.variants import Reading
from socialdesk.incidents.waves import Wave
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals

HOLDING = "incident_holding"
IT_LASTS = timedelta(hours=5)


def work(desk: Desk, staff: Staff, now: datetime) -> None:
    """What lies before her now."""
    with desk.database.reading() as session:
        submitted = [each.reply.id or 0 for each in approvals.waiting(session)]
        held = [each or 0 for each in session.exec(select(Reply.id).where(Reply.state == State.HELD))]
        risen = [each.id or 0 for each in waves.untold(session)]
        over = [each.id or 0 for each in incidents.open_ones(session) if now - each.opened_at > IT_LASTS]
    for reply_id in submitted:
        _look_again(desk, staff, reply_id)
    for reply_id in held:
        _take_back(desk, staff, reply_id)
    for wave_id in risen:
        _open_incident(desk, staff, wave_id)
    for incident_id in over:
        _close_incident(desk, staff, incident_id)


def _look_again(desk: Desk, staff: Staff, reply_id: int) -> None:
    try:
        with desk.database.transaction() as session:
            boss, reply = session.get_one(Agent, staff.supervisor_id), replies.find(session, reply_id)
            library = desk.library_now(session)
            approvals.approve(session, reply, by=boss, library=library, settings=desk.settings)
        staff.did["approved by the supervisor"] += 1
    except DeskError as error:
        staff.why_not[type(error).__name__] += 1
        _take_back(desk, staff, reply_id)


def _take_back(desk: Desk, staff: Staff, reply_id: int) -> None:
    """Its agent answers the case anew."""
    with desk.database.transaction() as session:
        boss, reply = session.get_one(Agent, staff.supervisor_id), replies.find(session, reply_id)
        staff.why_not[f"held: {reply.trouble}" if reply.trouble else "sent back"] += 1
        replies.cancel(session, reply, by=boss)
    staff.did["taken back"] += 1


def _open_incident(desk: Desk, staff: Staff, wave_id: int) -> None:
    with desk.database.transaction() as session:
        boss, wave = session.get_one(Agent, staff.supervisor_id), waves.find(session, wave_id)
        incident = incidents.open_new(
            session,
            by=boss,
            account_id=wave.account_id,
            name=f"Wave {wave_id}",
            begins_at=wave.began_at,
            topic=wave.topic,
            languages=wave.tongues,
        )
        waves.take_up(session, wave_id, incident)
        joining.join(session, incident, _of_wave(desk, wave), How.WAVE, by=boss)
        library, sample = desk.library_now(session), desk.settings.incidents.sample
        read = [each.stamp for each in variants.of_incident(session, incident, HOLDING, library, sample)]
        variants.approve(
            session, incident.id or 0, HOLDING, by=boss, read=read, library=library, sample=sample
        )
    staff.did["incidents opened"] += 1


def _of_wave(desk: Desk, wave: Wave) -> list[int]:
    with desk.database.reading() as session:
        found = joining.alike(
            session,
            account_id=wave.account_id,
            topic=wave.topic,
            languages=wave.tongues,
            words=(),
            since=wave.began_at,
        )
    return [case.id or 0 for case, _ in found]


def _close_incident(desk: Desk, staff: Staff, incident_id: int) -> None:
    with desk.database.transaction() as session:
        boss = session.get_one(Agent, staff.supervisor_id)
        incident, library = incidents.find(session, incident_id), desk.library_now(session)
        sample = desk.settings.incidents.sample
        found = variants.of_incident(session, incident, variants.OVER, library, sample)
        final = Reading(variants.OVER, [each.stamp for each in found], library, sample)
        releasing.close(session, incident_id, ending=Ending.QUEUE, final=final, by=boss)
    staff.did["incidents closed"] += 1
