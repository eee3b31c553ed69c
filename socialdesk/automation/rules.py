"""What a rule can say: when, for whom, and what is done then."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from babel.lists import format_list
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from socialdesk.casework import tagging
from socialdesk.errors import BadInput
from socialdesk.languages import LANGUAGES
from socialdesk.phrases import gettext as _
from socialdesk.phrases import locale, mark
from socialdesk.settings.promises import Priority
from socialdesk.templating import stamps
from socialdesk.topics import TOPICS

When = Literal["new_case", "follow_up", "no_answer", "outside_hours", "resolved", "incident", "gap"]
Do = Literal["send", "propose", "assign", "tag", "priority", "snooze", "close"]
WHEN_WORDS: dict[str, str] = {
    "new_case": mark("A customer opens a case"),
    "follow_up": mark("A customer writes again after an answer"),
    "no_answer": mark("Nobody has answered for a while"),
    "outside_hours": mark("A customer writes while nobody is at the desk"),
    "resolved": mark("An agent resolves a case"),
    "incident": mark("A case joins an incident"),
    "gap": mark("The search for a gap finds a customer's post"),
}
DO_WORDS: dict[str, str] = {
    "send": mark("Sends a reply without a person"),
    "propose": mark("Drafts a reply for an agent"),
    "assign": mark("Gives the case to an agent"),
    "tag": mark("Puts a tag on the case"),
    "priority": mark("Sets the case's priority"),
    "snooze": mark("Snoozes the case"),
    "close": mark("Resolves the case as noise"),
}
LONGEST_WAIT = 7 * 24 * 60  # minutes
_NEEDS = {
    "send": "template",
    "propose": "template",
    "assign": "to",
    "tag": "tag",
    "priority": "priority",
    "snooze": "snooze_minutes",
}
# What rules could not say at first: one that does not say it is the same rule as before.
_ADDED = ("tag", "snooze_minutes")
_OF_WHEN = {"no_answer": "minutes", "outside_hours": "calendar"}


def _known(names: Any, unknown: str) -> Any:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(_(unknown, value=value, names=", ".join(names)))
        return value

    return AfterValidator(check)


_NO_LANGUAGE = mark("“%(value)s” is no language of the desk; write one of %(names)s.")
_NO_TOPIC = mark("“%(value)s” is no topic; write one of %(names)s.")
Language = Annotated[str, _known(LANGUAGES, _NO_LANGUAGE)]
Topic = Annotated[str, _known(TOPICS, _NO_TOPIC)]
Word = Annotated[str, Field(min_length=1, max_length=100)]


def _tag(told: str) -> str:
    try:
        return tagging.clean(told)
    except BadInput as error:
        raise ValueError(str(error)) from error


Tag = Annotated[str, AfterValidator(_tag)]


class Rule(BaseModel):
    """One rule as replies/rules.toml has it. What it does not name is not asked for.

    `words` are asked for one by one: any of them will do. `minutes` is how long nobody has
    answered, `snooze_minutes` how long the case is put aside. One that `answers` is enough of an answer, so
    that the customer does not wait for a person any more.
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
    tag: Tag | None = None
    priority: Priority | None = None
    snooze_minutes: int | None = Field(default=None, ge=1, le=LONGEST_WAIT)
    answers: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Rule:
        self._needs_and_nothing_else("when", self.when, _OF_WHEN)
        self._needs_and_nothing_else("do", self.do, _NEEDS)
        if self.when == "resolved" and self.do not in ("send", "propose", "tag"):
            raise ValueError(
                _('a resolved case can only be written to or tagged: write do = "send", "propose" or "tag".')
            )
        if self.answers and self.do != "send":
            raise ValueError(_('only what is sent can answer: take “answers” out, or write do = "send".'))
        least, most = self.followers_at_least or 0, self.followers_at_most
        if most is not None and most < least:
            raise ValueError(
                _("nobody has so many followers and so few: make followers_at_most the larger one.")
            )
        return self

    @property
    def version(self) -> str:
        """Another one as soon as the rule says anything else."""
        unused = {key for key in _ADDED if getattr(self, key) is None}
        return stamps.version(self.model_dump_json(exclude={"title", *unused}))

    @property
    def writes(self) -> bool:
        return self.do in ("send", "propose")

    def _needs_and_nothing_else(self, key: str, value: str, of: dict[str, str]) -> None:
        wanted = of.get(value)
        if wanted and getattr(self, wanted) is None:
            told = _('%(key)s = "%(value)s" needs “%(wanted)s”: add it.', key=key, value=value, wanted=wanted)
            raise ValueError(told)
        for other in set(of.values()) - {wanted}:
            if getattr(self, other) is not None:
                values = [f'"{name}"' for name, has in of.items() if has == other]
                belongs = format_list(values, style="or", locale=locale())
                told = _(
                    "“%(other)s” is for %(key)s = %(values)s only: take it out.",
                    other=other,
                    key=key,
                    values=belongs,
                )
                raise ValueError(told)
