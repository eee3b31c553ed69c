"""Asking whether we could help: what stands against it, and the reply that asks.

It is an automated reply like those of the rules, and everything that holds for them holds for it: one in an
interaction, none to whom has asked to hear nothing more, none to robots and brands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import Session, col, exists, select

from socialdesk import cases, clock, customers, guards, history, messages, replies
from socialdesk.accounts import Account
from socialdesk.automation import bars, leaving, occasions, runs
from socialdesk.automation.leaving import LeavingWords
from socialdesk.automation.occasions import Occasion
from socialdesk.automation.runs import Did
from socialdesk.cases import Case, Status
from socialdesk.database import Database
from socialdesk.errors import BadInput, Conflict, NotFound, TemplateError
from socialdesk.history import CaseEvent
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import mark
from socialdesk.replies import Reply
from socialdesk.replying import drafts, scrutiny
from socialdesk.satisfaction import links, questions
from socialdesk.satisfaction.questions import LINK, TEMPLATE, ClosingQuestion, State, Way
from socialdesk.settings import Settings
from socialdesk.templating.library import Library, harmless

log = structlog.get_logger()

ASKED = "closing_question_asked"
REACH = timedelta(hours=1)  # what was resolved longer ago is asked about no more
_MOST = 200


class _Against(Exception):
    """Something stands against asking; its text says what."""


def want(session: Session, case: Case, *, by: Agent, settings: Settings) -> bool:
    """Who has just resolved the case wants the customer to be asked. False when that is wanted already."""
    assert case.id is not None and by.id is not None and case.resolved_at is not None
    same = exists().where(
        col(ClosingQuestion.case_id) == case.id, col(ClosingQuestion.resolved_at) == case.resolved_at
    )
    if session.exec(select(same)).one():
        return False
    session.add(
        ClosingQuestion(
            case_id=case.id,
            account_id=case.account_id,
            customer_id=case.customer_id,
            resolved_at=case.resolved_at,
            wanted_by_id=by.id,
            language=case.language,
            way=settings.satisfaction.by,
            no_reopens=settings.satisfaction.reopen_on_no,
        )
    )
    return True


def ask_all(database: Database, library: Library, settings: Settings) -> int:
    """One pass: ask whoever is to be asked; returns how many were. Safe in several processes at once."""
    if settings.satisfaction.ask == "never":
        return 0
    with database.reading() as session:
        resolved = _resolved(session) if settings.satisfaction.ask == "always" else []
    for case_id, agent_id in resolved:
        with database.transaction() as session:
            case = cases.hold(session, case_id)
            if case.status == Status.RESOLVED:
                want(session, case, by=session.get_one(Agent, agent_id), settings=settings)
    with database.reading() as session:
        wanted = select(ClosingQuestion.id).where(ClosingQuestion.state == State.WANTED)
        waiting = session.exec(wanted.order_by(col(ClosingQuestion.id)).limit(_MOST)).all()
    words = leaving.words(settings) if waiting else None
    return sum(_ask(database, each or 0, library, settings, words) for each in waiting if words)


def _resolved(session: Session) -> list[tuple[int, int]]:
    """Cases that agents resolved lately and that nobody was asked about, each with who did it."""
    known = exists().where(
        col(ClosingQuestion.case_id) == col(Case.id),
        col(ClosingQuestion.resolved_at) == col(Case.resolved_at),
    )
    query = (
        select(Case.id, CaseEvent.agent_id)
        .join(CaseEvent, col(CaseEvent.case_id) == Case.id)
        .where(
            Case.status == Status.RESOLVED,
            col(Case.resolved_at) >= clock.now() - REACH,
            col(Case.merged_into_id).is_(None),
            CaseEvent.kind == "resolved",
            col(CaseEvent.agent_id).is_not(None),
            col(CaseEvent.at) >= col(Case.resolved_at),
            ~known,
        )
        .order_by(col(Case.id))
    )
    return [(case_id or 0, agent_id or 0) for case_id, agent_id in session.exec(query.limit(_MOST))]


def _ask(
    database: Database, question_id: int, library: Library, settings: Settings, words: LeavingWords
) -> bool:
    """One in which something is wrong does not keep the others from being asked."""
    try:
        return _ask_one(database, question_id, library, settings, words)
    except (Conflict, BadInput, NotFound) as error:
        log.error("the closing question could not be asked", question=question_id, why=str(error))
        with database.transaction() as session:
            question = session.get_one(ClosingQuestion, question_id)
            question.state, question.why = State.LEFT, str(error)
        return False


def _ask_one(
    database: Database, question_id: int, library: Library, settings: Settings, words: LeavingWords
) -> bool:
    with database.transaction() as session:
        question = _held(session, question_id)
        if question is None:
            return False
        try:
            reply = _written(session, question, library, settings, words)
        except _Against as against:
            question.state, question.why = State.LEFT, str(against)
            log.info("the closing question was left", case=question.case_id, why=question.why)
            return False
        question.reply_id, question.asked_at, question.state = reply.id, clock.now(), State.ASKED
        question.expires_at = clock.now() + timedelta(days=settings.satisfaction.answer_days)
    return True


def _held(session: Session, question_id: int) -> ClosingQuestion | None:
    """With its customer and its case, in the intake's order; None when another process was faster."""
    question = session.get_one(ClosingQuestion, question_id)
    customers.hold(session, question.customer_id)
    cases.hold(session, question.case_id)
    session.refresh(question)
    return question if question.state == State.WANTED else None


def _written(
    session: Session, question: ClosingQuestion, library: Library, settings: Settings, words: LeavingWords
) -> Reply:
    """The question, approved and on its way. Raises _Against."""
    occasion = _occasion(session, question)
    interaction = occasions.interaction(session, occasion.case_id)
    _refuse(session, question, occasion, interaction, settings, words)
    question.language = occasion.case.language
    reply = _reply(session, question, occasion, _words(question, occasion, library, settings))
    looked = scrutiny.look(session, occasion.case, reply, library=library, settings=settings)
    if looked.objections:
        raise _Against(guards.sentences(looked.objections))
    session.add(reply)
    session.flush()
    replies.approve(session, reply, by=None, undo=settings.sending.undo)
    history.record(occasion.case, ASKED, by=question.wanted_by_id)
    runs.claim(
        session,
        rule_id=TEMPLATE,
        case_id=occasion.case_id,
        message_id=occasion.message.id,
        interaction=interaction,
        did=Did.SENT.value,
        why=mark("The case was resolved."),
        wrote_at=occasion.message.sent_at,
        reply_id=reply.id,
    )
    return reply


def _occasion(session: Session, question: ClosingQuestion) -> Occasion:
    """The case with what the customer wrote last in it, by direct message where he did."""
    case, customer = cases.with_customer(session, question.case_id)
    last = messages.newest_from_customer(session, question.case_id, Visibility.PRIVATE)
    last = last or messages.newest_from_customer(session, question.case_id)
    if last is None:
        raise _Against(mark("The customer has written nothing in this case."))
    account = session.get_one(Account, case.account_id)
    return Occasion(
        case,
        last,
        customer,
        occasions.matter_of(case, last, customer, account, first_contact=False),
    )


def _refuse(
    session: Session,
    question: ClosingQuestion,
    occasion: Occasion,
    interaction: int,
    settings: Settings,
    words: LeavingWords,
) -> None:
    case, since = occasion.case, clock.now() - timedelta(days=settings.satisfaction.again_days)
    if case.status != Status.RESOLVED or case.resolved_at != question.resolved_at:
        raise _Against(mark("The case was opened again."))
    if not case.language_sure:
        raise _Against(mark("The language is only a guess."))
    if not _wrote_privately(session, case):
        raise _Against(mark("The customer has never written us a direct message."))
    if questions.asked_since(session, question.customer_id, since):
        raise _Against(mark("The customer was asked not long ago."))
    if bar := bars.against_anything(session, occasion, words, settings.automation):
        raise _Against(bar.why)
    if runs.answered(session, occasion.case_id, interaction, occasion.message.id or 0):
        raise _Against(mark("One automated reply has been sent in this interaction already."))


def _wrote_privately(session: Session, case: Case) -> bool:
    """X lets nobody be written to by direct message who has not done so first."""
    own: Any = select(Case.id).where(Case.customer_id == case.customer_id, Case.account_id == case.account_id)
    query = select(Message.id).where(
        col(Message.case_id).in_(own),
        Message.visibility == Visibility.PRIVATE,
        Message.direction == Direction.INBOUND,
    )
    return session.exec(query.limit(1)).first() is not None


def _words(question: ClosingQuestion, occasion: Occasion, library: Library, settings: Settings) -> str:
    link = links.make(question, settings.satisfaction.public_url) if question.way == Way.LINK else ""
    values = {"customer_name": harmless(occasion.customer.name or ""), LINK: link}
    try:
        text = library.render(TEMPLATE, occasion.case.language, Visibility.PRIVATE, values)
    except (NotFound, TemplateError) as error:
        raise _Against(str(error)) from error
    privacy = settings.automation.privacy_link
    return messages.clean(f"{text}\n\n{privacy}" if privacy else text).strip()


def _reply(session: Session, question: ClosingQuestion, occasion: Occasion, text: str) -> Reply:
    """Not stored yet; nobody waits for it, and it settles nothing."""
    told: dict[str, Any] = {"automated": True, "by_rule": TEMPLATE, "settles": False}
    by = question.wanted_by_id
    return drafts.aside(session, occasion.case, occasion.message, text, template_id=TEMPLATE, by=by, **told)
