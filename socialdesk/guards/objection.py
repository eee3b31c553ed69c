"""What a guard says: the words, how much they weigh, and what would help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from socialdesk.people.agents import Agent
from socialdesk.phrases import mark


class Kind(StrEnum):
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNFILLED = "unfilled"
    INVISIBLE = "invisible"
    NOT_REPLIABLE = "not_repliable"
    GONE = "gone"
    ERASED = "erased"
    EDITED = "edited"
    PERSONAL_DATA = "personal_data"
    LANGUAGE = "language"
    FLUENCY = "fluency"
    MENTION = "mention"
    LINK = "link"
    CASHTAGS = "cashtags"
    REPETITION = "repetition"
    OPTED_OUT = "opted_out"


# What was set aside, as a case's history tells it: translated there.
IN_SPITE_OF = {
    Kind.NOT_REPLIABLE: mark("X may refuse to let us answer that post"),
    Kind.EDITED: mark("the customer edited the post meanwhile"),
    Kind.PERSONAL_DATA: mark("personal data in public"),
    Kind.LANGUAGE: mark("another language than the customer's"),
    Kind.FLUENCY: mark("in a language that its author is not known to write"),
    Kind.MENTION: mark("somebody new is called"),
    Kind.LINK: mark("a link in public"),
    Kind.OPTED_OUT: mark("the customer wants to hear nothing more"),
}


class Severity(StrEnum):
    """Who may let the reply go out in spite of it."""

    BLOCKS = "blocks"  # nobody
    SUPERVISOR = "supervisor"  # a supervisor, who says why
    CONFIRM = "confirm"  # whoever has read it and approves once more


class Remedy(StrEnum):
    """What the agent can do about it; the words say the same at length."""

    EDIT = "edit"
    STRIP = "strip"
    DM = "dm"
    ANSWER_ANOTHER = "answer_another"
    READ_AGAIN = "read_again"
    CONFIRM = "confirm"
    ASK_SUPERVISOR = "ask_supervisor"


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that stands against a reply, in words fit to show an agent."""

    kind: Kind
    severity: Severity
    words: str
    remedy: Remedy

    def yields_to(self, agent: Agent) -> bool:
        """Whether this agent may set it aside."""
        if self.severity == Severity.SUPERVISOR:
            return agent.supervises
        return self.severity == Severity.CONFIRM


def sentences(objections: Iterable[Objection]) -> str:
    return " ".join(each.words for each in objections)
