"""A thousand open consoles, and connections that only pretend to ask: everybody else is served meanwhile.

The console is the real command in a process of its own, on SQLite.
"""

from __future__ import annotations

import asyncio
import http.client
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

from socialdesk.cases import Case
from socialdesk.console import connections
from socialdesk.console.listeners import MOST_OF_ONE_AGENT
from socialdesk.desk import Desk
from tests.conftest import PASSWORD, Cast, settings_of
from tests.console.conftest import Town
from tests.people import hire

PROGRAM = [sys.executable, "-W", "error", "-c", "from socialdesk.cli import main; main()"]
PATIENCE = 90  # seconds, on a machine that is busy with other things
CROWD = 1_000
FEWER_FILES = 400  # than the crowd needs: the command asks for more by itself
AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class Serving:
    process: psutil.Process
    host: str
    port: int

    def get(self, path: str, cookie: str = "") -> tuple[int, float]:
        """The status of the answer, and how many seconds it took."""
        begun = time.monotonic()
        asking = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        asking.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = asking.getresponse()
        answer.read()
        asking.close()
        return answer.status, time.monotonic() - begun

    def sign_in(self, username: str) -> str:
        """The cookie of a session of theirs."""
        asking = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        form = urlencode({"username": username, "password": PASSWORD})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        asking.request("POST", "/sign-in", form, headers)
        answer = asking.getresponse()
        assert answer.status == 303
        cookies = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        asking.close()
        return next(each.partition(";")[0] for each in cookies if each.startswith("desk="))

    def follow(self, cookie: str) -> tuple[int, socket.socket]:
        """The status with which the live feed begins, and the connection, which stays open."""
        page = self.connect()
        page.sendall(f"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
        return int(page.recv(4096).split()[1]), page

    def connect(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout=PATIENCE)


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    shutil.copy(migrated_sqlite, tmp_path / "desk.db")
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
def serving(desk: Desk, cast: Cast, tmp_path: Path) -> Iterator[Serving]:
    """`socialdesk console`; it complains of nothing while it serves."""
    assert cast
    with started(settings_of(desk, tmp_path)) as serving:
        yield serving


@contextmanager
def started(settings: Path) -> Iterator[Serving]:
    arguments = ["console", "--settings", str(settings), "--port", "0"]
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_as_on_a_small_machine,
    ) as process:
        assert process.stdout
        said = process.stdout.readline()
        assert said, process.communicate(timeout=PATIENCE)[1]
        address = urlsplit(said.split()[4].rstrip("."))
        yield Serving(psutil.Process(process.pid), address.hostname or "", address.port or 0)
        process.terminate()
        assert process.communicate(timeout=PATIENCE)[1] == ""
        assert process.returncode == 0


def _as_on_a_small_machine() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEWER_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def test_a_thousand_open_consoles_are_all_told_and_pages_are_served_meanwhile(
    serving: Serving, desk: Desk, password_hash: str, town: Town, maria: Case
) -> None:
    people = [f"agent{number}" for number in range(CROWD // MOST_OF_ONE_AGENT)]
    for username in people:
        hire(desk.database, username, "agent", password_hash)
    cookies = [serving.sign_in(username) for username in people]
    assert serving.get(f"/cases/{maria.id}", cookies[0])[0] == 200
    before = serving.process.memory_info().rss
    with ThreadPoolExecutor(1) as thread:  # a browser of other tests may have a loop running in this one
        thread.submit(lambda: asyncio.run(_a_crowd_is_told(serving, cookies, town, maria))).result()
    grown = serving.process.memory_info().rss - before
    assert grown < 200 * 1024 * CROWD, f"{grown // 1024 // CROWD} kB for each of them"
    deadline = time.monotonic() + PATIENCE
    while serving.process.num_fds() > FEWER_FILES:
        assert time.monotonic() < deadline, "who has gone is still held"
        time.sleep(0.1)


async def _a_crowd_is_told(serving: Serving, cookies: list[str], town: Town, maria: Case) -> None:
    async with asyncio.timeout(PATIENCE), _a_crowd(serving, cookies) as crowd:
        assert serving.process.num_fds() < CROWD + FEWER_FILES
        told = asyncio.gather(*(_read_until(reader, b"event: cases") for reader in crowd))
        await asyncio.to_thread(town.writes, "101", "¿Hola? ¿Hay alguien?", minutes_ago=1)
        status, seconds = await asyncio.to_thread(serving.get, f"/cases/{maria.id}", cookies[0])
        assert (status, seconds < 10) == (200, True)  # a tenth of a second; a busy machine gets more
        data = await told
        assert len(data) == CROWD
        assert all(b'"customer_wrote"' in each for each in data)


@asynccontextmanager
async def _a_crowd(serving: Serving, cookies: list[str]) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Consoles that all listen, as many of each agent's as he may have; some come at a time, as they would
    after the server was away."""
    coming = asyncio.Semaphore(AT_A_TIME)

    async def listen(cookie: str) -> asyncio.StreamReader:
        async with coming:
            reader, writer = await asyncio.open_connection(serving.host, serving.port)
            leaving.push_async_callback(_leave, writer)
            writer.write(f"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
            await _read_until(reader, b"event: presence")
            return reader

    async with AsyncExitStack() as leaving:
        yield list(await asyncio.gather(*map(listen, cookies * MOST_OF_ONE_AGENT)))


async def _leave(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def _read_until(reader: asyncio.StreamReader, wanted: bytes) -> bytes:
    """The line after the one that is wanted."""
    while wanted not in (line := await reader.readline()):
        assert line, "the stream ended"
    return await reader.readline()


def test_nobody_follows_with_more_pages_than_his_share(serving: Serving) -> None:
    """The others' consoles are told meanwhile, and a page that he closes makes room for another."""
    of_ana, of_ben = serving.sign_in("ana"), serving.sign_in("ben")
    pages = [serving.follow(of_ana) for _ in range(MOST_OF_ONE_AGENT)]
    assert {status for status, _ in pages} == {200}
    one_more, bens = serving.follow(of_ana), serving.follow(of_ben)
    assert (one_more[0], bens[0]) == (503, 200)
    pages.pop()[1].close()
    deadline = time.monotonic() + PATIENCE
    while (again := serving.follow(of_ana))[0] != 200:
        assert time.monotonic() < deadline, "who has gone still holds a place"
        again[1].close()
        time.sleep(0.1)
    for _, page in (*pages, one_more, bens, again):
        page.close()


def test_more_who_send_a_byte_now_and_then_than_may_wait_keep_nobody_from_being_served(
    serving: Serving,
) -> None:
    slow = [serving.connect() for _ in range(connections.MOST_WAITING + 100)]
    for each in slow:
        each.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    for _ in range(5):
        for each in slow:
            _drip(each)
        status, seconds = serving.get("/sign-in")
        assert (status, seconds < 10) == (200, True)
    deadline = time.monotonic() + PATIENCE
    while len(serving.process.net_connections("tcp")) > connections.MOST_WAITING + 10:
        assert time.monotonic() < deadline, "those that came first still hold a place"
        time.sleep(0.1)
    for each in slow:
        each.close()


UNENDED = {
    "nothing": b"",
    "head": b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "body": b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
    b"Content-Length: 200\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=",
    "second request": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: ",
}


def test_a_request_that_does_not_come_to_its_end_is_given_up(serving: Serving) -> None:
    """All at once: each takes as long as the server waits."""
    waiting = {name: serving.connect() for name in UNENDED}
    for name, slow in waiting.items():
        slow.sendall(UNENDED[name])
        slow.settimeout(0.1)
    deadline = time.monotonic() + connections.REQUEST_SECONDS + PATIENCE
    while waiting:
        assert time.monotonic() < deadline, f"still waited for: {', '.join(waiting)}"
        for name, slow in list(waiting.items()):
            if _ended(slow):
                waiting.pop(name).close()
            elif UNENDED[name]:
                _drip(slow)


def _drip(slow: socket.socket) -> None:
    try:
        slow.sendall(b"x")
    except OSError:
        return  # it was given up, as it should be


def _ended(slow: socket.socket) -> bool:
    try:
        while slow.recv(65_536):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True
