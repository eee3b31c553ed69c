"""What can be set: one class for each table of settings.toml; what the keys mean stands there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

CHECKOUT = Path(__file__).resolve().parents[2]


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https address")
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class X(Section):
    api_url: HttpUrl = "https://api.x.com"
    web_url: HttpUrl = "https://x.com"
    spelling: Literal["tweet", "post"] = "tweet"


class AccountSettings(Section):
    handle: str = Field(pattern=r"^[A-Za-z0-9_]{1,15}$")
    credentials: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    dm_link: bool = False


class DatabaseSettings(Section):
    url: str = Field(default="sqlite:///var/socialdesk.db", repr=False)


class Console(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    session_idle_minutes: int = Field(default=480, ge=5)
    session_hours: int = Field(default=24, ge=1)
    time_zone: str = "UTC"

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise ValueError(f"{name} is no time zone such as Europe/Berlin") from error

    @property
    def session_limits(self) -> tuple[timedelta, timedelta]:
        """How long without a page, and in any case."""
        return timedelta(minutes=self.session_idle_minutes), timedelta(hours=self.session_hours)


class Polling(Section):
    mentions_seconds: float = Field(default=30, gt=0)
    direct_messages_seconds: float = Field(default=65, gt=0)
    own_posts_seconds: float = Field(default=120, gt=0)
    stretch: float = Field(default=4, ge=1, le=20)
    overlap_minutes: float = Field(default=15, ge=0)
    sweep_hours: float = Field(default=24, ge=0)
    gap_posts: int = Field(default=1000, ge=0)

    def seconds_between(self, channel: str) -> float:
        """Between two looks at a channel while messages come in."""
        seconds: float = getattr(self, f"{channel}_seconds")
        return seconds

    @property
    def overlap(self) -> timedelta:
        return timedelta(minutes=self.overlap_minutes)

    @property
    def sweep(self) -> timedelta:
        return timedelta(hours=self.sweep_hours)


class Sending(Section):
    every_seconds: float = Field(default=1, gt=0)
    # Not below X's request timeouts (25 s) and the delay of its timeline together.
    settle_seconds: float = Field(default=60, ge=30)
    undo_seconds: float = Field(default=5, ge=0, le=600)
    fresh_hours: float = Field(default=12, gt=0)
    recheck: bool = True

    @property
    def settle(self) -> timedelta:
        return timedelta(seconds=self.settle_seconds)

    @property
    def undo(self) -> timedelta:
        return timedelta(seconds=self.undo_seconds)

    @property
    def fresh(self) -> timedelta:
        return timedelta(hours=self.fresh_hours)


class Replies(Section):
    sign_off: str = Field(default="^{initials}", max_length=40)
    most_parts: int = Field(default=4, ge=1, le=25)


class ApprovalRule(Section):
    """Replies that their author does not approve himself: those to which everything fits that it names."""

    needs: Literal["colleague", "supervisor"] = "colleague"
    role: Literal["agent", "supervisor"] | None = None
    channel: Literal["public", "private"] | None = None
    words: Literal["free", "not_alone"] | None = None
    templates: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    unread: bool = False


class Approvals(Section):
    """`readers`: by language, the user names of those who read it; what is not named here, all read."""

    rules: tuple[ApprovalRule, ...] = ()
    readers: dict[str, frozenset[str]] = {}


class Intake(Section):
    """Handles or ids of people whose posts open no case, for instance our own campaign accounts."""

    ignore: frozenset[str] = frozenset()

    @field_validator("ignore")
    @classmethod
    def _as_compared(cls, ignore: frozenset[str]) -> frozenset[str]:
        return frozenset(each.removeprefix("@").lower() for each in ignore)


class CaseSettings(Section):
    reopen_days: int = Field(default=14, ge=0)


class Retention(Section):
    recheck_hours: float = Field(default=24, ge=0)
    recheck_days: int = Field(default=7, ge=0)

    @property
    def recheck(self) -> timedelta:
        return timedelta(hours=self.recheck_hours)


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Paths(Section):
    replies: Path = CHECKOUT / "replies"
    templates: Path = CHECKOUT / "templates"


class Webhooks(Section):
    # Names of hosts, with the port where it is not the usual one; nothing is told to any other.
    hosts: tuple[str, ...] = ()
