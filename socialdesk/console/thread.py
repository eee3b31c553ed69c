"""A case told in order: what was written, what is on its way, and in small print what happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from socialdesk import exposure, personal
from socialdesk.casework import calling, notes
from socialdesk.casework.calling import Piece
from socialdesk.casework.notes import Note
from socialdesk.console import happenings, pending
from socialdesk.console.health import AccountHealth
from socialdesk.console.pending import NOT_ON_X, Pending, WayOut, Whose
from socialdesk.history import CaseEvent
from socialdesk.languages import UNDETERMINED
from socialdesk.messages import Gone, Message
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.replies import Reply
from socialdesk.versions import MessageVersion


@dataclass(frozen=True, slots=True)
class Said:
    """A message on X; `by` tells who wrote ours and let it go, None for what was posted elsewhere.

    What a customer should not have written in public is masked, save on the page where it was `revealed`;
    `before` is what an edited post said earlier, oldest first.
    """

    kind: ClassVar = "said"
    at: datetime
    message: Message
    by: Whose | None
    address: str | None
    revealed: bool = False
    before: Sequence[str] = ()

    @property
    def gone(self) -> str | None:
        """What stands in place of the text of a post that X shows no more, with a place for the day on which
        that was noticed."""
        return GONE[Gone(self.message.gone)] if self.message.gone else None

    @property
    def text(self) -> str:
        return self.message.text if self.revealed else exposure.shown(self.message)

    @property
    def personal(self) -> str:
        """What kinds there are in it, masked or not."""
        return happenings.listed(self.message.personal)


@dataclass(frozen=True, slots=True)
class Happening:
    kind: ClassVar = "happening"
    at: datetime
    sentence: str


__all__ = ["NOT_ON_X", "OnX", "WayOut", "tell"]


@dataclass(frozen=True, slots=True)
class Noted:
    """An internal note; `before` is what an edited one said earlier, oldest first, and `called` are the user
    names of those it called."""

    kind: ClassVar = "noted"
    at: datetime
    note: Note
    author: str
    before: Sequence[str] = ()
    called: Collection[str] = ()

    @property
    def pieces(self) -> Sequence[Piece]:
        """Its words, taken apart at the names of those it called."""
        return calling.pieces(self.note.text, self.called)


Entry = Said | Pending | Happening | Noted
GONE = {
    Gone.DELETED: mark("The customer deleted this post on %(moment)s."),
    Gone.PROTECTED: mark("The customer has shown this post to followers only since %(moment)s."),
    Gone.SUSPENDED: mark("X has suspended the customer's account, and hidden this post, since %(moment)s."),
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
    by = {
        x_id: pending.whose(reply, names)
        for reply in replies
        for x_id in (reply.x_id, *(part.x_id for part in way.parts.get(reply.id or 0, ())))
        if x_id
    }
    past: list[Entry] = [
        Said(
            each.sent_at,
            each,
            by.get(each.x_id),
            on_x.address(each),
            each.id == revealed,
            () if each.gone else before.get(each.id or 0, ()),
        )
        for each in messages
    ]
    past += [
        Happening(each.at, sentence) for each in events if (sentence := happenings.sentence(each, names))
    ]
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
            names.get(note.author_id, _("A colleague")),
            noted.before.get(note.id or 0, ()),
            noted.called.get(note.id or 0, ()),
        )
        for note in noted.notes
    ]


def _before(versions: Sequence[MessageVersion]) -> list[str]:
    """Their texts, with what nobody should have written in public masked for good."""
    texts = ((each.text or "", each.language or UNDETERMINED) for each in versions)
    return [personal.mask(text, personal.find(text, language)) for text, language in texts]
