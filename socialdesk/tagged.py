"""The tags of a case as they stand on it, so that whoever reads the case has them; tagging.py writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlmodel import SQLModel


class TagOn(NamedTuple):
    """A tag that a case has: the row id of the tag, and its name as it is now."""

    id: int
    name: str


def written(tags: Iterable[TagOn]) -> str | None:
    """As the case keeps them, in the order of their names; None for none."""
    ordered = sorted(tags, key=lambda tag: (tag.name.casefold(), tag.id))
    return "\n".join(f"{tag.id} {tag.name}" for tag in ordered) or None


def read(told: str | None) -> list[TagOn]:
    pairs = (line.split(" ", 1) for line in (told or "").splitlines())
    return [TagOn(int(tag_id), name) for tag_id, name in pairs]


class Tagged(SQLModel):
    """The part of a case that its tags are kept in; `tagged` has one a line, its row id before its name."""

    tagged: str | None = None

    @property
    def tags(self) -> list[TagOn]:
        return read(self.tagged)
