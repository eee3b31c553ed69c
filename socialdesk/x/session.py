"""The HTTP session under tweepy: our host, a time limit, no surprises, and every rate header seen.

tweepy 4.17 writes https://api.twitter.com into each request, sets no time limit, and follows a redirected
POST as a GET that looks like success. Its documented `session` attribute is where all three are mended,
before the request is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

TWEEPYS_HOST = "https://api.twitter.com"
CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
RESET = "x-rate-limit-reset"

Headers = Mapping[str, str]


class Session(requests.Session):
    """Speaks to `api_url`; `seen` is told method, path and headers of every answer."""

    def __init__(self, api_url: str, seen: Callable[[str, str, Headers], None]) -> None:
        super().__init__()
        self._api_url = api_url
        self._seen = seen
        self.trust_env = False
        self.mount(api_url, HTTPAdapter(max_retries=0))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        path = str(url).removeprefix(TWEEPYS_HOST)
        options |= {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False}
        response = super().request(method, self._api_url + path, *args, **options)
        self._seen(str(method), path.partition("?")[0], response.headers)
        if not response.headers.get(RESET, "0").isdigit():
            del response.headers[RESET]  # tweepy would turn a 429 into a ValueError over it
        return response
