"""What a rule can say: when, for whom, and what is done then."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from socialdesk import stamps
from socialdesk.languages import LANGUAGES
from socialdesk.promises import Priority
from socialdesk.topics import TOPICS

When = Literal["new_case", "follow_up", "no_answer", "outside_hours", "resolved"]
Do = Literal["send", "propose", "assign", "priority", "close"]
WHEN_WORDS: dict[str, str] = {
    "new_case": "A customer opens a case",
    "follow_up": "A customer writes again after an answer",
    "no_answer": "Nobody has answered for a while",
    "outside_hours": "A customer writes while nobody is at the desk",
    "resolved": "An agent resolves a case",
}
DO_WORDS: dict[str, str] = {
    "send": "Sends a reply without a person",
    "propose": "Drafts a reply for an agent",
    "assign": "Gives the case to an agent",
    "priority": "Sets the case's priority",
    "close": "Resolves the case as noise",
}
LONGEST_WAIT = 7 * 24 * 60  # minutes
_NEEDS = {"send": "template", "propose": "template", "assign": "to", "priority": "priority"}
_OF_WHEN = {"no_answer": "minutes", "outside_hours": "calendar"}


def _known(names: Any, what: str) -> Any:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"“{value}” is no {what}; write one of {', '.join(names)}")
        return value

    return AfterValidator(check)


Language = Annotated[str, _known(LANGUAGES, "language of the desk")]
Topic = Annotated[str, _known(TOPICS, "topic")]
Word = Annotated[str, Field(min_length=1, max_length=100)]


class Rule(BaseModel):
    """One rule as replies/rules.toml has it. What it does not name is not asked for.

    `words` are asked for one by one: any of them will do. One that `answers` is enough of an answer, so that
    the customer does not wait for a person any more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    id: str = Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=40)
    title: str = Field(min_length=1, max_length=120)
    when: When
    do: Do
    minutes: int | None = Field(default=None, ge=1, le=LONGEST_WAIT)
    calendar: str | None = None
    account: str | None = None
    channel: Literal["public", "private"] | None = None
    languages: tuple[Language, ...] = ()
    topics: tuple[Topic, ...] = ()
    words: tuple[Word, ...] = ()
    followers_at_least: int | None = Field(default=None, ge=0)
    followers_at_most: int | None = Field(default=None, ge=0)
    first_contact: bool | None = None
    template: str | None = None
    to: str | None = None
    priority: Priority | None = None
    answers: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Rule:
        self._needs_and_nothing_else("when", self.when, _OF_WHEN)
        self._needs_and_nothing_else("do", self.do, _NEEDS)
        if self.when == "resolved" and self.do not in ("send", "propose"):
            raise ValueError('a resolved case can only be written to: write do = "send" or "propose"')
        if self.answers and self.do != "send":
            raise ValueError('only what is sent can answer: take “answers” out, or write do = "send"')
        least, most = self.followers_at_least or 0, self.followers_at_most
        if most is not None and most < least:
            raise ValueError("nobody has so many followers and so few: make followers_at_most the larger one")
        return self

    @property
    def version(self) -> str:
        """Another one as soon as the rule says anything else."""
        return stamps.version(self.model_dump_json(exclude={"title"}))

    @property
    def writes(self) -> bool:
        return self.do in ("send", "propose")

    def _needs_and_nothing_else(self, key: str, value: str, of: dict[str, str]) -> None:
        wanted = of.get(value)
        if wanted and getattr(self, wanted) is None:
            raise ValueError(f'{key} = "{value}" needs “{wanted}”: add it')
        for other in set(of.values()) - {wanted}:
            if getattr(self, other) is not None:
                belongs = " or ".join(f'"{name}"' for name, has in of.items() if has == other)
                raise ValueError(f"“{other}” is for {key} = {belongs} only: take it out")
