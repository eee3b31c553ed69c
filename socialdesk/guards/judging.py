"""Everything that stands against a reply: all guards asked, in the order an agent would mend things."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from socialdesk.guards import addressee, fluency, invisible, openness, wording
from socialdesk.guards.objection import Objection
from socialdesk.messages import Message, Visibility


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that the guards need to know about a reply besides its words.

    `instead` is another post of the customer's that may be answered; `seen_x_id` X's id of that version of
    the answered post which the author saw; `language` the customer's, and `written_in` the reply's where it
    is known; `unskilled` the name of an author who is not known to write it; `participants` the handles in
    the conversation, in small letters; `own_link` a link that belongs to the template; `repeated` says that
    the same words went to the same message before.
    """

    answered: Message
    language: str
    instead: Message | None = None
    seen_x_id: str | None = None
    written_in: str | None = None
    unskilled: str | None = None
    customer_name: str = ""
    participants: Collection[str] = ()
    own_link: str = ""
    repeated: bool = False
    opted_out_at: datetime | None = None
    automated: bool = False
    erased: bool = False
    sign_off: str = ""
    most_parts: int = wording.MOST_PARTS


def judge(text: str, visibility: str, around: Circumstances) -> list[Objection]:
    """What stands against sending this text in these circumstances; empty when nothing does."""
    if nothing := wording.empty(text):
        return [nothing]
    asked = (
        wording.too_long(text, visibility, sign_off=around.sign_off, most_parts=around.most_parts),
        wording.unfilled(text, around.customer_name),
        invisible.invisible(text, around.customer_name),
        addressee.erased(around.erased),
        addressee.not_repliable(around.answered, visibility, around.instead),
        addressee.gone(around.answered, visibility),
        addressee.repetition(around.repeated),
        addressee.opted_out(around.opted_out_at, automated=around.automated),
        *_in_public(text, visibility, around),
        addressee.edited(around.answered, around.seen_x_id),
        addressee.language(text, around.language, around.written_in),
    )
    return [objection for objection in asked if objection]


def _in_public(text: str, visibility: str, around: Circumstances) -> list[Objection | None]:
    if visibility == Visibility.PRIVATE:
        return []
    return [
        openness.personal_data(text, around.language),
        openness.new_mentions(text, around.participants),
        openness.link(text, around.own_link),
        openness.cashtags(text, around.sign_off),
        fluency.unskilled(around.unskilled, around.language),
    ]


def objections(text: str, visibility: str, *, most_parts: int = wording.MOST_PARTS) -> list[str]:
    """What the words alone have against being sent, whoever they are for."""
    if nothing := wording.empty(text):
        return [nothing.words]
    found = (
        wording.too_long(text, visibility, most_parts=most_parts),
        wording.unfilled(text),
        invisible.invisible(text),
        openness.cashtags(text) if visibility == Visibility.PUBLIC else None,
    )
    return [objection.words for objection in found if objection]
