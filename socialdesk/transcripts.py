"""The transcript of a case, for the customer who asks for it: by direct message or by mail, in his language.

Personal data that stood in public is masked, what was deleted is left out and said so, and of us there are
the initials that replies are signed with.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_name
from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import audit, clock, exposure, history, mail, messages, personal, phrases, replies
from socialdesk.accounts import Account
from socialdesk.bulk import insert_new
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.database import one_of
from socialdesk.errors import BadInput, StaleDraft
from socialdesk.fitting.portions import portions
from socialdesk.guards import Severity, sentences
from socialdesk.mail.directions import with_handle
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.parts import ReplyPart
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.replies import Reply
from socialdesk.replying import drafts, scrutiny
from socialdesk.settings import Settings
from socialdesk.templating.library import Library, harmless

INTRO = "transcript_intro"  # the template that stands before it
SENT = "transcript_sent"
_UTC = ("UTC", "Etc/UTC")  # Unicode's names of zones have none for it in some languages
LONGEST_PART = 9_900  # characters; X takes 10,000, and each part is numbered


class Way(StrEnum):
    DM = "dm"
    MAIL = "mail"


class Transcript(SQLModel, table=True):
    """One that was sent; its `key` is the form's, so that a form sent twice sends it once."""

    __tablename__ = "transcripts"
    __table_args__ = (one_of("way", Way),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    way: str
    language: str
    made_by_id: int = Field(foreign_key="agents.id")
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One message; `text` is None for what was deleted. `day` and `who` are in the customer's language."""

    at: datetime
    day: str
    time: str
    who: str
    text: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Told:
    """A whole transcript in words, ready to be shown, mailed or sent."""

    language: str
    direction: str
    subject: str
    intro: str
    zone: str
    lines: Sequence[Line]

    @property
    def plain(self) -> str:
        """Each line begins with a word, so that it runs the right way wherever it is shown."""
        return "\n\n".join(self.blocks) + "\n"

    @property
    def blocks(self) -> list[str]:
        told, day = [self.intro, f"{self.subject}\n{self.zone}"], ""
        for line in self.lines:
            if line.day != day:
                told.append(line.day)
            day = line.day
            said = _("This message was deleted.") if line.text is None else line.text
            told.append(f"{line.who}, {line.time}\n{said}")
        return told

    @property
    def digest(self) -> str:
        """What an agent has seen is sent, or nothing."""
        return hashlib.sha256(self.plain.encode()).hexdigest()

    @property
    def parts(self) -> list[str]:
        """As direct messages, numbered where there are several."""
        found = portions(self.blocks, LONGEST_PART)
        if len(found) == 1:
            return found
        return [f"({number}/{len(found)})\n\n{part}" for number, part in enumerate(found, start=1)]


def tell(session: Session, case: Case, *, library: Library, settings: Settings) -> Told:
    """The case so far, in the customer's language where the desk speaks it, else in English."""
    customer = session.get_one(Customer, case.customer_id)
    account = session.get_one(Account, case.account_id)
    language = case.language if case.language in phrases.offered() else phrases.SOURCE
    name = {"customer_name": harmless(customer.name or "")}
    intro = library.render(INTRO, language, Visibility.PRIVATE, name)
    zone, initials = ZoneInfo(settings.console.time_zone), _initials(session, case)
    with phrases.read_in(language):
        named = "UTC" if zone.key in _UTC else get_timezone_name(zone, locale=phrases.locale())
        return Told(
            language,
            phrases.locale().text_direction,
            with_handle(_("Your conversation with @%(handle)s", handle=account.handle), account.handle),
            intro.strip(),
            _("Time zone: %(zone)s", zone=named),
            [_line(each, zone, initials) for each in messages.of_case(session, case.id or 0)],
        )


def may_be_messaged(session: Session, case: Case) -> bool:
    """X lets nobody be written to by direct message who has not done so first."""
    own = select(Case.id).where(Case.customer_id == case.customer_id, Case.account_id == case.account_id)
    query = select(Message.id).where(
        col(Message.case_id).in_(own),
        Message.visibility == Visibility.PRIVATE,
        Message.direction == Direction.INBOUND,
    )
    return session.exec(query.limit(1)).first() is not None


def was_told_privately(session: Session, case: Case, address: str) -> bool:
    """Whether the customer himself wrote that address in a direct message of the case."""
    said = messages.of_case(session, case.id or 0)
    own = (each.text for each in said if each.private and not each.ours)
    return any(address.lower() in text.lower() for text in own)


def send_by_mail(
    session: Session, case: Case, told: Told, *, html: str, to: str, key: str, sure: bool, by: Agent
) -> None:
    """To the address that the customer gave us. Raises BadInput for none, and, unless the agent is `sure`,
    for one that he did not write in a direct message."""
    address = mail.checked_address(to)
    if not sure and not was_told_privately(session, case, address):
        raise BadInput(
            _(
                "The customer has not written this address in a direct message of this case:"
                " make sure that it is his, and tick the box."
            )
        )
    if not _noted(session, case, told, Way.MAIL, key, by):
        return
    mail.enqueue(
        session,
        address,
        told.subject,
        told.plain,
        html,
        language=told.language,
        key=f"transcript {key}",
        customer_id=case.customer_id,
    )


def send_by_message(
    session: Session, case: Case, told: Told, *, settings: Settings, library: Library, key: str, by: Agent
) -> None:
    """One reply for each part, in their order. Raises BadInput where something stands against writing to
    the customer, AlreadyDone when these words went to his last message before."""
    if not may_be_messaged(session, case):
        raise BadInput(_("The customer has never written us a direct message, so X would not let us."))
    if not _noted(session, case, told, Way.DM, key, by):
        return
    for part in told.parts:
        reply = _reply(session, case, part, by)
        looked = scrutiny.look(session, case, reply, library=library, settings=settings)
        against = [each for each in looked.objections if each.severity != Severity.CONFIRM]
        if against:
            raise BadInput(sentences(against))
        session.add(reply)
        session.flush()
        replies.approve(session, reply, by=by, undo=settings.sending.undo)


def refuse_changed(told: Told, seen: str) -> None:
    """Raises StaleDraft when it is another transcript than the one that was seen."""
    if told.digest != seen:
        raise StaleDraft(_("The conversation has gone on since you looked: read the transcript again."))


def _noted(session: Session, case: Case, told: Told, way: Way, key: str, by: Agent) -> bool:
    """On the timeline and in the audit log, which never learns the address. False for the same form again."""
    now = clock.now()
    row = {"key": key, "case_id": case.id, "way": way, "language": told.language, "made_by_id": by.id}
    known = session.exec(select(Transcript.id).where(Transcript.key == key)).first()
    if known is not None:
        return False
    insert_new(session, Transcript, [row | {"made_at": now}], unique="key")
    history.record(case, SENT, by=by.id, way=way.value)
    audit.record(session, SENT, by=by.id, case=case, way=way.value)
    return True


def _line(message: Message, zone: ZoneInfo, initials: dict[str, str]) -> Line:
    locale, at = phrases.locale(), message.sent_at.astimezone(zone)
    return Line(
        message.sent_at,
        format_date(at, "full", locale=locale),
        format_time(at, "short", locale=locale),
        _who(message, initials.get(message.x_id, "")),
        None if message.gone else _fit_to_be_read(message),
        message.language,
    )


def _who(message: Message, initials: str) -> str:
    if not message.ours:
        return _("You, by direct message") if message.private else _("You, in public")
    if not initials:
        return _("We, by direct message") if message.private else _("We, in public")
    if message.private:
        return _("We (%(initials)s), by direct message", initials=initials)
    return _("We (%(initials)s), in public", initials=initials)


def _fit_to_be_read(message: Message) -> str:
    if message.private:
        return message.text
    if message.ours:
        return personal.mask(message.text, personal.find(message.text, message.language))
    return exposure.shown(message)


def _initials(session: Session, case: Case) -> dict[str, str]:
    """By X's id, of those of our words that a person wrote at this desk."""
    query = (
        select(ReplyPart.x_id, Agent)
        .join(Reply, col(Reply.id) == ReplyPart.reply_id)
        .join(Agent, col(Agent.id) == Reply.drafted_by_id)
        .where(Reply.case_id == case.id, col(ReplyPart.x_id).is_not(None), ~col(Reply.automated))
    )
    return {x_id or "": agent.initials for x_id, agent in session.exec(query)}


def _reply(session: Session, case: Case, text: str, by: Agent) -> Reply:
    """Not stored yet; the case's own draft, if there is one, stays as it is."""
    case_id = case.id or 0
    answered = messages.newest_from_customer(session, case_id, Visibility.PRIVATE)
    answered = answered or messages.newest_from_customer(session, case_id)
    if answered is None:
        raise BadInput(_("There is nothing of the customer's in this case to answer."))
    return drafts.aside(session, case, answered, text, template_id=INTRO, by=by.id or 0)
