"""Which browser somebody signs in with, in words that he knows it by."""

from __future__ import annotations

from fastapi import Request

LONGEST_ADDRESS = 64
# The first that fits: the later ones are named by the earlier too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def address(request: Request) -> str:
    """Where it comes from; behind a proxy that is trusted, what that proxy says."""
    return (request.client.host if request.client else "nowhere")[:LONGEST_ADDRESS]


def described(request: Request) -> str:
    """ "Firefox on Linux", for what the browser says of itself."""
    said = request.headers.get("user-agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in said), "Another browser")
    system = next((name for mark, name in _SYSTEMS if mark in said), None)
    return f"{browser} on {system}" if system else browser
