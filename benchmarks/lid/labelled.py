"""The labelled file: what it must look like, and its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED

COLUMNS = ("label", "lang", "source", "text")
LABELS = frozenset({*LANGUAGES, OTHER, UNDETERMINED})
REAL = ("tweets", "social", "twcs")
_NAMES_AND_LINKS = re.compile(r"[@＠]\S+|https?://\S+")


class Malformed(ValueError):
    """The file cannot be measured on; the sentence says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text: `label` is what the desk should answer, `lang` the code of the language it is really in."""

    label: str
    lang: str
    source: str
    text: str

    @property
    def is_real(self) -> bool:
        """Whether people wrote it to each other: its source's name ends with tweets, social or twcs.

        All other sources (subtitles, assistants' utterances, sentences, pairs of words) are not counted so.
        """
        return self.source.endswith(REAL)

    @property
    def letters(self) -> int:
        """Letters of any script, those of handles and links left out."""
        return sum(map(str.isalpha, _NAMES_AND_LINKS.sub(" ", self.text)))


def read(path: Path) -> list[Labelled]:
    """Tabs between the columns, no quoting, UTF-8; the first line names the columns. Raises Malformed."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            rows = [line.rstrip("\r\n").split("\t") for line in file]
    except OSError as error:
        raise Malformed(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Malformed(f"{path} is not UTF-8.") from error
    if not rows or tuple(rows[0]) != COLUMNS:
        raise Malformed(
            f"{path} has no header: its first line must be {' '.join(COLUMNS)}, with tabs between."
        )
    if len(rows) == 1:
        raise Malformed(f"{path} has a header and nothing below it.")
    return list(_lines(path, rows[1:]))


def _lines(path: Path, rows: Sequence[Sequence[str]]) -> Iterator[Labelled]:
    for number, row in enumerate(rows, start=2):
        if len(row) != len(COLUMNS):
            raise Malformed(f"{path}, line {number}: {len(row)} columns instead of {len(COLUMNS)}.")
        if row[0] not in LABELS:
            known = ", ".join((*LANGUAGES, OTHER, UNDETERMINED))
            raise Malformed(f"{path}, line {number}: unknown label {row[0]!r}; known are {known}.")
        yield Labelled(*row)
