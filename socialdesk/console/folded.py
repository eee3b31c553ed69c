"""What bystanders wrote, in its place in a case's thread, but folded: the customer has said none of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import ClassVar

from socialdesk import exposure
from socialdesk.console import thread
from socialdesk.console.health import AccountHealth
from socialdesk.console.pending import Pending
from socialdesk.console.reading import Read
from socialdesk.console.thread import Entry, Happening, OnX, WayOut
from socialdesk.messages import Message
from socialdesk.worklists.bystanders import Aside, Crowd


@dataclass(frozen=True, slots=True)
class Post:
    """One of them, as everybody may see it: personal data are masked, and shown in its own case alone."""

    message: Message
    who: str
    address: str | None

    @property
    def at(self) -> datetime:
        return self.message.sent_at

    @property
    def case_id(self) -> int:
        return self.message.case_id

    @property
    def text(self) -> str:
        return exposure.shown(self.message)


@dataclass(frozen=True, slots=True)
class Fold:
    """Posts between the same two messages of the thread, oldest first."""

    kind: ClassVar = "fold"
    posts: Sequence[Post]

    @property
    def people(self) -> list[tuple[str, int]]:
        """How each is called, with the number of his case."""
        return list(dict.fromkeys((each.who, each.case_id) for each in self.posts))


def tell(
    read: Read, names: Mapping[int, str], on_x: OnX, account: AccountHealth, way: WayOut, revealed: int
) -> list[Entry | Fold]:
    """The whole thread; see thread.tell."""
    said, written, events = read.said, read.written, read.events
    told = thread.tell(said, written, events, names, on_x, account, way, revealed, read.before, read.noted)
    return in_between(told, read.crowd, on_x)


def in_between(entries: Sequence[Entry], crowd: Crowd, on_x: OnX) -> list[Entry | Fold]:
    """The thread with them in it: what is not on X yet stays at its end, and what merely happened parts no
    posts from each other."""
    if not crowd.posts:
        return list(entries)
    past = [each for each in entries if not isinstance(each, Pending)]
    told: list[Entry | list[Post]] = []
    run: list[Post] = []
    for each in merge(past, (_post(each, on_x) for each in crowd.posts), key=lambda each: each.at):
        if not isinstance(each, Post):
            run = run if isinstance(each, Happening) else []
            told.append(each)
            continue
        if not run:
            told.append(run)
        run.append(each)
    told += [each for each in entries if isinstance(each, Pending)]
    return [Fold(each) if isinstance(each, list) else each for each in told]


def _post(aside: Aside, on_x: OnX) -> Post:
    message, handle = aside.message, aside.who.removeprefix("@")
    shown = aside.who.startswith("@") and not message.gone
    return Post(message, aside.who, f"{on_x.web_url}/{handle}/status/{message.x_id}" if shown else None)
