"""A case told in order: what was written, what is on its way, and in small print what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from socialdesk.cases import CaseEvent
from socialdesk.messages import Message
from socialdesk.replies import Reply, State


@dataclass(frozen=True, slots=True)
class Said:
    """A message on X; `approver` is who let ours go out, None for what was posted elsewhere."""

    at: datetime
    message: Message
    approver: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A reply of ours that is not on X, or not known to be."""

    at: datetime
    reply: Reply
    author: str
    label: str
    meaning: str

    @property
    def may_be_taken_back(self) -> bool:
        return self.reply.state in (State.APPROVED, State.HELD)


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    sentence: str


Entry = Said | Pending | Happening

_LABELS = {
    State.APPROVED: "Approved",
    State.SENDING: "Sending",
    State.UNKNOWN: "Not known whether sent",
    State.HELD: "Not sent",
}
_MEANINGS = {
    State.APPROVED: "Leaves within seconds.",
    State.SENDING: "On its way to X now.",
    State.UNKNOWN: "X gave no answer. The desk looks for it on X before anything is sent again.",
    State.HELD: "X refused it. Change it and approve again, or take it back.",
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
        if message.private or handle is None:
            return None
        return f"{self.web_url}/{handle}/status/{message.x_id}"


def tell(
    messages: Sequence[Message],
    replies: Sequence[Reply],
    events: Sequence[CaseEvent],
    names: Mapping[int, str],
    on_x: OnX,
) -> list[Entry]:
    """Everything by time; what is not on X yet comes last, in the order it will leave."""
    approvers = {reply.x_id: names.get(reply.approved_by_id or 0) for reply in replies if reply.x_id}
    past: list[Entry] = [
        Said(each.sent_at, each, approvers.get(each.x_id), on_x.address(each)) for each in messages
    ]
    past += [Happening(each.at, sentence) for each in events if (sentence := _sentence(each, names))]
    past.sort(key=lambda entry: entry.at)
    return past + [_pending(each, names) for each in replies if each.state in _LABELS]


def _pending(reply: Reply, names: Mapping[int, str]) -> Pending:
    state = State(reply.state)
    author = names.get(reply.approved_by_id or reply.drafted_by_id, "Somebody")
    meaning = reply.trouble or _MEANINGS[state]
    return Pending(reply.approved_at or reply.drafted_at, reply, author, _LABELS[state], meaning)


def _sentence(event: CaseEvent, names: Mapping[int, str]) -> str | None:
    """None for what the thread shows anyway."""
    by = names.get(event.agent_id or 0, "Somebody")
    if event.kind == "assigned":
        return _assignment(by, event.details.get("to"))
    if event.kind == "reopened" and event.agent_id is None:
        return "Reopened: the customer wrote again"
    return {
        "resolved": f"{by} resolved the case",
        "reopened": f"{by} reopened the case",
        "reply_cancelled": f"{by} took a reply back",
    }.get(event.kind)


def _assignment(by: str, to: str | None) -> str:
    if to is None:
        return f"{by} left the case to others"
    return f"{by} took the case" if to == by else f"{by} gave the case to {to}"
