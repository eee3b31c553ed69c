"""Guards of public replies alone: what everybody would read, whom it would call, and what a link costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

import regex
from babel.lists import format_list

from socialdesk import fitting, personal, prices
from socialdesk.fitting.cashtags import find_cashtags
from socialdesk.fitting.links import find_links
from socialdesk.guards.objection import Kind, Objection, Remedy, Severity
from socialdesk.guards.wording import KEPT
from socialdesk.phrases import bare, locale
from socialdesk.phrases import gettext as _

# As X reads them: at most 20 characters, not inside a word, an e-mail address or another handle.
_MENTION = regex.compile(r"(?<![A-Za-z0-9_!#$%&*@＠.+-])[@＠]([A-Za-z0-9_]{1,20})(?![@＠A-Za-z0-9_])")


def personal_data(text: str, language: str) -> Objection | None:
    kinds = _kinds(text, language)
    if not kinds:
        return None
    words = _(
        "Everybody would read what looks like personal data: %(kinds)s."
        " Take it out, or write a direct message; a supervisor may let it go.",
        kinds=_listed(bare(personal.NAMES[kind]) for kind in kinds),
    )
    return Objection(Kind.PERSONAL_DATA, Severity.SUPERVISOR, words, Remedy.DM)


def mentions(text: str) -> list[str]:
    """The handles that X would call, as they are written."""
    return list(_mentions(text))


def new_mentions(text: str, participants: Collection[str]) -> Objection | None:
    """Somebody is called who does not take part; `participants` are handles in small letters."""
    strangers = [handle for handle in _mentions(text) if handle.lower() not in participants]
    if not strangers:
        return None
    words = _(
        "%(handles)s would be called into the conversation, and X does not welcome that."
        " Write the name without @; a supervisor may let it go.",
        handles=_listed(f"@{handle}" for handle in strangers),
    )
    return Objection(Kind.MENTION, Severity.SUPERVISOR, words, Remedy.EDIT)


def link(text: str, own_link: str = "") -> Objection | None:
    """A link in public is dear; `own_link` is the one that a template of ours carries on purpose."""
    if all(found == own_link for found in _links(text)):
        return None
    words = _(
        "X charges $%(dear)s for a post with a link, and $%(cheap)s for one without:"
        " leave it out, send it in a direct message, or approve once more.",
        dear=prices.WITH_LINK,
        cheap=prices.ANSWER,
    )
    return Objection(Kind.LINK, Severity.CONFIRM, words, Remedy.CONFIRM)


def cashtags(text: str, sign_off: str = "") -> Objection | None:
    """X refuses a post with more than one; a long reply may have one in each of its posts."""
    found = _cashtags(text)
    if len(found) < 2:
        return None
    parts = fitting.fit(text, sign_off=sign_off).parts
    if all(len(_cashtags(part)) < 2 for part in parts):
        return None
    words = _(
        "X takes at most one cashtag in a post, and here are %(cashtags)s: write the others without $.",
        cashtags=_listed(found),
    )
    return Objection(Kind.CASHTAGS, Severity.BLOCKS, words, Remedy.EDIT)


def _listed(names: Iterable[str]) -> str:
    return format_list(list(names), locale=locale())


@lru_cache(maxsize=KEPT)
def _kinds(text: str, language: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.kind for found in personal.find(text, language)))


@lru_cache(maxsize=2 * KEPT)  # of what is answered as well
def _mentions(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[1] for match in _MENTION.finditer(text)))


@lru_cache(maxsize=KEPT)
def _cashtags(text: str) -> tuple[str, ...]:
    return tuple(find_cashtags(text))


@lru_cache(maxsize=KEPT)
def _links(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in find_links(text))
