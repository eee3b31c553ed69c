"""Reading settings.toml and the environment; whatever is wrong there is told in one sentence."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from socialdesk.errors import SettingsError
from socialdesk.settings.sections import CHECKOUT, DatabaseSettings, Section
from socialdesk.settings.whole import Settings


class Credentials(Section):
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
    content: dict[str, Any],
    *,
    folder: Path,
    name: str = "the settings",
    prefix: str = "SOCIALDESK_",
    by_command: bool = False,
) -> Settings:
    """Checked settings from a mapping laid out like settings.toml; variables with the prefix win over it.

    `by_command` says that the mapping stands in no file: the command that runs made it.
    """
    try:
        settings = Settings(_env_prefix=prefix, **content)
    except ValidationError as error:
        raise SettingsError(f"In {name}, {_first_sentence(error)}.") from error
    except ValueError as error:  # an unparsable environment variable
        raise SettingsError(f"In the environment, {error}.") from error
    settings._prefix, settings._is_the_commands = prefix, by_command
    url = _anchored(settings.database.url, folder)
    return settings.model_copy(update={"database": DatabaseSettings(url=url)})


def credentials(name: str) -> Credentials:
    """The account's keys from X_<NAME>_…, or from the files that X_<NAME>_…_FILE name."""
    return Credentials(**{field: _secret(f"X_{name}_{field.upper()}") for field in Credentials.model_fields})


def mail_password() -> SecretStr:
    """From SMTP_PASSWORD, or from the file that SMTP_PASSWORD_FILE names. Raises SettingsError."""
    return _secret("SMTP_PASSWORD")


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
