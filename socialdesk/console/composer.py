"""The form in which a reply is written: where it goes, what it begins with, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from socialdesk import clock, exposure, guards
from socialdesk.cases import Case, Status
from socialdesk.console import fit, sketch
from socialdesk.console.fit import Fit
from socialdesk.console.sketch import Words
from socialdesk.console.thread import OnX
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import TemplateError
from socialdesk.languages import LANGUAGES, Language
from socialdesk.messages import Message, Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import bare
from socialdesk.placing.rearranging import FROM_DESK
from socialdesk.replies import UNDER_WAY, Reply, State
from socialdesk.replying import drafts, jottings, proposals
from socialdesk.replying.jottings import Jotting
from socialdesk.templating.library import Library, TemplateEntry

__all__ = ["Composer", "Words", "prepare", "reply_language"]

FALLBACK_LANGUAGE = "en"
DELETE_THAT_POST = "please_delete_post"
GIVEN = (*UNDER_WAY, State.SENT)


class Offer(NamedTuple):
    """A template to choose, as the list of them shows it."""

    id: str
    title: str
    topic: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A template's words for this customer, and why these."""

    template: TemplateEntry
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class News:
    """What was written in the case since the words in the form were: by us, when `agent_id` says who; `ours`
    without that is from X's own app."""

    at: datetime
    text: str
    visibility: str
    language: str
    agent_id: int | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Composer:
    """`seen` is the newest message of the customer that the page shows, `given` our newest answer; `public`
    and `private` are those that an answer would go to; `revision` is the draft's, 0 when there is none.
    `kept` is what the agent has not saved, at the door of the words; `instead` the same where other words
    are shown in its place. `handed_over` when the customer wrote in public last, and we in private since.
    """

    words: Words
    seen: int
    given: int
    public: Message | None
    private: Message | None
    draft: Reply | None
    language: str
    offers: Mapping[str, tuple[Offer, ...]]
    proposals: Mapping[str, Proposed]
    fit: Fit
    news: Sequence[News]
    kept: Jotting | None
    instead: Jotting | None
    handed_over: bool
    shut: str | None
    shut_at: str | None
    turned: bool

    @property
    def again(self) -> int:
        """The reply that X refused and whose place the unsaved words are to take; 0 for none."""
        return self.kept.again_id or 0 if self.kept and not self.instead else 0

    @property
    def revision(self) -> int:
        return self.draft.revision if self.draft else 0

    @property
    def languages(self) -> dict[str, Language]:
        """Those to choose from when the customer's language is none of ours."""
        return LANGUAGES

    @property
    def seen_before(self) -> int:
        """The newest message that whoever wrote the words had before him."""
        return self.seen if self.words.seen is None else self.words.seen

    @property
    def given_before(self) -> int:
        return self.given if self.words.given is None else self.words.given

    @property
    def version(self) -> str:
        """X's id of the answered post as whoever wrote the draft read it, else as the page shows it."""
        draft, public = self.draft, self.public
        if self.kept and not self.instead and self.words.version:
            return self.words.version
        if draft and public and draft.seen_x_id and draft.answers_id == public.id:
            return draft.seen_x_id
        return public.x_id if public else ""


def prepare(
    session: Session,
    desk: Desk,
    case: Case,
    customer: Customer,
    said: Sequence[Message],
    written: Sequence[Reply],
    words: Words | None,
    language: str,
    *,
    by: Agent,
) -> Composer | None:
    """None when there is nothing of the customer's to answer, or he was erased. Without `words` it begins
    with the draft's."""
    heard = [message for message in said if not message.ours]
    if not heard or customer.erased:
        return None
    draft = next((reply for reply in written if reply.state == State.DRAFT), None)
    post, to = sketch.answered(said, Visibility.PUBLIC), sketch.answered(said, Visibility.PRIVATE)
    public = None if post is None or sketch.is_shut(post) else post
    rows = jottings.of_agent(session, case.id or 0, by.id or 0)
    words = _begin(words, rows, draft, public) or Words("", _last_door(case, said, written))
    words, turned = _through_an_open_door(words, public)
    kept = next((each for each in rows if each.visibility == words.visibility), None)
    language = reply_language(case, language)
    library, link = desk.library_now(session), drafts.dm_link_of(session, desk.settings, case.account_id)
    return Composer(
        words,
        seen=max(message.id or 0 for message in _came_in(said)),
        given=max((reply.id or 0 for reply in written if reply.state in GIVEN), default=0),
        public=public,
        private=to if to and to.private else None,
        draft=draft,
        language=language,
        offers={str(each): _ranked(library.offers(language, each), case) for each in Visibility},
        proposals={} if words.stored else _proposals(library, link, case, customer, said, written, language),
        fit=fit.judge(session, desk, case, said, draft, words, by=by),
        news=list(_news(words, _came_in(said), written)),
        kept=kept,
        instead=kept if kept and words.seen is None and kept.text != words.stored else None,
        handed_over=case.visibility == Visibility.PUBLIC != _last_door(case, said, written),
        shut=guards.unrepliable(post, Visibility.PUBLIC) if post and public is None else None,
        shut_at=OnX(desk.settings.x.web_url, "", customer.handle).address(post) if post else None,
        turned=turned and bool(words.stored),
    )


def _through_an_open_door(words: Words, public: Message | None) -> tuple[Words, bool]:
    """The words, and whether they had to become private: nothing may be answered in public."""
    if public is not None or words.visibility != Visibility.PUBLIC:
        return words, False
    return replace(words, visibility=Visibility.PRIVATE), True


def reply_language(case: Case, asked: str = "") -> str:
    """The language templates are offered in: the one asked for, the customer's, or English."""
    return next(code for code in (asked, case.language, FALLBACK_LANGUAGE) if code in LANGUAGES)


def _last_door(case: Case, said: Sequence[Message], written: Sequence[Reply]) -> Visibility:
    """That of the conversation's last message, whichever side wrote it: what was taken out of the public
    stays out of it, also while our direct message is still on its way."""
    leaving = [reply for reply in written if reply.state in UNDER_WAY and reply.approved_at]
    last = max(leaving, key=lambda reply: reply.approved_at or reply.drafted_at, default=None)
    if last and last.approved_at and last.approved_at > said[-1].sent_at:
        return Visibility(last.visibility)
    return Visibility(said[-1].visibility if said[-1].ours else case.visibility)


def _begin(
    words: Words | None, rows: Sequence[Jotting], draft: Reply | None, public: Message | None
) -> Words | None:
    """What was asked for, else what the agent has typed and not saved, else the draft."""
    if words and (words.text or words.seen is not None):
        return words
    doors = tuple(Visibility) if public else (Visibility.PRIVATE,)
    mine = (row for row in rows if row.visibility in ((words.visibility,) if words else doors))
    row = next(mine, None)
    return _of_jotting(row) if row else words or _of_draft(draft)


def _of_jotting(row: Jotting) -> Words:
    return Words(
        row.text,
        Visibility(row.visibility),
        row.template_id or "",
        seen=row.seen_message_id or None,
        given=row.seen_reply_id,
        version=row.seen_x_id or "",
    )


def _of_draft(draft: Reply | None) -> Words | None:
    if draft is None:
        return None
    return Words(
        draft.text,
        Visibility(draft.visibility),
        draft.template_id or "",
        seen=draft.seen_message_id,
        given=draft.seen_reply_id,
        version=draft.seen_x_id or "",
    )


def _ranked(entries: Sequence[TemplateEntry], case: Case) -> tuple[Offer, ...]:
    """Those of the case's topic first; before them, of an exposed case, the request to delete the post."""

    def rank(entry: TemplateEntry) -> tuple[bool, bool]:
        return not (case.exposed and entry.id == DELETE_THAT_POST), entry.topic != case.topic

    return tuple(Offer(each.id, each.title, each.topic) for each in sorted(entries, key=rank))


def _proposals(
    library: Library,
    dm_link: str,
    case: Case,
    customer: Customer,
    said: Sequence[Message],
    written: Sequence[Reply],
    language: str,
) -> dict[str, Proposed]:
    """By visibility, what the desk would answer a case that waits and has no answer on its way."""
    if case.status != Status.WAITING or any(reply.state in UNDER_WAY for reply in written):
        return {}
    given = {reply.template_id for reply in written if reply.template_id and reply.state in GIVEN}
    found: dict[str, Proposed] = {}
    for visibility in Visibility:
        proposal = proposals.propose(
            library, case, said, language=language, visibility=visibility, now=clock.now(), given=given
        )
        if proposal is None:
            continue
        try:
            text = drafts.from_template(
                library,
                proposal.template.id,
                language=language,
                visibility=visibility,
                customer=customer,
                dm_link=dm_link,
            )
        except TemplateError:
            continue
        found[str(visibility)] = Proposed(proposal.template, text, proposal.why)
    return found


def _came_in(said: Sequence[Message]) -> list[Message]:
    """What the customer wrote, and what we did in X's own app."""
    return [message for message in said if not message.ours or message.language_source != FROM_DESK]


def _news(words: Words, came_in: Sequence[Message], written: Sequence[Reply]) -> Iterator[News]:
    if words.seen is not None:
        for message in came_in:
            if (message.id or 0) > words.seen:
                text = bare(message.gone_words) if message.gone_words else exposure.shown(message)
                yield News(message.sent_at, text, message.visibility, message.language, ours=message.ours)
    if words.given is not None:
        for reply in written:
            if reply.state in GIVEN and (reply.id or 0) > words.given:
                at = reply.approved_at or reply.drafted_at
                yield News(at, reply.text, reply.visibility, "", reply.drafted_by_id)
