"""Guards of public replies alone: what everybody would read, whom it would call, and what a link costs."""

from __future__ import annotations

from collections.abc import Collection

import regex

from socialdesk import personal, prices
from socialdesk.fitting.links import find_links
from socialdesk.guards.objection import Kind, Objection, Remedy, Severity

# As X reads them: at most 20 characters, not inside a word, an e-mail address or another handle.
_MENTION = regex.compile(r"(?<![A-Za-z0-9_!#$%&*@＠.+-])[@＠]([A-Za-z0-9_]{1,20})(?![@＠A-Za-z0-9_])")


def personal_data(text: str, language: str) -> Objection | None:
    kinds = dict.fromkeys(found.kind for found in personal.find(text, language))
    if not kinds:
        return None
    named = " and ".join(personal.NAMES[kind] for kind in kinds)
    words = (
        f"Everybody would read what looks like personal data: {named}."
        " Take it out, or write a direct message; a supervisor may let it go."
    )
    return Objection(Kind.PERSONAL_DATA, Severity.SUPERVISOR, words, Remedy.DM)


def mentions(text: str) -> list[str]:
    """The handles that X would call, as they are written."""
    return list(dict.fromkeys(match[1] for match in _MENTION.finditer(text)))


def new_mentions(text: str, participants: Collection[str]) -> Objection | None:
    """Somebody is called who does not take part; `participants` are handles in small letters."""
    strangers = [handle for handle in mentions(text) if handle.lower() not in participants]
    if not strangers:
        return None
    named = " and ".join(f"@{handle}" for handle in strangers)
    words = (
        f"{named} would be called into the conversation, and X does not welcome that."
        " Write the name without @; a supervisor may let it go."
    )
    return Objection(Kind.MENTION, Severity.SUPERVISOR, words, Remedy.EDIT)


def link(text: str, own_link: str = "") -> Objection | None:
    """A link in public is dear; `own_link` is the one that a template of ours carries on purpose."""
    if all(text[start:end] == own_link for start, end in find_links(text)):
        return None
    words = (
        f"X charges ${prices.WITH_LINK} for a post with a link, and ${prices.ANSWER} for one without:"
        " leave it out, send it in a direct message, or approve once more."
    )
    return Objection(Kind.LINK, Severity.CONFIRM, words, Remedy.CONFIRM)
