"""A desk whose workers are at work beside a sandbox X, and what a browser test waits for there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page

from socialdesk import settings
from socialdesk.desk import Desk, assemble
from socialdesk.sandbox import World
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.server import SandboxServer
from socialdesk.workers.schedule import Schedule
from tests.conftest import HANDLE, KEYS

T = TypeVar("T")
PATIENCE = 60  # seconds, on a machine that is busy with other things


@dataclass(frozen=True, slots=True)
class Shop:
    desk: Desk
    world: World
    sandbox: SandboxServer

    def ours(self) -> list[Post]:
        """What we have posted, oldest first."""
        us = self.world.user(HANDLE).id
        return sorted((each for each in self.world.posts() if each.author_id == us), key=lambda each: each.id)

    def answers_in(self, conversation: str) -> list[Post]:
        return [each for each in self.ours() if each.conversation_id == conversation]


@contextmanager
def opened(url: str, folder: Path, **sections: Any) -> Iterator[Shop]:
    """As impatient as the demo's, and X lets it look as often as it likes."""
    world = World()
    world.add_user(HANDLE, "Northwind Help")
    world.add_app(HANDLE, **KEYS)
    world.limits.change("GET *", Limit(100_000))
    with SandboxServer(world) as sandbox, pytest.MonkeyPatch.context() as environment:
        for name, value in KEYS.items():
            environment.setenv(f"X_NORTHWIND_{name.upper()}", value)
        content = {
            "accounts": [{"handle": HANDLE, "credentials": "NORTHWIND"}],
            "database": {"url": url},
            "x": {"api_url": sandbox.url, "web_url": f"{sandbox.url}/sandbox/web"},
            "polling": {"mentions_seconds": 0.5, "direct_messages_seconds": 0.5},
            "sending": {"every_seconds": 0.2, "undo_seconds": 0},
        }
        desk = assemble(settings.build(content | sections, folder=folder))
        with Schedule(desk):
            yield Shop(desk, world, sandbox)
        desk.database.close()


def waited_for(page: Page, found: Callable[[], T]) -> T:
    """What is found, once something is; the page goes on living meanwhile."""
    deadline = monotonic() + PATIENCE
    while not (what := found()):
        assert monotonic() < deadline, "it has not come"
        page.wait_for_timeout(100)
    return what
