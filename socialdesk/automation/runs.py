"""What rules did: a row for each customer's message that a rule was for, written once whoever tries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint, col, func, select

from socialdesk import clock
from socialdesk.database import one_of, only_where

_SENT = text("did = 'sent'")


class Did(StrEnum):
    SENT = "sent"  # or on its way
    PROPOSED = "proposed"
    ASSIGNED = "assigned"
    PRIORITY = "priority"
    SILENCED = "silenced"
    TAGGED = "tagged"
    SNOOZED = "snoozed"
    LEFT = "left"  # something stood against it


class RuleRun(SQLModel, table=True):
    """One rule and the customer's message that it was for; `wrote_at` is when that was written.

    The schema lets one automated reply out for each interaction, which begins whenever the customer opens
    the case or comes back to it, and one for each message, whatever case that is moved to.
    """

    __tablename__ = "rule_runs"
    __table_args__ = (
        one_of("did", Did),
        UniqueConstraint("rule_id", "message_id"),
        Index("uq_rule_runs_interaction", "case_id", "interaction", unique=True, **only_where(_SENT)),
        Index("uq_rule_runs_answered", "message_id", unique=True, **only_where(_SENT)),
        Index("ix_rule_runs_rule_id_at", "rule_id", "at"),
        Index("ix_rule_runs_case_id", "case_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rule_id: str
    case_id: int = Field(foreign_key="cases.id")
    message_id: int = Field(foreign_key="messages.id")
    interaction: int
    did: str
    why: str
    wrote_at: datetime
    at: datetime
    reply_id: int | None = Field(default=None, foreign_key="replies.id")


def claim(session: Session, **values: Any) -> int | None:
    """The row id of the new run; None when another process was faster, or the interaction is answered."""
    connection = session.connection()
    dialect = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = dialect(RuleRun).values(at=clock.now(), **values).on_conflict_do_nothing()
    found: int | None = connection.execute(statement.returning(col(RuleRun.id))).scalar()
    return found


def answered(session: Session, case_id: int, interaction: int, message_id: int) -> bool:
    """Whether this interaction, or this message, has had its automated reply."""
    same = (col(RuleRun.case_id) == case_id) & (col(RuleRun.interaction) == interaction)
    query = select(RuleRun.id).where(RuleRun.did == Did.SENT, same | (col(RuleRun.message_id) == message_id))
    return session.exec(query).first() is not None


def last_sent(session: Session, rule_id: str, *, since: datetime, most: int) -> Sequence[RuleRun]:
    """The rule's last automated replies, newest first."""
    query = select(RuleRun).where(
        RuleRun.rule_id == rule_id, RuleRun.did == Did.SENT, col(RuleRun.at) >= since
    )
    return session.exec(query.order_by(col(RuleRun.at).desc()).limit(most)).all()


def counts(session: Session, *, since: datetime) -> Mapping[str, Counter[str]]:
    """By rule, how often it did what."""
    found: dict[str, Counter[str]] = {}
    query = select(RuleRun.rule_id, RuleRun.did, func.count()).where(col(RuleRun.at) >= since)
    for rule_id, did, number in session.exec(query.group_by(RuleRun.rule_id, RuleRun.did)):
        found.setdefault(rule_id, Counter())[did] += number
    return found
