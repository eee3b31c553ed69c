"""Where posts are kept, under every name by which they are asked for."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from socialdesk.sandbox.posts import Post

Index = defaultdict[str, deque[str]]


def _index() -> Index:
    return defaultdict(deque)


@dataclass
class PostShelf:
    """Ids rise from left to right in every index, so the oldest post is always the leftmost.

    The world holds its lock around every call.
    """

    most: int
    posts: dict[str, Post] = field(default_factory=dict)
    _versions: dict[str, list[str]] = field(default_factory=dict)
    _by_author: Index = field(default_factory=_index)
    _by_mentioned: Index = field(default_factory=_index)
    _by_conversation: Index = field(default_factory=_index)

    def put(self, post: Post) -> None:
        """Drops the oldest post when there are too many; every version counts as one."""
        self.posts[post.id] = post
        self._versions.setdefault(post.first_version, []).append(post.id)
        for ids in self._indexes(post):
            ids.append(post.id)
        if len(self.posts) > self.most:
            self._drop(next(iter(self.posts.values())))

    def remove(self, post: Post) -> None:
        """With all its versions. The indexes keep the ids, leading nowhere, until they are the oldest."""
        for version in self._versions.pop(post.first_version, []):
            self.posts.pop(version, None)

    def versions(self, post: Post) -> list[str]:
        """Oldest first; of a post no longer kept, itself alone."""
        return list(self._versions.get(post.first_version, (post.id,)))

    def is_newest_version(self, post: Post) -> bool:
        return self._versions[post.first_version][-1] == post.id

    def by_author(self, user_id: str) -> Iterator[Post]:
        """Every version, newest first, as in the methods below. They may be read without the lock."""
        return self._newest_first(self._by_author.get(user_id, ()))

    def mentioning(self, user_id: str) -> Iterator[Post]:
        return self._newest_first(self._by_mentioned.get(user_id, ()))

    def in_conversation(self, conversation_id: str) -> Iterator[Post]:
        return self._newest_first(self._by_conversation.get(conversation_id, ()))

    def all(self) -> Iterator[Post]:
        return self._newest_first(self.posts)

    def is_listed(self, post: Post, now: datetime) -> bool:
        """False too for a post taken away since it was asked for."""
        versions = self._versions.get(post.first_version)
        return versions is not None and versions[-1] == post.id and post.listed_at <= now

    def _newest_first(self, ids: Iterable[str]) -> Iterator[Post]:
        """The ids are copied now, the posts looked up one by one: most readers want only the first few."""
        rising = list(ids)
        return (post for post_id in reversed(rising) if (post := self.posts.get(post_id)))

    def _indexes(self, post: Post) -> Iterator[deque[str]]:
        yield self._by_author[post.author_id]
        yield self._by_conversation[post.conversation_id]
        for user_id in {mention.user_id for mention in post.wording.mentions} - {post.author_id}:
            yield self._by_mentioned[user_id]

    def _drop(self, oldest: Post) -> None:
        self.remove(oldest)
        for ids in self._indexes(oldest):
            while ids and ids[0] not in self.posts:
                ids.popleft()
        if not self._by_conversation[oldest.conversation_id]:
            del self._by_conversation[oldest.conversation_id]
