"""Where the value of each setting came from: the environment, the file, the command, or nobody said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from sqlalchemy.engine import make_url

from socialdesk.settings import Settings


class Origin(StrEnum):
    ENVIRONMENT = "environment"
    FILE = "file"
    COMMAND = "command"  # an option of it, or what the demo is set to
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """`name` is as README lists it; `variable` is what sets it in the environment."""

    name: str
    value: str
    origin: Origin
    variable: str


def of(settings: Settings) -> Iterator[KnownSetting]:
    """Every setting, in the order of the file. Keys and passwords are none: they never stand here."""
    for section in type(settings).model_fields:
        part: Any = getattr(settings, section)
        if not isinstance(part, BaseModel):
            yield _known(settings, (section,), _shown(part), section in settings.model_fields_set)
            continue
        for key in type(part).model_fields:
            value: Any = (
                _address(settings.database.url)
                if (section, key) == ("database", "url")
                else getattr(part, key)
            )
            is_set = section in settings.model_fields_set and key in part.model_fields_set
            yield _known(settings, (section, key), _shown(value), is_set)


def _known(settings: Settings, path: tuple[str, ...], value: str, is_set: bool) -> KnownSetting:
    name, variable = ".".join(path), settings.prefix + "__".join(path).upper()
    content = Origin.COMMAND if settings.is_the_commands else Origin.FILE
    origin = content if is_set else Origin.DEFAULT
    said = {each.upper() for each in os.environ}
    if name in settings.options:
        origin = Origin.COMMAND
    elif variable in said or settings.prefix + path[0].upper() in said:
        origin = Origin.ENVIRONMENT
    return KnownSetting(name, value, origin, variable)


def _shown(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(_shown, value))
    if isinstance(value, BaseModel):
        told = value.model_dump(exclude_defaults=True)
        return " ".join(f"{name}={_shown(each)}" for name, each in told.items())
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(each)}" for name, each in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _address(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
