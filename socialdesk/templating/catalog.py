"""`replies/catalog.toml`: which reply templates there are, for which languages, channels and variables."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from socialdesk.errors import TemplateError

Channel = Literal["public", "private"]
Topic = Literal[
    "orders_and_delivery",
    "returns_and_refunds",
    "digital_and_devices",
    "membership",
    "payment",
    "account",
    "suspicious_activity",
    "gift_cards",
    "other",
]
# Where a case stands when a reply fits it: nothing of ours was said yet; the customer has come back with
# more; he has waited long, or asks again; the matter seems settled; he shows personal data; nobody is at the
# desk; he is thankful.
Stage = Literal["first", "follow_up", "waiting", "resolved", "exposed", "out_of_hours", "thanks"]
# Two words at least: Jinja's own names (`self`, `loop`, `super`) are single ones.
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)+$")]


class Key(NamedTuple):
    """Which text of the library: one template in one language for one channel."""

    template: str
    language: str
    visibility: str

    @property
    def file(self) -> str:
        return f"{self.language}/{self.template}.{self.visibility}.txt.j2"


class _Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Variable(_Declaration):
    """`longest` is what lengths are measured with; the languages in `without` do not use the variable.

    What nobody but an agent can know is `filled_by` the agent. A `link` is an address of the desk's making.
    """

    example: str
    longest: str = Field(max_length=80)
    filled_by: Literal["desk", "agent"] = "desk"
    link: bool = False
    without: frozenset[str] = frozenset()


class TemplateEntry(_Declaration):
    """`alone`: it may go without a second pair of eyes.

    `handover`: its public text asks for a direct message.
    """

    id: str = Field(pattern=r"^[a-z]+(_[a-z]+)*$")
    topic: Topic
    title: str
    channels: tuple[Channel, ...] = Field(min_length=1)
    variables: frozenset[str] = frozenset()
    alone: bool = False
    handover: bool = False
    stages: tuple[Stage, ...] = ()


class Catalog(_Declaration):
    """`source` is the language whose texts the others are written from."""

    languages: tuple[str, ...]
    source: str = "en"
    variables: dict[VariableName, Variable]
    templates: tuple[TemplateEntry, ...]

    @classmethod
    def read(cls, path: Path) -> Catalog:
        """Raises TemplateError when there is no such file or it cannot be understood."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise TemplateError(f"{path} cannot be read: {error.strerror}.") from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(step) for step in first["loc"])
            raise TemplateError(f"{path} is wrong at {place or 'the top'}: {first['msg']}.") from error
        except ValueError as error:  # not TOML, or not UTF-8
            raise TemplateError(f"{path} cannot be understood: {error}.") from error

    @model_validator(mode="after")
    def _must_be_consistent(self) -> Catalog:
        seen: set[str] = set()
        for entry in self.templates:
            if entry.id in seen:
                raise ValueError(f"{entry.id} is declared twice")
            if unknown := sorted(entry.variables - self.variables.keys()):
                raise ValueError(f"{entry.id} uses {unknown[0]}, which has no [variables.{unknown[0]}]")
            seen.add(entry.id)
        return self

    @property
    def links(self) -> frozenset[str]:
        return frozenset(name for name, variable in self.variables.items() if variable.link)

    @property
    def longest(self) -> dict[str, str]:
        """For each variable the value that lengths are measured with."""
        return {name: variable.longest for name, variable in self.variables.items()}

    @property
    def examples(self) -> dict[str, str]:
        return {name: variable.example for name, variable in self.variables.items()}

    def expected(self) -> Iterator[tuple[TemplateEntry, Key]]:
        """Every text there should be a file for, in catalog order."""
        for entry in self.templates:
            for language in self.languages:
                for channel in entry.channels:
                    yield entry, Key(entry.id, language, channel)
