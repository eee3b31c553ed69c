"""A note taken back just after it was written: nobody is called by it any more, and its words are kept for
its author alone, until he writes the next one in the case or gives them up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from socialdesk.casework import naming, notes
from socialdesk.casework.notes import Mention, Note, NoteVersion
from socialdesk.history import CaseEvent
from socialdesk.people.agents import Agent


def take_back(session: Session, note_id: int, called: Collection[str], *, by: Agent, undone: int) -> None:
    """As `notes.remove` does: whoever was called by it and has not come is called no more, unless he was
    before, or somebody has called him since. Raises as that does."""
    note = notes.own(session, note_id, by)
    words = note.text
    for agent in notes.people(session, called).values():
        mention = session.get(Mention, (agent.id, note.case_id))
        if mention is None or mention.since < note.written_at:
            continue
        if since := _called_since(session, note, agent):
            mention.since = since
        else:
            session.delete(mention)
    notes.empty(session, note, by, undone=undone)
    session.add(NoteVersion(note_id=note_id, text=words, replaced_at=note.deleted_at or note.written_at))


def _called_since(session: Session, note: Note, agent: Agent) -> datetime | None:
    """When somebody else called him first since that note, by one that stands, or the desk itself did because
    a reminder was due."""
    query = select(Note).where(
        Note.case_id == note.case_id,
        Note.id != note.id,
        Note.author_id != agent.id,
        col(Note.deleted_at).is_(None),
    )
    calls = [_calls_at(session, each, agent, note.written_at) for each in session.exec(query).all()]
    return min((each for each in (*calls, *_reminded_at(session, note, agent)) if each), default=None)


def _calls_at(session: Session, other: Note, agent: Agent, since: datetime) -> datetime | None:
    """None when it does not, or did so before that moment already."""
    if agent.username not in naming.called_in(other.text):
        return None
    if other.written_at >= since:
        return other.written_at
    query = select(NoteVersion).where(NoteVersion.note_id == other.id, col(NoteVersion.replaced_at) >= since)
    earlier = session.exec(query.order_by(col(NoteVersion.id)).limit(1)).first()
    if earlier is None or agent.username in naming.called_in(earlier.text):
        return None
    return other.edited_at


def _reminded_at(session: Session, note: Note, agent: Agent) -> list[datetime]:
    query = select(CaseEvent).where(
        CaseEvent.case_id == note.case_id,
        CaseEvent.kind == "mentioned",
        col(CaseEvent.agent_id).is_(None),
        col(CaseEvent.at) >= note.written_at,
    )
    return [each.at for each in session.exec(query) if agent.id in each.details["agents"]]
