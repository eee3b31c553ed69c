"""The outbox of mails: queued, sending, sent or failed; what has been sent keeps no words.

A mail may leave twice when its server takes it and dies before it says so: whoever gets it knows it again by
its Message-ID, which stays the same.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import text as sql
from sqlalchemy import update
from sqlmodel import Field, Index, Session, SQLModel, col, delete, func, select

from socialdesk import clock
from socialdesk.bulk import insert_new
from socialdesk.database import one_of, only_where
from socialdesk.mail.writing import checked_address, checked_subject

AGAIN_AFTER = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 240, 720, 1440))
LEASE = timedelta(minutes=10)  # longer than the slowest conversation that its time limits allow
KEPT = timedelta(days=30)


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Mail(SQLModel, table=True):
    """One mail to one address. Who enqueues the same `key` again enqueues nothing.

    `customer_id` is the customer whom it is about or to, whose erasure takes it along; a `list_name` says
    that it is one of a series. `message_token` is the first half of its Message-ID.
    """

    __tablename__ = "mails"
    __table_args__ = (
        one_of("state", State),
        Index("ix_mails_due_at", "due_at", "id", **only_where(sql("due_at IS NOT NULL"))),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    message_token: str = Field(unique=True)
    recipient: str
    subject: str
    text: str
    html: str | None = None
    language: str
    list_name: str | None = None
    customer_id: int | None = Field(default=None, foreign_key="customers.id", index=True)
    state: str = State.QUEUED
    attempts: int = 0
    due_at: datetime | None = None
    made_at: datetime
    sent_at: datetime | None = None
    trouble: str | None = None


class MailAttachment(SQLModel, table=True):
    __tablename__ = "mail_attachments"

    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="mails.id", index=True)
    name: str
    kind: str  # as text/csv
    content: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along; `kind` is its media type."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """How many mails are still to leave, how many were given up lately, and what the last one of them met."""

    waiting: int
    failed: int
    trouble: str | None


def enqueue(
    session: Session,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    *,
    language: str = "en",
    attachments: Sequence[Attachment] = (),
    key: str | None = None,
    customer_id: int | None = None,
    list_name: str | None = None,
) -> Mail:
    """The mail, which leaves when the transaction is over; or the one that has that key already.

    Raises BadInput for an address or a subject that no mail can have.
    """
    row = {
        "key": key or secrets.token_hex(16),
        "message_token": secrets.token_hex(16),
        "recipient": checked_address(to),
        "subject": checked_subject(subject),
        "text": text,
        "html": html,
        "language": language,
        "list_name": list_name,
        "customer_id": customer_id,
        "state": State.QUEUED,
        "attempts": 0,
        "due_at": clock.now(),
        "made_at": clock.now(),
    }
    insert_new(session, Mail, [row], unique="key")
    mail = session.exec(select(Mail).where(Mail.key == row["key"])).one()
    if mail.message_token == row["message_token"]:
        session.add_all(
            MailAttachment(mail_id=mail.id or 0, name=each.name, kind=each.kind, content=each.content)
            for each in attachments
        )
    return mail


def of_customer(session: Session, customer_id: int) -> Sequence[Mail]:
    """Those to or about this customer that are still kept, oldest first."""
    return session.exec(select(Mail).where(Mail.customer_id == customer_id).order_by(col(Mail.id))).all()


def attachments_of(session: Session, mail_id: int) -> list[Attachment]:
    query = select(MailAttachment).where(MailAttachment.mail_id == mail_id).order_by(col(MailAttachment.id))
    return [Attachment(each.name, each.kind, each.content) for each in session.exec(query)]


def anything_due(session: Session) -> bool:
    query = select(Mail.id).where(col(Mail.due_at) <= clock.now())
    return session.exec(query.limit(1)).first() is not None


def claim(session: Session) -> Mail | None:
    """The mail that is due longest, which nobody else takes for a while; None when there is none."""
    now = clock.now()
    query = select(Mail).where(col(Mail.due_at) <= now).order_by(col(Mail.due_at), col(Mail.id))
    mail = session.exec(query.limit(1)).first()
    if mail is None:
        return None
    taken = session.connection().execute(
        update(Mail)
        .where(col(Mail.id) == mail.id, col(Mail.due_at) == mail.due_at)
        .values(state=State.SENDING, due_at=now + LEASE, attempts=mail.attempts + 1)
    )
    session.refresh(mail)
    return mail if taken.rowcount else None


def sent(session: Session, mail: Mail) -> None:
    """The server has taken it: its words are needed no more."""
    done = {"state": State.SENT, "due_at": None, "sent_at": clock.now(), "trouble": None}
    if _settle(session, mail, **done, text="", html=None):
        session.exec(delete(MailAttachment).where(col(MailAttachment.mail_id) == mail.id))


def failed(session: Session, mail: Mail, why: str, *, for_good: bool) -> None:
    """It is tried again later, more and more seldom, unless the server said that it never will."""
    over = for_good or mail.attempts > len(AGAIN_AFTER)
    due_at = None if over else clock.now() + AGAIN_AFTER[mail.attempts - 1]
    _settle(session, mail, state=State.FAILED if over else State.QUEUED, due_at=due_at, trouble=why)


def standing(session: Session) -> Standing:
    """How mail is doing, for whoever runs the desk."""
    waiting = select(func.count()).select_from(Mail).where(col(Mail.due_at).is_not(None))
    failed = select(func.count()).select_from(Mail).where(Mail.state == State.FAILED)
    troubled = select(Mail.trouble).where(col(Mail.trouble).is_not(None)).order_by(col(Mail.id).desc())
    return Standing(
        session.exec(waiting).one(), session.exec(failed).one(), session.exec(troubled.limit(1)).first()
    )


def forget_of(session: Session, customer_id: int) -> int:
    """Nothing of mails to or about this customer is left, and what waits does not leave; returns how many."""
    return _delete(session, select(Mail.id).where(Mail.customer_id == customer_id))


def forget_old(session: Session) -> int:
    """Remove what was sent or given up some weeks ago, with the addresses."""
    over = col(Mail.due_at).is_(None) & (col(Mail.made_at) < clock.now() - KEPT)
    return _delete(session, select(Mail.id).where(over))


def _delete(session: Session, wanted: Any) -> int:
    session.exec(delete(MailAttachment).where(col(MailAttachment.mail_id).in_(wanted)))
    return int(session.exec(delete(Mail).where(col(Mail.id).in_(wanted))).rowcount)


def _settle(session: Session, mail: Mail, **values: object) -> bool:
    """Only for who claimed it last: a frozen process that wakes up late finds the door shut."""
    same = (col(Mail.id) == mail.id) & (col(Mail.attempts) == mail.attempts)
    still = same & (col(Mail.state) == State.SENDING)
    return session.connection().execute(update(Mail).where(still).values(**values)).rowcount == 1
