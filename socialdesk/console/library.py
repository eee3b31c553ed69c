"""One reply text: how it reads, its editor for supervisors, and everything that was done to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse, Response

from socialdesk.console import differences, health
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.differences import Piece
from socialdesk.console.parity import standing
from socialdesk.console.previews import previews
from socialdesk.errors import Conflict, DeskError, TemplateError
from socialdesk.messages import Visibility
from socialdesk.phrases import bare, mark
from socialdesk.templating import parity, texts
from socialdesk.templating.catalog import Key, Variable
from socialdesk.templating.library import Edit, Library
from socialdesk.templating.parity import Kind, Problem
from socialdesk.templating.texts import TemplateText

router = APIRouter()
Name = Annotated[str, Path(max_length=80)]
Seen = Annotated[int, Form(ge=0, le=LARGEST_ID)]
TOLD = {
    "saved": mark("Saved: agents are offered the new words from now on."),
    "restored": mark("The file's words stand again."),
    "confirmed": mark("Noted: the text fits the source text as it is now."),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """Words in the editor that do not stand yet, or not any more, and what speaks against them."""

    text: str
    problems: Sequence[Problem] = ()

    @property
    def may_be_saved_anyway(self) -> bool:
        return bool(self.problems) and not any(each.grave for each in self.problems)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to a text; `pieces` is None where what stood before is not known any more."""

    row: TemplateText
    pieces: Sequence[Piece] | None

    @property
    def kind(self) -> Literal["edited", "confirmed", "restored"]:
        """Words that are the same as before were looked at, not written."""
        if self.row.written_from and all(each.kind == "same" for each in self.pieces or ()):
            return "confirmed"
        return "edited" if self.row.text is not None else "restored"


@router.get("/replies/{template}/{language}")
def show(visit: Admitted, template: Name, language: Name, done: str = "") -> Response:
    with visit.database.reading() as session:
        library, accounts = visit.desk.library_now(session), health.of(visit, session)
    entry = library.find(template)
    keys = [library.key(template, language, channel) for channel in entry.channels]
    found = parity.problems(library)
    return visit.page(
        "replies/template.html",
        entry=entry,
        language=language,
        languages=library.catalog.languages,
        source=library.catalog.source,
        texts=[(standing(library, key, found), previews(library, key)) for key in keys],
        sources={key.visibility: library.sources.get(_source(library, key), "") for key in keys},
        told=bare(TOLD[done]) if done in TOLD else None,
        accounts=accounts,
    )


@router.get("/replies/{template}/{language}/{visibility}/history")
def history(visit: Admitted, template: Name, language: Name, visibility: Visibility) -> Response:
    key = visit.desk.library.key(template, language, visibility)
    with visit.database.reading() as session:
        rows, names, accounts = texts.history(session, key), visit.names(session), health.of(visit, session)
    return visit.page(
        "replies/history.html",
        entry=visit.desk.library.find(template),
        key=key,
        steps=list(_steps(visit.desk.library, key, rows)),
        names=names,
        accounts=accounts,
    )


@router.get("/replies/{template}/{language}/{visibility}/editing")
def edit(visit: Admitted, template: Name, language: Name, visibility: Visibility) -> Response:
    return _editor(visit, visit.desk.library.key(template, language, visibility))


@router.post("/replies/{template}/{language}/{visibility}/editing")
def write(
    visit: Admitted,
    template: Name,
    language: Name,
    visibility: Visibility,
    seen: Seen,
    text: Annotated[str, Form()] = "",
    step: Annotated[Literal["check", "save", "anyway"], Form()] = "check",
) -> Response:
    """Check the words, and save them when nothing speaks against it, or only what may be mended later."""
    key = visit.desk.library.key(template, language, visibility)
    with visit.database.reading() as session:
        trial = Trial(text, texts.problems(visit.desk.library_now(session), key, texts.tidy(text)))
    if step == "check":
        return _editor(visit, key, trial)
    if trial.problems and not (step == "anyway" and trial.may_be_saved_anyway):
        return _editor(visit, key, trial, status=422)
    try:
        with visit.database.transaction() as session:
            texts.save(session, visit.desk.shelf, key, text, seen=seen, by=visit.agent)
    except (Conflict, TemplateError) as error:
        return _editor(visit, key, trial, error=error, status=409)
    return _back(key, "saved")


@router.post("/replies/{template}/{language}/{visibility}/restoring")
def restore(visit: Admitted, template: Name, language: Name, visibility: Visibility, seen: Seen) -> Response:
    return _set(
        visit, visit.desk.library.key(template, language, visibility), seen, texts.restore, "restored"
    )


@router.post("/replies/{template}/{language}/{visibility}/confirming")
def confirm(visit: Admitted, template: Name, language: Name, visibility: Visibility, seen: Seen) -> Response:
    """The words still fit the source text, which has changed since they were written."""
    return _set(
        visit, visit.desk.library.key(template, language, visibility), seen, texts.confirm, "confirmed"
    )


def _set(visit: Visit, key: Key, seen: int, change: Callable[..., object], done: str) -> Response:
    try:
        with visit.database.transaction() as session:
            change(session, visit.desk.shelf, key, seen=seen, by=visit.agent)
    except Conflict as error:
        return _editor(visit, key, error=error, status=409)
    return _back(key, done)


def _editor(
    visit: Visit, key: Key, trial: Trial | None = None, *, error: DeskError | None = None, status: int = 200
) -> Response:
    """The editor with what stands, or with the words that were tried in it."""
    with visit.database.reading() as session:
        library, newest = visit.desk.library_now(session), next(iter(texts.history(session, key)), None)
        names, accounts = visit.names(session), health.of(visit, session)
    stands = library.sources.get(key, "").strip()
    now = standing(library, key, parity.problems(library))
    tried = library.edited({key: Edit(texts.tidy(trial.text), None, "")}) if trial else library
    return visit.page(
        "replies/editor.html",
        status=status,
        key=key,
        entry=library.find(key.template),
        variables=_variables(library, key),
        now=now,
        outdated=Kind.OLDER in {each.kind for each in now.problems},
        stands=stands,
        trial=trial,
        error=error,
        changes=differences.between(stands, texts.tidy(trial.text)) if trial else [],
        previews=previews(tried, key),
        newest=newest,
        file_text=visit.desk.library.sources.get(key, "").strip() if key in library.overtaken else "",
        source=library.catalog.source,
        source_text=library.sources.get(_source(library, key), "").strip(),
        names=names,
        accounts=accounts,
    )


def _variables(library: Library, key: Key) -> dict[str, Variable]:
    """Those that the text may hold."""
    declared = library.catalog.variables
    names = sorted(library.find(key.template).variables)
    return {name: declared[name] for name in names if key.language not in declared[name].without}


def _steps(files: Library, key: Key, rows: Sequence[TemplateText]) -> Iterator[Step]:
    """Newest first, each beside what stood before it."""
    for row, earlier in zip_longest(rows, rows[1:]):
        before, after = _stood(files, key, earlier or row, earlier), _stood(files, key, row, row)
        known = before is not None and after is not None
        yield Step(row, differences.between(before or "", after or "") if known else None)


def _stood(files: Library, key: Key, at: TemplateText, row: TemplateText | None) -> str | None:
    """The words that stood after that row, or before the first; None when the file has other ones since."""
    if row and row.text is not None:
        return row.text
    return files.sources.get(key, "").strip() if at.file_version == files.version(key) else None


def _source(library: Library, key: Key) -> Key:
    return key._replace(language=library.catalog.source)


def _back(key: Key, done: str) -> Response:
    return RedirectResponse(f"/replies/{key.template}/{key.language}?done={done}", 303)
