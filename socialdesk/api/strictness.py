"""What a request may hold: a name that nobody knows is refused, for what it was to say would be lost."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

_SAID = "There is no such name here."


class Asked(BaseModel):
    """What a program sends: a misspelt `visibility` would else make a private reply a public one."""

    model_config = ConfigDict(extra="forbid")


async def refuse_unknown(request: Request) -> None:
    """Raises RequestValidationError for what the address takes neither in its query nor in a body."""
    route = request.scope["route"]
    known = {each.alias for each in route.dependant.query_params} if isinstance(route, APIRoute) else set()
    wrong: list[tuple[str, ...]] = [
        ("query", name) for name in dict.fromkeys(request.query_params.keys()) if name not in known
    ]
    if not (isinstance(route, APIRoute) and route.body_field):
        wrong += _names(await request.body())
    if wrong:
        raise RequestValidationError([{"type": "extra_forbidden", "loc": loc, "msg": _SAID} for loc in wrong])


def _names(body: bytes) -> Iterable[tuple[str, ...]]:
    """An empty object says nothing, as an empty body does."""
    if not body.strip():
        return ()
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return [("body",)]
    return [("body", name) for name in told] if isinstance(told, dict) else [("body",)]
