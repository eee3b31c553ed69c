"""All sections together: one frozen value for the whole process."""

from __future__ import annotations

from typing import Any

from pydantic import PrivateAttr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from socialdesk.settings.promises import Targets
from socialdesk.settings.restraint import Automation
from socialdesk.settings.sections import (
    AccountSettings,
    Approvals,
    CaseSettings,
    Console,
    DatabaseSettings,
    Figures,
    Incidents,
    Intake,
    Log,
    MailSettings,
    Money,
    Paths,
    Polling,
    Replies,
    Retention,
    Routing,
    SatisfactionSettings,
    Sending,
    SignInSettings,
    Webhooks,
    X,
)


class Settings(BaseSettings):
    """One frozen value for the whole process; see settings.toml for what each key means."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_nested_delimiter="__")

    x: X = X()
    accounts: tuple[AccountSettings, ...] = ()
    database: DatabaseSettings = DatabaseSettings()
    console: Console = Console()
    sign_in: SignInSettings = SignInSettings()
    polling: Polling = Polling()
    sending: Sending = Sending()
    replies: Replies = Replies()
    approvals: Approvals = Approvals()
    automation: Automation = Automation()
    incidents: Incidents = Incidents()
    intake: Intake = Intake()
    cases: CaseSettings = CaseSettings()
    targets: Targets = Targets()
    routing: Routing = Routing()
    retention: Retention = Retention()
    webhooks: Webhooks = Webhooks()
    money: Money = Money()
    figures: Figures = Figures()
    mail: MailSettings = MailSettings()
    satisfaction: SatisfactionSettings = SatisfactionSettings()
    log: Log = Log()
    paths: Paths = Paths()

    _prefix: str = PrivateAttr("SOCIALDESK_")
    _is_the_commands: bool = PrivateAttr(False)
    _options: frozenset[str] = PrivateAttr(frozenset())

    @property
    def prefix(self) -> str:
        """Of the variables that win over what was set."""
        return self._prefix

    @property
    def is_the_commands(self) -> bool:
        """Whether it was set by the command that runs, as the demo does, and stands in no file."""
        return self._is_the_commands

    @property
    def options(self) -> frozenset[str]:
        """The settings in whose place an option of the command stands, like console.port."""
        return self._options

    def with_option(self, section: str, **said: Any) -> Settings:
        """With what an option of the command says; it wins over everything."""
        part = getattr(self, section).model_copy(update=said)
        changed = self.model_copy(update={section: part})
        changed._options = self._options | {f"{section}.{key}" for key in said}
        return changed

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
