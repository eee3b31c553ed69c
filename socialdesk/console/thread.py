"""A case told in order: what was written, what is on its way, and in small print what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from socialdesk import exposure, guards, notes, personal
from socialdesk.console import pending
from socialdesk.console.health import AccountHealth
from socialdesk.console.pending import NOT_ON_X, Pending, WayOut
from socialdesk.history import CaseEvent
from socialdesk.languages import OTHER, UNDETERMINED, name_of
from socialdesk.messages import Gone, Message
from socialdesk.muting import BLOCKED, MUTED
from socialdesk.notes import Note
from socialdesk.replies import Reply
from socialdesk.topics import TOPICS
from socialdesk.versions import MessageVersion


@dataclass(frozen=True, slots=True)
class Said:
    """A message on X; `approver` is who let ours go out, None for what was posted elsewhere.

    What a customer should not have written in public is masked, save on the page where it was `revealed`;
    `before` is what an edited post said earlier, oldest first.
    """

    at: datetime
    message: Message
    approver: str | None
    address: str | None
    revealed: bool = False
    before: Sequence[str] = ()

    @property
    def gone(self) -> str | None:
        """What stands in place of the text of a post that X shows no more; the day it was noticed follows."""
        return GONE[Gone(self.message.gone)] if self.message.gone else None

    @property
    def text(self) -> str:
        return self.message.text if self.revealed else exposure.shown(self.message)

    @property
    def personal(self) -> list[str]:
        """What kinds there are in it, masked or not."""
        return exposure.names(self.message.personal)


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    sentence: str


__all__ = ["NOT_ON_X", "OnX", "WayOut", "tell"]


@dataclass(frozen=True, slots=True)
class Noted:
    """An internal note; `before` is what an edited one said earlier, oldest first."""

    at: datetime
    note: Note
    author: str
    before: Sequence[str] = ()


Entry = Said | Pending | Happening | Noted
GONE = {
    Gone.DELETED: "The customer deleted this post on",
    Gone.PROTECTED: "The customer has shown this post to followers only since",
    Gone.SUSPENDED: "X has suspended the customer's account, and hidden this post, since",
}


@dataclass(frozen=True, slots=True)
class OnX:
    """Where posts can be seen: the web address of X, and whose posts ours and the customer's are."""

    web_url: str
    ours: str
    customer: str | None

    def address(self, message: Message) -> str | None:
        """None for direct messages, and while X has not told the customer's handle."""
        handle = self.ours if message.ours else self.customer
        if message.private or message.gone or handle is None:
            return None
        return f"{self.web_url}/{handle}/status/{message.x_id}"


def tell(
    messages: Sequence[Message],
    replies: Sequence[Reply],
    events: Sequence[CaseEvent],
    names: Mapping[int, str],
    on_x: OnX,
    account: AccountHealth,
    way: WayOut,
    revealed: int = 0,
    versions: Mapping[int, Sequence[MessageVersion]] | None = None,
    noted: notes.Noted | None = None,
) -> list[Entry]:
    """Everything by time; what is not on X yet comes last, in the order it will leave. `revealed` is the
    row id of the one message whose personal data are shown, `versions` are what edited ones said before."""
    before = {message_id: _before(earlier) for message_id, earlier in (versions or {}).items()}
    approvers = {
        x_id: pending.AUTOMATED if reply.automated else names.get(reply.approved_by_id or 0)
        for reply in replies
        for x_id in (reply.x_id, *(part.x_id for part in way.parts.get(reply.id or 0, ())))
        if x_id
    }
    past: list[Entry] = [
        Said(
            each.sent_at,
            each,
            approvers.get(each.x_id),
            on_x.address(each),
            each.id == revealed,
            () if each.gone else before.get(each.id or 0, ()),
        )
        for each in messages
    ]
    past += [Happening(each.at, sentence) for each in events if (sentence := _sentence(each, names))]
    past += _noted(noted, names) if noted else []
    past.sort(key=lambda entry: entry.at)
    addresses = {each.id: on_x.address(each) for each in messages}
    return past + [
        pending.of(each, replies, names, account, way, addresses.get(each.answers_id))
        for each in replies
        if each.state in NOT_ON_X
    ]


def _noted(noted: notes.Noted, names: Mapping[int, str]) -> list[Noted]:
    return [
        Noted(
            note.written_at,
            note,
            names.get(note.author_id, "A colleague"),
            noted.before.get(note.id or 0, ()),
        )
        for note in noted.notes
    ]


def _before(versions: Sequence[MessageVersion]) -> list[str]:
    """Their texts, with what nobody should have written in public masked for good."""
    texts = ((each.text or "", each.language or UNDETERMINED) for each in versions)
    return [personal.mask(text, personal.find(text, language)) for text, language in texts]


def _sentence(event: CaseEvent, names: Mapping[int, str]) -> str | None:
    """None for what the thread shows anyway."""
    by = names.get(event.agent_id or 0, "Somebody")
    if event.kind == "assigned":
        return _assignment(by, event.details.get("to"))
    if event.kind == "language_corrected":
        was, now = (name_of(event.details[end]) for end in ("from", "to"))
        return f"{by} corrected the language from {was} to {now}"
    if event.kind == "language_confirmed":
        return f"{by} confirmed that it is {_language(event.details['language'])}"
    if event.kind == "topic_corrected":
        return _topic_correction(by, event.details.get("from"), event.details["to"])
    if event.kind == "personal_shown":
        return f"{by} looked at what is hidden: {', '.join(exposure.names(event.details['kinds']))}"
    if event.kind == "silenced":
        return _SILENCED.get(event.details["why"])
    if event.kind == "rule_fired":
        return f"{_BY_RULE[event.details['did']].format(event.details['rule'])} {event.details['because']}"
    if event.agent_id is None and event.kind in _BY_ITSELF:
        return _BY_ITSELF[event.kind]
    return _acted(event, by)


_BY_RULE = {
    "sent": "Answered by the rule “{}”.",
    "proposed": "Drafted by the rule “{}”.",
    "assigned": "Assigned by the rule “{}”.",
    "priority": "Given its priority by the rule “{}”.",
    "silenced": "Closed as noise by the rule “{}”.",
    "left": "Left to people by the rule “{}”.",
}
_SILENCED = {
    BLOCKED: "Closed: the customer was blocked",
    MUTED: "Closed: the conversation was muted",
}
_BY_ITSELF = {
    "reopened": "Reopened: the customer wrote again",
    "edited": "The customer edited a post",
    "woken": "Back from being snoozed",
    "message_gone": "A post of the customer's is gone from X",
    "message_back": "A post of the customer's is on X again",
    BLOCKED: "Kept, and waits for nobody: the customer is blocked",
    MUTED: "Kept, and waits for nobody: the conversation is muted",
}


def _acted(event: CaseEvent, by: str) -> str | None:
    return {
        "resolved": f"{by} resolved the case",
        "snoozed": f"{by} snoozed the case",
        "woken": f"{by} woke the case",
        "reopened": f"{by} reopened the case",
        "reply_cancelled": f"{by} took a reply back",
        "reply_submitted": f"{by} asked for a second person to approve a reply",
        "reply_sent_back": f"{by} sent a reply back: {event.details.get('why')}",
        "guard_overridden": f"{by} let a reply go in spite of this: {_in_spite_of(event.details)}",
        "opted_out": f"{by} noted that the customer wants to hear nothing more",
        "opted_in": f"{by} noted that the customer may be written to again",
        BLOCKED: f"{by} blocked the customer",
        "unblocked": f"{by} unblocked the customer",
        MUTED: f"{by} muted the conversation",
        "unmuted": f"{by} lifted the conversation's mute",
        "split": f"{by} split this case: the rest is in case {event.details.get('into')}",
        "split_off": f"{by} split this case from case {event.details.get('other')}",
        "merged": f"{by} merged this case into case {event.details.get('into')}",
        "took_in": f"{by} merged case {event.details.get('other')} into this one",
        "unmerged": f"{by} took this case out of case {event.details.get('other')} again",
        "gave_back": f"{by} took case {event.details.get('other')} out of this one again",
    }.get(event.kind)


def _in_spite_of(told: Mapping[str, str]) -> str:
    what = guards.IN_SPITE_OF.get(guards.Kind(told["guard"]), "") if "guard" in told else ""
    return f"{what} ({told['why']})" if "why" in told else what


def _language(code: str) -> str:
    return "another language" if code == OTHER else name_of(code)


def _topic_correction(by: str, was: str | None, now: str) -> str:
    if was is None:
        return f"{by} set the topic to {TOPICS[now]}"
    return f"{by} corrected the topic from {TOPICS[was]} to {TOPICS[now]}"


def _assignment(by: str, to: str | None) -> str:
    if to is None:
        return f"{by} left the case to others"
    return f"{by} took the case" if to == by else f"{by} gave the case to {to}"
