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
    directory,
    figures,
    merging,
    muting,
    named,
    notes,
    problems,
    replies,
    search,
    settling,
    snoozing,
    statistics,
    templates,
    texts,
    together,
    undoing,
    views,
)
from socialdesk.desk import Desk
from socialdesk.errors import NotFound

ADDRESS = "/api/v1"
RESOURCES = (
    *(cases, together, merging, snoozing, muting, notes, undoing, replies, settling, approvals),
    *(search, views, directory, customers, templates, texts, statistics, figures),
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
    api.add_exception_handler(NotFound, named.telling(problems.refused))
    return api
