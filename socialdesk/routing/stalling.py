"""Why a case waits for somebody to be given to: told on the case once for each reason, however often it is
tried."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, delete, select

from socialdesk import history
from socialdesk.cases import Case
from socialdesk.routing.choosing import Stalled
from socialdesk.worklists.urgency import WAITING

NOT_ROUTED = "not_routed"


class RoutingWait(SQLModel, table=True):
    """The reason that was told last of a case that could be given to nobody, as JSON."""

    __tablename__ = "routing_waits"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    why: str


def untold(session: Session, account_id: int, stalled: Stalled, *, most: int) -> Sequence[int]:
    """Cases in that language that nobody has and of which that reason has not been told, by row id."""
    query: Any = (
        select(Case.id)
        .outerjoin(RoutingWait, col(RoutingWait.case_id) == col(Case.id))
        .where(
            WAITING,
            col(Case.assignee_id).is_(None),
            col(Case.snoozed_until).is_(None),
            Case.account_id == account_id,
            Case.language == stalled.language,
            col(RoutingWait.why).is_(None) | (col(RoutingWait.why) != _written(stalled)),
        )
    )
    found: Sequence[int] = session.exec(query.order_by(col(Case.id)).limit(most)).all()
    return found


def tell(session: Session, case: Case, stalled: Stalled) -> bool:
    """Whether it was news; of two who tell it at once one does."""
    connection, why = session.connection(), _written(stalled)
    new: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    told = new(RoutingWait).values(case_id=case.id, why=why)
    news = told.on_conflict_do_update(
        index_elements=["case_id"], set_={"why": why}, where=col(RoutingWait.why) != why
    ).returning(col(RoutingWait.case_id))
    if connection.execute(news).first() is None:
        return False
    history.record(case, NOT_ROUTED, **details(stalled))
    return True


def forget(session: Session, case_id: int) -> None:
    """Somebody has it now: should it be stuck again, that is told again."""
    session.exec(delete(RoutingWait).where(col(RoutingWait.case_id) == case_id))


def details(stalled: Stalled) -> dict[str, Any]:
    """As the case's history keeps it."""
    until = stalled.until.isoformat() if stalled.until else None
    told: dict[str, Any] = {
        "why": stalled.why.value,
        "language": stalled.language,
        "anybody": stalled.anybody or None,
    }
    told |= {"stand_ins": True} if stalled.stand_ins else {}
    told |= {"full": [list(each) for each in stalled.full]} if stalled.full else {}
    return told | {"until": until, "zone": stalled.zone if until else None}


def _written(stalled: Stalled) -> str:
    """Who has how many is told as it was at first: that it changes is no other reason."""
    told = {name: value for name, value in details(stalled).items() if name != "full"}
    return json.dumps(told, sort_keys=True)
