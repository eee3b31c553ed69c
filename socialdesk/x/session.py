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

Headers = Mapping[str, str]


class ErrorAnswer(Exception):
    """X answered, but not with what was asked for. Raised here because tweepy stumbles over some of the
    bodies and headers that come with an error, and what it raises then no longer tells the status."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(f"{response.status_code} {response.reason}")
        self.response = response


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
        if response.status_code >= requests.codes.multiple_choices:
            raise ErrorAnswer(response)
        return response
