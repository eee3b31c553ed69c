"""The sandbox as one web application: X's API, a control door, and pages to look at."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from socialdesk.sandbox import direct_message_endpoints, post_endpoints, user_endpoints
from socialdesk.sandbox.control import control_routes
from socialdesk.sandbox.door import Door
from socialdesk.sandbox.problems import Problem
from socialdesk.sandbox.web import web_routes
from socialdesk.sandbox.world import World

ENDPOINTS = user_endpoints.ENDPOINTS + post_endpoints.ENDPOINTS + direct_message_endpoints.ENDPOINTS


def create_app(world: World) -> Starlette:
    door = Door(world)
    return Starlette(
        routes=[
            *(door.route(endpoint) for endpoint in ENDPOINTS),
            Route("/2/{anything:path}", no_such_endpoint),
            Mount("/sandbox/web", routes=web_routes(world)),
            Mount("/sandbox", routes=control_routes(world)),
        ]
    )


async def no_such_endpoint(_: Request) -> JSONResponse:
    problem = Problem(404, "Not Found", "There is no such endpoint.")
    return JSONResponse(problem.body(), 404, media_type="application/problem+json")
