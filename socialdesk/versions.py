"""What a post said before its author edited it: X gives each version an id of its own."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select


class MessageVersion(SQLModel, table=True):
    """An earlier version of a message, by X's id.

    Its `text` is None while the version is only known from the post's history, and empty once the
    post is gone.
    """

    __tablename__ = "message_versions"
    __table_args__ = (UniqueConstraint("account_id", "x_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    message_id: int = Field(foreign_key="messages.id", index=True)
    x_id: str
    text: str | None = None
    language: str | None = None
    seen_at: datetime | None = None


def among(session: Session, account_id: int, x_ids: Collection[str]) -> dict[str, MessageVersion]:
    """Those of X's ids that are earlier versions of some message."""
    query = select(MessageVersion).where(
        MessageVersion.account_id == account_id, col(MessageVersion.x_id).in_(x_ids)
    )
    return {version.x_id: version for version in session.exec(query)}


def of_messages(session: Session, message_ids: Collection[int]) -> dict[int, list[MessageVersion]]:
    """By message, its earlier versions whose text is known, oldest first."""
    query = select(MessageVersion).where(
        col(MessageVersion.message_id).in_(message_ids), col(MessageVersion.text).is_not(None)
    )
    found: dict[int, list[MessageVersion]] = {}
    for version in sorted(session.exec(query), key=lambda each: int(each.x_id)):
        found.setdefault(version.message_id, []).append(version)
    return found


def ids_of(session: Session, message_id: int) -> Sequence[str]:
    """X's ids of the message's earlier versions."""
    return session.exec(select(MessageVersion.x_id).where(MessageVersion.message_id == message_id)).all()


def erase(session: Session, message_id: int) -> None:
    """Nothing of what they said is kept; their ids are, so that none of them comes in again."""
    erased = update(MessageVersion).where(col(MessageVersion.message_id) == message_id)
    session.connection().execute(erased.values(text=""))
