"""What the words in the composer leave as: its parts with their lengths, the price, and the guards' word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from socialdesk import cases, fitting, guards, messages
from socialdesk.cases import Case
from socialdesk.console import sketch
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.console.entries import price
from socialdesk.console.sketch import Words
from socialdesk.desk import Desk
from socialdesk.guards import Objection, Severity
from socialdesk.messages import Message, Visibility
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply
from socialdesk.replying import drafts, policy, scrutiny

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Part:
    """`length` is in X's weighted characters of a post, in plain ones of a direct message."""

    text: str
    length: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Nothing stands in it while nothing is written; `waits` says why a second person has to approve it."""

    private: bool
    parts: Sequence[Part] = ()
    cost: Decimal = Decimal()
    objections: Sequence[Objection] = ()
    waits: str | None = None

    @property
    def limit(self) -> int:
        """Of each part."""
        return guards.LONGEST_PRIVATE if self.private else fitting.LIMIT

    @property
    def length(self) -> int:
        """The longest part's."""
        return max((part.length for part in self.parts), default=0)

    @property
    def price(self) -> str:
        return price(self.cost)

    @property
    def blocked(self) -> bool:
        """Whether something has to be mended before anybody can let it go."""
        return any(each.severity == Severity.BLOCKS for each in self.objections)

    @property
    def by_weight(self) -> list[Objection]:
        """What weighs most comes first."""
        order = list(Severity)
        return sorted(self.objections, key=lambda each: order.index(each.severity))

    def control_for(self, objection: Objection, agent: Agent) -> Literal["button", "tick", "ask"] | None:
        """The one way in which the agent can deal with it as it is; None when it has to be mended, or when a
        supervisor is asked anyway, who then looks at all of them."""
        if self.blocked:
            return None
        if objection.severity == Severity.SUPERVISOR and not agent.supervises:
            return "ask"
        if self.needs_supervisor(agent) and not self.waits:
            return None
        alone = len(self.objections) == 1 and objection.severity == Severity.CONFIRM
        return "button" if alone else "tick"

    def controls_for(self, agent: Agent) -> set[str | None]:
        """All of these together."""
        return {self.control_for(each, agent) for each in self.objections}

    def wants_reason_of(self, agent: Agent) -> bool:
        """Whether something stands against it that only a supervisor sets aside, who has to say why."""
        return agent.supervises and not self.blocked and self._supervisors()

    def needs_supervisor(self, agent: Agent) -> bool:
        """Whether the agent can ask one to set something aside."""
        return not agent.supervises and self._supervisors()

    def _supervisors(self) -> bool:
        return any(each.severity == Severity.SUPERVISOR for each in self.objections)


def judge(
    session: Session,
    desk: Desk,
    case: Case,
    said: Sequence[Message],
    draft: Reply | None,
    words: Words,
    *,
    by: Agent,
) -> Fit:
    """The same as approving will find, as things stand now."""
    private = words.visibility == Visibility.PRIVATE
    reply = sketch.of(session, case, said, draft, words, by) if words.stored else None
    if reply is None:
        return Fit(private)
    looked = scrutiny.look(session, case, reply, library=desk.library_now(session), settings=desk.settings)
    return Fit(
        private,
        [Part(text, len(text) if private else fitting.weighted_length(text)) for text in looked.parts],
        looked.price,
        looked.objections,
        policy.second_person(desk.settings.approvals, looked.written, by),
    )


class Wording(BaseModel):
    """The composer's fields as far as they count, while somebody types."""

    case: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    text: Annotated[str, Field(max_length=20_000)]
    visibility: Annotated[Visibility, Field(alias="as")]
    template: Annotated[str, Field(max_length=80)] = ""
    version: Annotated[str, Field(max_length=20)] = ""


@router.post("/fit")
def answer(visit: Admitted, wording: Wording) -> Response:
    """The part of the composer that shows it, as the case's page would."""
    words = Words(wording.text, wording.visibility, wording.template, version=wording.version)
    with visit.database.reading() as session:
        case = cases.find(session, wording.case)
        said, draft = messages.of_case(session, wording.case), drafts.of_case(session, case)
        fit = judge(session, visit.desk, case, said, draft, words, by=visit.agent)
    return visit.page("case/_fit.html", fit=fit, case=case, override=frozenset(), reason="")
