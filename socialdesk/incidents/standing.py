"""How an incident stands: its cases by language and by what became of their holding replies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import Session, col, func, select

from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.incidents.incidents import Became, ClosingReply, HoldingReply, Incident, IncidentCase
from socialdesk.incidents.joining import linked
from socialdesk.replies import Reply, State

# Nothing is decided yet; on X; on its way; a draft; kept from going, with the reason; answered otherwise.
Stand = Literal["waiting", "held", "leaving", "draft", "left", "answered"]
STANDS: tuple[Stand, ...] = ("waiting", "leaving", "held", "draft", "left", "answered")
MOST_SHOWN = 200
_BECAME: Any = (HoldingReply.did, Reply.state, HoldingReply.why, Reply.trouble)


@dataclass(frozen=True, slots=True)
class Entry:
    """One case of the incident, and why it gets no holding reply where it does not."""

    case: Case
    customer: Customer
    link: IncidentCase
    stand: Stand
    why: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """`reasons` are why cases were left out, with how many, the most frequent first."""

    by_language: Mapping[str, Counter[Stand]]
    reasons: Sequence[tuple[str, int]]

    @property
    def total(self) -> Counter[Stand]:
        return sum(self.by_language.values(), Counter[Stand]())


def of(session: Session, incident: Incident) -> Standing:
    """One statement, however many cases there are."""
    columns: Any = (Case.language, Case.status, *_BECAME)
    counted: Any = select(*columns, func.count())  # type: ignore[call-overload]
    query = _joined(counted, incident).group_by(*columns)
    by_language: dict[str, Counter[Stand]] = {}
    reasons: Counter[str] = Counter()
    for language, status, did, state, why, trouble, number in session.exec(query):
        stand = _stand(status, did, state)
        by_language.setdefault(language, Counter())[stand] += number
        if stand == "left":
            reasons[why or trouble or ""] += number
    ordered = sorted(by_language.items(), key=lambda each: (-each[1].total(), each[0]))
    return Standing(dict(ordered), reasons.most_common())


def finals(session: Session, incident: Incident) -> tuple[Counter[Stand], Sequence[tuple[str, int]]]:
    """How the closing replies stand, and why customers were left out, the most frequent reason first."""
    columns: Any = (ClosingReply.did, Reply.state, ClosingReply.why, Reply.trouble)
    counted: Any = select(*columns, func.count())  # type: ignore[call-overload]
    query = counted.outerjoin(Reply, col(Reply.id) == ClosingReply.reply_id)
    query = query.where(ClosingReply.incident_id == incident.id).group_by(*columns)
    stands: Counter[Stand] = Counter()
    reasons: Counter[str] = Counter()
    for did, state, why, trouble, number in session.exec(query):
        stand = _stand("", did, state)
        stands[stand] += number
        if stand == "left":
            reasons[why or trouble or ""] += number
    stands["waiting"] += _undecided(session, incident) if incident.tells else 0
    return stands, reasons.most_common()


def _undecided(session: Session, incident: Incident) -> int:
    """Cases that are not let go yet and of whose closing reply nothing is decided."""
    decided = select(ClosingReply.case_id).where(ClosingReply.incident_id == incident.id)
    query = select(func.count()).select_from(IncidentCase)
    return session.exec(
        query.where(
            linked(incident.id or 0),
            col(IncidentCase.released_at).is_(None),
            col(IncidentCase.case_id).not_in(decided),
        )
    ).one()


def entries(session: Session, incident: Incident, *, most: int = MOST_SHOWN) -> list[Entry]:
    """The cases that joined last first."""
    columns: Any = (Case, Customer, IncidentCase, *_BECAME)
    query = _joined(select(*columns), incident).join(Customer, col(Customer.id) == Case.customer_id)
    newest = query.order_by(col(IncidentCase.joined_at).desc(), col(Case.id).desc()).limit(most)
    return [
        Entry(case, customer, link, _stand(case.status, did, state), why or trouble)
        for case, customer, link, did, state, why, trouble in session.exec(newest)
    ]


def _joined(query: Any, incident: Incident) -> Any:
    decided = (col(HoldingReply.case_id) == Case.id) & (col(HoldingReply.incident_id) == incident.id)
    return (
        query.select_from(IncidentCase)
        .join(Case, col(Case.id) == IncidentCase.case_id)
        .outerjoin(HoldingReply, decided)
        .outerjoin(Reply, col(Reply.id) == HoldingReply.reply_id)
        .where(linked(incident.id or 0))
    )


def _stand(status: str, did: str | None, state: str | None) -> Stand:
    if did == Became.PROPOSED and state == State.DRAFT:
        return "draft"
    if did == Became.SENT and state in (State.APPROVED, State.SENDING, State.UNKNOWN):
        return "leaving"
    if state == State.SENT:
        return "held"
    if did == Became.LEFT or state in (State.HELD, State.CANCELLED):
        return "left"
    return "waiting" if status == Status.WAITING else "answered"
