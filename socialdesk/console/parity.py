"""The parity board: every reply template in every language, and how each of its texts stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from socialdesk import parity
from socialdesk.catalog import Key, TemplateEntry
from socialdesk.console import health
from socialdesk.console.access import Admitted
from socialdesk.library import Library
from socialdesk.parity import Kind, Problem
from socialdesk.phrases import mark

router = APIRouter()
WHOLE = "whole"
# The worst first: a text that stands badly in two ways is shown by the first of them.
WORDS = {
    Kind.REFUSED: mark("refused"),
    Kind.MISSING: mark("missing"),
    Kind.LONG: mark("too long"),
    Kind.UNWELCOME: mark("link or mention"),
    Kind.SOLICITING: mark("asks for secrets"),
    Kind.VARIABLES: mark("variables differ"),
    Kind.OLDER: mark("out of date"),
    WHOLE: mark("whole"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one text stands."""

    visibility: str
    state: str
    rewritten: bool
    problems: Sequence[Problem] = ()

    @property
    def words(self) -> str:
        return WORDS[self.state] + (", edited here" if self.rewritten else "")


@dataclass(frozen=True, slots=True)
class Row:
    entry: TemplateEntry
    cells: Mapping[str, Sequence[Standing]]

    @property
    def whole(self) -> bool:
        return all(each.state == WHOLE for cell in self.cells.values() for each in cell)


@router.get("/replies")
def show(visit: Admitted, only: str = "") -> Response:
    with visit.database.reading() as session:
        library, accounts = visit.desk.library_now(session), health.of(visit, session)
    found = parity.problems(library)
    rows = list(_rows(library, found))
    counted = Counter(each.state for row in rows for cell in row.cells.values() for each in cell)
    return visit.page(
        "replies/board.html",
        rows=[row for row in rows if only != "problems" or not row.whole],
        languages=library.catalog.languages,
        numbers=[(state, words, counted[state]) for state, words in WORDS.items() if counted[state]],
        legend=WORDS,
        general=[each for each in found if each.kind in (Kind.UNUSED, Kind.STRAY)],
        only=only,
        accounts=accounts,
    )


def standing(library: Library, key: Key, found: Sequence[Problem]) -> Standing:
    """`found` are the library's problems, or those of this text."""
    own = [each for each in found if each.key == key]
    state = next((kind for kind in WORDS if kind in {each.kind for each in own}), WHOLE)
    return Standing(key.visibility, state, key in library.rewritten, own)


def _rows(library: Library, found: Sequence[Problem]) -> Iterator[Row]:
    by_key: dict[Key, list[Problem]] = {}
    for each in found:
        by_key.setdefault(each.key, []).append(each)
    for entry in library.templates:
        cells = {
            language: [
                standing(library, key, by_key.get(key, ()))
                for key in (Key(entry.id, language, channel) for channel in entry.channels)
            ]
            for language in library.catalog.languages
        }
        yield Row(entry, cells)
