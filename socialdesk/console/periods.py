"""Which period, account and channel the statistics page is asked for, and the addresses of its neighbours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from socialdesk import clock
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.errors import BadInput
from socialdesk.figures.asking import Asked
from socialdesk.figures.slots import Slot, monday_of
from socialdesk.phrases import bare, mark
from socialdesk.phrases import gettext as _

LONGEST_DAYS = 731
_CALENDAR = date(1970, 1, 1), date(9000, 1, 1)  # beyond it, or a period before, is no day in every zone
PRESETS = {
    "1": mark("Today"),
    "7": mark("7 days"),
    "30": mark("30 days"),
    "90": mark("90 days"),
    "all": mark("All time"),
}
Days = Literal["1", "7", "30", "90", "all"]
Channel = Literal["", "public", "private"]


@dataclass(frozen=True, slots=True)
class Period:
    """What the address says; `first` and `last` are days in the desk's zone and both belong to it."""

    zone: ZoneInfo
    days: str = "7"
    first: date | None = None
    last: date | None = None
    account: int | None = None
    channel: str = ""
    compare: bool = False

    @property
    def name(self) -> str:
        return _("Chosen days") if self.first else bare(PRESETS[self.days])

    @property
    def bounded(self) -> bool:
        return self.first is not None or self.days != "all"

    def but(self, **other: Any) -> Period:
        return replace(self, **other)

    def asked(self, reach: frozenset[int] | None) -> Asked:
        """`reach` are the accounts whose figures may be seen, None for all."""
        accounts = reach
        if self.account is not None:
            accounts = frozenset({self.account}) & ({self.account} if reach is None else reach)
        since, until = self._moments()
        return Asked(since, until, accounts, self.channel or None)

    def _moments(self) -> tuple[datetime | None, datetime | None]:
        if not self.bounded:
            return None, None
        now = clock.now()
        last = self.last or now.astimezone(self.zone).date()
        first = self.first or last - timedelta(days=int(self.days) - 1)
        end = self._midnight(last + timedelta(days=1))
        return self._midnight(first), min(end, _next_hour(now)) if not self.first else end

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def query(self, **more: object) -> str:
        told: dict[str, object] = {"days": self.days}
        if self.first and self.last:
            told = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        told |= {"account": self.account, "channel": self.channel, "compare": "1" if self.compare else ""}
        return _encoded(tuple((name, value) for name, value in (told | more).items() if value))

    def address(self, path: str = "/languages", **more: object) -> str:
        return f"{path}?{self.query(**more)}"

    def addresses(self, path: str) -> Callable[..., str]:
        """The same for a page that has hundreds of them, which all begin alike."""
        begun = self.address(path)
        return lambda **more: f"{begun}&{_encoded(tuple(more.items()))}"


@lru_cache(maxsize=4_096)  # a page has two hundred, and each reader the same ones again
def _encoded(told: tuple[tuple[str, object], ...]) -> str:
    return urlencode(told)


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def read(
    visit: Admitted,
    days: Days = "7",
    first: Annotated[date | Literal[""] | None, Query(alias="from")] = None,
    last: Annotated[date | Literal[""] | None, Query(alias="to")] = None,
    account: Annotated[int | Literal[""] | None, Query()] = None,
    channel: Channel = "",
    compare: Literal["", "1"] = "",
) -> Period:
    """Raises BadInput for a period that ends before it begins, that is too long or in no calendar."""
    if isinstance(account, int) and not 0 < account <= LARGEST_ID:
        raise BadInput(_("There is no such account."))
    zone = ZoneInfo(visit.desk.settings.console.time_zone)
    period = Period(zone, days, account=account or None, channel=channel, compare=compare == "1")
    if not (first or last):
        return period
    begun, ended = _CALENDAR
    if not (first and last) or not begun <= first <= last <= ended or (last - first).days > LONGEST_DAYS:
        raise BadInput(_("Choose a first day and a last day, not before it and at most two years later."))
    return period.but(first=first, last=last)


AskedFor = Annotated[Period, Depends(read)]


def read_slot(
    visit: Admitted,
    hour: Annotated[int | None, Query(ge=0, le=23)] = None,
    day: date | None = None,
    weekday: Annotated[int | None, Query(ge=0, le=6)] = None,
    week: date | None = None,
) -> Slot | None:
    """A column or a cell of the charts; None when the whole period is asked for. A week may be told by any of
    its days."""
    if hour is None and day is None and weekday is None and week is None:
        return None
    zone = ZoneInfo(visit.desk.settings.console.time_zone)
    return Slot(zone, hour, day, weekday, monday_of(week) if week else None)


SlotAskedFor = Annotated[Slot | None, Depends(read_slot)]


def of_slot(slot: Slot) -> dict[str, object]:
    """What an address says of it."""
    told = {"hour": slot.hour, "day": slot.day, "weekday": slot.weekday, "week": slot.week}
    return {name: str(value) for name, value in told.items() if value is not None}
