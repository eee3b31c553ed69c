"""What in X's answers X charges for: each post, direct message and person that it shows.

Source: X's page of prices, x-api/getting-started/pricing; what is shown along with what was asked for is
charged, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import regex

_POST, _MESSAGE, _PERSON = "post", "message", "person"
_ASKED = (
    (regex.compile(r"/2/users/\d+/mentions"), _POST, "mention_reads"),
    (regex.compile(r"/2/users/\d+/tweets"), _POST, "own_reads"),
    (regex.compile(r"/2/tweets(?:/search/recent)?"), _POST, "post_reads"),
    (regex.compile(r"/2/(?:dm_conversations/with/\d+/)?dm_events"), _MESSAGE, "message_reads"),
    (regex.compile(r"/2/users(?:/me)?"), _PERSON, "user_reads"),
)
_SHOWN_ALONG = {"tweets": (_POST, "post_reads"), "posts": (_POST, "post_reads")} | {
    "users": (_PERSON, "user_reads")
}


def read(path: str, body: Any) -> Mapping[str, str]:
    """Everything in the answer by a name of its own, and as which kind it is charged. What was asked for goes
    before what is shown along with it; what has no id is not charged."""
    if not isinstance(body, Mapping):
        return {}
    return dict(_shown_along(body)) | dict(_asked_for(path, body))


def _asked_for(path: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for pattern, what, kind in _ASKED:
        if pattern.fullmatch(path):
            yield from ((f"{what} {x_id}", kind) for x_id in _ids(body.get("data")))


def _shown_along(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    included = body.get("includes")
    if not isinstance(included, Mapping):
        return
    for name, (what, kind) in _SHOWN_ALONG.items():
        yield from ((f"{what} {x_id}", kind) for x_id in _ids(included.get(name)))


def _ids(items: Any) -> Iterator[str]:
    """Of one item or of a list of them."""
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, Mapping) and isinstance(item.get("id"), str):
            yield item["id"]
