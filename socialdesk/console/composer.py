"""The form in which a reply is written: where it goes, what it begins with, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from socialdesk.cases import Case
from socialdesk.console import fit
from socialdesk.languages import LANGUAGES, Language
from socialdesk.library import Library, TemplateEntry
from socialdesk.messages import Message, Unrepliable, Visibility
from socialdesk.replies import UNDER_WAY, Reply, State

FALLBACK_LANGUAGE = "en"
DELETE_THAT_POST = "please_delete_post"
GIVEN = (*UNDER_WAY, State.SENT)


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in the form, from the agent's hands, a template or the case's draft."""

    text: str
    visibility: Visibility
    template: str = ""


@dataclass(frozen=True, slots=True)
class Composer:
    """`seen` is the newest message of the customer that the page shows, `given` our newest answer; `public`
    and `private` are those that an answer would go to; `revision` is the draft's, 0 when there is none."""

    words: Words
    seen: int
    given: int
    public: Message | None
    private: Message | None
    draft: Reply | None
    language: str
    offers: Mapping[str, Sequence[TemplateEntry]]

    @property
    def revision(self) -> int:
        return self.draft.revision if self.draft else 0

    @property
    def languages(self) -> dict[str, Language]:
        """Those to choose from when the customer's language is none of ours."""
        return LANGUAGES

    @property
    def fit(self) -> fit.Fit:
        return fit.judge(self.words.text, self.words.visibility)


def prepare(
    case: Case,
    thread: Sequence[Message],
    draft: Reply | None,
    library: Library,
    language: str,
    words: Words | None,
    written: Sequence[Reply],
) -> Composer | None:
    """None when the customer has written nothing that could be answered."""
    heard = [message for message in thread if not message.ours]
    if not heard:
        return None
    posts = (each for each in heard if not each.private and each.not_repliable != Unrepliable.NOT_MENTIONED)
    public = max(posts, key=_is_there, default=None)
    private = next((message for message in reversed(heard) if message.private), None)
    language = reply_language(case, language)
    offers = {str(each): _proposed(library.offers(language, each), case) for each in Visibility}
    seen = max(message.id or 0 for message in heard)
    given = max((reply.id or 0 for reply in written if reply.state in GIVEN), default=0)
    words = words or _of_draft(draft) or Words("", Visibility(case.visibility))
    return Composer(words, seen, given, public, private, draft, language, offers)


def _proposed(entries: Sequence[TemplateEntry], case: Case) -> list[TemplateEntry]:
    """Those of the case's topic first; before them, of an exposed case, the request to delete the post."""

    def rank(entry: TemplateEntry) -> tuple[bool, bool]:
        return not (case.exposed and entry.id == DELETE_THAT_POST), entry.topic != case.topic

    return sorted(entries, key=rank)


def reply_language(case: Case, asked: str = "") -> str:
    """The language templates are offered in: the one asked for, the customer's, or English."""
    return next(code for code in (asked, case.language, FALLBACK_LANGUAGE) if code in LANGUAGES)


def _is_there(message: Message) -> tuple[bool, bool, datetime, int]:
    """Posts that X still shows come before newer ones that it does not, and those that it certainly lets us
    answer before others."""
    return message.gone is None, message.not_repliable is None, message.sent_at, message.id or 0


def _of_draft(draft: Reply | None) -> Words | None:
    return Words(draft.text, Visibility(draft.visibility), draft.template_id or "") if draft else None
