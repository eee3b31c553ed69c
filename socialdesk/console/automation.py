"""Replies by rules: which there are and what they did, on and off, tried, and the texts released for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from socialdesk import clock
from socialdesk.automation import book, releases, runs, switches, trying
from socialdesk.automation.book import RuleBook
from socialdesk.automation.releases import TemplateRelease
from socialdesk.automation.rules import DO_WORDS, WHEN_WORDS, Rule
from socialdesk.automation.switches import RuleSwitch
from socialdesk.console import health
from socialdesk.console.access import Admitted, Visit
from socialdesk.errors import BadInput
from socialdesk.phrases import gettext as _
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library

router = APIRouter()
DAYS = 7
MOST_SHOWN = 200
RuleId = Annotated[str, Path(max_length=40)]
Days = Annotated[int, Query(ge=1, le=trying.LONGEST)]


@dataclass(frozen=True, slots=True)
class Row:
    """A rule with how it stands and what it did lately; `outdated` says that it was on and has changed."""

    rule: Rule
    switch: RuleSwitch | None
    did: Counter[str]

    @property
    def is_on(self) -> bool:
        return switches.is_on(self.rule, self.switch)

    @property
    def outdated(self) -> bool:
        return bool(self.switch and self.switch.is_on and not self.is_on)


@dataclass(frozen=True, slots=True)
class Text:
    """One text that the rule may send; `state` is released, changed since it was, or not released."""

    key: Key
    words: str
    version: str
    release: TemplateRelease | None
    state: Literal["released", "changed", "closed"]


@router.get("/automation")
def show(visit: Admitted) -> Response:
    with visit.database.reading() as session:
        found = _book(visit, session)
        since = clock.now() - timedelta(days=DAYS)
        return visit.page(
            "automation.html",
            rows=_rows(found.rules, switches.of_all(session), runs.counts(session, since=since)),
            flaws=found.flaws,
            days=DAYS,
            when=WHEN_WORDS,
            do=DO_WORDS,
            names=visit.names(session),
            accounts=health.of(visit, session),
        )


@router.get("/automation/{rule_id}")
def show_one(visit: Admitted, rule_id: RuleId, days: Days = DAYS) -> Response:
    with visit.database.reading() as session:
        rule = _book(visit, session).find(rule_id)
        library = visit.desk.library_now(session)
        trial = trying.attempt(session, rule, days=days, settings=visit.desk.settings)
        (row,) = _rows([rule], switches.of_all(session), {})
        return visit.page(
            "automation/rule.html",
            row=row,
            trial=trial,
            shown=trial.meant[:MOST_SHOWN],
            texts=_texts(session, rule, library),
            when=WHEN_WORDS,
            do=DO_WORDS,
            names=visit.names(session),
            accounts=health.of(visit, session),
        )


@router.post("/automation/{rule_id}/switch")
def switch(visit: Admitted, rule_id: RuleId, to: Annotated[Literal["on", "off"], Form()]) -> Response:
    with visit.database.transaction() as session:
        rule = _book(visit, session).find(rule_id)
        change = switches.switch_on if to == "on" else switches.switch_off
        change(session, rule, by=visit.agent)
    return RedirectResponse("/automation", 303)


@router.post("/automation/{rule_id}/releases")
def release(
    visit: Admitted,
    rule_id: RuleId,
    text: Annotated[list[str] | None, Form(max_length=64)] = None,
) -> Response:
    """Each `text` is a language, a channel and the version of the words that were read on the page."""
    with visit.database.transaction() as session:
        rule, library = _book(visit, session).find(rule_id), visit.desk.library_now(session)
        keys = [_as_read(rule, library, each) for each in text or []]
        releases.release(session, library, keys, by=visit.agent)
    return RedirectResponse(f"/automation/{rule.id}#texts", 303)


@router.post("/automation/{rule_id}/withdrawal")
def withdraw(
    visit: Admitted,
    rule_id: RuleId,
    language: Annotated[str, Form(max_length=8)],
    visibility: Annotated[Literal["public", "private"], Form()],
) -> Response:
    with visit.database.transaction() as session:
        rule, library = _book(visit, session).find(rule_id), visit.desk.library_now(session)
        key = library.key(rule.template or "", language, visibility)
        releases.withdraw(session, key, by=visit.agent)
    return RedirectResponse(f"/automation/{rule.id}#texts", 303)


def _book(visit: Visit, session: Session) -> RuleBook:
    return book.read(visit.desk.settings, visit.desk.library_now(session))


def _rows(
    rules: Sequence[Rule], switched: Mapping[str, RuleSwitch], did: Mapping[str, Counter[str]]
) -> list[Row]:
    return [Row(rule, switched.get(rule.id), did.get(rule.id, Counter())) for rule in rules]


def _texts(session: Session, rule: Rule, library: Library) -> list[Text]:
    """Those that the rule may come to send, in the library's order; none where it sends nothing."""
    if rule.do != "send":
        return []
    released = releases.of_all(session)
    return [
        _text(key, library, released.get(key))
        for entry, key in library.catalog.expected()
        if entry.id == rule.template
        and key in library.texts
        and (not rule.languages or key.language in rule.languages)
        and rule.channel in (None, key.visibility)
    ]


def _text(key: Key, library: Library, release: TemplateRelease | None) -> Text:
    state: Literal["released", "changed", "closed"] = "closed"
    if release is not None:
        state = "released" if releases.holds(release, library) else "changed"
    return Text(key, library.sources[key], library.version(key), release, state)


def _as_read(rule: Rule, library: Library, told: str) -> Key:
    """Raises BadInput when the words have changed since the page was shown."""
    language, _dot, rest = told.partition(".")
    visibility, _dot, version = rest.partition(".")
    key = library.key(rule.template or "", language, visibility)
    if version != library.version(key):
        raise BadInput(_("The text %(file)s has changed since you read it: read it again.", file=key.file))
    return key
