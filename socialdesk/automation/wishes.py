"""Customers' own word that they want to hear nothing more: understood in thirteen languages, once, for good.

Every message of a customer's is looked at once, in the order they came in, with some looked at again: of two
processes that store messages at once, the later ids may be there first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, func, select

from socialdesk import clock
from socialdesk.automation import withdrawal
from socialdesk.automation.leaving import LeavingWords
from socialdesk.automation.runs import Did, RuleRun
from socialdesk.bulk import insert_new
from socialdesk.cases import Case
from socialdesk.casework import optouts
from socialdesk.customers import Customer
from socialdesk.errors import AlreadyDone
from socialdesk.messages import Direction, Message

MOST_AT_A_TIME = 2_000
_LOOKED_AT_AGAIN = 500  # row ids


class OptOutWish(SQLModel, table=True):
    """A message in which a customer asked to hear nothing more; `run_id` is what a rule had sent him last."""

    __tablename__ = "opt_out_wishes"

    message_id: int = Field(primary_key=True, foreign_key="messages.id")
    customer_id: int = Field(foreign_key="customers.id")
    run_id: int | None = Field(default=None, foreign_key="rule_runs.id", index=True)
    at: datetime


class WishReading(SQLModel, table=True):
    """How far the messages have been looked through; one row."""

    __tablename__ = "wish_readings"

    id: int = Field(primary_key=True)
    message_id: int


def anything_new(session: Session) -> bool:
    reading = session.get(WishReading, 1)
    return reading is None or _newest(session) > reading.message_id


def read(session: Session, words: LeavingWords) -> int:
    """Look through what came in since the last time; returns how many have asked for it.

    The first time everything that is there counts as seen: `asked_before` finds what was said earlier.
    """
    if session.get(WishReading, 1) is None:
        insert_new(session, WishReading, [{"id": 1, "message_id": _newest(session)}], unique="id")
        return 0
    reading = session.get_one(WishReading, 1, with_for_update=True, populate_existing=True)
    fresh = _fresh(session, reading.message_id - _LOOKED_AT_AGAIN)
    found = sum(_honour(session, message) for message in fresh if words.asked_in(message.text))
    reading.message_id = max([reading.message_id, *(each.id or 0 for each in fresh)])
    return found


def asked_before(session: Session, words: LeavingWords, customer_id: int, *, most: int = 50) -> bool:
    """Whether he has said so in his last words and nobody has understood it yet."""
    query = select(Message).where(_by(customer_id), Message.direction == Direction.INBOUND)
    last = session.exec(query.order_by(col(Message.id).desc()).limit(most)).all()
    return any(_honour(session, each) for each in last if words.asked_in(each.text))


def after(session: Session, run_ids: Sequence[int]) -> int:
    """After how many of these runs a customer wanted to hear nothing more."""
    query = select(func.count(func.distinct(OptOutWish.run_id))).where(col(OptOutWish.run_id).in_(run_ids))
    return session.exec(query).one()


def _fresh(session: Session, after_id: int) -> Sequence[Message]:
    known = select(OptOutWish.message_id)
    query = select(Message).where(
        col(Message.id) > after_id, Message.direction == Direction.INBOUND, col(Message.id).not_in(known)
    )
    return session.exec(query.order_by(col(Message.id)).limit(MOST_AT_A_TIME + _LOOKED_AT_AGAIN)).all()


def _honour(session: Session, message: Message) -> bool:
    """False for a message that was understood before: an agent may have let him in again since."""
    if not _note(session, message):
        return False
    customer = session.get_one(Customer, message.customer_id)
    try:
        optouts.opt_out(session, customer)
    except AlreadyDone:
        return False
    withdrawal.take_back(session, message.customer_id)
    return True


def _note(session: Session, message: Message) -> bool:
    connection = session.connection()
    dialect = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"message_id": message.id, "customer_id": message.customer_id, "at": clock.now()}
    row["run_id"] = _last_run(session, message)
    statement = dialect(OptOutWish).values(row).on_conflict_do_nothing()
    return connection.execute(statement.returning(col(OptOutWish.message_id))).scalar() is not None


def _last_run(session: Session, message: Message) -> int | None:
    query = (
        select(RuleRun.id)
        .join(Message, col(Message.id) == RuleRun.message_id)
        .where(_by(message.customer_id), RuleRun.did == Did.SENT, Message.id != message.id)
    )
    return session.exec(query.order_by(col(RuleRun.at).desc()).limit(1)).first()


def _by(customer_id: int) -> Any:
    """Messages are found by their cases."""
    return col(Message.case_id).in_(select(Case.id).where(Case.customer_id == customer_id))


def _newest(session: Session) -> int:
    return session.exec(select(func.max(Message.id))).one() or 0
