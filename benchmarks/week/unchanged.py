"""Replies that left with their template's words, counted slowly: each is written anew and laid beside it."""

from __future__ import annotations

import re
from collections import Counter

from sqlmodel import Session, col, select

from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.errors import NotFound, TemplateError
from socialdesk.messages import Message
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts
from socialdesk.templating.library import Library

_GAP = re.compile("⟦[^⟧]*⟧")


def count(session: Session, library: Library) -> Counter[str]:
    """By the language in which a reply is kept; those of people alone."""
    query = (
        select(Reply, Customer, Message.language)
        .join(Case, col(Case.id) == Reply.case_id)
        .join(Customer, col(Customer.id) == Case.customer_id)
        .join(Message, col(Message.x_id) == Reply.x_id)
        .where(Reply.state == State.SENT, ~col(Reply.automated), col(Reply.template_id).is_not(None))
    )
    rows = session.exec(query).all()
    return Counter(language for reply, customer, language in rows if _is_own(library, reply, customer))


def _is_own(library: Library, reply: Reply, customer: Customer) -> bool:
    return any(
        _fills(words, reply.text)
        for language in library.catalog.languages
        if (words := _written(library, reply, customer, language)) is not None
    )


def _written(library: Library, reply: Reply, customer: Customer, language: str) -> str | None:
    try:
        return drafts.from_template(
            library,
            reply.template_id or "",
            language=language,
            visibility=reply.visibility,
            customer=customer,
        )
    except (NotFound, TemplateError):
        return None


def _fills(words: str, text: str) -> bool:
    """Piece by piece: what stands between the gaps is there, in order, and nothing before or after it."""
    first, *rest = _GAP.split(words.strip())
    text = text.strip()
    if not rest or not text.startswith(first):
        return text == first
    at = len(first)
    for piece in rest[:-1]:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return text.endswith(rest[-1]) and len(text) - len(rest[-1]) >= at
