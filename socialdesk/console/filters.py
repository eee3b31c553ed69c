"""Which part of the queue somebody works through, and how addresses say so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from socialdesk import languages
from socialdesk.console.access import LARGEST_ID, Visit
from socialdesk.errors import BadInput
from socialdesk.phrases import gettext as _
from socialdesk.topics import TOPICS
from socialdesk.worklists.queues import Cases, Place

OWN = "own"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the queue an agent works through; "waiting.pl" or "mine..payment.2" in addresses.

    The language OWN stands for all that whoever looks at the list writes. `account` and `tag` are row ids:
    what a tag is called may change.
    """

    status: Cases = Cases.WAITING
    language: str | None = None
    topic: str | None = None
    account: int | None = None
    tag: int | None = None

    @classmethod
    def parse(cls, told: str) -> Filter | None:
        """None when it is no filter: an address may come from anywhere."""
        status, language, topic, account, tag = (*told.split(".", 4), "", "", "", "")[:5]
        if (
            status not in list(Cases)
            or (language and not known(language))
            or (topic and topic not in TOPICS)
            or any(each and not _is_row_id(each) for each in (account, tag))
        ):
            return None
        ids = [int(each) if each else None for each in (account, tag)]
        return cls(Cases(status), language or None, topic or None, *ids)

    def __str__(self) -> str:
        ids = (str(self.account or ""), str(self.tag or ""))
        return ".".join((self.status, self.language or "", self.topic or "", *ids)).rstrip(".")

    def narrowing(self, session: Session, visit: Visit) -> dict[str, Any]:
        """What queues.page and the others ask for, besides the list. Of whose languages nothing is known, he
        is shown all."""
        told: dict[str, Any] = {"language": self.language}
        if self.language == OWN:
            told = {"languages": visit.tongues(session) or None}
        return told | {"topic": self.topic, "tag": self.tag} | self.whose(visit)

    def tongues(self, session: Session, visit: Visit) -> tuple[str, ...]:
        """The languages that the list is narrowed to; none where it has all."""
        if self.language == OWN:
            return visit.tongues(session)
        return (self.language,) if self.language else ()

    def whose(self, visit: Visit) -> dict[str, Any]:
        return {"account": self.account, "agent": visit.agent.id, "accounts": visit.accounts}

    def but(self, **changes: Any) -> Filter:
        """The same list with another status, language, topic or tag."""
        return replace(self, **changes)

    def address(self, *, after: Place | None = None, done: str = "") -> str:
        """Where this list is, further down in it, or with something to tell."""
        return _address(self, after, done)


@lru_cache(maxsize=10_000)  # a page has forty of them, and most are on every page
def _address(wanted: Filter, after: Place | None, done: str) -> str:
    query: dict[str, Any] = {"status": str(wanted.status), "language": wanted.language, "topic": wanted.topic}
    query |= {"account": wanted.account, "tag": wanted.tag, "done": done}
    if after:
        query["after"] = _written(after)
    return f"/queue?{urlencode({key: value for key, value in query.items() if value})}"


def _is_row_id(told: str) -> bool:
    return told.isascii() and told.isdigit() and 0 < int(told[:12]) <= LARGEST_ID


def known(language: str) -> bool:
    return language in languages.LANGUAGES or language in (languages.OTHER, languages.UNDETERMINED, OWN)


def name_of(language: str) -> str:
    """What the list's heading calls the language."""
    return _("My languages") if language == OWN else languages.name_of(language)


def _written(place: Place) -> str:
    due_at = place.due_at.isoformat() if place.due_at else ""
    exposed = "exposed" if place.exposed else ""
    return f"{place.at.isoformat()}~{place.case_id}~{exposed}~{due_at}".rstrip("~")


def place(written: str) -> Place | None:
    """Where a page begins, by its address; None at the top. Raises BadInput for what no page wrote."""
    if not written:
        return None
    at, case_id, exposed, due_at = (*written.split("~", 3), "", "", "")[:4]
    try:
        due = _moment(due_at) if due_at else None
        return Place(_moment(at), max(0, min(int(case_id), LARGEST_ID)), exposed == "exposed", due)
    except (ValueError, OverflowError):
        raise BadInput(_("That page of the queue does not exist: begin at its top.")) from None


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment.astimezone(UTC)
