"""The form in which a reply is written: where it goes, what it begins with, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from socialdesk.cases import Case
from socialdesk.console import fit
from socialdesk.languages import LANGUAGES, Language
from socialdesk.library import Library, TemplateEntry
from socialdesk.messages import Message, Visibility
from socialdesk.replies import UNDER_WAY, Reply, State

FALLBACK_LANGUAGE = "en"
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
    public = next((message for message in reversed(heard) if not message.private), None)
    private = next((message for message in reversed(heard) if message.private), None)
    language = reply_language(case, language)
    offers = {str(each): library.offers(language, each) for each in Visibility}
    seen = max(message.id or 0 for message in heard)
    given = max((reply.id or 0 for reply in written if reply.state in GIVEN), default=0)
    words = words or _of_draft(draft) or Words("", Visibility(case.visibility))
    return Composer(words, seen, given, public, private, draft, language, offers)


def reply_language(case: Case, asked: str = "") -> str:
    """The language templates are offered in: the one asked for, the customer's, or English."""
    return next(code for code in (asked, case.language, FALLBACK_LANGUAGE) if code in LANGUAGES)


def _of_draft(draft: Reply | None) -> Words | None:
    return Words(draft.text, Visibility(draft.visibility), draft.template_id or "") if draft else None
