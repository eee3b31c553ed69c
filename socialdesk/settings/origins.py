"""Where the value of each setting came from: the environment, the file, or nobody said."""

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
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """`name` is as README lists it; `variable` is what sets it in the environment."""

    name: str
    value: str
    origin: Origin
    variable: str


def of(settings: Settings, *, prefix: str = "SOCIALDESK_") -> Iterator[KnownSetting]:
    """Every setting, in the order of the file. Keys and passwords are none: they never stand here."""
    for section in type(settings).model_fields:
        part: Any = getattr(settings, section)
        if not isinstance(part, BaseModel):
            yield _known((section,), _shown(part), section in settings.model_fields_set, prefix)
            continue
        for key in type(part).model_fields:
            value: Any = (
                _address(settings.database.url)
                if (section, key) == ("database", "url")
                else getattr(part, key)
            )
            is_set = section in settings.model_fields_set and key in part.model_fields_set
            yield _known((section, key), _shown(value), is_set, prefix)


def _known(path: tuple[str, ...], value: str, is_set: bool, prefix: str) -> KnownSetting:
    variable = prefix + "__".join(path).upper()
    origin = Origin.FILE if is_set else Origin.DEFAULT
    said = {name.upper() for name in os.environ}
    if variable in said or prefix + path[0].upper() in said:
        origin = Origin.ENVIRONMENT
    return KnownSetting(".".join(path), value, origin, variable)


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
