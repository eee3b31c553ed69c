"""What the desk is set to: settings.toml, overridden by the environment, checked once and frozen."""

from __future__ import annotations

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from socialdesk.errors import SettingsError
from socialdesk.promises import Targets
from socialdesk.restraint import Automation

CHECKOUT = Path(__file__).resolve().parents[1]


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https address")
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class X(_Part):
    api_url: HttpUrl = "https://api.x.com"
    web_url: HttpUrl = "https://x.com"
    spelling: Literal["tweet", "post"] = "tweet"


class AccountSettings(_Part):
    handle: str = Field(pattern=r"^[A-Za-z0-9_]{1,15}$")
    credentials: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    dm_link: bool = False


class DatabaseSettings(_Part):
    url: str = Field(default="sqlite:///var/socialdesk.db", repr=False)


class Console(_Part):
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


class Polling(_Part):
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


class Sending(_Part):
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


class Replies(_Part):
    sign_off: str = Field(default="^{initials}", max_length=40)
    most_parts: int = Field(default=4, ge=1, le=25)


class ApprovalRule(_Part):
    """Replies that their author does not approve himself: those to which everything fits that it names."""

    needs: Literal["colleague", "supervisor"] = "colleague"
    role: Literal["agent", "supervisor"] | None = None
    channel: Literal["public", "private"] | None = None
    words: Literal["free", "not_alone"] | None = None
    templates: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    unread: bool = False


class Approvals(_Part):
    """`readers`: by language, the user names of those who read it; what is not named here, all read."""

    rules: tuple[ApprovalRule, ...] = ()
    readers: dict[str, frozenset[str]] = {}


class Intake(_Part):
    """Handles or ids of people whose posts open no case, for instance our own campaign accounts."""

    ignore: frozenset[str] = frozenset()

    @field_validator("ignore")
    @classmethod
    def _as_compared(cls, ignore: frozenset[str]) -> frozenset[str]:
        return frozenset(each.removeprefix("@").lower() for each in ignore)


class CaseSettings(_Part):
    reopen_days: int = Field(default=14, ge=0)


class Retention(_Part):
    recheck_hours: float = Field(default=24, ge=0)
    recheck_days: int = Field(default=7, ge=0)

    @property
    def recheck(self) -> timedelta:
        return timedelta(hours=self.recheck_hours)


class Log(_Part):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Paths(_Part):
    replies: Path = CHECKOUT / "replies"
    templates: Path = CHECKOUT / "templates"


class Webhooks(_Part):
    # Names of hosts, with the port where it is not the usual one; nothing is told to any other.
    hosts: tuple[str, ...] = ()


class Settings(BaseSettings):
    """One frozen value for the whole process; see settings.toml for what each key means."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_nested_delimiter="__")

    x: X = X()
    accounts: tuple[AccountSettings, ...] = ()
    database: DatabaseSettings = DatabaseSettings()
    console: Console = Console()
    polling: Polling = Polling()
    sending: Sending = Sending()
    replies: Replies = Replies()
    approvals: Approvals = Approvals()
    automation: Automation = Automation()
    intake: Intake = Intake()
    cases: CaseSettings = CaseSettings()
    targets: Targets = Targets()
    retention: Retention = Retention()
    webhooks: Webhooks = Webhooks()
    log: Log = Log()
    paths: Paths = Paths()

    @field_validator("accounts")
    @classmethod
    def _each_once(cls, accounts: tuple[AccountSettings, ...]) -> tuple[AccountSettings, ...]:
        handles = [account.handle.lower() for account in accounts]
        if len(handles) != len(set(handles)):
            raise ValueError("an account stands there twice")
        return accounts

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings  # the environment wins over the file


class Credentials(_Part):
    """One account's OAuth 1.0a keys."""

    consumer_key: SecretStr
    consumer_secret: SecretStr
    access_token: SecretStr
    access_token_secret: SecretStr


def load(file: Path | None = None) -> Settings:
    """The settings in `file`, or in ./settings.toml, or in the checkout's; the environment wins.

    A SQLite file's path is taken from the folder of the settings. Raises SettingsError in one sentence.
    """
    file = file or _nearest()
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} is not valid TOML: {error}.") from error
    return build(content, folder=file.resolve().parent, name=str(file))


def build(
    content: dict[str, Any], *, folder: Path, name: str = "the settings", prefix: str = "SOCIALDESK_"
) -> Settings:
    """Checked settings from a mapping laid out like settings.toml; variables with the prefix win over it."""
    try:
        settings = Settings(_env_prefix=prefix, **content)
    except ValidationError as error:
        raise SettingsError(f"In {name}, {_first_sentence(error)}.") from error
    except ValueError as error:  # an unparsable environment variable
        raise SettingsError(f"In the environment, {error}.") from error
    url = _anchored(settings.database.url, folder)
    return settings.model_copy(update={"database": DatabaseSettings(url=url)})


def credentials(name: str) -> Credentials:
    """The account's keys from X_<NAME>_…, or from the files that X_<NAME>_…_FILE name."""
    return Credentials(**{field: _secret(f"X_{name}_{field.upper()}") for field in Credentials.model_fields})


def _nearest() -> Path:
    here = Path("settings.toml")
    return here if here.exists() else CHECKOUT / "settings.toml"


def _anchored(url: str, folder: Path) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(prefix + "/"):
        return url
    return f"{prefix}{folder / url.removeprefix(prefix)}"


def _first_sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] == "extra_forbidden":
        return f"{where} is not a setting of socialdesk"
    message = first["msg"].removeprefix("Value error, ")
    return f"{where} is wrong: {message[0].lower()}{message[1:]}"


def _secret(variable: str) -> SecretStr:
    if value := os.environ.get(variable):
        return SecretStr(value)
    file = os.environ.get(f"{variable}_FILE")
    if not file:
        raise SettingsError(f"Set {variable} (or {variable}_FILE, naming a file that holds it).")
    try:
        if secret := Path(file).read_text(encoding="utf-8", errors="replace").strip():
            return SecretStr(secret)
        raise SettingsError(f"{variable}_FILE names {file}, which is empty.")
    except OSError as error:
        raise SettingsError(
            f"{variable}_FILE names {file}, which cannot be read: {error.strerror}."
        ) from error
