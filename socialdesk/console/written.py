"""The composer's form: the words, what their author had before his eyes, and which button he pressed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from socialdesk import guards, personal
from socialdesk.console.access import LARGEST_ID
from socialdesk.console.sketch import Words
from socialdesk.messages import Visibility
from socialdesk.replying import approvals
from socialdesk.replying.jottings import Jotted, Place

Guard = Annotated[str, Field(max_length=20)]  # a kind of objection that the agent sets aside
Id = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class Written(BaseModel):
    """The composer as it was sent, with what the agent had before his eyes: `seen` is the customer's newest
    message, `given` our newest answer, `version` X's id of the answered post, `revision` that of the draft.
    `newest` and `newest_given` are what the page showed besides: it is read once he says `renew`."""

    text: str = ""
    visibility: Visibility = Field(alias="as")
    seen: int = Field(ge=1, le=LARGEST_ID)
    given: Id = 0
    newest: Id = 0
    newest_given: Id = 0
    version: str = Field(default="", max_length=20)
    revision: Id = 0
    template: str = Field(default="", max_length=80)
    language: str = Field(default="", alias="in", max_length=8)
    came_from: str = Field(default="", alias="from", max_length=60)
    again: Id = 0  # the reply that X refused, whose place this one takes
    kept: Id = 0  # the revision of the unsaved words, and the door they were kept for
    kept_as: Visibility | None = None
    page: str = Field(default="", max_length=20)  # which of his windows it is, where there are scripts
    override: list[Guard] = []
    reason: str = Field(default="", max_length=approvals.LONGEST_REASON)
    # What the pressed button says; without any of these the draft is saved.
    approve: bool = False
    confirm: Guard = ""  # approve, and set this aside
    ask: bool = False  # a supervisor
    renew: bool = False  # what is new has been read
    move: Visibility | None = None  # to the other door
    strip: bool = False  # what nobody can see is taken out
    unsay: bool = False  # what looks like personal data is taken out
    keep: bool = False  # unsaved, while somebody types
    forget: bool = False  # the unsaved words
    pick: str = Field(default="", max_length=100)  # a door and a template, where there are no scripts
    take: bool = False  # what was picked

    @property
    def words(self) -> Words:
        return Words(
            self._text,
            self.move or self.visibility,
            self.template,
            seen=max(self.seen, self.newest) if self.renew else self.seen,
            given=max(self.given, self.newest_given) if self.renew else self.given,
            version=self.version,
            override=frozenset(self.override),
            reason=self.reason,
        )

    @property
    def _text(self) -> str:
        text = self.text.replace("\r\n", "\n")
        if self.unsay:
            text = personal.without(text, personal.find(text, self.language))
        return guards.visible(text) if self.strip else text

    @property
    def place(self) -> Place:
        """Where the desk keeps what was typed here before it is saved."""
        return Place(self.kept_as or self.visibility, self.kept)

    @property
    def jotted(self) -> Jotted:
        words = self.words
        return Jotted(
            words.stored,
            words.visibility,
            words.template or None,
            words.seen or 0,
            words.given or 0,
            words.version or None,
            self.again or None,
            self.page,
        )

    @property
    def overrides(self) -> list[str]:
        return [*self.override, *filter(None, [self.confirm])]
