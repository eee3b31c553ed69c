"""The Chromium of the browser tests: found where there is one, else installed (`make browser`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

# The one without windows first: the same engine, and half the work.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
# Chromium calls home at every start; none of that is wanted in a test.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The fonts are for the eye only: without them Japanese and Arabic are boxes on the screenshots.
DEBIAN = ("chromium-headless-shell", "fonts-noto-cjk", "fonts-noto-core")
HOW_TO_GET_ONE = "no Chromium on this machine: run `make browser`, or name one in SOCIALDESK_CHROMIUM"


def find() -> str | None:
    """The program's path; None when there is none."""
    named = [os.environ.get("SOCIALDESK_CHROMIUM"), *map(shutil.which, NAMES), _playwrights_own()]
    return next((path for path in named if path and Path(path).exists()), None)


def _playwrights_own() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run(["apt-get", "update", "--quiet=2"])
        if _run(["apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", *DEBIAN]):
            return
    _run([sys.executable, "-m", "playwright", "install", "chromium"])


def _run(command: Sequence[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    if find() is None:
        _install()
    sys.stdout.write(f"Chromium: {find() or HOW_TO_GET_ONE}\n")
