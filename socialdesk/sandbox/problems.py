"""X's refusals, in the shape of RFC 7807 problem details."""

from __future__ import annotations

from typing import Any

NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged "
    "by the author of the post you are replying to."
)
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
DELETED_TARGET = "You attempted to reply to a Tweet that is deleted or not visible to you."
TOO_LONG = "Your Tweet text is too long."
NO_DIRECT_MESSAGES = "You do not have permission to DM one or more participants."
NO_QUOTES = "Quoting posts is not available to this developer account."
NOT_YOURS = "You are not authorized to delete this Tweet."
USER_NEEDED = (
    "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint. Supported authentication "
    "types are [OAuth 1.0a User Context, OAuth 2.0 User Context]."
)

OLD_HOST, NEW_HOST = "https://api.twitter.com", "https://api.x.com"


class Problem(Exception):
    """A request X refuses. `kind` is the last part of the problem's type, empty for about:blank."""

    def __init__(self, status: int, title: str, detail: str, kind: str = "", **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.kind = kind
        self.more = more

    def body(self, host: str = NEW_HOST) -> dict[str, Any]:
        kind = f"{host}/2/problems/{self.kind}" if self.kind else "about:blank"
        return {**self.more, "title": self.title, "detail": self.detail, "type": kind, "status": self.status}


def invalid(message: str, **parameters: Any) -> Problem:
    """A parameter X will not take; `parameters` names it with the value given."""
    given = {name.replace("__", "."): [str(value)] for name, value in parameters.items()}
    return Problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        "invalid-request",
        errors=[{"parameters": given, "message": message}],
    )


def unauthorized() -> Problem:
    return Problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str) -> Problem:
    return Problem(403, "Forbidden", detail)


def user_context_needed() -> Problem:
    return Problem(403, "Unsupported Authentication", USER_NEEDED, "unsupported-authentication")


def too_many_requests() -> Problem:
    return Problem(429, "Too Many Requests", "Too Many Requests")


def not_found(thing: str, parameter: str, value: str) -> Problem:
    """Also said inside an answer with status 200, about the things that were not found."""
    return Problem(
        404,
        "Not Found Error",
        f"Could not find {thing} with {parameter}: [{value}].",
        "resource-not-found",
        resource_type=thing,
        parameter=parameter,
        resource_id=value,
        value=value,
    )


def not_visible(thing: str, parameter: str, value: str) -> Problem:
    return Problem(
        403,
        "Authorization Error",
        f"Sorry, you are not authorized to see the {thing} with {parameter}: [{value}].",
        "not-authorized-for-resource",
        resource_type=thing,
        parameter=parameter,
        resource_id=value,
        value=value,
    )


def suspended(thing: str, parameter: str, value: str) -> Problem:
    """Of people only: about a suspended person's posts X says what it says about protected ones."""
    return Problem(
        403,
        "Forbidden",
        f"User has been suspended: [{value}].",
        "resource-not-found",
        resource_type=thing,
        parameter=parameter,
        resource_id=value,
        value=value,
    )
