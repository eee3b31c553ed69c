"""The whole way in a real browser, on both databases: a customer writes on X, an agent answers there with a
colleague's word, the customer answers back, a supervisor counts it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.settings import CHECKOUT
from tests.conftest import HANDLE, Cast
from tests.console.at_work import Shop, opened, waited_for
from tests.console.conftest import Open

pytestmark = pytest.mark.browser

# `make screenshots` keeps them; an ordinary run leaves the checkout as it was.
KEPT = CHECKOUT / "docs" / "screenshots" if os.environ.get("SOCIALDESK_SCREENSHOTS") else None
LARGEST = 350_000
SLOW = 60_000  # milliseconds
WIDE = {"width": 1200, "height": 860}
CROWD = {
    "pwojcik": ("Piotr Wójcik", "kiedy będzie zwrot pieniędzy? Czekam już dwa tygodnie", "pl"),
    "layla_q": ("ليلى القحطاني", "السلام عليكم، طلبي تأخر أسبوعا كاملا، متى يصل؟", "ar"),
    "annalena": ("Annalena Vogt", "wo bleibt mein Paket? Es sollte gestern kommen", "de"),
    "camille": ("Camille", "bonjour, ma carte cadeau ne fonctionne pas, que faire ?", "fr"),
    "maria": ("María García", "mi paquete no ha llegado todavía, ¿dónde está mi pedido?", "es"),
}
FOR_A_COLLEAGUE = {"rules": [{"role": "agent", "needs": "colleague"}]}
"""What agents write; what a supervisor writes goes out by itself."""
SOON = {"rules": [{"first_response_minutes": 60}, {"channel": "private", "first_response_minutes": 20}]}
"""So that the pictures show how long there is left."""


@pytest.fixture
def shop(database: Database, database_url: str, tmp_path: Path) -> Iterator[Shop]:
    assert database  # emptied before the desk begins
    with opened(database_url, tmp_path, approvals=FOR_A_COLLEAGUE, targets=SOON) as shop:
        yield shop


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return shop.desk


@pytest.fixture
def portray(tmp_path: Path) -> Callable[[Page, str], None]:
    """Take a picture of the page, small enough to be kept beside the code."""

    def take(page: Page, name: str) -> None:
        file = tmp_path / f"{name}.png"
        page.screenshot(path=file)
        assert 10_000 < file.stat().st_size < LARGEST
        if KEPT:
            KEPT.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, KEPT)

    return take


def test_a_public_question_is_answered_in_its_thread_with_a_colleagues_word(
    shop: Shop, open_page: Open, cast: Cast, portray: Callable[[Page, str], None]
) -> None:
    shop.world.add_user("zofia_k", "Zofia Kamińska")
    question = shop.world.post(
        "zofia_k",
        f"@{HANDLE} dzień dobry, moja paczka miała przyjść w poniedziałek, a jej nie ma. Gdzie jest?",
        lang="pl",
    )
    _others_write(shop)

    # The oldest Polish case, and what the desk proposes.
    ana = open_page("/queue", username="ana", viewport=WIDE)
    expect(ana.get_by_role("link", name="Polish")).to_be_visible(timeout=SLOW)
    expect(ana.get_by_role("link", name="Japanese")).to_be_visible(timeout=SLOW)
    portray(ana, "queue")
    ana.get_by_role("link", name="Polish").click()
    ana.locator("#rows .open").first.click()
    expect(ana.locator("#case-head")).to_contain_text("@zofia_k")
    ana.get_by_role("link", name="Take these words").filter(visible=True).click()
    expect(ana.locator("#text")).to_have_value(re.compile(r"^[^^]+$"))
    ana.get_by_role("button", name="Ask for approval").click()
    expect(ana.locator("#flash")).to_contain_text("second person")
    assert shop.answers_in(question.id) == []
    ana.goto("/queue?status=waiting&language=pl")
    expect(ana.locator("#rows .row", has_text="@zofia_k")).to_contain_text("To approve")

    # A second person lets it go.
    ben = open_page("/approvals", username="ben", viewport=WIDE)
    expect(ben.locator(".entry")).to_contain_text("dzień dobry")
    portray(ben, "approvals")
    ben.get_by_role("button", name="Approve & send publicly").click()
    expect(ben.locator("#flash")).to_contain_text("Approved: the public reply goes out")

    # On X it stands in the thread, under what the customer wrote, and the customer answers there.
    (answer,) = waited_for(ben, lambda: shop.answers_in(question.id))
    assert answer.in_reply_to == question.id
    of_zofia = ben.context.new_page()
    of_zofia.goto(f"{shop.sandbox.url}/sandbox/web/zofia_k/status/{question.id}")
    expect(of_zofia.locator("body")).to_contain_text(re.compile("dzień dobry.*\\^AH", re.S))
    # She came back to that row, so it stays where it is for her, as one that has gone.
    hers = ana.locator("#rows .row", has_text="@zofia_k")
    expect(hers).to_have_class(re.compile(r"\bleft\b"), timeout=SLOW)
    shop.world.post("zofia_k", "Dziękuję, a kiedy dokładnie?", in_reply_to=answer.id, lang="pl")

    # It is back in the queue that Ana looks at, without her doing anything: on top once the other is done.
    expect(hers).not_to_have_class(re.compile(r"\bleft\b"), timeout=SLOW)
    ben.goto("/queue?status=waiting&language=pl")
    ben.get_by_role("link", name="@pwojcik").click()
    ben.get_by_role("button", name="Resolve").click()
    expect(ana.locator("#rows .row:not(.left)").first).to_contain_text("@zofia_k", timeout=SLOW)
    ana.get_by_role("link", name="@zofia_k").click()
    expect(ana.locator("#thread .theirs")).to_have_count(2)
    expect(ana.locator("#thread .ours")).to_contain_text("^AH")
    expect(ana.locator("#beside li")).to_have_count(1)  # the list she came from, which comes last
    portray(ana, "case")
    sofia = open_page("/languages?days=all", username="sofia", viewport=WIDE)
    polish = sofia.get_by_role("row", name=re.compile("^Polish"))
    expect(polish.locator('[data-name="Replies"]')).to_have_text(re.compile(r"^1\b"))
    portray(sofia, "languages")


def _others_write(shop: Shop) -> None:
    """One of them in Polish, after Zofia."""
    for handle, (name, words, language) in CROWD.items():
        shop.world.add_user(handle, name)
        shop.world.post(handle, f"@{HANDLE} {words}", lang=language)
    shop.world.add_user("kenji", "健二")
    shop.world.direct_message("kenji", HANDLE, "アカウントにログインできません。どうすればいいですか")


def test_who_is_asked_into_direct_messages_is_answered_there_in_the_same_case(
    shop: Shop, open_page: Open, cast: Cast
) -> None:
    shop.world.add_user("zofia_k", "Zofia Kamińska")
    words = f"@{HANDLE} nie mogę się zalogować na moje konto, co mam zrobić? To pilne"
    question = shop.world.post("zofia_k", words, lang="pl")
    page = open_page("/queue", username="sofia", viewport=WIDE)
    page.get_by_role("link", name="@zofia_k").click(timeout=SLOW)
    page.get_by_text("Choose a template").click()
    page.get_by_role("link", name="Please send a direct message").filter(visible=True).click()
    expect(page.locator("#text")).not_to_be_empty()
    page.get_by_role("button", name="Approve & send publicly").click()
    expect(page.locator("#flash")).to_contain_text("Approved: the public reply goes out")
    waited_for(page, lambda: shop.answers_in(question.id))
    shop.world.direct_message("zofia_k", HANDLE, "Dzień dobry, mój login to zofia.kaminska, proszę o pomoc")

    page.goto("/cases/1")
    expect(page.locator("#thread .theirs.private")).to_have_count(1, timeout=SLOW)
    expect(page.locator("#thread .theirs.public")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("radio", name="Direct message")).to_be_checked()
    page.locator("#text").fill("Dziękujemy, już sprawdzamy Pani konto.")
    page.get_by_role("button", name="Approve & send as direct message").click()
    expect(page.locator("#flash")).to_contain_text("direct message")
    page.goto("/cases/1")
    expect(page.locator("#thread .ours.private")).to_contain_text("Sent", timeout=SLOW)
    told = shop.world.direct_messages()[-1]
    assert (told.sender_id, told.text) == (
        shop.world.user(HANDLE).id,
        "Dziękujemy, już sprawdzamy Pani konto.",
    )
    assert len(shop.ours()) == 1
