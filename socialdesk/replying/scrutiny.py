"""A draft looked at before it is approved: what stands against it, what it leaves as, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from sqlmodel import Session

from socialdesk import guards, parts, prices
from socialdesk.cases import Case
from socialdesk.guards import Circumstances, Objection
from socialdesk.messages import Message, Visibility
from socialdesk.placing import linked
from socialdesk.replies import Reply
from socialdesk.replying import drafts, matters, policy
from socialdesk.replying.matters import Matter
from socialdesk.replying.policy import Written
from socialdesk.settings import Settings
from socialdesk.templating.catalog import TemplateEntry
from socialdesk.templating.library import Library, harmless


@dataclass(frozen=True, slots=True)
class Scrutiny:
    """`parts` are what X would be given, `price` in US dollars what it would charge for all of them."""

    objections: Sequence[Objection]
    parts: tuple[str, ...]
    price: Decimal
    written: Written

    @property
    def template(self) -> TemplateEntry | None:
        """The one whose words these are; None for what somebody wrote or edited."""
        return self.written.template


def look(session: Session, case: Case, reply: Reply, *, library: Library, settings: Settings) -> Scrutiny:
    """The reply as it would leave now; it need not be stored."""
    return look_at(session, [matters.of(session, case, reply)], library=library, settings=settings)[0]


def look_at(
    session: Session, concerned: Sequence[Matter], *, library: Library, settings: Settings
) -> list[Scrutiny]:
    """The same of many: what is asked of the database does not grow with their number."""
    own = [_own_words(each, library, settings) for each in concerned]
    readers = policy.readers(session, settings.approvals, {language for _, language in own})
    instead, participants = _instead(session, concerned), _participants(session, concerned)
    looked = []
    for each, (template, language), others in zip(concerned, own, participants, strict=True):
        known = readers.get(language)
        written = Written(each.author, each.reply.visibility, language, template, known)
        around = _around(each, written, library, settings, instead.get(each.case.id or 0), others)
        looked.append(_judged(each.reply, around, written))
    return looked


def _judged(reply: Reply, around: Circumstances, written: Written) -> Scrutiny:
    signed = "" if reply.automated else around.sign_off
    leaving, price = _as_it_leaves(reply.text, reply.visibility, signed)
    return Scrutiny(guards.judge(reply.text, reply.visibility, around), leaving, price, written)


@lru_cache(maxsize=guards.KEPT)
def _as_it_leaves(text: str, visibility: str, sign_off: str) -> tuple[tuple[str, ...], Decimal]:
    """Part by part, and what all of them cost."""
    divided = parts.divide(text, private=visibility == Visibility.PRIVATE, sign_off=sign_off)
    return tuple(divided), prices.of_reply(divided, visibility)


def _unskilled(matter: Matter, template: TemplateEntry | None, library: Library, link: str) -> str | None:
    """The author of words of his own in a language that he is not known to write: the gaps of a template that
    he has filled are none."""
    if matter.fluent or template or matter.reply.private or matter.reply.automated:
        return None
    likely = matter.case.language
    if drafts.is_verbatim(library, matter.reply, matter.customer, likely=likely, dm_link=link):
        return None
    return matter.author.name


def _own_words(matter: Matter, library: Library, settings: Settings) -> tuple[TemplateEntry | None, str]:
    """The template whose words it has, None for what somebody wrote or edited; and their language, the
    customer's where nobody can tell."""
    reply, likely = matter.reply, matter.case.language
    if not reply.template_id:
        return None, likely
    link = drafts.dm_link(settings, matter.account)
    found = drafts.own_words(library, reply, matter.customer, likely=likely, dm_link=link)
    return found or (None, likely)


def _around(
    matter: Matter,
    written: Written,
    library: Library,
    settings: Settings,
    instead: Message | None,
    participants: set[str],
) -> Circumstances:
    reply, customer = matter.reply, matter.customer
    link = drafts.dm_link(settings, matter.account)
    return Circumstances(
        answered=matter.answered,
        language=matter.case.language,
        instead=instead,
        seen_x_id=reply.seen_x_id,
        written_in=written.language if written.template else None,
        unskilled=_unskilled(matter, written.template, library, link),
        customer_name=_harmless(customer.name or ""),
        participants=participants,
        own_link=link if _carries_link(library, reply) else "",
        repeated=matter.repeated,
        opted_out_at=customer.opted_out_at,
        automated=reply.automated,
        erased=customer.erased,
        sign_off=parts.signature(settings.replies.sign_off, matter.author.initials),
        most_parts=settings.replies.most_parts,
    )


_harmless = lru_cache(maxsize=guards.KEPT)(harmless)


def _carries_link(library: Library, reply: Reply) -> bool:
    """Whether its template has the link on purpose, whatever else was written into it."""
    if not reply.template_id:
        return False
    found = (each for each in library.catalog.templates if each.id == reply.template_id)
    return any("dm_link" in each.variables for each in found)


def _instead(session: Session, concerned: Sequence[Matter]) -> dict[int, Message]:
    """By case, what X lets us answer, where it does not let us answer what the reply is for."""
    refused = [each for each in concerned if each.answered.not_repliable and not each.reply.private]
    return matters.repliable(session, {each.case.id or 0 for each in refused})


def _participants(session: Session, concerned: Sequence[Matter]) -> list[set[str]]:
    """For each the handles in the conversation, in small letters, as far as the reply calls them."""
    known, strangers, calling = [], set[str](), []
    for each in concerned:
        told = {each.customer.handle, each.account.handle, *guards.mentions(each.answered.text)}
        known.append({handle.lower() for handle in told if handle})
        calls = () if each.reply.private else guards.mentions(each.reply.text)
        called = {handle.lower() for handle in calls}
        if unknown := called - known[-1]:
            strangers |= unknown
            calling.append(each.case)
    others = linked.handles(session, calling, strangers)
    return [here | others.get(each.case.id or 0, set()) for here, each in zip(known, concerned, strict=True)]
