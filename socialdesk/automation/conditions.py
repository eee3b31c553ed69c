"""For whom a rule is: what it names, held against one customer's message, and why it fired in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import regex

from socialdesk import hours
from socialdesk.automation.rules import Rule
from socialdesk.folding import fold
from socialdesk.hours import Calendar
from socialdesk.languages import name_of
from socialdesk.phrases import mark
from socialdesk.topics import TOPICS

_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_MOMENT = timedelta(seconds=1)
# Why a rule was for a case, without and with what else it asks for; kept in English, as it is stored.
_REASONS = {
    "new_case": (mark("A customer opens a case."), mark("A customer opens a case (%(named)s).")),
    "follow_up": (
        mark("A customer writes again after an answer."),
        mark("A customer writes again after an answer (%(named)s)."),
    ),
    "no_answer": (
        mark("Nobody has answered for a while."),
        mark("Nobody has answered for a while (%(named)s)."),
    ),
    "outside_hours": (
        mark("A customer writes while nobody is at the desk."),
        mark("A customer writes while nobody is at the desk (%(named)s)."),
    ),
    "resolved": (mark("An agent resolves a case."), mark("An agent resolves a case (%(named)s).")),
    "incident": (mark("A case joins an incident."), mark("A case joins an incident (%(named)s).")),
    "gap": (
        mark("The search for a gap finds a customer's post."),
        mark("The search for a gap finds a customer's post (%(named)s)."),
    ),
}
_MINUTES, _FOLLOWERS = mark("%(number)s minutes"), mark("%(number)s followers")


@dataclass(frozen=True, slots=True)
class Matter:
    """A customer's message with what rules ask about it; `followers` is None while X has not told."""

    account: str
    visibility: str
    language: str
    topic: str | None
    text: str
    followers: int | None
    first_contact: bool


def fits(rule: Rule, matter: Matter) -> bool:
    """Whether everything holds that the rule names. What is not known of a customer does not."""
    return (
        (rule.account is None or rule.account.removeprefix("@").lower() == matter.account.lower())
        and rule.channel in (None, matter.visibility)
        and (not rule.languages or matter.language in rule.languages)
        and (not rule.topics or matter.topic in rule.topics)
        and rule.first_contact in (None, matter.first_contact)
        and _has_readers(rule, matter.followers)
        and (not rule.words or word_in(rule, matter.text) is not None)
    )


def word_in(rule: Rule, text: str) -> str | None:
    """The first of the rule's words that stands in the text, as the rule has it."""
    return any_of(rule.words, text)


def any_of(words: Iterable[str], text: str) -> str | None:
    """The first of these words that stands in the text; whole words, capitals and accents do not matter."""
    folded = f" {fold(text)} "
    joined = folded.replace(" ", "")
    for word in words:
        wanted = _folded(word)
        if wanted.strip() and (wanted in joined if _UNSPACED.search(wanted) else wanted in folded):
            return word
    return None


def reason(rule: Rule, matter: Matter) -> str:
    """A sentence for the case's timeline."""
    named = "; ".join(_named(rule, matter))
    alone, with_more = _REASONS[rule.when]
    return with_more % {"named": named} if named else alone


def is_open(calendar: Calendar, moment: datetime) -> bool:
    return hours.open_seconds(calendar, moment, moment + _MOMENT) > 0


def _named(rule: Rule, matter: Matter) -> Iterator[str]:
    if rule.minutes:
        yield _MINUTES % {"number": rule.minutes}
    if rule.languages:
        yield name_of(matter.language)
    if rule.topics and matter.topic:
        yield TOPICS[matter.topic]
    if rule.words and (word := word_in(rule, matter.text)):
        yield f"“{word}”"
    if rule.followers_at_least is not None or rule.followers_at_most is not None:
        yield _FOLLOWERS % {"number": matter.followers}
    if rule.first_contact is not None:
        yield mark("first contact") if matter.first_contact else mark("known customer")


def _has_readers(rule: Rule, followers: int | None) -> bool:
    least, most = rule.followers_at_least, rule.followers_at_most
    if least is None and most is None:
        return True
    return followers is not None and (least or 0) <= followers and (most is None or followers <= most)


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    folded = fold(word)
    return folded.replace(" ", "") if _UNSPACED.search(folded) else f" {folded} "
