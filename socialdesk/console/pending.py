"""A reply that is not on X, or not known to be: how it stands, when it leaves, and what there is to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from sqlmodel import Session

from socialdesk import clock, latecomers, parts
from socialdesk.console.health import AccountHealth
from socialdesk.errors import Remedy
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart
from socialdesk.phrases import bare, mark
from socialdesk.phrases.stored import retold
from socialdesk.placing.rearranging import FROM_DESK
from socialdesk.replies import UNDER_WAY, Reply, State
from socialdesk.replying import settling

AUTOMATED = mark("Automated")  # who wrote what a rule has sent
NOT_ON_X = (State.APPROVED, State.SENDING, State.UNKNOWN, State.HELD)
GIVEN = (*UNDER_WAY, State.SENT)
_SECONDS = timedelta(seconds=3)  # what leaves sooner has no time worth telling
_LABELS = {
    State.APPROVED: mark("Approved"),
    State.SENDING: mark("Sending"),
    State.UNKNOWN: mark("Not known whether sent"),
    State.HELD: mark("Not sent"),
}
_MEANINGS = {
    State.APPROVED: mark("Leaves within seconds."),
    State.SENDING: mark("On its way to X now."),
    State.UNKNOWN: mark(
        "The desk looks for it on X, which takes a minute or two, and sends it again only if it is not there."
        " Whoever has looked there can say so; writing the same again could tell the customer twice."
    ),
    State.HELD: mark("It is not tried again by itself. Edit it, send it another way, or cancel it."),
}
_SOMEBODY = mark("Somebody")
_BEHIND = mark("Leaves when the reply before it is settled.")


@dataclass(frozen=True, slots=True)
class Whose:
    """Who wrote a reply, and who let it go if that was somebody else."""

    author: str
    approver: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What whoever sends a held reply again has before him: what is `news` to it has to be read first, and
    `version` is X's id of the answered post."""

    news: str | None
    version: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """By the row id of the reply: when it will leave as far as is known, the parts it leaves in, and the page
    as a held one finds it."""

    leaves: Mapping[int, datetime] = field(default_factory=dict)
    parts: Mapping[int, Sequence[ReplyPart]] = field(default_factory=dict)
    looks: Mapping[int, Look] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """`reason` is what X or the desk said against it, `meaning` what happens next or what there is to do;
    `leaves_at` is when it goes out, None when that is at once or not known; `address` is where on X the
    post stands that it answers; `parts` are in their order; one that is held has its `look`."""

    kind: ClassVar = "pending"
    at: datetime
    reply: Reply
    by: Whose
    label: str
    meaning: str
    reason: str | None
    leaves_at: datetime | None
    address: str | None
    parts: Sequence[ReplyPart]
    look: Look | None = None

    @property
    def may_be_taken_back(self) -> bool:
        return self.reply.state in (State.APPROVED, State.HELD)

    @property
    def in_doubt(self) -> ReplyPart | None:
        """The part of which a person may say whether it is on X."""
        return parts.due(self.parts) if settling.may_be_found(self.reply) else None

    @property
    def on_x(self) -> int:
        """How many of its parts are there."""
        return sum(part.x_id is not None for part in self.parts)

    @property
    def progress(self) -> str | None:
        """ "Part 1 of 2 is on X.", of a reply that is there in part."""
        return parts.told(self.parts)

    @property
    def remedies(self) -> list[str]:
        """What an agent can do about one that is held, what helps most first."""
        if self.reply.state != State.HELD:
            return []
        others = [Remedy.EDIT, *([] if self.reply.private else [Remedy.DM]), Remedy.RETRY]
        if self.address and not self.reply.private:
            others.append(Remedy.OPEN_ON_X)
        best = [each for each in others if each == self.reply.remedy]
        return [str(each) for each in (*best, *(each for each in others if each not in best))]


def whose(reply: Reply, names: Mapping[int, str]) -> Whose:
    if reply.automated:
        return Whose(bare(AUTOMATED))
    approver = None if reply.approved_by_id == reply.drafted_by_id else reply.approved_by_id
    somebody = bare(_SOMEBODY)
    return Whose(
        names.get(reply.drafted_by_id, somebody), names.get(approver, somebody) if approver else None
    )


def of(
    reply: Reply,
    replies: Sequence[Reply],
    names: Mapping[int, str],
    account: AccountHealth,
    way: WayOut,
    address: str | None,
) -> Pending:
    state = State(reply.state)
    approved = state == State.APPROVED
    reason, look = _reason(reply, account, approved=approved), way.looks.get(reply.id or 0)
    return Pending(
        at=reply.approved_at or reply.drafted_at,
        reply=reply,
        by=whose(reply, names),
        label=bare(_LABELS[state]),
        meaning=bare(_BEHIND if approved and _is_behind(reply, replies) else _MEANINGS[state]),
        reason=None if look and reason == look.news else reason,
        leaves_at=_later(way.leaves.get(reply.id or 0)) if approved else None,
        address=None if reply.private else address,
        parts=way.parts.get(reply.id or 0, ()),
        look=look,
    )


def looks(session: Session, said: Sequence[Message], written: Sequence[Reply]) -> dict[int, Look]:
    """By held reply, what the case's page shows that whoever let it go has not seen; as again.py asks."""
    held = [reply for reply in written if reply.state == State.HELD]
    if not held:
        return {}
    # A thread's later parts may have been read from X before the desk knew of them.
    unknown = [each.x_id for each in said if each.ours and each.language_source != FROM_DESK]
    own = parts.linked(session, unknown) if unknown else set()
    return {reply.id or 0: _look(reply, said, written, own) for reply in held}


def _look(reply: Reply, said: Sequence[Message], written: Sequence[Reply], own: Collection[str]) -> Look:
    answered = next((each for each in said if each.id == reply.answers_id), None)
    return Look(_news(reply, said, written, own, answered), answered.x_id if answered else "")


def _news(
    reply: Reply,
    said: Sequence[Message],
    written: Sequence[Reply],
    own: Collection[str],
    answered: Message | None,
) -> str | None:
    new = [each for each in said if _is_after(each, reply)]
    return latecomers.since_approved(
        came=any(not each.ours for each in new),
        went=any(each.state in GIVEN and (each.id or 0) > reply.seen_reply_id for each in written),
        elsewhere=any(
            each.ours and each.language_source != FROM_DESK and each.x_id not in own for each in new
        ),
        edited=bool(answered and not answered.gone and reply.seen_x_id not in (None, answered.x_id)),
    )


def _is_after(message: Message, reply: Reply) -> bool:
    return (message.id or 0) > reply.seen_message_id


def _reason(reply: Reply, account: AccountHealth, *, approved: bool) -> str | None:
    if reply.trouble:
        return retold(reply.trouble)
    return account.trouble if approved and account.leaves_at(reply) else None


def _later(moment: datetime | None) -> datetime | None:
    return moment if moment and moment > clock.now() + _SECONDS else None


def _is_behind(reply: Reply, replies: Sequence[Reply]) -> bool:
    """Whether an earlier reply of the case is on its way still: they leave in order."""
    return any(each.state in UNDER_WAY and (each.id or 0) < (reply.id or 0) for each in replies)
