"""The drafts of a list of cases: a template's own words may be chosen, to be approved with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from socialdesk.accounts import Account
from socialdesk.bulk import among
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.replies import UNSENT, Reply, State
from socialdesk.replying import drafts
from socialdesk.templating.library import Library
from socialdesk.worklists import listed
from socialdesk.worklists.listed import Listed


@dataclass(frozen=True, slots=True)
class Draft:
    """`waits` says that it was handed to a second person; `choice` is what a form sends for it, and
    `template` whose words it has: both None for what was written or edited by hand."""

    waits: bool
    choice: str | None
    template: str | None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """By case, the state of its newest reply that is neither sent nor cancelled, and its draft."""

    states: Mapping[int, str]
    drafts: Mapping[int, Draft]


def under_way(session: Session, desk: Desk, rows: Sequence[Listed]) -> UnderWay:
    """Asked for in one statement, and one more where a draft began with a template.

    Whether something stands against one of them is seen when they are previewed.
    """
    concerned = {row.id: row for row in rows}
    if not concerned:
        return UnderWay({}, {})
    found = session.exec(_UNSENT, params={"case_ids": list(concerned)}).all()
    states = {reply.case_id: reply.state for reply, _ in found}
    written = [row for row in found if row[0].state == State.DRAFT == states[row[0].case_id]]
    templates = any(reply.template_id for reply, _ in written)
    library = desk.library_now(session) if templates else desk.library
    drafted = {
        reply.case_id: _draft(desk, library, reply, account, concerned[reply.case_id])
        for reply, account in written
    }
    return UnderWay(states, drafted)


def choices(session: Session, desk: Desk, case_ids: Sequence[int]) -> list[str]:
    """What a form sends for those of the cases whose draft is a template's own words."""
    rows = session.exec(listed.CASES.where(col(Case.id).in_(case_ids))).all()
    found = under_way(session, desk, [Listed._make(row) for row in rows]).drafts
    return [found[each].choice or "" for each in case_ids if each in found and found[each].choice]


def _draft(desk: Desk, library: Library, reply: Reply, account: Account, row: Listed) -> Draft:
    link = drafts.dm_link(desk.settings, account)
    own = drafts.own_words(library, reply, row, likely=row.language, dm_link=link)
    waits = reply.submitted_at is not None
    return Draft(waits, f"{reply.id}.{reply.revision}", own[0].title) if own else Draft(waits, None, None)


# Made once: the queue asks this for every page.
_UNSENT: Any = (
    select(Reply, Account)
    .join(Account, col(Account.id) == Reply.account_id)
    .where(among(col(Reply.case_id), "case_ids"), col(Reply.state).in_(UNSENT))
    .order_by(col(Reply.id))
)
