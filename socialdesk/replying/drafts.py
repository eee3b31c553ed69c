"""What an agent is writing: one draft a case, seen and changed by everybody until somebody approves it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from typing import Any

import regex
from sqlmodel import Session, col, select

from socialdesk import audit, clock, guards, messages, replies
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.customers import Customer, Named
from socialdesk.errors import BadInput, NotFound, TemplateError, WrongDoor
from socialdesk.messages import Message, Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.replies import Reply, State
from socialdesk.replying.jottings import Jotting
from socialdesk.settings import Settings
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library, TemplateEntry
from socialdesk.templating.wording import Wording

_LATELY = timedelta(seconds=30)
_GAP = regex.compile("⟦[^⟧]*⟧")
_FILLED = "[^⟦⟧]{1,120}"  # some more than the longest value that the catalog may name
_GAP_SIGNS = regex.compile("[⟦⟧]")  # what a guard takes for a gap, so no customer is called that


def from_template(
    library: Library,
    template_id: str,
    *,
    language: str,
    visibility: str,
    customer: Named,
    dm_link: str = "",
) -> str:
    """A template's words for this customer; what only an agent can know is a gap: ⟦delivery date⟧.

    Raises TemplateError or NotFound when there is no such text in that language and visibility.
    """
    declared, variables = library.catalog.variables, library.find(template_id).variables
    gaps = frozenset(name for name in variables if declared[name].filled_by == "agent")
    wording = library.texts.get(Key(template_id, language, str(visibility)))
    if wording is None:
        return library.render(template_id, language, visibility, {})  # raises, and says why
    return _filled(wording, variables, gaps, customer.name or "", dm_link)


@lru_cache(maxsize=1000)  # of a page of edited drafts each is compared with the words of every language
def _filled(
    wording: Wording, variables: frozenset[str], gaps: frozenset[str], customer_name: str, dm_link: str
) -> str:
    values = dict.fromkeys(variables, "")
    values |= {name: f"⟦{name.replace('_', ' ')}⟧" for name in gaps}
    values |= {"customer_name": _GAP_SIGNS.sub("", customer_name), "dm_link": dm_link}
    return wording.render(values)


def dm_link(settings: Settings, account: Account) -> str:
    """The address that opens a direct message to the account; empty where its settings do without."""
    wanted = any(each.dm_link for each in settings.accounts if each.handle == account.handle)
    if not wanted or not account.x_id:
        return ""
    return f"{settings.x.web_url}/messages/compose?recipient_id={account.x_id}"


def dm_link_of(session: Session, settings: Settings, account_id: int) -> str:
    """The same by row id; nothing is read while no account has such a link."""
    if not any(each.dm_link for each in settings.accounts):
        return ""
    return dm_link(settings, session.get_one(Account, account_id))


def own_words(
    library: Library, reply: Reply, customer: Named, *, likely: str, dm_link: str = ""
) -> tuple[TemplateEntry, str] | None:
    """The template whose words the reply has unchanged, and their language, `likely` the first one tried.

    None for what somebody wrote or edited.
    """
    for entry, language, words in _rendered(library, reply, customer, likely, dm_link):
        if words == reply.text:
            return entry, language
    return None


def is_verbatim(library: Library, reply: Reply, customer: Named, *, likely: str, dm_link: str = "") -> bool:
    """Whether its words are its template's and nothing was done but to fill the gaps."""
    return any(
        _with_gaps(words).fullmatch(reply.text)
        for _, _, words in _rendered(library, reply, customer, likely, dm_link)
    )


def write(
    session: Session,
    case: Case,
    *,
    text: str,
    by: Agent,
    visibility: Visibility | None = None,
    seen_message_id: int | None = None,
    seen_reply_id: int | None = None,
    seen_x_id: str | None = None,
    template_id: str | None = None,
) -> Reply:
    """Draft an answer to the customer's newest message of that visibility, or change the case's draft.

    In public it is the newest that X lets us answer.

    Without a visibility it is that of the customer's last message; without `seen_…` the author has seen
    everything there is, `seen_x_id` being that of the answered post's version. Raises WrongDoor for a public
    answer where nothing public was written, BadInput for a case with nothing to answer, or nothing that X
    lets us answer in public, or of somebody whose data were erased.
    """
    _refuse_erased(session, case)
    answered = _answered(session, case, visibility)
    reply = of_case(session, case) or _blank(case, by)
    reply.answers_id, reply.answers_visibility = answered.id or 0, answered.visibility
    reply.visibility = visibility or Visibility(answered.visibility)
    reply.seen_message_id = seen_message_id or replies.newest_there(session, reply.case_id)
    reply.seen_reply_id = (
        replies.newest_given(session, reply.case_id) if seen_reply_id is None else seen_reply_id
    )
    reply.seen_x_id = seen_x_id or answered.x_id
    before, reply.text = reply.text_hash, _as_stored(text)
    reply.text_hash = _hash(reply.text)
    reply.template_id, reply.drafted_by_id, reply.drafted_at = template_id, by.id or 0, clock.now()
    reply.revision += 1
    reply.automated, reply.by_rule, reply.settles = False, None, True
    reply.submitted_at = reply.submitted_by_id = None
    reply.sent_back_at = reply.sent_back_by_id = reply.sent_back_why = None
    session.add(reply)
    session.flush()
    case.reply_moved(reply.id or 0, State.DRAFT, by=by.id)
    if before not in ("", reply.text_hash):
        told: dict[str, Any] = {"reply": reply.id, "before": before, "after": reply.text_hash}
        audit.record(session, "reply_edited", by=by.id, case=case, **told)
    return reply


def aside(
    session: Session, case: Case, answered: Message, text: str, *, template_id: str, by: int, **more: Any
) -> Reply:
    """A private reply beside the case's own draft, which stays as it is; not stored yet. `by` is a row id."""
    case_id, words = case.id or 0, _as_stored(text)
    return Reply(
        account_id=case.account_id,
        case_id=case_id,
        answers_id=answered.id or 0,
        answers_visibility=answered.visibility,
        visibility=Visibility.PRIVATE,
        seen_message_id=replies.newest_there(session, case_id),
        seen_reply_id=replies.newest_given(session, case_id),
        seen_x_id=answered.x_id,
        template_id=template_id,
        text=words,
        text_hash=_hash(words),
        drafted_by_id=by,
        drafted_at=clock.now(),
        **more,
    )


def of_case(session: Session, case: Case) -> Reply | None:
    """The case's draft: there is one at most, and all agents see it."""
    return session.exec(select(Reply).where(Reply.case_id == case.id, Reply.state == State.DRAFT)).first()


def writing(session: Session, case_id: int, *, within: timedelta = _LATELY) -> Sequence[Agent]:
    """Who has changed unsaved words in the case's composer so lately; whoever wrote last first."""
    since = clock.now() - within
    query = (
        select(Agent)
        .join(Jotting, col(Jotting.agent_id) == Agent.id)
        .where(Jotting.case_id == case_id, col(Jotting.touched_at) >= since)
        .order_by(col(Jotting.touched_at).desc())
    )
    return list({agent.id: agent for agent in session.exec(query)}.values())


def answers_gone(session: Session, reply: Reply) -> bool:
    """Whether X shows what it answers no more."""
    return session.get_one(Message, reply.answers_id).gone is not None


def _rendered(
    library: Library, reply: Reply, customer: Named, likely: str, dm_link: str
) -> Iterator[tuple[TemplateEntry, str, str]]:
    """The reply's template in each language in which it begins like the reply."""
    if not reply.template_id:
        return
    for language in dict.fromkeys((likely, *library.catalog.languages)):
        if not reply.text.startswith(_beginning(library, reply, language)):
            continue
        with suppress(NotFound, TemplateError):
            entry = library.find(reply.template_id)
            words = from_template(
                library,
                entry.id,
                language=language,
                visibility=reply.visibility,
                customer=customer,
                dm_link=dm_link,
            )
            yield entry, language, _as_stored(words)


def _with_gaps(words: str) -> regex.Pattern[str]:
    said = (regex.escape(each) for each in _GAP.split(words))
    return regex.compile(_FILLED.join(said), regex.DOTALL)


def _beginning(library: Library, reply: Reply, language: str) -> str:
    """What stands before the first variable of the text in that language: to know most others by."""
    return _opening(library.sources.get(Key(reply.template_id or "", language, reply.visibility), ""))


@lru_cache(maxsize=2000)  # more than there are texts in the catalog
def _opening(source: str) -> str:
    return _as_stored(source.partition("{")[0])


def _as_stored(text: str) -> str:
    return messages.clean(text).strip()


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _refuse_erased(session: Session, case: Case) -> None:
    if session.get_one(Customer, case.customer_id).erased:
        raise BadInput(_(guards.ERASED))


def _answered(session: Session, case: Case, visibility: Visibility | None) -> Message:
    assert case.id is not None
    if found := _newest(session, case.id, visibility):
        return found
    newest = messages.newest_from_customer(session, case.id)
    if newest is None:
        raise BadInput(_("There is nothing of the customer's in this case to answer."))
    if visibility == Visibility.PUBLIC:
        raise WrongDoor(_("The customer wrote in private: the answer can't go out in public."))
    return newest  # a private answer to public words: the handover to direct messages


def _newest(session: Session, case_id: int, visibility: Visibility | None) -> Message | None:
    """In public the newest post that X lets us answer, or may. Raises BadInput when there is none such."""
    found = messages.newest_from_customer(session, case_id, visibility)
    if found is None or found.private or found.not_repliable is None:
        return found
    instead = messages.newest_repliable(session, case_id, perhaps=True)
    if instead is None and (objection := guards.unrepliable(found, visibility or found.visibility)):
        raise BadInput(objection)
    return instead


def _blank(case: Case, by: Agent) -> Reply:
    assert case.id is not None and by.id is not None
    return Reply(
        account_id=case.account_id,
        case_id=case.id,
        answers_id=0,
        answers_visibility="",
        visibility="",
        seen_message_id=0,
        text="",
        text_hash="",
        revision=0,
        drafted_by_id=by.id,
        drafted_at=clock.now(),
    )
