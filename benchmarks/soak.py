"""Leave the demo alone with agents who approve: does it stall, grow without bound, or log an error?

.venv/bin/python -m benchmarks.soak --minutes 10
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx2
import psutil
from rich.console import Console
from rich.table import Table

from socialdesk.demo import PASSWORD

PORT = 8199
ADDRESS = f"http://127.0.0.1:{PORT}"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
EVERY_SECONDS = 2.0
TEMPLATES = ("where_is_my_order", "return_and_refund", "account_locked", "gift_card", "suspicious_message")
# After the scenario's opening everything that grows should be the messages themselves.
MOST_GROWTH = 1.5


@dataclass
class Course:
    """What was seen while it ran."""

    approved: int = 0
    refused: int = 0
    longest_page: float = 0.0
    memory: list[float] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "socialdesk", "demo", "--port", str(PORT), "--data", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as demo:
            course = _work(demo.pid, minutes)
            demo.send_signal(signal.SIGINT)
            _, complained = demo.communicate(timeout=30)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
    return _tell(course, complained, demo.returncode, size)


def _work(pid: int, minutes: float) -> Course:
    course = Course()
    with httpx2.Client(base_url=ADDRESS, headers=SAME_SITE, timeout=30, follow_redirects=True) as browser:
        _sign_in(browser)
        until = time.monotonic() + minutes * 60
        while time.monotonic() < until:
            _answer_the_next(browser, course)
            course.memory.append(psutil.Process(pid).memory_info().rss / 1e6)
            time.sleep(EVERY_SECONDS)
        figures = browser.get("/languages?days=all").text
        course.figures = re.findall(r"<dd>(?:<a[^>]*>)?([\d,]+)", figures)[:4]
    return course


def _sign_in(browser: httpx2.Client) -> None:
    for _ in range(100):
        try:
            browser.post("/sign-in", data={"username": "sofia", "password": PASSWORD}).raise_for_status()
            return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise SystemExit("the demo did not start")


def _answer_the_next(browser: httpx2.Client, course: Course) -> None:
    """The case that has waited longest gets a template in its language, as an agent would give it."""
    queue = _page(browser, "/queue", course)
    if not (found := re.search(r'href="/cases/(\d+)', queue)):
        return
    case = found.group(1)
    template = TEMPLATES[course.approved % len(TEMPLATES)]
    page = _page(browser, f"/cases/{case}?template={template}", course)
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    private = 'name="as" value="private" checked' in page
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    answer = browser.post(
        f"/cases/{case}/replies",
        data=form
        | {
            "as": "private" if private else "public",
            "text": unescape(text.group(1)) if text else "",
            "approve": "true",
        },
    )
    if answer.status_code == httpx2.codes.OK:
        course.approved += 1
        return
    course.refused += 1
    browser.post(f"/cases/{case}/resolution")


def _page(browser: httpx2.Client, path: str, course: Course) -> str:
    began = time.perf_counter()
    page = browser.get(path).raise_for_status().text
    course.longest_page = max(course.longest_page, time.perf_counter() - began)
    return page


def _tell(course: Course, complained: str, code: int, size: float) -> int:
    quarter = max(len(course.memory) // 4, 1)
    early, late = max(course.memory[:quarter]), max(course.memory[-quarter:])
    table = Table("what", "found", title="The demo, left alone with an agent who approves")
    rows = {
        "approved / refused by a guard": f"{course.approved} / {course.refused}",
        "messages, replies, open, waiting at the end": " ".join(course.figures),
        "longest page": f"{course.longest_page * 1000:.0f} ms",
        "memory, first and last quarter": f"{early:.0f} MB, {late:.0f} MB",
        "files": f"{size:.1f} MB",
        "said on standard error": complained.strip() or "nothing",
        "exit code after Ctrl-C": str(code),
    }
    for what, found in rows.items():
        table.add_row(what, found)
    Console().print(table)
    well = not complained and code == 0 and course.approved and late < early * MOST_GROWTH
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
