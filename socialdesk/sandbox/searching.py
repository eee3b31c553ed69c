"""Recent search, as far as a desk needs it: terms that must all hold, over the last seven days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import takewhile

from socialdesk.sandbox import problems
from socialdesk.sandbox.ids import first_id_at
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.world import World

REACH = timedelta(days=7)
LONGEST_QUERY = 512

Test = Callable[[Post], bool]


def matching(world: World, query: str) -> Iterator[Post]:
    """Newest first. Raises a Problem for a query that X, or this stand-in, does not understand."""
    if len(query) > LONGEST_QUERY:
        raise problems.invalid(f"The query is longer than {LONGEST_QUERY} characters", query=query)
    terms = query.split()
    tests = [_test(world, term) for term in terms]
    oldest = first_id_at(world.now() - REACH)
    recent = takewhile(lambda post: int(post.id) >= oldest, _candidates(world, terms))
    return (post for post in recent if all(test(post) for test in tests))


def _candidates(world: World, terms: list[str]) -> Iterator[Post]:
    """The shortest list that holds everything sought, so that a thread costs no walk through all posts."""
    for term in terms:
        if term.startswith("conversation_id:"):
            return world.in_conversation(term.partition(":")[2])
    for term in terms:
        if term.startswith("from:") and (user := world.user_named(term.partition(":")[2])):
            return world.written_by(user.id)
    return world.timeline()


def _test(world: World, term: str) -> Test:
    operator, colon, value = term.partition(":")
    user = world.user_named(value.removeprefix("@")) if colon else world.user_named(term.removeprefix("@"))
    user_id = user.id if user else "nobody"
    if operator == "conversation_id":
        return lambda post: post.conversation_id == value
    if operator == "from":
        return lambda post: post.author_id == user_id
    if operator == "to":
        return lambda post: post.in_reply_to_user_id == user_id
    if operator == "lang":
        return lambda post: post.lang == value
    if term == "-is:retweet":
        return lambda _: True
    if colon or term.startswith("-") or term == "OR" or "(" in term:
        raise problems.invalid(f"There is no operator [{term}] here", query=term)
    if term.startswith("@"):
        return lambda post: post.wording.mentions_user(user_id)
    return lambda post: term.casefold() in post.text.casefold()
