"""Errors as RFC 9457 tells them, and which status each has: the console's pages have the same."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from socialdesk import errors

log = structlog.get_logger(__name__)

# The first that fits: subclasses come before their parents.
STATUSES: tuple[tuple[type[errors.DeskError], int], ...] = (
    (errors.NotFound, 404),
    (errors.NotAllowed, 403),
    (errors.Conflict, 409),
    (errors.BadInput, 422),
    (errors.WrongDoor, 422),
    (errors.TooOften, 429),
    (errors.Busy, 503),
    (errors.DatabaseUnusable, 503),
    (errors.DeskError, 500),
)
_SENTENCES = {
    400: "The body cannot be read: it is JSON in UTF-8.",
    404: "There is nothing at this address.",
    405: "That cannot be done here.",
}
MEDIA_TYPE = "application/problem+json"


class NotSignedIn(Exception):
    """No token, or none that is good; `why` is in words for whoever wrote the program."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Wrong(BaseModel):
    """One thing in a request that is not as it has to be."""

    where: str = Field(examples=["body.text"])
    what: str


class Problem(BaseModel):
    """`type` tells kinds of problems apart; `detail` is a sentence for people."""

    type: str = Field(examples=["urn:socialdesk:stale-draft"])
    title: str
    status: int
    detail: str
    wrong: list[Wrong] | None = None
    guards: list[str] | None = Field(None, description="What stands against a reply or a text.")
    may_override: list[str] | None = Field(
        None, description="Those of the guards that the agent may set aside."
    )


def status_of(error: errors.DeskError) -> int:
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def register(app: FastAPI) -> None:
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(errors.DeskError, refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _no_such_thing)
    app.middleware("http")(_last_resort)


WITH_A_BODY = (400, 411, 413, 415)  # what can be wrong with it before anybody looks at what it says


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route: these answers are problems."""
    shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: shape}, "model": Problem}
        for status in sorted({*statuses, 401, 403, 422, 503})
    }


def refused(_: Request, error: Exception) -> Response:
    """What the desk has said no to."""
    assert isinstance(error, errors.DeskError)
    kind = "".join(f"-{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("-")
    more: dict[str, Any] = {}
    if isinstance(error, errors.Guarded):
        more = {"guards": list(error.kinds), "may_override": list(error.may_override)}
    answer = problem(status_of(error), str(error), kind=kind, **more)
    if isinstance(error, errors.TooOften):
        answer.headers["Retry-After"] = str(int(error.wait.total_seconds()))
    return answer


def _not_signed_in(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotSignedIn)
    answer = problem(401, error.why, kind="not-signed-in")
    answer.headers["WWW-Authenticate"] = 'Bearer realm="socialdesk"'
    return answer


def _not_understood(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [_wrong(each) for each in error.errors()]
    return problem(422, "Something in the request is missing or wrong.", kind="not-understood", wrong=wrong)


def _wrong(told: Mapping[str, Any]) -> dict[str, str]:
    """Without the value itself: it may be a customer's words, and answers are logged."""
    where: Sequence[Any] = told["loc"]
    named = ".".join(map(str, where)).encode(errors="replace").decode()  # half a character can be no answer
    return {"where": named, "what": str(told["msg"])}


def _no_such_thing(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = _SENTENCES.get(error.status_code, f"{error.detail}.")
    kind = "not-understood" if error.status_code == 400 else "no-such-thing"
    answer = problem(error.status_code, sentence, kind=kind)
    answer.headers.update(error.headers or {})
    return answer


async def _last_resort(request: Request, go_on: Any) -> Response:
    try:
        answer: Response = await go_on(request)
    except Exception as error:  # the edge of a request
        failure = secrets.token_hex(4)
        log.error("a request failed", failure=failure, path=request.url.path, exc_info=error)
        sentence = f"Try again. If it stays, tell whoever runs the desk: failure {failure} in the log."
        return problem(500, sentence, kind="failure")
    return answer


def problem(status: int, detail: str, *, kind: str, **more: Any) -> JSONResponse:
    told = {
        "type": f"urn:socialdesk:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(told | more, status, media_type=MEDIA_TYPE)
