"""Saved views: a filter of the queue under a name, an agent's own or a supervisor's for everybody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Field, Session, SQLModel, col, func, select

from socialdesk import clock
from socialdesk.errors import BadInput, NotAllowed, NotFound
from socialdesk.messages import clean_name
from socialdesk.people import permissions
from socialdesk.people.agents import Agent
from socialdesk.people.permissions import Verb
from socialdesk.phrases import gettext as _

LONGEST_NAME = 50
MOST = 50  # of one agent


class SavedView(SQLModel, table=True):
    """`filter` is as the console writes it in addresses."""

    __tablename__ = "saved_views"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    filter: str
    owner_id: int = Field(foreign_key="agents.id", index=True)
    shared: bool
    saved_at: datetime


# Made once: the queue asks it for every page.
_SEEN: Any = (
    select(SavedView)
    .where((col(SavedView.owner_id) == bindparam("agent_id")) | col(SavedView.shared))
    .order_by(col(SavedView.name), col(SavedView.id))
)


def save(session: Session, name: str, wanted: str, *, by: Agent, shared: bool = False) -> SavedView:
    """Raises BadInput for a name that is none, NotAllowed to share for who supervises no account or some."""
    name = clean_name(name)
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(_("A view needs a name of at most %(most)s characters.", most=LONGEST_NAME))
    if shared and not _shares(session, by):
        raise NotAllowed(_("Only supervisors share views with everybody."))
    own = select(func.count()).select_from(SavedView).where(SavedView.owner_id == by.id)
    if session.exec(own).one() >= MOST:
        raise BadInput(_("You have %(most)s views already: remove one first.", most=MOST))
    view = SavedView(name=name, filter=wanted, owner_id=by.id or 0, shared=shared, saved_at=clock.now())
    session.add(view)
    session.flush()
    return view


def of(session: Session, agent: Agent) -> Sequence[SavedView]:
    """Those that the agent sees: his own and the shared ones, by name."""
    found: Sequence[SavedView] = session.exec(_SEEN, params={"agent_id": agent.id}).all()
    return found


def find(session: Session, view_id: int, agent: Agent) -> SavedView:
    """Raises NotFound, also for another's own."""
    view = session.get(SavedView, view_id)
    if view is None or not (view.shared or view.owner_id == agent.id):
        raise NotFound(_("There is no such view."))
    return view


def remove(session: Session, view_id: int, *, by: Agent) -> None:
    """By its owner, or a shared one by whoever may share one. Raises NotFound, NotAllowed."""
    view = find(session, view_id, by)
    if view.owner_id != by.id and not _shares(session, by):
        raise NotAllowed(_("A shared view is removed by a supervisor."))
    session.delete(view)


def _shares(session: Session, by: Agent) -> bool:
    """It is before everybody, also those who work for other accounts than he."""
    return permissions.reach(session, by).may(Verb.SHARE_VIEW)
