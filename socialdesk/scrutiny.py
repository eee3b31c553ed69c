"""A draft looked at before it is approved: what stands against it, what it leaves as, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from socialdesk import drafts, guards, linked, messages, policy, prices, replies
from socialdesk.accounts import Account
from socialdesk.agents import Agent
from socialdesk.cases import Case
from socialdesk.catalog import TemplateEntry
from socialdesk.customers import Customer
from socialdesk.guards import Circumstances, Objection
from socialdesk.library import Library, harmless
from socialdesk.messages import Message
from socialdesk.parts import signature
from socialdesk.policy import Written
from socialdesk.replies import Reply
from socialdesk.settings import Settings


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
    answered, author, customer, account = _concerned(session, case, reply)
    link = drafts.dm_link(settings, account)
    own = drafts.own_words(library, reply, customer, likely=case.language, dm_link=link)
    template, language = own or (None, case.language)
    around = Circumstances(
        answered=answered,
        instead=messages.newest_repliable(session, case.id or 0) if answered.not_repliable else None,
        seen_x_id=reply.seen_x_id,
        language=case.language,
        written_in=language if own else None,
        customer_name=harmless(customer.name or ""),
        participants=_participants(session, case, customer, account, answered, reply),
        own_link=link if _carries_link(library, reply) else "",
        repeated=replies.repeats(session, reply),
        opted_out_at=customer.opted_out_at,
        automated=reply.automated,
        sign_off=signature(settings.replies.sign_off, author.initials),
        most_parts=settings.replies.most_parts,
    )
    parts = replies.divided(session, reply, settings.replies.sign_off)
    readers = policy.readers(session, settings.approvals, language)
    return Scrutiny(
        guards.judge(reply.text, reply.visibility, around),
        parts,
        prices.of_reply(parts, reply.visibility),
        Written(author, reply.visibility, language, template, readers),
    )


def _concerned(session: Session, case: Case, reply: Reply) -> tuple[Message, Agent, Customer, Account]:
    about = {
        "message_id": reply.answers_id,
        "agent_id": reply.drafted_by_id,
        "customer_id": case.customer_id,
        "account_id": case.account_id,
    }
    found: tuple[Message, Agent, Customer, Account] = session.exec(_CONCERNED, params=about).one()
    return found


# Made once: the console asks this whenever it shows a draft, and making it would take as long as running it.
_CONCERNED: Any = (
    select(Message, Agent, Customer, Account)
    .select_from(Message)
    .join(Agent, col(Agent.id) == bindparam("agent_id"))
    .join(Customer, col(Customer.id) == bindparam("customer_id"))
    .join(Account, col(Account.id) == bindparam("account_id"))
    .where(col(Message.id) == bindparam("message_id"))
    .execution_options(populate_existing=True)
)


def _carries_link(library: Library, reply: Reply) -> bool:
    """Whether its template has the link on purpose, whatever else was written into it."""
    return any("dm_link" in entry.variables for entry in library.templates if entry.id == reply.template_id)


def _participants(
    session: Session, case: Case, customer: Customer, account: Account, answered: Message, reply: Reply
) -> set[str]:
    """The handles in the conversation, in small letters; looked up only when the reply calls somebody."""
    if reply.private or not guards.mentions(reply.text):
        return set()
    others = {other.handle for _, other in linked.with_customers(session, case)}
    known = {customer.handle, account.handle, *others, *guards.mentions(answered.text)}
    return {handle.lower() for handle in known if handle}
