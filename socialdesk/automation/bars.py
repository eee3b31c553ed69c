"""What stands against a rule's reply: some of it for good, the rest until a person has looked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlmodel import Session, col, select

from socialdesk import replies
from socialdesk.automation import loops, runs, wishes
from socialdesk.automation.leaving import LeavingWords
from socialdesk.automation.occasions import Occasion
from socialdesk.cases import Case
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.phrases import mark
from socialdesk.placing.muting import muted
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts
from socialdesk.settings.restraint import Automation

_GIVEN = (State.APPROVED, State.SENDING, State.UNKNOWN, State.SENT)


@dataclass(frozen=True, slots=True)
class Bar:
    """`for_good`: nothing is even proposed."""

    why: str
    for_good: bool = True


def against_anything(
    session: Session, occasion: Occasion, words: LeavingWords, automation: Automation
) -> Bar | None:
    """Of a reply that goes out or is proposed."""
    case, customer = occasion.case, occasion.customer
    if customer.opted_out_at or wishes.asked_before(session, words, customer.id or 0):
        return Bar(mark("The customer has asked to hear nothing more from us."))
    if customer.blocked_at or muted(session, case.account_id, [case.conversation_id]):
        return Bar(mark("The customer is blocked, or the conversation is muted."))
    if occasion.message.gone:
        return Bar(mark("The message is gone from X."))
    if drafts.of_case(session, case) or drafts.writing(session, occasion.case_id):
        return Bar(mark("A colleague is writing an answer."))
    if _under_way(session, occasion.case_id):
        return Bar(mark("An answer is on its way already."))
    if why := loops.against(session, customer, occasion.message, automation):
        return Bar(why)
    return None


def against_sending(session: Session, occasion: Occasion, interaction: int, text: str) -> Bar | None:
    """Of one that would go out without a person."""
    case, message = occasion.case, occasion.message
    if runs.answered(session, occasion.case_id, interaction, message.id or 0):
        return Bar(mark("One automated reply has been sent in this interaction already."))
    if _told_before(session, case, text):
        return Bar(mark("These very words have gone to this customer before."))
    if message.not_repliable:
        return Bar(
            mark("X may refuse a public answer: the customer did not mention us himself."), for_good=False
        )
    if _is_bystander(session, case, message):
        return Bar(mark("The post answers another customer, or stands in his conversation."), for_good=False)
    return None


def _under_way(session: Session, case_id: int) -> bool:
    query = select(Reply.id).where(Reply.case_id == case_id, col(Reply.state).in_(replies.UNDER_WAY))
    return session.exec(query).first() is not None


def _told_before(session: Session, case: Case, text: str) -> bool:
    """On any of our accounts, by whomever."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    query = (
        select(Reply.id)
        .join(Case, col(Case.id) == Reply.case_id)
        .where(Case.customer_id == case.customer_id, Reply.text_hash == digest, col(Reply.state).in_(_GIVEN))
    )
    return session.exec(query).first() is not None


def _is_bystander(session: Session, case: Case, message: Message) -> bool:
    """Whether the public conversation, or what he answers, is another customer's."""
    if message.visibility == Visibility.PRIVATE:
        return False
    query = select(Message.id).where(
        Message.account_id == case.account_id,
        col(Message.x_id).in_((message.conversation_id, message.in_reply_to_x_id)),
        Message.direction == Direction.INBOUND,
        Message.customer_id != case.customer_id,
    )
    return session.exec(query).first() is not None
