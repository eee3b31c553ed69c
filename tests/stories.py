"""Short ways to say what was written on X, for tests that hand it to the desk without X."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlmodel import Session, col, select

from socialdesk import intake
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.messages import Incoming, Visibility

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
US = "1000"
MARIA, KENJI, PAVEL = "2001", "2002", "2003"
_ids = count(1_900_000_000_000_000_000, 1_000)


def post(
    author: str,
    text: str = "¿Dónde está mi paquete? Lo espero desde el lunes.",
    *,
    minutes: float = 0,
    conversation: str | None = None,
    answers: str | None = None,
    to: str | None = None,
    x_id: str | None = None,
) -> Incoming:
    """A public post; `to` is whom ours was written to."""
    x_id = x_id or str(next(_ids))
    return Incoming(
        x_id=x_id,
        visibility=Visibility.PUBLIC,
        author_x_id=author,
        customer_x_id=to if author == US else author,
        conversation_id=conversation or x_id,
        in_reply_to_x_id=answers,
        text=text,
        sent_at=NOON + timedelta(minutes=minutes),
    )


def direct_message(
    author: str, text: str = "アカウントにログインできません。", *, minutes: float = 0, to: str | None = None
) -> Incoming:
    return Incoming(
        x_id=str(next(_ids)),
        visibility=Visibility.PRIVATE,
        author_x_id=author,
        customer_x_id=to if author == US else author,
        conversation_id=f"{US}-{to or author}",
        in_reply_to_x_id=None,
        text=text,
        sent_at=NOON + timedelta(minutes=minutes),
    )


def arrive(desk: Desk, *incoming: Incoming) -> list[str]:
    """Hand messages to the desk's first account; returns X's ids of those that were new."""
    read = intake.read(desk.database, 1, incoming)
    with desk.database.transaction() as session:
        return intake.take_in(session, 1, read, reopen_days=desk.settings.cases.reopen_days)


def all_cases(session: Session) -> Sequence[Case]:
    return session.exec(select(Case).order_by(col(Case.id))).all()
