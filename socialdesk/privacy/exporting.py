"""What the desk has about a person, for that person (GDPR, articles 15 and 20): as JSON, and to be read.

The desk's own words about somebody are not in it: notes, drafts, and who did what in a case.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import regex
from jinja2 import Environment, FileSystemLoader
from sqlmodel import Session, col, func, select

from socialdesk import accounts, audit, clock, mail, phrases, replies, versions
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.errors import BadInput, NotFound, TooOften
from socialdesk.mail import Mail
from socialdesk.messages import Message
from socialdesk.people import brakes
from socialdesk.people.agents import Agent
from socialdesk.people.brakes import Key, Kind
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.privacy import strays, tombstones
from socialdesk.replies import Reply, State
from socialdesk.satisfaction import questions
from socialdesk.satisfaction.questions import ClosingQuestion

LEFT_OUT = (
    mark("What colleagues noted for themselves is not in it, nor are drafts that were never sent."),
    mark("Who at the desk did what, and the counts of the statistics, are not in it."),
)
_ON_THE_WAY = (*replies.UNDER_WAY, State.HELD)
_DIGITS = regex.compile(r"[0-9]{1,19}")
_ROW = regex.compile(r"customer:([0-9]{1,18})")


def find(session: Session, who: str) -> Customer:
    """By handle, by X's id, or by the desk's own number, which `customer:7` says for sure.

    Digits alone are X's id before they are the desk's number. Raises NotFound, and BadInput for a handle
    that several people have had.
    """
    wanted = who.strip()
    if row := _ROW.fullmatch(wanted):
        return _one(who, session.exec(select(Customer).where(Customer.id == int(row[1]))).all())
    name = wanted.removeprefix("@").lower()
    named = session.exec(select(Customer).where(func.lower(Customer.handle) == name)).all() if name else []
    if not wanted.startswith("@"):
        named = session.exec(select(Customer).where(Customer.x_id == wanted)).all() or named
        if not named and _DIGITS.fullmatch(wanted) and len(wanted) < 19:
            named = session.exec(select(Customer).where(Customer.id == int(wanted))).all()
    return _one(who, named)


def collect(session: Session, customer: Customer) -> dict[str, Any]:
    """All that there is, over all accounts, as JSON has it. Raises NotFound for whom was erased."""
    if tombstones.of_customer(session, customer.id or 0):
        raise NotFound(_("This person was erased: there is nothing left to export."))
    handles = {each.id: each.handle for each in accounts.all_of(session)}
    query = select(Case).where(Case.customer_id == customer.id).order_by(col(Case.id))
    return {
        "made_at": _moment(clock.now()),
        "left_out": list(LEFT_OUT),
        "person": _person(customer),
        "cases": [_case(session, case, handles[case.account_id]) for case in session.exec(query).all()],
        "answers_to_our_question": [
            _answer(each) for each in questions.answered_by(session, customer.id or 0)
        ],
        "mails_to_this_person": [_mail(each) for each in mail.of_customer(session, customer.id or 0)],
        "outside_cases": [
            json.loads(each.told) for each in _own(strays.unplaced(session, customer), customer)
        ],
        "unreadable": [each.raw for each in strays.set_aside(session, customer)],
    }


def tell(session: Session, customer: Customer, form: str, *, by: Agent | None) -> None:
    """Write down in the audit log that it was made; `form` is json or html."""
    row_id = by.id if by else None
    audit.record(session, "person_exported", by=row_id, subject=f"customer {customer.id}", form=form)


def brake(session: Session, agent: Agent) -> None:
    """Some in a row are free, and each further one costs a longer wait. Raises TooOften."""
    try:
        brakes.press(session, [Key(Kind.PROOF, f"export {agent.id}")])
    except TooOften as error:
        seconds = ceil(error.wait / timedelta(seconds=1))
        told = _("That were many exports in a short time: try again in %(number)s s.", number=seconds)
        raise TooOften(told, wait=error.wait) from error


def as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def as_html(told: dict[str, Any], templates: Path) -> str:
    """One file that needs nothing else and runs nothing."""
    pages = Environment(loader=FileSystemLoader(templates), autoescape=True, extensions=["jinja2.ext.i18n"])
    pages.policies["ext.i18n.trimmed"] = True
    pages.install_gettext_callables(phrases.bare, phrases.bare_number, newstyle=True)  # type: ignore[attr-defined]
    told = told | {"reader": phrases.reader(), "direction": phrases.locale().text_direction}
    return pages.get_template("privacy/export.html").render(told)


def disposition(customer: Customer, form: str) -> str:
    """To be kept as a file, by RFC 6266: a name for everybody, and the handle where it is known."""
    plain = f"person-{customer.id}.{form}"
    if not customer.handle:
        return f'attachment; filename="{plain}"'
    named = quote(f"{customer.handle}.{form}", safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{named}"


def _one(who: str, found: Sequence[Customer]) -> Customer:
    if not found:
        raise NotFound(_("The desk knows nobody called “%(name)s”.", name=who))
    if len(found) > 1:
        numbers = ", ".join(f"customer:{each.id}" for each in found)
        raise BadInput(_("Several people have had that handle: say %(which)s.", which=numbers))
    return found[0]


def _own(posts: Iterable[Any], customer: Customer) -> list[Any]:
    """Without what others wrote of them."""
    return [each for each in posts if each.customer_x_id == customer.x_id]


def _person(customer: Customer) -> dict[str, Any]:
    return {
        "x_id": customer.x_id,
        "handle": customer.handle,
        "name": customer.name,
        "first_seen_at": _moment(customer.first_seen_at),
        "language_set_by_an_agent": customer.language,
        "followers": customer.followers,
        "business": customer.business,
        "blocked_at": _moment(customer.blocked_at),
        "opted_out_at": _moment(customer.opted_out_at),
    }


def _answer(question: ClosingQuestion) -> dict[str, Any]:
    told = {"case": question.case_id, "asked_at": _moment(question.asked_at), "helped": question.helped}
    return told | {"score": question.score, "comment": question.comment}


def _mail(each: Mail) -> dict[str, Any]:
    told = {"to": each.recipient, "subject": each.subject, "text": each.text or None}
    return told | {"made_at": _moment(each.made_at), "sent_at": _moment(each.sent_at)}


def _case(session: Session, case: Case, account: str) -> dict[str, Any]:
    query = select(Message).where(Message.case_id == case.id)
    said = session.exec(query.order_by(col(Message.sent_at), col(Message.id))).all()
    earlier = versions.of_messages(session, [each.id or 0 for each in said])
    going = select(Reply).where(Reply.case_id == case.id, col(Reply.state).in_(_ON_THE_WAY))
    return {
        "number": case.id,
        "account": account,
        "status": case.status,
        "opened_at": _moment(case.opened_at),
        "resolved_at": _moment(case.resolved_at),
        "language": case.language,
        "topic": case.topic,
        "words_that_told_the_topic": (case.topic_words or "").split("\n") if case.topic_words else [],
        "messages": [_message(each, earlier.get(each.id or 0, ())) for each in said],
        "replies_not_sent_yet": [
            {"written_at": _moment(each.drafted_at), "visibility": each.visibility, "text": each.text}
            for each in session.exec(going.order_by(col(Reply.id)))
        ],
    }


def _message(message: Message, earlier: Sequence[versions.MessageVersion]) -> dict[str, Any]:
    return {
        "x_id": message.x_id,
        "written_by": "us" if message.ours else "the person",
        "visibility": message.visibility,
        "conversation_id": message.conversation_id,
        "sent_at": _moment(message.sent_at),
        "language": message.language,
        "text": message.text,
        "gone_from_x": message.gone,
        "personal_data_found": message.personal,
        "earlier_versions": [{"x_id": each.x_id, "text": each.text} for each in earlier],
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
