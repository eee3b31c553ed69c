"""What a rule or an incident writes: a template's words, sent without a person, or only proposed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from socialdesk import guards, replies
from socialdesk.automation import bars, releases
from socialdesk.automation.bars import Bar
from socialdesk.automation.leaving import LeavingWords
from socialdesk.automation.occasions import Occasion
from socialdesk.automation.rules import Rule
from socialdesk.automation.runs import Did
from socialdesk.errors import BadInput, DeskError, NotFound, TemplateError, WrongDoor
from socialdesk.messages import Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import mark
from socialdesk.replies import Reply
from socialdesk.replying import drafts, scrutiny
from socialdesk.settings import Settings
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library


@dataclass(frozen=True, slots=True)
class Mandate:
    """Who writes what without a person: a rule, or an incident.

    `name` is what the reply is known by, and `answers` says that it is answer enough; `unfit` tells why a
    text may not go out by itself, None for one that a supervisor has let go.
    """

    name: str
    template: str
    sends: bool
    answers: bool
    unfit: Callable[[Session, Library, Key], str | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it; `why` is what stood against more than that."""

    did: Did
    why: str | None = None
    reply: Reply | None = None


def of_rule(rule: Rule) -> Mandate:
    return Mandate(rule.id, rule.template or "", rule.do == "send", rule.answers, _unreleased)


def _unreleased(session: Session, library: Library, key: Key) -> str | None:
    released = releases.is_released(session, library, key)
    return None if released else mark("No supervisor has released this text as it is now.")


def answer(
    session: Session,
    mandate: Mandate,
    occasion: Occasion,
    interaction: int,
    *,
    by: Agent,
    library: Library,
    settings: Settings,
    words: LeavingWords,
) -> Answer:
    """Write what was mandated in the customer's language, `by` being the supervisor who answers for it."""
    if bar := bars.against_anything(session, occasion, words, settings.automation):
        return Answer(Did.LEFT, bar.why)
    key = Key(mandate.template, occasion.case.language, occasion.message.visibility)
    try:
        text = _words(session, key, occasion, library, settings)
        bar = _bar(session, mandate, key, occasion, interaction, text, library, settings)
        if bar and bar.for_good:
            return Answer(Did.LEFT, bar.why)
        reply = drafts.write(
            session,
            occasion.case,
            text=text,
            by=by,
            visibility=Visibility(key.visibility),
            template_id=key.template,
        )
    except (NotFound, TemplateError, BadInput, WrongDoor) as error:
        return Answer(Did.LEFT, str(error))
    reply.by_rule = mandate.name
    if bar or not mandate.sends:
        return Answer(Did.PROPOSED, bar.why if bar else None, reply)
    return _send(session, mandate, occasion, reply, library, settings)


def _words(session: Session, key: Key, occasion: Occasion, library: Library, settings: Settings) -> str:
    link = drafts.dm_link_of(session, settings, occasion.case.account_id)
    return drafts.from_template(
        library,
        key.template,
        language=key.language,
        visibility=key.visibility,
        customer=occasion.customer,
        dm_link=link,
    )


def _bar(
    session: Session,
    mandate: Mandate,
    key: Key,
    occasion: Occasion,
    interaction: int,
    text: str,
    library: Library,
    settings: Settings,
) -> Bar | None:
    if not mandate.sends:
        return None
    sent_as = _with_link(text, key.visibility, settings)
    if bar := bars.against_sending(session, occasion, interaction, sent_as):
        return bar
    if why := mandate.unfit(session, library, key):
        return Bar(why, for_good=False)
    if not occasion.case.language_sure:
        return Bar(mark("The language is only a guess."), for_good=False)
    return None


def _send(
    session: Session, mandate: Mandate, occasion: Occasion, reply: Reply, library: Library, settings: Settings
) -> Answer:
    """The guards of a person's reply are asked; whatever one of them objects to is for a person."""
    reply.automated, reply.settles = True, mandate.answers
    session.flush()
    looked = scrutiny.look(session, occasion.case, reply, library=library, settings=settings)
    why = guards.sentences(looked.objections)
    if len(looked.parts) > 1:
        parts = mark("It would leave as %(number)s posts.") % {"number": len(looked.parts)}
        why = f"{why} {parts}".strip()
    if not why and reply.answers_id != occasion.message.id:
        why = mark("X does not let us answer the customer's last message.")
    if why:
        return _proposed(session, reply, why)
    reply.text = _with_link(reply.text, reply.visibility, settings)
    reply.text_hash = hashlib.sha256(reply.text.encode()).hexdigest()
    session.flush()
    try:
        replies.approve(session, reply, by=None, undo=settings.sending.undo)
    except DeskError as error:
        return _proposed(session, reply, str(error))
    return Answer(Did.SENT, None, reply)


def _proposed(session: Session, reply: Reply, why: str) -> Answer:
    reply.automated, reply.settles = False, True
    session.flush()
    return Answer(Did.PROPOSED, why, reply)


def _with_link(text: str, visibility: str, settings: Settings) -> str:
    """X wants a link to the privacy policy where direct messages are automated."""
    link = settings.automation.privacy_link
    return f"{text}\n\n{link}" if link and visibility == Visibility.PRIVATE else text
