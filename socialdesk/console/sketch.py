"""The composer's words as the reply that they would become: looked at like a draft, and stored nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from socialdesk import clock, versions
from socialdesk.cases import Case
from socialdesk.messages import Message, Unrepliable, Visibility, clean
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in the form, from the agent's hands, a template or the case's draft.

    `seen` and `given` are the newest message of the customer's and the newest answer of ours that whoever
    wrote this had before him, None for all there are; `version` is X's id of the post as he read it.
    `override` are the kinds of objections that are ticked, with the `reason`.
    """

    text: str
    visibility: Visibility
    template: str = ""
    seen: int | None = None
    given: int | None = None
    version: str = ""
    override: frozenset[str] = frozenset()
    reason: str = ""

    @property
    def stored(self) -> str:
        """The text as a draft keeps it."""
        return clean(self.text).strip()

    def are_of(self, draft: Reply) -> bool:
        """Whether they are the draft's own, unchanged."""
        return (draft.text, draft.visibility) == (self.stored, self.visibility)


def answered(said: Sequence[Message], visibility: Visibility) -> Message | None:
    """What an answer would go to, as `drafts.write` finds it: in public the newest post that X lets us
    answer, else the newest that it may, else one of which `is_shut` is true, those that are still there
    before others; in private the newest direct message, else the newest post."""
    heard = [message for message in said if not message.ours]
    if visibility == Visibility.PUBLIC:
        return max((each for each in heard if not each.private), key=_is_fit, default=None)
    return next((message for message in reversed(heard) if message.private), heard[-1] if heard else None)


def is_shut(post: Message) -> bool:
    """Whether X certainly refuses a public answer to it; what it only may refuse can be tried."""
    return post.not_repliable == Unrepliable.NOT_MENTIONED


def as_read(session: Session, to: Message, words: Words) -> str | None:
    """X's id of that version of the answered post which the words were written to; None when it is not
    known to be another than today's."""
    if words.version in ("", to.x_id) or words.version not in versions.ids_of(session, to.id or 0):
        return None
    return words.version


def of(
    session: Session, case: Case, said: Sequence[Message], draft: Reply | None, words: Words, by: Agent
) -> Reply | None:
    """The case's draft itself while nobody has changed it; None where there is nothing to answer."""
    if draft and words.are_of(draft):
        return draft
    to = answered(said, words.visibility)
    if to is None:
        return None
    return Reply(
        account_id=case.account_id,
        case_id=case.id or 0,
        answers_id=to.id or 0,
        answers_visibility=to.visibility,
        visibility=words.visibility,
        seen_message_id=0,
        seen_x_id=as_read(session, to, words),
        text=words.stored,
        text_hash=hashlib.sha256(words.stored.encode()).hexdigest(),
        template_id=words.template or None,
        drafted_by_id=by.id or 0,
        drafted_at=clock.now(),
    )


def _is_fit(post: Message) -> tuple[bool, bool, bool, datetime, int]:
    certainly = post.not_repliable is None
    return post.gone is None, certainly, not is_shut(post), post.sent_at, post.id or 0
