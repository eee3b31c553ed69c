"""What every page shows and seldom changes: read once for all the consoles that ask at the same time."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from sqlmodel import Session

from socialdesk.people import scope

T = TypeVar("T")


class Kept(Generic[T]):
    """One value of the process, at most `seconds` old; two threads may read it anew at once, harmlessly."""

    def __init__(self, read: Callable[[Session], T], *, seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._found: tuple[float, T] | None = None

    def of(self, session: Session) -> T:
        found = self._found
        if found and monotonic() - found[0] < self._seconds:
            return found[1]
        with scope.whole_desk(session):  # whoever asks: it is shown to all
            value = self._read(session)
        self._found = (monotonic(), value)
        return value

    def forget(self) -> None:
        """What was just changed is read anew the next time."""
        self._found = None
