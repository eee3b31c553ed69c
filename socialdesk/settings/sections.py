"""What can be set: one class for each table of settings.toml; what the keys mean stands there."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from socialdesk.settings.addresses import HttpUrl, Network, Origin

CHECKOUT = Path(__file__).resolve().parents[2]
_HOST_NAME = re.compile(r"(?:[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


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
    """`trusted_proxies`: whose word counts for where a request comes from and whether it came over https."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Origin = ""
    trusted_proxies: tuple[Network, ...] = ("127.0.0.1", "::1")
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


class SignInSettings(Section):
    """Of whom one-time codes are demanded: of nobody, of admins, or of everybody."""

    codes: Literal["offered", "admins", "required"] = "offered"


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


class Incidents(Section):
    """`chance` is how likely a number is at most, were nothing the matter, that counts as a wave."""

    window_minutes: int = Field(default=60, ge=30, le=360)
    least_cases: int = Field(default=10, ge=3)
    least_cases_new: int = Field(default=40, ge=3)
    times_usual: float = Field(default=3, ge=1.5)
    chance: float = Field(default=1e-6, gt=0, le=0.01)
    sample: int = Field(default=3, ge=1, le=26)
    per_minute: float = Field(default=20, gt=0, le=120)
    park: bool = True

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.window_minutes)

    @property
    def apart(self) -> timedelta:
        """Between two holding replies."""
        return timedelta(minutes=1) / self.per_minute


class CaseSettings(Section):
    reopen_days: int = Field(default=14, ge=0)


class Routing(Section):
    """`fallback`: by language, those in which its cases may be answered when nobody who reads it is free."""

    method: Literal["off", "round_robin", "least_loaded"] = "off"
    fallback: dict[str, tuple[str, ...]] = {}
    otherwise: Literal["nobody", "supervisor", "anyone"] = "nobody"
    most_waiting: int = Field(default=20, ge=1, le=1000)
    again_minutes: float = Field(default=60, ge=0)
    off_shift_minutes: float = Field(default=0, ge=0)
    cases_per_hour: float = Field(default=6, gt=0)

    @property
    def again(self) -> timedelta:
        return timedelta(minutes=self.again_minutes)


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


def _host_name(value: str) -> str:
    """As addresses name it: whatever else stood there would match none, and nobody would be told why."""
    if not _HOST_NAME.fullmatch(named := value.lower()):
        raise ValueError("must be a host as in hooks.example.com or hooks.example.com:8443, without https://")
    return named


HostName = Annotated[str, AfterValidator(_host_name)]


class Webhooks(Section):
    # Names of hosts, with the port where it is not the usual one; nothing is told to any other.
    hosts: tuple[HostName, ...] = ()


class Money(Section):
    """`monthly_budget`: by handle, in dollars; `owned_reads`: whether the app belongs to the account."""

    monthly_budget: dict[str, Annotated[float, Field(gt=0)]] = {}
    owned_reads: bool = True

    def budget_of(self, handle: str) -> Decimal | None:
        for name, dollars in self.monthly_budget.items():
            if name.removeprefix("@").lower() == handle.lower():
                return Decimal(str(dollars))
        return None


class Figures(Section):
    """`people`: whether supervisors see what single people did, and not their sums alone."""

    people: bool = False


class MailSettings(Section):
    """Whose server takes our mails; without a host none are sent."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    sender: str = ""
    user: str = ""
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    timeout_seconds: float = Field(default=20, gt=0, le=300)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.host and "@" not in self.sender:
            raise ValueError("sender must be the address that mails come from")
        if any(character in self.sender for character in "\r\n"):
            raise ValueError("sender must stand on one line")
        if self.host and self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError("security may be none for a server on this machine only")
        return self


class SatisfactionSettings(Section):
    ask: Literal["never", "offer", "always"] = "never"
    by: Literal["dm", "link"] = "dm"
    public_url: HttpUrl | Literal[""] = ""
    again_days: int = Field(default=30, ge=1)
    answer_days: int = Field(default=7, ge=1, le=30)
    reopen_on_no: bool = False

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.ask != "never" and self.by == "link" and not self.public_url.startswith("https://"):
            raise ValueError("public_url must be the https address of the console where links are sent")
        return self
