"""A reply on its way out is one post or several in a row; each that X has knows its id there."""

import html
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, func, select

from socialdesk import audit, fitting
from socialdesk.messages import Direction, Message
from socialdesk.phrases import gettext as _


class ReplyPart(SQLModel, table=True):
    """One post or direct message of a reply, laid down when the reply was approved.

    `misses` counts how often it was sent without a clear answer and then was not on X; `duplicate` says
    that X refused it as words it has from us already: whether they are these, its timeline tells.
    """

    __tablename__ = "reply_parts"
    __table_args__ = (UniqueConstraint("reply_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    reply_id: int = Field(foreign_key="replies.id")
    number: int
    text: str
    x_id: str | None = Field(default=None, unique=True)
    sent_at: datetime | None = None
    misses: int = 0
    duplicate: bool = False


def signature(pattern: str, initials: str) -> str:
    """What a public reply ends with; `pattern` is the setting `replies.sign_off`, empty for none."""
    return pattern.replace("{initials}", initials).strip()


def divide(text: str, *, private: bool, sign_off: str = "") -> list[str]:
    """What X is sent, part by part; of a public reply the last one is signed, unless its author did it."""
    if private:
        return [text]
    return fitting.fit(text, sign_off="" if text.endswith(sign_off) else sign_off).parts


def lay_down(session: Session, reply_id: int, texts: Sequence[str]) -> None:
    """These are what the approved reply leaves as."""
    session.add_all(
        ReplyPart(reply_id=reply_id, number=number, text=text) for number, text in enumerate(texts, start=1)
    )
    session.flush()


def tell_approved(
    session: Session, case: Any, reply_id: int, words: str, given: Sequence[str], *, by: int | None
) -> None:
    """For the audit log: which words were read, and which are `given` to X, with a line break between the
    parts; both as a digest, so that customers' data stay out of what is never erased."""
    digests = audit.changed(words, "\n".join(given))
    audit.record(session, "reply_approved", by=by, case=case, reply=reply_id, **digests)


def of_reply(session: Session, reply_id: int) -> Sequence[ReplyPart]:
    """All parts in their order; none of a draft."""
    return session.exec(
        select(ReplyPart).where(ReplyPart.reply_id == reply_id).order_by(col(ReplyPart.number))
    ).all()


def of_replies(session: Session, reply_ids: Collection[int]) -> dict[int, list[ReplyPart]]:
    """The same by reply; only of replies that have been approved."""
    query = select(ReplyPart).where(col(ReplyPart.reply_id).in_(reply_ids))
    found = session.exec(query.order_by(col(ReplyPart.reply_id), col(ReplyPart.number)))
    return {reply_id: list(row) for reply_id, row in groupby(found, key=lambda part: part.reply_id)}


def forget_misses(session: Session, reply_id: int) -> None:
    """Somebody has looked, and it may be tried as if for the first time."""
    for part in of_reply(session, reply_id):
        part.misses, part.duplicate = 0, False


def due(row: Sequence[ReplyPart]) -> ReplyPart | None:
    """The first that is not on X; None when all are."""
    return next((part for part in row if part.x_id is None), None)


def told(row: Sequence[ReplyPart]) -> str | None:
    """Of a reply that is on X in part, how much is: "Part 1 of 2 is on X."; None of every other."""
    there = sum(part.x_id is not None for part in row)
    if there in (0, len(row)):
        return None
    if there == 1:
        return _("Part 1 of %(all)s is on X.", all=len(row))
    return _("Parts 1 to %(there)s of %(all)s are on X.", there=there, all=len(row))


def linked(session: Session, x_ids: Collection[str]) -> set[str]:
    """Those of X's ids that some part has already."""
    found = session.exec(select(ReplyPart.x_id).where(col(ReplyPart.x_id).in_(x_ids)))
    return {x_id for x_id in found if x_id}


def is_elsewhere(message: Any = Message) -> ColumnElement[bool]:
    """For a query over messages: whether it is ours and did not leave from this desk, but from X's app."""
    own = select(ReplyPart.id).where(col(ReplyPart.x_id) == message.x_id).correlate(message)
    return and_(message.direction == Direction.OUTBOUND, ~own.exists())


def newest_elsewhere(session: Session, case_id: int) -> int:
    """The row id of the message of that kind that came in last; 0 when there is none."""
    query = select(func.max(Message.id)).where(Message.case_id == case_id, is_elsewhere())
    return session.exec(query).one() or 0


def canonical(text: str) -> str:
    """The same for a text and for what X makes of it: it puts names in front, and a scheme before links."""
    words = [word.removeprefix("https://").removeprefix("http://") for word in _normal(text).split()]
    while words and words[0].startswith("@"):
        words.pop(0)
    return " ".join(words)


# Nobody says whether X keeps them, and words are the same words without them.
_MARKS = str.maketrans("", "", "\u200e\u200f")


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", html.unescape(text)).translate(_MARKS)
