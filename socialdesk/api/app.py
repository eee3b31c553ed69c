"""The interface put together; the console has it under /api/v1."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from socialdesk.api import (
    approvals,
    cases,
    customers,
    muting,
    notes,
    problems,
    replies,
    search,
    snoozing,
    statistics,
    templates,
)
from socialdesk.desk import Desk

ADDRESS = "/api/v1"
RESOURCES = (
    *(cases, snoozing, muting, notes, replies, approvals),
    *(search, customers, templates, statistics),
)


@cache
def _routes() -> list[BaseRoute]:
    """Read once in a process, as the console's."""
    api = APIRouter()
    for resource in RESOURCES:
        api.include_router(resource.router)
    return api.routes


def create_api(desk: Desk) -> FastAPI:
    """What it takes and gives is described at openapi.json, for everybody."""
    api = FastAPI(
        routes=_routes(),
        title="socialdesk",
        version=version("socialdesk"),
        description=__doc__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.state.desk = desk
    problems.register(api)
    return api
