"""The way into the API: every request is known, counted and logged here, and every fault strikes here."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from socialdesk.sandbox import problems
from socialdesk.sandbox.asking import Asked
from socialdesk.sandbox.calls import Call, Endpoint
from socialdesk.sandbox.connections import CutConnection, TruncatedResponse
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.identities import Identity
from socialdesk.sandbox.problems import Problem
from socialdesk.sandbox.records import RequestRecord
from socialdesk.sandbox.signatures import Signatures, SignedRequest
from socialdesk.sandbox.world import World

ERROR_PAGE = "<!DOCTYPE html><title>{0}</title><h1>Something went wrong ({0})</h1>"
TITLES = {402: "CreditsDepleted", 404: "Not Found", 429: "Too Many Requests", 503: "Service Unavailable"}


class Door:
    def __init__(self, world: World) -> None:
        self.world = world
        self.signatures = Signatures(world.identities)

    def route(self, endpoint: Endpoint) -> Route:
        async def enter(request: Request) -> Response:
            return await self.enter(endpoint, request)

        return Route(endpoint.path, enter, methods=[endpoint.method], name=endpoint.name)

    async def enter(self, endpoint: Endpoint, request: Request) -> Response:
        fault = self.world.faults.strike(endpoint.name, f"{endpoint.method} {request.url.path}")
        body = await request.body()
        if fault and fault.kind is Kind.SLOW:
            await asyncio.sleep(fault.seconds)
        if fault and fault.replaces_answer:
            response = _instead(fault, request, self.world)
        else:
            response = self._answer(endpoint, request, body)
            response = _distorted(response, fault) if fault else response
        self._log(request, response, fault)
        return response

    def _answer(self, endpoint: Endpoint, request: Request, body: bytes) -> Response:
        asked = Asked(dict(request.query_params))
        headers: dict[str, str] = {}
        try:
            identity = self._identity(request, body)
            allowance = self.world.limits.spend(
                endpoint.name, identity.key, identity.user_id is None, self.world.now().timestamp()
            )
            headers = allowance.headers
            if not allowance.allowed:
                raise problems.too_many_requests()
            if endpoint.needs_user and identity.user_id is None:
                raise problems.user_context_needed()
            asked.check_names(endpoint.parameters)
            asked.check_fields()
            call = Call(self.world, identity, asked, request.path_params, _json(request.method, body))
            return _json_response(endpoint.respond(call), endpoint.status, headers)
        except Problem as problem:
            return _problem_response(problem, asked, headers)

    def _identity(self, request: Request, body: bytes) -> Identity:
        authorization = request.headers.get("authorization", "")
        if authorization.startswith("Bearer "):
            identity = self.world.identities.bearer(authorization.removeprefix("Bearer "))
        else:
            identity = self.signatures.identity(_signed(request, body, authorization))
        if identity is None:
            raise problems.unauthorized()
        return identity

    def _log(self, request: Request, response: Response, fault: Fault | None) -> None:
        status = 0 if isinstance(response, CutConnection) else response.status_code
        kind = fault.kind.value if fault else None
        self.world.requests.append(
            RequestRecord(request.method, request.url.path, status, self.world.now(), kind)
        )


def _signed(request: Request, body: bytes, authorization: str) -> SignedRequest:
    """The address is the one this server was called by, so that a signature over another one fails."""
    path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    url = f"{request.url.scheme}://{request.headers.get('host', '')}{path}?{query}"
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return SignedRequest(request.method, url, authorization, body.decode("latin-1") if is_form else "")


def _json(method: str, body: bytes) -> dict[str, Any]:
    if method != "POST":
        return {}
    try:
        given = json.loads(body)
    except ValueError:
        raise problems.invalid("The request body is not valid JSON") from None
    if not isinstance(given, dict):
        raise problems.invalid("The request body is not a JSON object")
    return given


def _json_response(body: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    content = json.dumps(body, separators=(",", ":"))  # escaped: a lone surrogate can be served too
    return Response(content, status, headers, "application/json; charset=utf-8")


def _problem_response(problem: Problem, asked: Asked, headers: dict[str, str]) -> Response:
    content = json.dumps(problem.body(asked.spelling.host), ensure_ascii=False)
    return Response(content, problem.status, headers, "application/problem+json")


def _instead(fault: Fault, request: Request, world: World) -> Response:
    """What is answered when the request itself never reaches the API."""
    match fault.kind:
        case Kind.HANG:
            return CutConnection(fault.seconds)
        case Kind.DROP:
            return CutConnection()
        case Kind.HTML:
            status = fault.status or 503
            return HTMLResponse(ERROR_PAGE.format(status), status)
        case Kind.REDIRECT:
            return RedirectResponse(fault.location or f"{request.url.path}?redirected=1", fault.status or 307)
    status = fault.status or 503
    title = TITLES.get(status, "Error")
    body = fault.body if fault.body is not None else Problem(status, title, title).body()
    headers = {} if fault.kind is Kind.NO_HEADERS else _rate_headers(fault, status, world)
    return Response(json.dumps(body), status, headers, "application/problem+json")


def _rate_headers(fault: Fault, status: int, world: World) -> dict[str, str]:
    reset = fault.reset if fault.reset is not None else str(int(world.now().timestamp()) + 900)
    remaining = "0" if status == 429 else "1"
    return {"x-rate-limit-limit": "15", "x-rate-limit-remaining": remaining, "x-rate-limit-reset": reset}


def _distorted(response: Response, fault: Fault) -> Response:
    """What becomes of the answer to a request that was carried out."""
    match fault.kind:
        case Kind.ACCEPT_THEN_DROP:
            return CutConnection()
        case Kind.TRUNCATE:
            return TruncatedResponse(response)
        case Kind.EMPTY:
            return Response(status_code=response.status_code)
        case Kind.NO_HEADERS:
            for name in [name for name in response.headers if name.startswith("x-")]:
                del response.headers[name]
    return response
