"""What is written down of the imaginary shop's day: its people, scenes and answers, in TOML files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

SCRIPTS = Path(__file__).with_name("scenario")
SHOP, SHOP_NAME = "NorthwindHelp", "Northwind Parcel & Market"

Handle = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,15}$")]
Name = Annotated[str, Field(min_length=1, max_length=50)]
Lines = tuple[str, ...]

_strict = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_strict)
class Step:
    """One post or one direct message. `under` is the number, from 1, of the scene's step it replies to."""

    by: Handle
    post: str = ""
    dm: str = ""
    lang: str | None = None
    """What X takes the post for, right or wrong; None: the language of the script."""
    under: int | None = None

    @model_validator(mode="after")
    def _is_one_message(self) -> Self:
        if bool(self.post) == bool(self.dm):
            raise ValueError(f"a step of {self.by} needs either post or dm")
        return self


@dataclass(frozen=True, config=_strict)
class Scene:
    kind: str
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    opening: bool = False
    """Whether it has happened already when the demo begins."""

    @model_validator(mode="after")
    def _replies_to_posts_before(self) -> Self:
        for number, step in enumerate(self.steps):
            if step.under and not (step.under <= number and self.steps[step.under - 1].post):
                raise ValueError(f"{step.by} replies to step {step.under}, which is no post before theirs")
        return self


@dataclass(frozen=True, config=_strict)
class Newcomers:
    """What customers beyond the written scenes are put together from; people are names by handle."""

    people: dict[Handle, Name]
    openings: Lines
    complaints: Lines
    """With {days}, five to nine, and {product} where they like."""
    closings: Lines
    products: Lines
    pauses: Lines = (". ", ". ", "... ", " ", "\n")
    """What stands before a closing."""


@dataclass(frozen=True, config=_strict)
class Script:
    """One file of scenes. Its customers may also take part in the scenes of other files."""

    language: str
    customers: dict[Handle, Name]
    scenes: tuple[Scene, ...]
    answers: Lines = ()
    public_answers: Lines = ()
    """Answers that would make no sense in a direct message."""
    thanks: Lines = ()
    newcomers: Newcomers | None = None


def read_scripts(folder: Path = SCRIPTS) -> tuple[Script, ...]:
    """Raises ValueError for a file that makes no sense, or lets somebody speak whom no file introduces.

    One sentence names the file; of TOML that is no script, it is the note on pydantic's ValidationError.
    """
    reader = TypeAdapter(Script)
    scripts = {file: _read(file, reader) for file in sorted(folder.glob("*.toml"))}
    known = {SHOP}.union(*(script.customers for script in scripts.values()))
    for file, script in scripts.items():
        speaking = {step.by for scene in script.scenes for step in scene.steps}
        if strangers := speaking - known:
            raise ValueError(f"In {file}, nobody introduced {', '.join(sorted(strangers))}.")
    return tuple(scripts.values())


def _read(file: Path, reader: TypeAdapter[Script]) -> Script:
    try:
        return reader.validate_python(tomllib.loads(file.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        error.add_note(f"{file} is wrong at {place or 'the top'}: {first['msg']}.")
        raise
    except ValueError as error:  # not TOML, or not UTF-8
        raise ValueError(f"{file} cannot be understood: {error}.") from error
