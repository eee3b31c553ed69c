"""How many replies X still lets us send: what its last answer said, where every process can read it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import clock
from socialdesk.database import one_of
from socialdesk.messages import Visibility

# X's windows last a quarter of an hour. What would end later is no window but a clock that was put back.
WINDOW = timedelta(minutes=15)
CREDIBLE = WINDOW + timedelta(minutes=1)


class SendBudget(SQLModel, table=True):
    """What X granted one account for one kind of reply: `remaining` of `limit` until `resets_at`."""

    __tablename__ = "send_budgets"
    __table_args__ = (one_of("visibility", Visibility),)

    account_id: int = Field(primary_key=True, foreign_key="accounts.id")
    visibility: str = Field(primary_key=True)
    limit: int
    remaining: int
    resets_at: datetime

    @property
    def stands(self) -> bool:
        """Whether its window is not over."""
        return clock.now() < self.resets_at <= clock.now() + CREDIBLE


def keep(
    session: Session, account_id: int, visibility: str, *, limit: int, remaining: int, resets_at: datetime
) -> None:
    """X's last answer said so."""
    budget = SendBudget(
        account_id=account_id,
        visibility=visibility,
        limit=limit,
        remaining=remaining,
        resets_at=resets_at,
    )
    session.merge(budget)


def of(session: Session, account_id: int) -> Mapping[str, SendBudget]:
    """By visibility, what X said last; see whether it still `stands`."""
    found = session.exec(select(SendBudget).where(SendBudget.account_id == account_id))
    return {budget.visibility: budget for budget in found}


def used_up(account_id: Any, visibility: Any) -> Any:
    """As a condition of a query: X has said that it takes no more of these now."""
    now = clock.now()
    return (
        select(SendBudget.account_id)
        .where(
            SendBudget.account_id == account_id,
            SendBudget.visibility == visibility,
            SendBudget.remaining == 0,
            col(SendBudget.resets_at) > now,
            col(SendBudget.resets_at) <= now + CREDIBLE,
        )
        .exists()
    )
