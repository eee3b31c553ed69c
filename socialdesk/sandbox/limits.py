"""How often each account may call each endpoint, as X says it in its headers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

WINDOW_SECONDS = 15 * 60
DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Limit:
    per_window: int
    per_day: int | None = None
    for_app_alone: int | None = None
    window_seconds: float = WINDOW_SECONDS


# docs.x.com, x-api/fundamentals/rate-limits, August 2026
LIMITS = {
    "GET /2/users/me": Limit(75),
    "GET /2/users": Limit(900, for_app_alone=300),
    "GET /2/users/:id": Limit(900, for_app_alone=300),
    "GET /2/users/by/username/:username": Limit(900, for_app_alone=300),
    "GET /2/users/:id/mentions": Limit(300, for_app_alone=450),
    "GET /2/users/:id/tweets": Limit(900, for_app_alone=1500),
    "GET /2/tweets": Limit(900, for_app_alone=300),
    "GET /2/tweets/:id": Limit(900, for_app_alone=300),
    "GET /2/tweets/search/recent": Limit(300, for_app_alone=450),
    "POST /2/tweets": Limit(100, per_day=10_000),
    "DELETE /2/tweets/:id": Limit(50),
    "GET /2/dm_events": Limit(15),
    "GET /2/dm_events/:id": Limit(15),
    "GET /2/dm_conversations/:id/dm_events": Limit(15),
    "GET /2/dm_conversations/with/:participant_id/dm_events": Limit(15),
    "POST /2/dm_conversations/:id/messages": Limit(15, per_day=1_440),
    "POST /2/dm_conversations/with/:participant_id/messages": Limit(15, per_day=1_440),
}


@dataclass
class Window:
    """A stretch of time that began with its first request."""

    limit: int
    ends_at: float
    used: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True)
class Allowance:
    """What stood after one request: whether it was allowed, and the headers that say so."""

    allowed: bool
    headers: dict[str, str]


@dataclass
class RateLimits:
    _limits: dict[str, Limit] = field(default_factory=lambda: dict(LIMITS))
    _windows: dict[tuple[str, str, str], Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self, pattern: str, limit: Limit) -> list[str]:
        """Sets the limit of every endpoint the pattern fits, from a fresh window on; returns their names."""
        with self._lock:
            changed = [name for name in self._limits if fnmatchcase(name, pattern)]
            self._limits.update(dict.fromkeys(changed, limit))
            self._windows = {key: window for key, window in self._windows.items() if key[0] not in changed}
            return changed

    def spend(self, endpoint: str, who: str, app_alone: bool, now: float) -> Allowance:
        """Counts one request. `now` is in seconds since 1970, as the reset headers are."""
        limit = self._limits[endpoint]
        per_window = limit.for_app_alone if app_alone and limit.for_app_alone else limit.per_window
        with self._lock:
            window = self._window((endpoint, who, "window"), per_window, limit.window_seconds, now)
            day = (
                self._window((endpoint, who, "day"), limit.per_day, DAY_SECONDS, now)
                if limit.per_day
                else None
            )
            allowed = window.remaining > 0 and (day is None or day.remaining > 0)
            for counter in (window, day):
                if counter and allowed:
                    counter.used += 1
            return Allowance(allowed, _headers(window, day))

    def _window(self, key: tuple[str, str, str], limit: int | None, seconds: float, now: float) -> Window:
        window = self._windows.get(key)
        if window is None or now >= window.ends_at:
            window = self._windows[key] = Window(limit or 0, now + seconds)
        return window


def _headers(window: Window, day: Window | None) -> dict[str, str]:
    headers = _said("x-rate-limit", window)
    return headers | _said("x-user-limit-24hour", day) if day else headers


def _said(prefix: str, window: Window) -> dict[str, str]:
    return {
        f"{prefix}-limit": str(window.limit),
        f"{prefix}-remaining": str(window.remaining),
        f"{prefix}-reset": str(int(window.ends_at) + 1),
    }
