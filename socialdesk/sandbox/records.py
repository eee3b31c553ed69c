"""What was asked of the sandbox, and the malformed things it was told to serve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass
class RawItem:
    """Served at the head of a first page. `times` None: on every one."""

    endpoint: str
    item: Any
    times: int | None = 1


@dataclass(frozen=True)
class RequestRecord:
    method: str
    path: str
    status: int
    """0 when the connection was cut without an answer."""
    time: datetime
    fault: str | None = None
