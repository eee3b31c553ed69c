"""Long lists, a page at a time: which things a page shows and where the next one begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, Generic, TypeVar

from socialdesk.sandbox import problems
from socialdesk.sandbox.asking import Asked
from socialdesk.sandbox.direct_messages import DirectMessage
from socialdesk.sandbox.ids import first_id_at, id_in_token, token_after
from socialdesk.sandbox.posts import Post

POST_PAGE_PARAMETERS = frozenset(
    {"max_results", "since_id", "until_id", "start_time", "end_time", "pagination_token"}
)
MESSAGE_PAGE_PARAMETERS = frozenset({"max_results", "pagination_token", "event_types"})

Thing = TypeVar("Thing", Post, DirectMessage)


@dataclass(frozen=True)
class Page(Generic[Thing]):
    things: list[Thing]
    next_token: str | None

    def meta(self, extra_items: int = 0, with_ids: bool = True) -> dict[str, Any]:
        meta: dict[str, Any] = {"result_count": len(self.things) + extra_items}
        if self.things and with_ids:
            meta |= {"newest_id": self.things[0].id, "oldest_id": self.things[-1].id}
        return meta | ({"next_token": self.next_token} if self.next_token else {})


def is_first_page(asked: Asked) -> bool:
    return not (asked.text("pagination_token") or asked.text("next_token"))


def page_of_posts(
    newest_first: Iterable[Post], asked: Asked, least: int = 5, *, most: int = 100
) -> Page[Post]:
    """since_id and until_id are not part of the page, nor is end_time; start_time is."""
    size = min(asked.count("max_results", least, 100, 10), most)
    since, until = asked.id("since_id"), asked.id("until_id")
    if since is not None and until is not None and since >= until:
        raise problems.invalid("The `since_id` must be smaller than the `until_id`", since_id=since)
    start, end = asked.moment("start_time"), asked.moment("end_time")
    above = max(since or 0, first_id_at(start) - 1 if start else 0)
    below = min(
        ceiling for ceiling in (until, first_id_at(end) if end else None, _token(asked), 2**63) if ceiling
    )
    return _page(newest_first, size, lambda post: int(post.id) > above, below)


def page_of_messages(
    newest_first: Iterable[DirectMessage], asked: Asked, *, most: int = 100
) -> Page[DirectMessage]:
    size = min(asked.count("max_results", 1, 100, 100), most)
    return _page(newest_first, size, lambda _: True, _token(asked) or 2**63)


def _page(
    newest_first: Iterable[Thing], size: int, reaches: Callable[[Thing], bool], below: int
) -> Page[Thing]:
    wanted: Iterator[Thing] = (thing for thing in takewhile(reaches, newest_first) if int(thing.id) < below)
    things = list(islice(wanted, size))
    more = next(wanted, None) is not None
    return Page(things, token_after(things[-1].id) if more else None)


def _token(asked: Asked) -> int | None:
    token = asked.text("pagination_token") or asked.text("next_token")
    if token is None:
        return None
    below = id_in_token(token)
    if below is None:
        raise problems.invalid(f"The pagination token [{token}] is not valid", pagination_token=token)
    return below
