"""A draft as whoever approves it sees it: the question, what became of the template, and the guards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache

from sqlmodel import Session, col

from socialdesk import replies
from socialdesk.bulk import among
from socialdesk.cases import Case
from socialdesk.console import differences
from socialdesk.console.differences import Piece
from socialdesk.customers import Customer
from socialdesk.errors import Conflict, NotFound, TemplateError
from socialdesk.guards import Kind, Objection, Severity
from socialdesk.languages import LANGUAGES
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import bare, mark, reader
from socialdesk.phrases import gettext as _
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, matters, policy, scrutiny
from socialdesk.replying.approvals import NOT_OWN_WORDS, WAITS_ALREADY
from socialdesk.replying.matters import Matter
from socialdesk.replying.scrutiny import Scrutiny
from socialdesk.settings import Settings
from socialdesk.templating.library import Library

# Nobody has to be told that a person was not erased.
PASSED = {
    Kind.EMPTY: mark("There are words"),
    Kind.TOO_LONG: mark("Length"),
    Kind.UNFILLED: mark("Nothing left to fill in"),
    Kind.INVISIBLE: mark("Nothing that nobody can see"),
    Kind.NOT_REPLIABLE: mark("X takes an answer"),
    Kind.GONE: mark("The post is still there"),
    Kind.REPETITION: mark("Not said before"),
    Kind.OPTED_OUT: mark("The customer wants to hear from us"),
    Kind.PERSONAL_DATA: mark("No personal data in public"),
    Kind.MENTION: mark("Nobody new is called"),
    Kind.LINK: mark("No link in public"),
    Kind.EDITED: mark("The post is as the author read it"),
    Kind.LANGUAGE: mark("The customer's language"),
}
_THOSE = matters.asking(among(col(Reply.id), "reply_ids"))
_PUBLIC_ONLY = frozenset((Kind.NOT_REPLIABLE, Kind.GONE, Kind.PERSONAL_DATA, Kind.MENTION, Kind.LINK))


@dataclass(frozen=True, slots=True)
class Entry:
    """`template` is the title of the one that the author began with, `changes` what he made of its words,
    empty where he changed nothing; `needs` says why `agent` may not approve it, `stale` why nobody may.

    What it consists of can be hashed: the pages draw the same pieces only once."""

    reply: Reply
    case: Case
    customer: Customer
    answered: Message
    looked: Scrutiny
    template: str | None
    language: str
    changes: tuple[Piece, ...]
    needs: str | None
    stale: str | None
    agent: Agent

    @property
    def own(self) -> bool:
        return self.reply.drafted_by_id == self.agent.id

    @property
    def to_set_aside(self) -> tuple[Objection, ...]:
        """What the agent may let it go out in spite of."""
        return tuple(each for each in self.looked.objections if each.yields_to(self.agent))

    @property
    def in_the_way(self) -> tuple[Objection, ...]:
        return tuple(each for each in self.looked.objections if not each.yields_to(self.agent))

    @property
    def why_needed(self) -> bool:
        """Whether setting something aside takes a reason."""
        return any(each.severity == Severity.SUPERVISOR for each in self.to_set_aside)

    @property
    def may_approve(self) -> bool:
        return not (self.needs or self.stale or self.in_the_way)

    @property
    def may_go_with_others(self) -> bool:
        """Unread among many: a template's own words that nothing speaks against."""
        return self.looked.template is not None and self.may_approve and not self.looked.objections

    @property
    def passed(self) -> tuple[str, ...]:
        not_passed = frozenset(each.kind for each in self.looked.objections)
        return _names_but(reader(), not_passed | _PUBLIC_ONLY if self.reply.private else not_passed)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What approving an entry among others would do; `goes` is False when nothing would happen."""

    entry: Entry
    goes: bool
    sentence: str


def of(
    session: Session, rows: Sequence[Matter], *, by: Agent, library: Library, settings: Settings
) -> list[Entry]:
    """The entries in the order given."""
    looked = scrutiny.look_at(session, rows, library=library, settings=settings)
    pairs = zip(rows, looked, strict=True)
    return [_entry(session, row, each, by, library, settings) for row, each in pairs]


def find(session: Session, reply_ids: Sequence[int]) -> list[Matter]:
    """Those replies with their cases, in the order given; those there are."""
    found = matters.stored(session, _THOSE, reply_ids=reply_ids, most=len(reply_ids))
    return sorted(found, key=lambda row: reply_ids.index(row.reply.id or 0))


def foresee(entry: Entry) -> Foreseen:
    """What approvals.approve_many would make of it as things stand."""
    if entry.stale:
        return Foreseen(entry, False, entry.stale)
    if entry.looked.template is None:
        return Foreseen(entry, False, _(NOT_OWN_WORDS))
    left = [each for each in entry.looked.objections if not (entry.needs and _a_supervisors(each))]
    if left:
        return Foreseen(entry, False, " ".join(each.words for each in left))
    if entry.needs and entry.reply.submitted_at:
        return Foreseen(entry, False, f"{entry.needs} {_(WAITS_ALREADY)}")
    if entry.needs:
        return Foreseen(entry, True, _("Begins to wait for a second person: %(why)s", why=entry.needs))
    if entry.reply.private:
        return Foreseen(entry, True, _("Goes out to the customer alone."))
    return Foreseen(entry, True, _("Goes out in public."))


def price(amount: Decimal) -> str:
    """In dollars, with the tenth of a cent that X counts in where there is one."""
    return f"${amount:.3f}".removesuffix("0")


def _entry(
    session: Session, row: Matter, looked: Scrutiny, by: Agent, library: Library, settings: Settings
) -> Entry:
    title, language = _title(library, row.reply.template_id), looked.written.language
    changes: tuple[Piece, ...] = ()
    if title and not looked.template:
        language, changes = _changes(library, row, drafts.dm_link(settings, row.account))
    needs = policy.second_person(settings.approvals, looked.written, by)
    stale = _stale(session, row)
    return Entry(
        row.reply, row.case, row.customer, row.answered, looked, title, language, changes, needs, stale, by
    )


@lru_cache(maxsize=1000)
def _names_but(_reader: str, left_out: frozenset[Kind]) -> tuple[str, ...]:
    return tuple(bare(name) for kind, name in PASSED.items() if kind not in left_out)


def _title(library: Library, template_id: str | None) -> str | None:
    if template_id is None:
        return None
    return next((each.title for each in library.catalog.templates if each.id == template_id), None)


def _a_supervisors(objection: Objection) -> bool:
    return objection.severity == Severity.SUPERVISOR


def _stale(session: Session, row: Matter) -> str | None:
    if row.reply.state == State.DRAFT:
        return row.overtaken
    try:
        replies.refuse_stale(session, row.reply, None)
    except Conflict as error:
        return str(error)
    return None


def _changes(library: Library, row: Matter, dm_link: str) -> tuple[str, tuple[Piece, ...]]:
    """Against the template's words in that language of which most is left; none where there are none."""
    words = dict(_own_words(library, row, dm_link))
    if not words:
        return row.case.language, ()
    language = max(words, key=lambda code: _alike(words[code], row.reply.text))
    return language, _between(words[language], row.reply.text)


def _own_words(library: Library, row: Matter, dm_link: str) -> Iterator[tuple[str, str]]:
    """By language, the customer's first: of several that are as much alike it is the one."""
    for language in dict.fromkeys((row.case.language, *library.catalog.languages)):
        if language not in LANGUAGES:
            continue
        try:
            text = drafts.from_template(
                library,
                row.reply.template_id or "",
                language=language,
                visibility=row.reply.visibility,
                customer=row.customer,
                dm_link=dm_link,
            )
        except (NotFound, TemplateError):
            continue
        yield language, text.strip()


# Kept for a while: a draft is compared each time that it is shown.
@lru_cache(maxsize=200)
def _between(before: str, after: str) -> tuple[Piece, ...]:
    return tuple(differences.between(before, after))


@lru_cache(maxsize=200 * len(LANGUAGES))
def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).quick_ratio()
