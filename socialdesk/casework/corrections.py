"""What agents say against the detector: a message's language put right, and what it had been taken for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, select

from socialdesk import cases, clock, customers, messages
from socialdesk.cases import Case
from socialdesk.errors import AlreadyDone, BadInput, NotFound
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED, name_of
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

CHOICES = (*LANGUAGES, OTHER, UNDETERMINED)
BY_AGENT = "agent"  # the `language_source` of what an agent has set
_OF_MESSAGE = ("language", "language_source", "confidence", "runner_up", "mixed")
_OF_KEPT = {"detected", "corrected", "confidence", "agent_id", "corrected_at"}
SURE_FROM = 0.8  # a language of less confidence is a guess, and shown with a question mark


class LanguageCorrection(SQLModel, table=True):
    """A message that the detector had taken for `detected`, with that confidence, and that is in `corrected`.

    A message has one at most, however often agents change their minds.
    """

    __tablename__ = "language_corrections"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    case_id: int = Field(foreign_key="cases.id")
    message_id: int = Field(foreign_key="messages.id", unique=True)
    detected: str
    corrected: str
    confidence: float
    agent_id: int = Field(foreign_key="agents.id")
    corrected_at: datetime = Field(index=True)


def is_sure(language: str, confidence: float) -> bool:
    """Whether the language is more than a guess; that a language is unknown is never one."""
    return language == UNDETERMINED or confidence >= SURE_FROM


def choices(message: Message) -> list[str]:
    """Everything that the message's language can be set to, the likeliest first."""
    first = likeliest(message)
    named = (*sorted(LANGUAGES, key=name_of), OTHER, UNDETERMINED)
    return sorted(named, key=lambda code: code != first)


def likeliest(message: Message) -> str | None:
    """What the message is in if not in what it was taken for: the detector's second choice."""
    if message.runner_up is None:
        return None
    second = message.runner_up if message.runner_up in LANGUAGES else OTHER
    return second if second != message.language else None


def newest(session: Session, case_id: int) -> Message:
    """The customer's last words, which a correction is about unless it says otherwise. Raises NotFound."""
    message = messages.newest_from_customer(session, case_id)
    if message is None:
        raise NotFound(_("The customer has written nothing in case %(number)s.", number=case_id))
    return message


def correct_language(session: Session, case: Case, message: Message, language: str, *, by: Agent) -> bool:
    """The message is in that language, and so is the case; earlier messages stay as they are.

    The customer is remembered by it. Returns whether something changed: the language that was a guess may
    be the right one, and is none any more. Raises BadInput for what is no choice, AlreadyDone when both are
    in that language for sure.
    """
    if language not in CHOICES:
        raise BadInput(_("“%(code)s” is none of the desk's languages.", code=language))
    customer = customers.hold(session, case.customer_id)
    case = cases.hold(session, case.id or 0)
    session.refresh(message)
    guessed = language == message.language == case.language
    if guessed and case.language_sure and is_sure(language, message.confidence):
        raise AlreadyDone(_("The language is %(language)s already.", language=name_of(language)))
    was = message.language if message.language != language else case.language
    before = _standing(session, case, message, customer.language)
    _keep(session, message, language, by)
    message.language, message.language_source = language, BY_AGENT
    message.confidence, message.runner_up, message.mixed = 1.0, None, False
    if guessed:
        case.confirm_language(by=by, before=before)
    else:
        case.correct_language(language, was=was, by=by, before=before)
    if language in LANGUAGES:
        customer.language = language
    return not guessed


def put_back(session: Session, case: Case, language: str, before: Mapping[str, Any]) -> bool:
    """Everything is as it was before the language was set to this one; of a case and a customer who are held,
    `before` being what the event kept. False, and nothing done, when something has changed since."""
    customer = customers.hold(session, case.customer_id)
    message = session.get(Message, before["message"])
    if message is None or message.case_id != case.id or message.language_source != BY_AGENT:
        return False
    wrote = case.customer_wrote_at.isoformat() != before["wrote"]
    if wrote or not message.language == case.language == language or not case.language_sure:
        return False
    for name in _OF_MESSAGE:
        setattr(message, name, before[name])
    case.language, case.language_sure = before["case"], before["sure"]
    if customer.language == language:  # another case of his may have taught it since
        customer.language = before["customer"]
    _put_kept_back(session, case, message, before["kept"])
    return True


def _put_kept_back(session: Session, case: Case, message: Message, before: Mapping[str, Any] | None) -> None:
    if kept := _kept(session, message):
        session.delete(kept)
        session.flush()
    if before:
        at, whose = datetime.fromisoformat(before["corrected_at"]), {"account_id": case.account_id}
        row = {**before, **whose, "case_id": case.id, "message_id": message.id, "corrected_at": at}
        session.add(LanguageCorrection(**row))


def _standing(session: Session, case: Case, message: Message, customers: str | None) -> dict[str, Any]:
    """What a correction changes, as the case's history keeps it."""
    kept = _kept(session, message)
    row = kept.model_dump(mode="json", include=_OF_KEPT) if kept else None
    told = {name: getattr(message, name) for name in _OF_MESSAGE}
    of_case = {"case": case.language, "sure": case.language_sure, "wrote": case.customer_wrote_at.isoformat()}
    return {"message": message.id, "customer": customers, "kept": row} | told | of_case


def _kept(session: Session, message: Message) -> LanguageCorrection | None:
    query = select(LanguageCorrection).where(LanguageCorrection.message_id == message.id)
    return session.exec(query).first()


def _keep(session: Session, message: Message, language: str, by: Agent) -> None:
    """Write down what the detector had said, once; nothing when it turns out to have been right."""
    kept = _kept(session, message)
    if language == (kept.detected if kept else message.language):
        if kept:
            session.delete(kept)
        return
    if kept is None:
        kept = _against(message, by)
    kept.corrected, kept.agent_id, kept.corrected_at = language, by.id or 0, clock.now()
    session.add(kept)


def _against(message: Message, by: Agent) -> LanguageCorrection:
    return LanguageCorrection(
        account_id=message.account_id,
        case_id=message.case_id,
        message_id=message.id or 0,
        detected=message.language,
        corrected=message.language,
        confidence=message.confidence,
        agent_id=by.id or 0,
        corrected_at=clock.now(),
    )
