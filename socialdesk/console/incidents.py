"""Incidents: the waves that were noticed, the holding reply of one, and letting its cases go again."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk.console import choosing, health
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.case import CameFrom, RowId, address
from socialdesk.incidents import finals, holding, incidents, joining, releasing, standing, variants, waves
from socialdesk.incidents.incidents import Ending, Incident
from socialdesk.incidents.variants import Reading
from socialdesk.templating.catalog import TemplateEntry
from socialdesk.templating.library import Library

router = APIRouter()
IncidentId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
WaveId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Short = Annotated[str, Query(max_length=60)]


@router.get("/incidents")
def show(visit: Admitted) -> Response:
    with visit.database.reading() as session:
        open_ones, past = incidents.open_ones(session), incidents.past(session)
        known = [each.id or 0 for each in (*open_ones, *past)]
        return visit.page(
            "incidents.html",
            waves=waves.untold(session),
            open_ones=open_ones,
            past=past,
            numbers=joining.counted(session, known),
            names=visit.names(session),
            accounts=health.of(visit, session),
            handles=handles(visit, session),
        )


@router.post("/waves/{wave_id}/dismissal")
def dismiss(visit: Admitted, wave_id: WaveId) -> Response:
    with visit.database.transaction() as session:
        waves.dismiss(session, wave_id, by=visit.agent)
    visit.request.app.state.health.forget()
    return RedirectResponse("/incidents", 303)


@router.get("/incidents/{incident_id}")
def show_one(visit: Admitted, incident_id: IncidentId) -> Response:
    with visit.database.reading() as session:
        incident = incidents.find(session, incident_id)
        entries = standing.entries(session, incident)
        return visit.page(
            "incidents/incident.html",
            incident=incident,
            standing=standing.of(session, incident),
            stands=standing.STANDS,
            entries=entries,
            finals=_finals(visit, session, incident, [each.case.id or 0 for each in entries]),
            told=standing.finals(session, incident) if incident.final else None,
            names=visit.names(session),
            accounts=health.of(visit, session),
            handles=handles(visit, session),
        )


@router.post("/incidents/{incident_id}/cases")
def add(
    visit: Admitted, incident_id: IncidentId, number: Annotated[int, Form(ge=1, le=LARGEST_ID)]
) -> Response:
    with visit.database.transaction() as session:
        joining.add(session, incident_id, number, by=visit.agent)
    return _back(incident_id)


@router.post("/incidents/{incident_id}/cases/{case_id}/removal")
def take_out(visit: Admitted, incident_id: IncidentId, case_id: RowId, came_from: CameFrom = "") -> Response:
    """From the incident's page back to it, from the case's page back to that."""
    with visit.database.transaction() as session:
        joining.take_out(session, incident_id, case_id, by=visit.agent)
    if came_from == "incident":
        return _back(incident_id)
    return RedirectResponse(address(case_id, came_from, "left_incident"), 303)


@router.get("/incidents/{incident_id}/holding")
def read_variants(visit: Admitted, incident_id: IncidentId, template: Short = variants.HOLDING) -> Response:
    with visit.database.reading() as session:
        incident, library = incidents.find(session, incident_id), visit.desk.library_now(session)
        sample = visit.desk.settings.incidents.sample
        return visit.page(
            "incidents/holding.html",
            incident=incident,
            chosen=template,
            templates=_templates(library),
            variants=variants.of_incident(session, incident, template, library, sample),
            names=visit.names(session),
            accounts=health.of(visit, session),
        )


@router.post("/incidents/{incident_id}/holding")
def approve(
    visit: Admitted,
    incident_id: IncidentId,
    template: Annotated[str, Form(max_length=60)],
    read: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """`read` are the texts that were ticked, each with the version of its words."""
    with visit.database.transaction() as session:
        variants.approve(
            session,
            incident_id,
            template,
            by=visit.agent,
            read=read or (),
            library=visit.desk.library_now(session),
            sample=visit.desk.settings.incidents.sample,
        )
    return _back(incident_id)


@router.post("/incidents/{incident_id}/stopping")
def stop(visit: Admitted, incident_id: IncidentId) -> Response:
    with visit.database.transaction() as session:
        holding.stop(session, incident_id, by=visit.agent)
    return _back(incident_id)


@router.get("/incidents/{incident_id}/closing")
def foresee(visit: Admitted, incident_id: IncidentId, template: Short = variants.OVER) -> Response:
    with visit.database.reading() as session:
        incident, library = incidents.find(session, incident_id), visit.desk.library_now(session)
        sample = visit.desk.settings.incidents.sample
        return visit.page(
            "incidents/closing.html",
            incident=incident,
            outlook=releasing.foresee(session, incident),
            chosen=template,
            templates=_templates(library),
            variants=variants.of_incident(session, incident, template, library, sample),
            accounts=health.of(visit, session),
        )


@router.post("/incidents/{incident_id}/closing")
def close(
    visit: Admitted,
    incident_id: IncidentId,
    ending: Annotated[Ending, Form()],
    final: Annotated[Literal["yes", ""], Form()] = "",
    template: Annotated[str, Form(max_length=60)] = variants.OVER,
    read: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """`read` are the texts of the closing reply that were ticked; they matter when there is to be one."""
    sample = visit.desk.settings.incidents.sample
    with visit.database.transaction() as session:
        reading = Reading(template, read or (), visit.desk.library_now(session), sample)
        wanted = reading if final else None
        releasing.close(session, incident_id, ending=ending, final=wanted, by=visit.agent)
    return _back(incident_id)


@router.post("/incidents/{incident_id}/final/stopping")
def stop_telling(visit: Admitted, incident_id: IncidentId) -> Response:
    with visit.database.transaction() as session:
        finals.stop(session, incident_id, by=visit.agent)
    return _back(incident_id)


def _back(incident_id: int) -> RedirectResponse:
    return RedirectResponse(f"/incidents/{incident_id}", 303)


def _templates(library: Library) -> list[TemplateEntry]:
    """Those that can be said both in public and in private."""
    return [each for each in library.templates if set(each.channels) == {"public", "private"}]


def handles(visit: Visit, session: Session) -> dict[int, str]:
    return {each.account_id: each.handle for each in health.of(visit, session)}


def _finals(visit: Visit, session: Session, incident: Incident, case_ids: list[int]) -> list[str]:
    """What the preview of approving takes for the drafts that closing has written."""
    return choosing.choices(session, visit.desk, case_ids) if incident.closed_at and incident.final else []
