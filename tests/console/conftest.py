"""The console as a browser meets it: signed in, with a few customers who have written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from sqlmodel import select
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from socialdesk import customers
from socialdesk.api.app import ADDRESS
from socialdesk.cases import Case
from socialdesk.console.app import create_app
from socialdesk.console.server import ConsoleServer
from socialdesk.customers import Customer, Profile
from socialdesk.desk import Desk
from socialdesk.people import tokens
from socialdesk.people.agents import Agent
from socialdesk.people.tokens import Scope
from tests import chromium as chromium_program
from tests.conftest import PASSWORD, Cast
from tests.stories import arrive, direct_message, post

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
PATIENCE = 20  # seconds, on a machine that is busy with other things

LIGHTS: tuple[Literal["light", "dark"], ...] = ("light", "dark")

Visitor = Callable[[str], TestClient]
Open = Callable[..., Page]
Call = Callable[..., Any]
ALL = tuple(Scope)
HERE = "http://localhost"
# The browser sees no difference between the engines: one is enough there.
IN_A_BROWSER = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


class Town:
    """The customers: what they write reaches the desk by its own intake, as if X had told it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def meet(self, x_id: str, handle: str, name: str) -> None:
        with self._desk.database.transaction() as session:
            customers.learn(session, [Profile(x_id, handle, name)])

    def writes(
        self,
        x_id: str,
        text: str,
        *,
        minutes_ago: float = 10,
        private: bool = False,
        conversation: str | None = None,
    ) -> Case:
        """The customer's case after these words."""
        if private:
            said = direct_message(x_id, text, minutes=-minutes_ago)
        else:
            conversation = conversation or f"conversation-of-{x_id}"
            said = post(x_id, text, minutes=-minutes_ago, conversation=conversation)
        arrive(self._desk, said)
        with self._desk.database.reading() as session:
            return session.exec(select(Case).join(Customer).where(Customer.x_id == x_id)).one()


@pytest.fixture
def town(desk: Desk) -> Town:
    """@maria in Spanish and in public, @kenji in Japanese and in private; both are still to write."""
    town = Town(desk)
    town.meet("101", "maria", "María García")
    town.meet("102", "kenji", "健二")
    return town


@pytest.fixture
def maria(town: Town) -> Case:
    return town.writes("101", "Mi paquete no ha llegado todavía, ¿dónde está mi pedido?", minutes_ago=30)


@pytest.fixture
def kenji(town: Town) -> Case:
    text = "アカウントにログインできません。どうすればいいですか"
    return town.writes("102", text, minutes_ago=20, private=True)


@pytest.fixture
def visitor(desk: Desk) -> Iterator[Callable[[], TestClient]]:
    """A browser that nobody is signed in with."""
    app = create_app(desk)
    yield lambda: TestClient(app, base_url="http://127.0.0.1:8080", headers=SAME_SITE, follow_redirects=False)


@pytest.fixture
def signed_in(visitor: Callable[[], TestClient], cast: Cast) -> Visitor:
    """A browser in which that member of the cast is signed in."""
    assert cast

    def enter(username: str) -> TestClient:
        browser = visitor()
        answer = browser.post("/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303
        return browser

    return enter


@pytest.fixture
def ana(signed_in: Visitor) -> TestClient:
    return signed_in("ana")


@pytest.fixture
def sofia(signed_in: Visitor) -> TestClient:
    return signed_in("sofia")


@pytest.fixture
def client(desk: Desk) -> TestClient:
    """What a program speaks to the desk with."""
    return TestClient(create_app(desk), base_url=HERE)


@pytest.fixture
def call(client: TestClient, desk: Desk, cast: Cast) -> Call:
    """As Ana's program with every scope, unless it is said whose and which."""

    def called(
        method: str, path: str, by: Agent = cast.ana, scopes: tuple[Scope, ...] = ALL, **more: Any
    ) -> Any:
        return client.request(method, ADDRESS + path, headers=bearer(token(desk, by, scopes)), **more)

    return called


@pytest.fixture
def console(desk: Desk) -> Iterator[ConsoleServer]:
    """The console served over HTTP on a free port."""
    with served(create_app(desk)) as server:
        yield server


@contextmanager
def served(app: ASGIApp) -> Iterator[ConsoleServer]:
    ready = threading.Event()
    server = ConsoleServer(app, port=0, ready=lambda _: ready.set())
    thread = threading.Thread(target=server.serve_until_told)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield server
    finally:
        server.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = chromium_program.find()
    if program is None:
        pytest.skip(chromium_program.HOW_TO_GET_ONE)
    expect.set_options(timeout=PATIENCE * 1_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium_program.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What stood in the browsers' consoles; a test takes out what it has provoked."""
    return []


@pytest.fixture
def open_page(chromium: Browser, console: ConsoleServer, cast: Cast, complaints: list[str]) -> Iterator[Open]:
    """A signed-in browser's page; the test fails on any error in its console."""
    assert cast

    def opened(path: str, username: str | None = "sofia", **options: object) -> Page:
        context = chromium.new_context(base_url=console.url, **options)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if username:
            sign_in(page, username)
        page.goto(path)
        return page

    yield opened
    for context in chromium.contexts:
        context.close()
    assert complaints == []


def token(desk: Desk, agent: Agent, scopes: tuple[Scope, ...] = ALL) -> str:
    """A new one of that agent's."""
    with desk.database.transaction() as session:
        return tokens.issue(session, agent, name="tests", scopes=scopes, days=1)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def every_light(page: Page) -> Iterator[str]:
    """The page by day and by night, without the moment in which its colours change."""
    for scheme in LIGHTS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        yield scheme


def every_width(page: Page, *widths: int, height: int = 800) -> Iterator[int]:
    """The page in windows of so many CSS pixels, one after the other."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": height})
        yield width


def press(page: Page, key: str) -> None:
    """A key, once the page has its scripts: what is to be seen of it is there before them."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def _complaint(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type in ("error", "warning") else []


def sign_in(page: Page, username: str) -> None:
    """As the form does, without waiting for it and for the page behind it to be drawn."""
    form: dict[str, str | float | bool] = {"username": username, "password": PASSWORD}
    answer = page.request.post("/sign-in", form=form, headers=SAME_SITE, max_redirects=0)
    assert answer.status == 303


def begin_codes(page: Page) -> None:
    """In this session: another one's secret is not shown here."""
    form: dict[str, str | float | bool] = {"password": PASSWORD}
    answer = page.request.post("/account/codes", form=form, headers=SAME_SITE, max_redirects=0)
    assert answer.headers["location"] == "/account/codes"
