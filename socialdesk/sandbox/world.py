"""Everything the sandbox knows: its people, their posts and direct messages, and who may call."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from socialdesk.sandbox.direct_messages import DirectMessage, conversation_between
from socialdesk.sandbox.faults import Faults
from socialdesk.sandbox.identities import Identities, Identity, SigningKeys
from socialdesk.sandbox.ids import Snowflakes
from socialdesk.sandbox.ledger import Ledger
from socialdesk.sandbox.limits import RateLimits
from socialdesk.sandbox.post_shelf import PostShelf
from socialdesk.sandbox.posts import Post, carried_handles
from socialdesk.sandbox.records import RawItem, RequestRecord
from socialdesk.sandbox.rules import Rules
from socialdesk.sandbox.users import User
from socialdesk.sandbox.wording import Wording, word

FIRST_USER_ID = 2_244_994_945
REQUESTS_KEPT = 2_000


def utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """Safe to share between threads. Holds `max_posts` posts and as many messages; the oldest go first."""

    def __init__(self, now: Callable[[], datetime] = utc_now, max_posts: int = 20_000) -> None:
        self.now = now
        self.max_posts = max_posts
        self.index_lag = timedelta(0)
        self.rules = Rules()
        self.identities = Identities()
        self.limits = RateLimits()
        self.ledger = Ledger()
        self.faults = Faults()
        self.raw_items: list[RawItem] = []
        self.requests: deque[RequestRecord] = deque(maxlen=REQUESTS_KEPT)
        self._lock = threading.RLock()
        self._ids = Snowflakes()
        self._users: dict[str, User] = {}
        self._handles: dict[str, str] = {}
        self._shelf = PostShelf(max_posts)
        self._messages: deque[DirectMessage] = deque(maxlen=max_posts)
        self._subscribers: list[Callable[[Post | DirectMessage], None]] = []

    # People

    def add_user(
        self,
        handle: str,
        name: str = "",
        *,
        user_id: str | None = None,
        protected: bool = False,
        description: str = "",
        verified: bool = False,
        longer_posts: bool = False,
        receives_direct_messages: bool = True,
    ) -> User:
        """A handle that exists keeps its user, whatever else is said here. Handles come without the @."""
        with self._lock:
            if known := self.user_named(handle):
                return known
            user = User(
                id=user_id or str(FIRST_USER_ID + 7919 * len(self._users)),
                handle=handle,
                name=name or handle,
                created_at=self.now(),
                description=description,
                protected=protected,
                verified=verified,
                longer_posts=longer_posts,
                receives_direct_messages=receives_direct_messages,
            )
            if user.id in self._users:
                raise ValueError(f"user id {user.id} belongs to @{self._users[user.id].handle} already")
            self._users[user.id] = user
            self._handles[handle.lower()] = user.id
            return user

    def add_app(
        self,
        user_handle: str,
        *,
        consumer_key: str,
        consumer_secret: str,
        access_token: str,
        access_token_secret: str,
        bearer_token: str | None = None,
        oauth2_token: str | None = None,
        owner_handle: str | None = None,
    ) -> None:
        """Lets an app call for this user: signed, by its own bearer token (the app alone), or by OAuth 2.0.

        The user owns the app unless another owner is named; only an owner's own reads are cheap.
        """
        user = self.user(user_handle)
        owns = owner_handle is None or owner_handle.lower() == user.handle.lower()
        identity = Identity(consumer_key, user.id, owns)
        keys = SigningKeys(consumer_key, consumer_secret, access_token, access_token_secret)
        self.identities.add_signing(keys, identity)
        if bearer_token:
            self.identities.add_bearer(bearer_token, Identity(consumer_key, None, owns))
        if oauth2_token:
            self.identities.add_bearer(oauth2_token, identity)

    def user(self, handle: str) -> User:
        """Raises KeyError when nobody has that handle."""
        if user := self.user_named(handle):
            return user
        raise KeyError(f"nobody is called @{handle}")

    def user_named(self, handle: str) -> User | None:
        return self._users.get(self._handles.get(handle.lower(), ""))

    def user_by_id(self, user_id: str) -> User | None:
        return self._users.get(user_id)

    def users(self) -> list[User]:
        with self._lock:
            return list(self._users.values())

    # Posts

    def post(
        self,
        author_handle: str,
        text: str,
        *,
        in_reply_to: str | None = None,
        quote: str | None = None,
        lang: str | None = None,
        leaving_out: Iterable[str] = (),
    ) -> Post:
        """Publishes as X's own apps do; `leaving_out` are handles not to carry over from the thread.

        Raises KeyError when the author or the post answered does not exist, ValueError for half a character.
        """
        text.encode()  # what cannot be encoded could not be served either
        author = self.user(author_handle)
        with self._lock:
            parent = self._shelf.posts[in_reply_to] if in_reply_to else None
            carried = self._carried(author, text, parent, {handle.lower() for handle in leaving_out})
            now = self.now()
            post_id = self._ids.next(now)
            post = Post(
                id=post_id,
                author_id=author.id,
                text=carried + text,
                created_at=now,
                listed_at=now + self.index_lag,
                conversation_id=parent.conversation_id if parent else post_id,
                wording=self._wording(carried + text, len(carried)),
                lang=lang or "und",
                in_reply_to=in_reply_to,
                in_reply_to_user_id=parent.author_id if parent else None,
                quoted=quote,
                first_version=post_id,
                given_text=text,
            )
            self._shelf.put(post)
        self._tell(post)
        return post

    def edit_post(self, post_id: str, text: str) -> Post:
        """A new version under a new id; the old one can still be looked up, but no timeline shows it."""
        with self._lock:
            old = self._shelf.posts[post_id]
            carried = old.text[: old.wording.display_start]
            now = self.now()
            edited = replace(
                old,
                id=self._ids.next(now),
                text=carried + text,
                created_at=now,
                listed_at=now + self.index_lag,
                wording=self._wording(carried + text, len(carried)),
                given_text=text,
            )
            self._shelf.put(edited)
        self._tell(edited)
        return edited

    def delete_post(self, post_id: str) -> bool:
        """Takes away every version of the post; False when there is no such post."""
        with self._lock:
            post = self._shelf.posts.get(post_id)
            if post:
                self._shelf.remove(post)
            return post is not None

    def find_post(self, post_id: str) -> Post | None:
        return self._shelf.posts.get(post_id)

    def posts(self) -> list[Post]:
        """The newest version of every post, oldest first, those not yet listed too."""
        with self._lock:
            return [post for post in self._shelf.posts.values() if self._shelf.is_newest_version(post)]

    def versions(self, post: Post) -> list[str]:
        with self._lock:
            return self._shelf.versions(post)

    def written_by(self, user_id: str) -> Iterator[Post]:
        return self._listed(self._shelf.by_author, user_id)

    def written_by_with_unlisted(self, user_id: str) -> Iterator[Post]:
        """Newest first, whatever the index lag hides from others, and every version of an edited post."""
        with self._lock:
            return self._shelf.by_author(user_id)

    def mentioning(self, user_id: str) -> Iterator[Post]:
        """Newest first; the user's own posts are not among them."""
        return self._listed(self._shelf.mentioning, user_id)

    def in_conversation(self, conversation_id: str) -> Iterator[Post]:
        return self._listed(self._shelf.in_conversation, conversation_id)

    def timeline(self) -> Iterator[Post]:
        """Everything public that is listed by now, newest first."""
        return self._listed(self._shelf.all)

    # Direct messages

    def direct_message(self, sender_handle: str, recipient_handle: str, text: str) -> DirectMessage:
        text.encode()
        sender, recipient = self.user(sender_handle), self.user(recipient_handle)
        with self._lock:
            now = self.now()
            message = DirectMessage(
                id=self._ids.next(now),
                conversation_id=conversation_between(sender.id, recipient.id),
                sender_id=sender.id,
                recipient_id=recipient.id,
                text=text,
                created_at=now,
                wording=self._wording(text, 0),
            )
            self._messages.append(message)
        self._tell(message)
        return message

    def direct_messages(self) -> list[DirectMessage]:
        with self._lock:
            return list(self._messages)

    def find_direct_message(self, message_id: str) -> DirectMessage | None:
        return next((message for message in self.direct_messages() if message.id == message_id), None)

    def messages_of(self, user_id: str) -> Iterator[DirectMessage]:
        """Sent and received, newest first."""
        messages = self.direct_messages()
        return (m for m in reversed(messages) if user_id in (m.sender_id, m.recipient_id))

    # Others

    def subscribe(self, callback: Callable[[Post | DirectMessage], None]) -> None:
        """The callback hears of every post, edit and message just stored, in the thread that stored it."""
        self._subscribers.append(callback)

    def take_raw_items(self, endpoint: str) -> list[Any]:
        with self._lock:
            taken = [raw for raw in self.raw_items if raw.endpoint == endpoint]
            for raw in taken:
                raw.times = raw.times - 1 if raw.times is not None else None
            self.raw_items = [raw for raw in self.raw_items if raw.times != 0]
            return [raw.item for raw in taken]

    def _carried(self, author: User, text: str, parent: Post | None, leaving_out: set[str]) -> str:
        if parent is None or parent.author_id == author.id:
            return ""
        thread = [self._users[parent.author_id].handle, *(m.handle for m in parent.wording.mentions)]
        return carried_handles(text, [h for h in thread if h.lower() not in leaving_out], author.handle)

    def _wording(self, text: str, display_start: int) -> Wording:
        return word(text, display_start, self.user_named)

    def _listed(self, find: Callable[..., Iterator[Post]], *name: str) -> Iterator[Post]:
        with self._lock:
            found = find(*name)
        now = self.now()
        return (post for post in found if self._shelf.is_listed(post, now))

    def _tell(self, stored: Post | DirectMessage) -> None:
        for callback in list(self._subscribers):
            callback(stored)
