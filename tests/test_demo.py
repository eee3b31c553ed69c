"""The demo as somebody meets it who has just started it: what it is for is there without any doing."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import httpx2
import pytest

from socialdesk.demo import PASSWORD
from socialdesk.first_drafts import THEM
from tests.program import PROGRAM
from tests.test_cli import ENVIRONMENT, _free_port, _wait_for

PATIENCE = 90  # seconds, on a machine that is busy with other things
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}

SignIn = Callable[[str], httpx2.Client]


@pytest.fixture(scope="module")
def port() -> int:
    return int(_free_port())


@pytest.fixture(scope="module")
def sign_in(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[SignIn]:
    """Signs somebody in at a demo of its own; it ends cleanly, without a word of complaint."""
    folder = tmp_path_factory.mktemp("demo")
    command = [*PROGRAM, "demo", "--port", str(port), "--data", str(folder)]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        _wait_for(f"http://127.0.0.1:{port}/sign-in", running)
        browsers: list[httpx2.Client] = []

        def enter(username: str) -> httpx2.Client:
            address = f"http://127.0.0.1:{port}"
            browser = httpx2.Client(base_url=address, headers=SAME_SITE, timeout=60, follow_redirects=True)
            browsers.append(browser)
            browser.post("/sign-in", data={"username": username, "password": PASSWORD}).raise_for_status()
            return browser

        yield enter
        for browser in browsers:
            browser.close()
        running.send_signal(signal.SIGINT)
        _, complained = running.communicate(timeout=60)
    assert (running.returncode, complained) == (0, "")


def told(browser: httpx2.Client, path: str, sign: str, times: int = 1) -> str:
    """The page, once that is on it so often."""
    deadline = time.monotonic() + PATIENCE
    while len(re.findall(sign, page := browser.get(path).text)) < times:
        assert time.monotonic() < deadline, f"{sign} has not come on {path}"
        time.sleep(0.5)
    return page


def test_replies_wait_for_a_second_person_from_the_start(sign_in: SignIn) -> None:
    page = told(sign_in("sofia"), "/approvals", r'class="entry\b', len(THEM))
    for each in THEM:
        assert f"@{each.handle}" in page
        assert each.own in page.replace("&#39;", "'")
    assert "Approve &amp; send publicly" in page


def test_who_wrote_it_waits_for_somebody_else(sign_in: SignIn) -> None:
    told(sign_in("sofia"), "/approvals", r'class="entry\b', len(THEM))
    own = told(sign_in("ana"), "/queue?language=es", "To approve")
    (case,) = set(re.findall(r'/cases/(\d+)[^"]*" title="@marisol_bena', own))
    assert "second person" in sign_in("ana").get(f"/cases/{case}").text


def test_cases_have_time_left_and_some_are_due_soon(sign_in: SignIn) -> None:
    ben = sign_in("ben")
    told(ben, "/queue", r"due in \d+ min", 5)  # direct messages, before public posts
    told(ben, "/queue", r"due in \d+ h", 5)
    assert told(ben, "/queue?status=due", r'<li id="case-\d+"').count("due in") >= 5


def test_its_settings_are_said_to_be_the_commands_and_its_port_is_the_one_it_has(
    sign_in: SignIn, port: int
) -> None:
    page = sign_in("olga").get("/admin").text
    said = dict(re.findall(r"<code>([\w.]+)</code></th>\s*(.*?)</tr>", page, re.S))
    assert f"<bdi>{port}</bdi>" in said["console.port"]
    assert "the command that runs" in said["console.port"]
    assert "settings.toml" not in said["polling.mentions_seconds"]
    assert "nobody: the default" in said["sending.recheck"]
