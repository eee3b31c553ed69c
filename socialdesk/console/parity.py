"""The parity board: every reply template in every language, and how each of its texts stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from socialdesk.console import health
from socialdesk.console.access import Admitted
from socialdesk.messages import Visibility
from socialdesk.phrases import bare, mark, ngettext
from socialdesk.phrases import gettext as _
from socialdesk.templating import parity
from socialdesk.templating.catalog import Key, TemplateEntry
from socialdesk.templating.library import Library
from socialdesk.templating.parity import Kind, Problem

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
        stands = bare(WORDS[self.state])
        # To translate: how a reply text stands, and that it was changed at the desk: "whole, edited here".
        return _("%(state)s, edited here", state=stands) if self.rewritten else stands

    @property
    def title(self) -> str:
        """With which of the two texts it is."""
        if self.visibility == Visibility.PUBLIC:
            return _("public: %(state)s", state=self.words)
        return _("private: %(state)s", state=self.words)


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
        numbers=[_counted(state, counted[state]) for state in WORDS if counted[state]],
        legend={state: bare(words) for state, words in WORDS.items()},
        general=[each for each in found if each.kind in (Kind.UNUSED, Kind.STRAY)],
        only=only,
        accounts=accounts,
    )


def _counted(state: str, number: int) -> str:
    """How many texts stand like that."""
    told = {
        Kind.REFUSED: ngettext("%(number)s refused", "%(number)s refused", number),
        Kind.MISSING: ngettext("%(number)s missing", "%(number)s missing", number),
        Kind.LONG: ngettext("%(number)s too long", "%(number)s too long", number),
        Kind.UNWELCOME: ngettext("%(number)s link or mention", "%(number)s link or mention", number),
        Kind.SOLICITING: ngettext("%(number)s asks for secrets", "%(number)s asks for secrets", number),
        Kind.VARIABLES: ngettext("%(number)s variables differ", "%(number)s variables differ", number),
        Kind.OLDER: ngettext("%(number)s out of date", "%(number)s out of date", number),
        WHOLE: ngettext("%(number)s whole", "%(number)s whole", number),
    }
    return told[state]


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
