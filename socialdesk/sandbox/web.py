"""Pages to look at: the public timeline, one thread, and one account's direct messages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from socialdesk.sandbox.direct_messages import DirectMessage, other_participant
from socialdesk.sandbox.posts import Post, leading_handles
from socialdesk.sandbox.users import User
from socialdesk.sandbox.web_pages import PAGES, STYLE
from socialdesk.sandbox.world import World

POSTS_SHOWN = 100
DEEPEST_INDENT = 6
COLOURS = 8

environment = Environment(
    loader=DictLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True)
class Card:
    """A post with all its page needs to say about it."""

    post: Post
    author: User
    answered: User | None
    depth: int
    replies: int
    is_sought: bool = False

    @property
    def carried(self) -> str:
        return self.post.text[: self.post.wording.display_start]

    @property
    def called(self) -> str:
        """Handles typed at the front: they must not decide in which direction the words run."""
        return leading_handles(self.post.text[self.post.wording.display_start :]).rstrip()

    @property
    def words(self) -> str:
        return self.post.text[self.post.wording.display_start + len(self.called) :]

    @property
    def initial(self) -> str:
        return (self.author.name or self.author.handle)[:1].upper()

    @property
    def colour(self) -> int:
        return int(self.author.id) // 7919 % COLOURS


def web_routes(world: World) -> list[Route]:
    async def timeline(_: Request) -> Response:
        cards = [_card(world, post) for post in islice(world.timeline(), POSTS_SHOWN)]
        return _page("timeline.html", cards=cards, users=world.users())

    async def status(request: Request) -> Response:
        post = world.find_post(request.path_params["id"])
        if post is None:
            return _page("missing.html", 404)
        return _page("thread.html", cards=_thread(world, post), handle=_author(world, post).handle)

    async def messages(request: Request) -> Response:
        user = world.user_named(request.path_params["handle"])
        if user is None:
            return _page("missing.html", 404)
        return _page("messages.html", user=user, conversations=_conversations(world, user))

    return [
        Route("/", timeline),
        Route("/style.css", style),
        Route("/messages/{handle}", messages),
        Route("/{handle}/status/{id}", status),
    ]


async def style(_: Request) -> Response:
    return PlainTextResponse(STYLE, media_type="text/css")


def _page(name: str, status: int = 200, **shown: object) -> Response:
    policy = {"content-security-policy": "default-src 'none'; style-src 'self'"}
    return HTMLResponse(environment.get_template(name).render(**shown), status, policy)


def _thread(world: World, sought: Post) -> list[Card]:
    """The whole conversation, each answer under what it answers; those to what is gone are not indented."""
    posts = list(world.in_conversation(sought.conversation_id))[::-1]
    present = {post.first_version for post in posts}
    answers: dict[str | None, list[Post]] = {}
    for post in posts:
        parent = world.find_post(post.in_reply_to or "")
        first = parent.first_version if parent and parent.first_version in present else None
        answers.setdefault(first, []).append(post)
    cards, waiting = [], [(post, 0) for post in reversed(answers.get(None, []))]
    while waiting:
        post, depth = waiting.pop()
        cards.append(_card(world, post, min(depth, DEEPEST_INDENT), sought))
        waiting += [(answer, depth + 1) for answer in reversed(answers.get(post.first_version, []))]
    return cards


def _card(world: World, post: Post, depth: int = 0, sought: Post | None = None) -> Card:
    return Card(
        post=post,
        author=_author(world, post),
        answered=world.user_by_id(post.in_reply_to_user_id or ""),
        depth=depth,
        replies=sum(
            1 for other in world.in_conversation(post.conversation_id) if other.in_reply_to == post.id
        ),
        is_sought=sought is not None and sought.first_version == post.first_version,
    )


def _author(world: World, post: Post) -> User:
    author = world.user_by_id(post.author_id)
    if author is None:
        raise LookupError(f"post {post.id} has no author")
    return author


def _conversations(world: World, user: User) -> list[tuple[User, list[DirectMessage]]]:
    """With whom, and what was said, oldest first; the liveliest conversation comes first."""
    found: dict[str, list[DirectMessage]] = {}
    for message in world.messages_of(user.id):
        other = other_participant(message.conversation_id, user.id) or user.id
        found.setdefault(other, []).append(message)
    named = ((world.user_by_id(other), messages[::-1]) for other, messages in found.items())
    return [(other, messages) for other, messages in named if other]
