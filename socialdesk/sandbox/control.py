"""The control door: JSON over HTTP by which tests and training play everybody but the desk."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from socialdesk.sandbox.direct_messages import DirectMessage
from socialdesk.sandbox.faults import Fault, Kind
from socialdesk.sandbox.ids import stamp
from socialdesk.sandbox.limits import WINDOW_SECONDS, Limit
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.records import RawItem, RequestRecord
from socialdesk.sandbox.rules import Rules
from socialdesk.sandbox.users import User
from socialdesk.sandbox.world import World

Given = dict[str, Any]
Act = Callable[[World, Given], Any]
RAW_ENDPOINTS = ("mentions", "dm_events")


def control_routes(world: World) -> list[Route]:
    return [_route(world, method, path, act) for (method, path), act in ACTS.items()]


def _route(world: World, method: str, path: str, act: Act) -> Route:
    async def enter(request: Request) -> Response:
        try:
            given = json.loads(await request.body() or b"{}")
            shown = act(world, {**given, **request.path_params})
        except (KeyError, TypeError, ValueError) as wrong:
            return JSONResponse({"error": f"{type(wrong).__name__}: {wrong}"}, 400)
        return JSONResponse(shown, 201 if method == "POST" else 200)

    handler: Callable[[Request], Awaitable[Response]] = enter
    return Route(path, handler, methods=[method])


def add_user(world: World, given: Given) -> Any:
    return _user(world.add_user(**given))


def change_user(world: World, given: Given) -> Any:
    """Whether the account is protected by its owner, or suspended by X; what is not given stays."""
    user = world.user(given["handle"])
    user.protected = bool(given.get("protected", user.protected))
    user.suspended = bool(given.get("suspended", user.suspended))
    return _user(user)


def add_app(world: World, given: Given) -> Any:
    world.add_app(given.pop("user_handle", None) or given.pop("handle"), **given)
    return {}


def add_post(world: World, given: Given) -> Any:
    return _post(world, world.post(given.pop("author"), given.pop("text"), **given))


def list_posts(world: World, _: Given) -> Any:
    return {"posts": [_post(world, post) for post in world.posts()]}


def edit_post(world: World, given: Given) -> Any:
    return _post(world, world.edit_post(given["id"], given["text"]))


def delete_post(world: World, given: Given) -> Any:
    return {"deleted": world.delete_post(given["id"])}


def add_direct_message(world: World, given: Given) -> Any:
    return _message(world, world.direct_message(given["sender"], given["recipient"], given["text"]))


def list_direct_messages(world: World, _: Given) -> Any:
    return {"direct_messages": [_message(world, message) for message in world.direct_messages()]}


def list_requests(world: World, _: Given) -> Any:
    return {"requests": [_request(record) for record in list(world.requests)]}


def forget_requests(world: World, _: Given) -> Any:
    world.requests.clear()
    return {}


def show_ledger(world: World, _: Given) -> Any:
    return {"accounts": world.ledger.in_dollars()}


def change_limits(world: World, given: Given) -> Any:
    """Of every endpoint that the pattern fits; what is not given is unlimited or as usual."""
    limit = Limit(
        per_window=int(given["limit"]),
        per_day=int(given["daily_limit"]) if given.get("daily_limit") is not None else None,
        window_seconds=float(given.get("window_seconds", WINDOW_SECONDS)),
    )
    changed = world.limits.change(given["endpoint"], limit)
    if not changed:
        raise ValueError(f"no endpoint is called {given['endpoint']}")
    return {"changed": changed}


def add_raw_item(world: World, given: Given) -> Any:
    if given["endpoint"] not in RAW_ENDPOINTS:
        raise ValueError(f"endpoint must be one of {', '.join(RAW_ENDPOINTS)}")
    world.raw_items.append(RawItem(given["endpoint"], given["item"], given.get("times", 1)))
    return {}


def forget_raw_items(world: World, _: Given) -> Any:
    world.raw_items = []
    return {}


def add_fault(world: World, given: Given) -> Any:
    known = {field.name for field in fields(Fault)}
    if unknown := given.keys() - known:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    reset = given.get("reset")
    kind = Kind(given["kind"])
    world.faults.add(Fault(**{**given, "kind": kind, "reset": None if reset is None else str(reset)}))
    return {"faults": world.faults.as_json()}


def list_faults(world: World, _: Given) -> Any:
    return {"faults": world.faults.as_json()}


def clear_faults(world: World, _: Given) -> Any:
    world.faults.clear()
    return {}


def set_index_lag(world: World, given: Given) -> Any:
    """For posts made from now on; a later, smaller lag lets newer posts be listed before older ones."""
    world.index_lag = timedelta(seconds=float(given["seconds"]))
    return {}


def change_rules(world: World, given: Given) -> Any:
    world.rules = Rules(**{**asdict(world.rules), **given})
    return asdict(world.rules)


def _user(user: User) -> Given:
    return {**asdict(user), "created_at": stamp(user.created_at)}


def _post(world: World, post: Post) -> Given:
    author = world.user_by_id(post.author_id)
    return {
        "id": post.id,
        "author": author.handle if author else None,
        "author_id": post.author_id,
        "text": post.text,
        "given_text": post.given_text,
        "lang": post.lang,
        "created_at": stamp(post.created_at),
        "conversation_id": post.conversation_id,
        "in_reply_to": post.in_reply_to,
        "quoted": post.quoted,
        "versions": world.versions(post),
    }


def _message(world: World, message: DirectMessage) -> Given:
    sender, recipient = world.user_by_id(message.sender_id), world.user_by_id(message.recipient_id)
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "sender": sender.handle if sender else None,
        "recipient": recipient.handle if recipient else None,
        "text": message.text,
        "created_at": stamp(message.created_at),
    }


def _request(record: RequestRecord) -> Given:
    return {**asdict(record), "time": stamp(record.time)}


ACTS: dict[tuple[str, str], Act] = {
    ("POST", "/users"): add_user,
    ("PUT", "/users/{handle}"): change_user,
    ("POST", "/apps"): add_app,
    ("GET", "/posts"): list_posts,
    ("POST", "/posts"): add_post,
    ("PUT", "/posts/{id}"): edit_post,
    ("DELETE", "/posts/{id}"): delete_post,
    ("GET", "/direct_messages"): list_direct_messages,
    ("POST", "/direct_messages"): add_direct_message,
    ("GET", "/requests"): list_requests,
    ("DELETE", "/requests"): forget_requests,
    ("GET", "/ledger"): show_ledger,
    ("POST", "/limits"): change_limits,
    ("POST", "/raw"): add_raw_item,
    ("DELETE", "/raw"): forget_raw_items,
    ("GET", "/faults"): list_faults,
    ("POST", "/faults"): add_fault,
    ("DELETE", "/faults"): clear_faults,
    ("POST", "/index_lag"): set_index_lag,
    ("POST", "/rules"): change_rules,
}
