"""What was written on X, by customers and by us, in public and in private."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import regex
from sqlalchemy import bindparam, case, false, literal, tuple_, union_all, update
from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint, col, func, select

from socialdesk import clock
from socialdesk.bulk import among
from socialdesk.database import one_of
from socialdesk.errors import NotFound
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.versions import MessageVersion


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


class Unrepliable(StrEnum):
    """Why X would refuse a public answer to a post: its author has to mention us himself.

    X's rule for self-serve apps since 23 February 2026 (docs: x-api/posts/manage-tweets). Whether a name that
    X itself carries along in a thread counts as a mention, X's documents do not say.
    """

    CARRIED_OVER = "carried_over"
    NOT_MENTIONED = "not_mentioned"


class Gone(StrEnum):
    """Why X shows a post to us no more."""

    DELETED = "deleted"
    PROTECTED = "protected"  # its author shows his posts only to those he lets
    SUSPENDED = "suspended"  # X has shut its author's account


WHAT_HAPPENED = {
    Gone.DELETED: mark("The customer deleted this post."),
    Gone.PROTECTED: mark("The customer shows this post to followers only."),
    Gone.SUSPENDED: mark("X has suspended the customer's account."),
}


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One post or direct message as X told it, before the desk has made anything of it.

    `customer_x_id` is the author, or for our own words the person they were written to (None when X
    does not tell); `text` has its entities undone and is otherwise as written; `not_repliable` is an
    Unrepliable, None for a post that X lets us answer as far as it tells; `versions` are the ids of all
    versions of a post known when X told it, oldest first, and `sent_at` is the first one's moment.
    """

    x_id: str
    visibility: Visibility
    author_x_id: str
    customer_x_id: str | None
    conversation_id: str | None
    in_reply_to_x_id: str | None
    text: str
    sent_at: datetime
    x_language: str | None = None
    not_repliable: str | None = None
    retweet: bool = False
    versions: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        return self.author_x_id != self.customer_x_id


class Message(SQLModel, table=True):
    """One post or direct message, stored once however often X tells it.

    `language_found` is the detector's own BCP 47 code, which for an `other` says which one; `mixed` text
    is in `language` and `runner_up` both. `personal` names the kinds of personal data in a customer's
    public post, separated by commas: such a text is shown masked.

    `x_id` is that of the newest version, `edited_at` when the desk learnt that there is more than one.
    `gone` is a Gone, of a post whose text was therefore taken out; `looked_at` is when X was last asked
    whether it is still there, None when it never was or has to be asked anew; `silences` is how often since
    then X was asked and told nothing at all of it.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("account_id", "x_id"),
        # What a reply answers carries its visibility along: see replies.Reply.
        UniqueConstraint("id", "visibility"),
        one_of("visibility", Visibility),
        one_of("direction", Direction),
        Index("ix_messages_case_id_sent_at", "case_id", "sent_at"),
        Index("ix_messages_sent_at_language", "sent_at", "direction", "language"),
        Index("ix_messages_ours", "account_id", "direction", "visibility", "sent_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    case_id: int = Field(foreign_key="cases.id")
    customer_id: int = Field(foreign_key="customers.id")
    x_id: str
    visibility: str
    direction: str
    conversation_id: str | None = None
    in_reply_to_x_id: str | None = None
    text: str
    sent_at: datetime
    taken_in_at: datetime
    language: str
    confidence: float
    runner_up: str | None = None
    language_source: str
    x_language: str | None = None
    language_found: str | None = None
    mixed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    not_repliable: str | None = None
    settled_at: datetime | None = None
    personal: str | None = None
    edited_at: datetime | None = None
    gone: str | None = None
    gone_at: datetime | None = None
    looked_at: datetime | None = None
    silences: int | None = None

    @property
    def private(self) -> bool:
        return self.visibility == Visibility.PRIVATE

    @property
    def ours(self) -> bool:
        return self.direction == Direction.OUTBOUND

    @property
    def gone_words(self) -> str | None:
        """What stands in the text's place when the post is gone."""
        return WHAT_HAPPENED[Gone(self.gone)] if self.gone else None


# C0 and C1 controls but tab and line feed: PostgreSQL refuses NUL, terminals obey the others.
_CONTROLS = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = regex.compile(r"[\ud800-\udfff]")


def clean(text: str) -> str:
    """The same text on both databases: NFC, no control characters, lone surrogates as U+FFFD."""
    text = _SURROGATES.sub("\ufffd", text.replace("\r\n", "\n"))
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text))


_TURNS = regex.compile(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def clean_name(name: str) -> str:
    """A display name on one line, without the marks that would turn the text around it."""
    return _TURNS.sub("", " ".join(clean(name).split()))


def stored(session: Session, account_id: int, x_ids: Collection[str]) -> set[str]:
    """Those of X's ids that this account has a message for already, or an earlier version of one."""
    return {x_id for x_id, told in known(session, account_id, x_ids).items() if told}


def known(session: Session, account_id: int, x_ids: Collection[str]) -> dict[str, bool]:
    """The same, and those that are known to be earlier versions but whose text has never come: False."""
    rows = session.connection().execute(_KNOWN, {"account_id": account_id, "x_ids": list(x_ids)})
    return {row[0]: bool(row[1]) for row in rows}


# Made once, and one statement for both tables: the intake asks it twice for every batch.
_OF_ACCOUNT: Any = bindparam("account_id")
_KNOWN = union_all(
    select(Message.x_id, literal(1)).where(Message.account_id == _OF_ACCOUNT, among(Message.x_id, "x_ids")),
    select(MessageVersion.x_id, case((col(MessageVersion.text).is_(None), 0), else_=1)).where(
        MessageVersion.account_id == _OF_ACCOUNT, among(MessageVersion.x_id, "x_ids")
    ),
)


def of_case(session: Session, case_id: int) -> Sequence[Message]:
    """The whole thread, oldest first."""
    return session.exec(
        select(Message).where(Message.case_id == case_id).order_by(col(Message.sent_at), col(Message.id))
    ).all()


def page_of_case(
    session: Session, case_id: int, *, after: tuple[datetime, int] | None, size: int
) -> Sequence[Message]:
    """So many of the thread, oldest first, behind the message of that moment and row id."""
    query = select(Message).where(Message.case_id == case_id)
    if after:
        query = query.where(tuple_(col(Message.sent_at), col(Message.id)) > after)
    return session.exec(query.order_by(col(Message.sent_at), col(Message.id)).limit(size)).all()


def of_customer(session: Session, case_id: int, message_id: int) -> Message:
    """One of the customer's messages in the case. Raises NotFound."""
    query = select(Message).where(
        Message.id == message_id, Message.case_id == case_id, Message.direction == Direction.INBOUND
    )
    message = session.exec(query).first()
    if message is None:
        raise NotFound(
            _(
                "The customer has written no message %(message)s in case %(number)s.",
                message=message_id,
                number=case_id,
            )
        )
    return message


def unseen_since(session: Session, case_id: int, seen_id: int) -> datetime | None:
    """When the oldest of the customer's messages that came in after that one was written; None when none did.

    What came in later counts, not what was written later: X shows some posts minutes late.
    """
    return session.exec(
        select(func.min(Message.sent_at)).where(
            Message.case_id == case_id, Message.direction == Direction.INBOUND, col(Message.id) > seen_id
        )
    ).one()


def newest_seen(session: Session, case_id: int) -> int:
    """The row id of the customer's message that came in last; 0 when there is none."""
    query = select(func.max(Message.id)).where(
        Message.case_id == case_id, Message.direction == Direction.INBOUND
    )
    return session.exec(query).one() or 0


def settle(session: Session, case_id: int, *, up_to: int | None = None, at: datetime | None = None) -> None:
    """What the customer has written in the case is dealt with, if it had come in up to that row id; `at` that
    moment, else now."""
    statement = update(Message).where(
        col(Message.case_id) == case_id,
        col(Message.direction) == Direction.INBOUND,
        col(Message.settled_at).is_(None),
    )
    if up_to is not None:
        statement = statement.where(col(Message.id) <= up_to)
    session.connection().execute(statement.values(settled_at=at or clock.now()))


def unsettle(session: Session, case_id: int, *, at: datetime) -> None:
    """What was dealt with at that very moment is not."""
    statement = update(Message).where(col(Message.case_id) == case_id, col(Message.settled_at) == at)
    session.connection().execute(statement.values(settled_at=None))


def newest_repliable(session: Session, case_id: int, *, perhaps: bool = False) -> Message | None:
    """The customer's last post in the case that X lets us answer in public.

    With `perhaps`, where there is none: the last one of which nobody knows before X is asked.
    """
    certainly = col(Message.not_repliable).is_(None)
    wanted = certainly | (col(Message.not_repliable) == Unrepliable.CARRIED_OVER) if perhaps else certainly
    query = select(Message).where(
        Message.case_id == case_id,
        Message.direction == Direction.INBOUND,
        Message.visibility == Visibility.PUBLIC,
        wanted,
        col(Message.gone).is_(None),
    )
    query = query.order_by(col(Message.not_repliable).is_not(None))
    return session.exec(query.order_by(col(Message.sent_at).desc(), col(Message.id).desc()).limit(1)).first()


def newest_from_customer(
    session: Session, case_id: int, visibility: Visibility | None = None
) -> Message | None:
    """The customer's last words in the case, or his last public or private ones: of public ones rather those
    that are still there."""
    query = select(Message).where(Message.case_id == case_id, Message.direction == Direction.INBOUND)
    if visibility:
        query = query.where(Message.visibility == visibility).order_by(col(Message.gone).is_not(None))
    return session.exec(query.order_by(col(Message.sent_at).desc(), col(Message.id).desc()).limit(1)).first()
