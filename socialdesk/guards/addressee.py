"""Guards that look at whom a reply is for: the post it answers, the language, and what was said before."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

import regex
from babel.dates import format_datetime

from socialdesk.guards.objection import Kind, Objection, Remedy, Severity
from socialdesk.guards.wording import KEPT
from socialdesk.languages import LANGUAGES, OTHER, Evidence, detect, name_of
from socialdesk.messages import Message, Unrepliable, Visibility
from socialdesk.phrases import bare, locale, mark
from socialdesk.phrases import gettext as _

_WHY_NOT = {
    Unrepliable.CARRIED_OVER: mark(
        "X may refuse a public answer to that post: the customer did not mention us in it, X only carried our"
        " name over from the thread."
    ),
    Unrepliable.NOT_MENTIONED: mark(
        "X would refuse a public answer to that post: the customer did not mention us in it."
    ),
}
ERASED = mark("This person's data were erased at their request: nothing can be written to them any more.")
# Fewer words are often names, and a detector less sure than that is wrong too often to be worth a question.
_FEWEST_WORDS = 4
_FEWEST_KANA = 8
_SURE = 0.9
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}'’]*+")
_KANA_OR_KANJI = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}]")


def unrepliable(answered: Message, visibility: str, instead: Message | None = None) -> str | None:
    """Why X would refuse this answer, or may, because of what it answers, and what to do; else None.

    `instead` is a post of the customer's that may be answered.
    """
    if visibility == Visibility.PRIVATE or answered.not_repliable is None:
        return None
    why_not = bare(_WHY_NOT[Unrepliable(answered.not_repliable)])
    return f"{why_not} {_way_out(instead, may_be_tried=_may_be_tried(answered))}"


def _way_out(instead: Message | None, *, may_be_tried: bool) -> str:
    if instead and may_be_tried:
        told = mark(
            "Answer the post of %(moment)s UTC, or write a direct message; approve once more to try it."
        )
    elif instead:
        told = mark("Answer the post of %(moment)s UTC, or write a direct message.")
    elif may_be_tried:
        told = mark(
            "Write a direct message, or ask the customer in the X app to mention us;"
            " approve once more to try it."
        )
    else:
        told = mark("Write a direct message, or ask the customer in the X app to mention us.")
    return _(told, moment=_moment(instead.sent_at) if instead else "")


def _moment(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), "dd MMMM, HH:mm", tzinfo=UTC, locale=locale())


def not_repliable(answered: Message, visibility: str, instead: Message | None) -> Objection | None:
    words = unrepliable(answered, visibility, instead)
    if words is None:
        return None
    remedy = Remedy.ANSWER_ANOTHER if instead else Remedy.DM
    severity = Severity.CONFIRM if _may_be_tried(answered) else Severity.BLOCKS
    return Objection(Kind.NOT_REPLIABLE, severity, words, remedy)


def _may_be_tried(answered: Message) -> bool:
    """A refusal costs nothing and is told in the case; what is gone is refused for certain."""
    return answered.not_repliable == Unrepliable.CARRIED_OVER and answered.gone is None


def gone(answered: Message, visibility: str) -> Objection | None:
    if not answered.gone or visibility == Visibility.PRIVATE:
        return None
    instead = _("It can't be answered in public any more: write a direct message instead.")
    words = f"{bare(answered.gone_words or '')} {instead}"
    return Objection(Kind.GONE, Severity.BLOCKS, words, Remedy.DM)


def erased(is_erased: bool) -> Objection | None:
    """Whoever wants to be forgotten is not written to, by any door."""
    return Objection(Kind.ERASED, Severity.BLOCKS, _(ERASED), Remedy.EDIT) if is_erased else None


def edited(answered: Message, seen_x_id: str | None) -> Objection | None:
    """`seen_x_id` is X's id of the version that the author had before his eyes; None when nobody knows."""
    if seen_x_id is None or seen_x_id == answered.x_id or answered.gone:
        return None
    words = _(
        "The customer has edited this post since the draft was begun: read it again, then approve once more."
    )
    return Objection(Kind.EDITED, Severity.CONFIRM, words, Remedy.READ_AGAIN)


def repetition(repeated: bool) -> Objection | None:
    if not repeated:
        return None
    words = _("These very words have been sent to this message already.")
    return Objection(Kind.REPETITION, Severity.BLOCKS, words, Remedy.EDIT)


def opted_out(since: object | None, *, automated: bool) -> Objection | None:
    """Nothing automated goes to somebody who wants to hear nothing more (X's automation rules)."""
    if since is None:
        return None
    words = _("This customer has asked to hear nothing more from us.")
    if automated:
        return Objection(Kind.OPTED_OUT, Severity.BLOCKS, words, Remedy.EDIT)
    may = _("A supervisor may answer all the same.")
    return Objection(Kind.OPTED_OUT, Severity.SUPERVISOR, f"{words} {may}", Remedy.ASK_SUPERVISOR)


def language(text: str, customers: str, written_in: str | None = None) -> Objection | None:
    """The reply is in another language than the customer's.

    `written_in` is the text's where that is known; else it is detected, if there is enough to go by.
    """
    if customers not in LANGUAGES:
        return None
    found = written_in or _told(text, customers)
    if found is None or found == customers:
        return None
    return Objection(Kind.LANGUAGE, Severity.CONFIRM, _another(customers, found), Remedy.CONFIRM)


def _another(customers: str, found: str) -> str:
    if found == OTHER:
        return _(
            "The customer writes %(language)s, and this looks like none of our languages:"
            " approve once more if that is meant.",
            language=name_of(customers),
        )
    return _(
        "The customer writes %(language)s, and this looks like %(other)s:"
        " approve once more if that is meant.",
        language=name_of(customers),
        other=name_of(found),
    )


@lru_cache(maxsize=KEPT)
def _told(text: str, customers: str) -> str | None:
    if not _enough(text):
        return None
    evidence = detect(text)
    return evidence.language if _is_clear(evidence, customers) else None


def _enough(text: str) -> bool:
    return len(_WORD.findall(text)) >= _FEWEST_WORDS or len(_KANA_OR_KANJI.findall(text)) >= _FEWEST_KANA


def _is_clear(evidence: Evidence, customers: str) -> bool:
    """Of a text in two languages the customer reads the one."""
    if evidence.mixed and evidence.runner_up == customers:
        return False
    known = evidence.language in LANGUAGES or evidence.language == OTHER
    return known and evidence.confidence >= _SURE
