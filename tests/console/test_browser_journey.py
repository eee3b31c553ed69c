"""The whole way in a real browser: a customer writes on X, an agent answers there, a supervisor counts it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from socialdesk.desk import Desk, assemble
from socialdesk.sandbox import World
from socialdesk.sandbox.limits import Limit
from socialdesk.sandbox.scenario import Scenario
from socialdesk.sandbox.server import SandboxServer
from socialdesk.settings import CHECKOUT, Settings
from socialdesk.workers.schedule import Schedule
from tests.conftest import HANDLE, Cast
from tests.console.conftest import Open

pytestmark = pytest.mark.browser

# `make screenshots` keeps them; an ordinary run leaves the checkout as it was.
KEPT = CHECKOUT / "docs" / "screenshots" if os.environ.get("SOCIALDESK_SCREENSHOTS") else None
LARGEST = 350_000


@pytest.fixture
def desk(x_desk: Desk, make_settings: Callable[..., Settings], sandbox: SandboxServer) -> Iterator[Desk]:
    """A desk whose workers are at work, as impatient as the demo's."""
    x_desk.database.close()
    set_up = make_settings(
        x={"api_url": sandbox.url, "web_url": f"{sandbox.url}/sandbox/web"},
        polling={"mentions_seconds": 0.5, "direct_messages_seconds": 0.5},
        sending={"every_seconds": 0.2},
    )
    desk = assemble(set_up)
    with Schedule(desk):
        yield desk
    desk.database.close()


@pytest.fixture
def portray(tmp_path: Path) -> Callable[[Page, str], None]:
    """Take a picture of the page, small enough to be kept beside the code."""

    def take(page: Page, name: str) -> None:
        file = (KEPT or tmp_path) / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file)
        assert 10_000 < file.stat().st_size < LARGEST

    return take


@pytest.fixture(autouse=True)
def patient_x(world: World) -> None:
    """X lets this impatient desk look as often as it likes."""
    world.limits.change("GET *", Limit(100_000))


def test_a_public_question_is_answered_in_its_thread(
    world: World, sandbox: SandboxServer, open_page: Open, cast: Cast, portray: Callable[[Page, str], None]
) -> None:
    Scenario(world).open()
    world.add_user("zofia_k", "Zofia Kamińska")
    question = world.post(
        "zofia_k",
        f"@{HANDLE} dzień dobry, moja paczka miała przyjść w poniedziałek, a jej nie ma. Gdzie jest?",
        lang="pl",
    )

    # The oldest Polish case, a template in Polish, approved.
    page = open_page("/queue", username="ana", viewport={"width": 1200, "height": 860})
    expect(page.get_by_role("link", name="Polish")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name="Japanese")).to_be_visible(timeout=60_000)
    portray(page, "queue")
    page.get_by_role("link", name="Polish").click()
    page.get_by_role("link", name="@zofia_k").click()
    page.get_by_text("Choose a template").click()
    page.get_by_role("link", name="Where is my order?").filter(visible=True).click()
    expect(page.locator("#text")).to_have_value(re.compile(r"^[^^]+$"))
    page.get_by_role("button", name="Approve & send publicly").click()
    expect(page.locator(".flash")).to_contain_text("Approved")

    # On X it stands in the thread, and the customer answers there.
    of_zofia = page.context.new_page()
    of_zofia.goto(f"{sandbox.url}/sandbox/web/zofia_k/status/{question.id}")
    expect(of_zofia.locator("body")).to_contain_text("dzień dobry")
    us = world.user(HANDLE).id
    answer = _wait_for_answer(page, world, us, question.id)
    of_zofia.reload()
    expect(of_zofia.locator("body")).to_contain_text("^AH")
    world.post("zofia_k", "Dziękuję, właśnie wysłałam wiadomość prywatną.", in_reply_to=answer, lang="pl")

    # The case is waiting again, seen without loading the page anew, and a supervisor finds it counted.
    page.goto("/queue?status=waiting&language=pl")
    page.get_by_role("link", name="@zofia_k").click()
    expect(page.locator("#thread .theirs")).to_have_count(2, timeout=60_000)
    expect(page.locator("#thread .ours")).to_contain_text("^AH")
    portray(page, "case")
    figures = open_page("/languages?days=all", username="sofia", viewport={"width": 1200, "height": 860})
    polish = figures.get_by_role("row", name=re.compile("^Polish"))
    expect(polish.locator('[data-name="Replies"]')).to_have_text(re.compile(r"^1\b"))
    portray(figures, "languages")


def test_a_direct_message_is_answered_in_private(world: World, open_page: Open, cast: Cast) -> None:
    world.add_user("kenji", "健二")
    world.direct_message("kenji", HANDLE, "アカウントにログインできません。どうすればいいですか")

    page = open_page("/queue", username="ana")
    page.get_by_role("link", name="@kenji").click(timeout=60_000)
    expect(page.get_by_role("button", name="Approve & send publicly")).to_be_hidden()
    page.get_by_text("Choose a template").click()
    page.get_by_role("link", name="Cannot sign in").filter(visible=True).click()
    expect(page.locator("#text")).not_to_be_empty()
    page.get_by_role("button", name="Approve & send as direct message").click()
    expect(page.locator(".flash")).to_contain_text("direct message")

    page.goto("/cases/1")
    expect(page.locator("#thread .ours")).to_contain_text("Sent", timeout=60_000)
    assert world.posts() == []
    assert world.direct_messages()[-1].sender_id == world.user(HANDLE).id


def _wait_for_answer(page: Page, world: World, us: str, conversation: str) -> str:
    """X's id of our answer in that conversation, once it is there."""
    for _ in range(100):
        for post in world.posts():
            if post.author_id == us and post.conversation_id == conversation:
                return post.id
        page.wait_for_timeout(200)
    raise AssertionError("no answer on X")
