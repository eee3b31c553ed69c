"""What customers should not have written in public: found at intake, hidden wherever posts are listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlmodel import Session, col, select

from socialdesk import history, personal
from socialdesk.errors import NotFound
from socialdesk.languages import LANGUAGES, UNDETERMINED
from socialdesk.messages import Incoming, Message, Visibility
from socialdesk.people.agents import Agent
from socialdesk.personal import Finding
from socialdesk.phrases import gettext as _


class Written(Protocol):
    """A message, or as much of one as tells what to mask in it."""

    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def language_found(self) -> str | None: ...
    @property
    def personal(self) -> str | None: ...


def look(incoming: Incoming, language: str) -> Sequence[Finding]:
    """Nothing is found in what only the customer and we can read, nor in our own words."""
    if incoming.visibility == Visibility.PRIVATE or incoming.ours:
        return ()
    return personal.find(incoming.text, language)


def kinds(found: Iterable[Finding]) -> str | None:
    """As `Message.personal` holds them: each once, in the order they were written."""
    return ",".join(dict.fromkeys(each.kind for each in found)) or None


def names(told: str | None) -> list[str]:
    """What an agent reads for the kinds in `Message.personal`."""
    return [personal.NAMES[kind] for kind in (told or "").split(",") if kind]


def shown(message: Written) -> str:
    """The text as everybody may see it in the desk, personal data masked."""
    return personal.mask(message.text, _found_again(message)) if message.personal else message.text


def stands(session: Session, case_id: int) -> bool:
    """Whether something in the case that nobody has dealt with yet shows personal data to everybody."""
    query = select(Message.id).where(
        Message.case_id == case_id, col(Message.personal).is_not(None), col(Message.settled_at).is_(None)
    )
    return session.exec(query.limit(1)).first() is not None


def reveal(case: Any, message: Message, *, by: Agent) -> None:
    """An agent has asked to see what is hidden; the case's history keeps who, when and which kinds.

    Raises NotFound when nothing is.
    """
    if not message.personal:
        raise NotFound(_("Nothing is hidden in that message."))
    history.record(case, "personal_shown", by=by.id, message=message.x_id, kinds=message.personal)


def _found_again(message: Written) -> list[Finding]:
    """What intake found, whichever language agents have set since: numbers are read by the language."""
    wanted = set((message.personal or "").split(","))
    found: list[Finding] = []
    for language in (message.language, message.language_found or UNDETERMINED, UNDETERMINED, *LANGUAGES):
        found = personal.find(message.text, language)
        if wanted <= {each.kind for each in found}:
            return found
    return found
