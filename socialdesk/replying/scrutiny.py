"""A draft looked at before it is approved: what stands against it, what it leaves as, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from socialdesk import guards, prices, replies
from socialdesk.cases import Case
from socialdesk.guards import Circumstances, Objection
from socialdesk.messages import Message
from socialdesk.parts import signature
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
    parts: Sequence[str]
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
    written = [_written(each, words) for each, words in zip(concerned, own, strict=True)]
    readers = policy.readers(session, settings.approvals, {each.language for each in written})
    instead, participants = _instead(session, concerned), _participants(session, concerned)
    return [
        _judged(
            session,
            each,
            replace(
                _around(each, library, settings),
                written_in=how.language if how.template else None,
                unskilled=_unskilled(each, how, library, settings),
                instead=instead.get(each.case.id or 0),
                participants=others,
            ),
            replace(how, readers=readers.get(how.language)),
            settings,
        )
        for each, how, others in zip(concerned, written, participants, strict=True)
    ]


def _written(matter: Matter, own_words: tuple[TemplateEntry, str] | None) -> Written:
    template, language = own_words or (None, matter.case.language)
    return Written(matter.author, matter.reply.visibility, language, template)


def _judged(
    session: Session, matter: Matter, around: Circumstances, written: Written, settings: Settings
) -> Scrutiny:
    reply = matter.reply
    parts = replies.divided(session, reply, settings.replies.sign_off)
    price = prices.of_reply(parts, reply.visibility)
    return Scrutiny(guards.judge(reply.text, reply.visibility, around), parts, price, written)


def _unskilled(matter: Matter, written: Written, library: Library, settings: Settings) -> str | None:
    """The author of words of his own in a language that he is not known to write: the gaps of a template that
    he has filled are none."""
    if matter.fluent or written.template or matter.reply.private or matter.reply.automated:
        return None
    link = drafts.dm_link(settings, matter.account)
    likely = matter.case.language
    if drafts.is_verbatim(library, matter.reply, matter.customer, likely=likely, dm_link=link):
        return None
    return matter.author.name


def _own_words(matter: Matter, library: Library, settings: Settings) -> tuple[TemplateEntry, str] | None:
    link = drafts.dm_link(settings, matter.account)
    return drafts.own_words(library, matter.reply, matter.customer, likely=matter.case.language, dm_link=link)


def _around(matter: Matter, library: Library, settings: Settings) -> Circumstances:
    """As far as the matter itself tells."""
    reply, customer = matter.reply, matter.customer
    return Circumstances(
        answered=matter.answered,
        seen_x_id=reply.seen_x_id,
        language=matter.case.language,
        customer_name=harmless(customer.name or ""),
        own_link=drafts.dm_link(settings, matter.account) if _carries_link(library, reply) else "",
        repeated=matter.repeated,
        opted_out_at=customer.opted_out_at,
        automated=reply.automated,
        erased=customer.erased,
        sign_off=signature(settings.replies.sign_off, matter.author.initials),
        most_parts=settings.replies.most_parts,
    )


def _carries_link(library: Library, reply: Reply) -> bool:
    """Whether its template has the link on purpose, whatever else was written into it."""
    return any("dm_link" in entry.variables for entry in library.templates if entry.id == reply.template_id)


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
