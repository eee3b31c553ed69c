"""Internal notes: what colleagues tell each other in a case, never sent anywhere and no answer to anybody."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete
from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import cases, clock, history
from socialdesk.cases import Case
from socialdesk.casework import mentions, naming
from socialdesk.casework.mentions import Mention as Mention
from socialdesk.errors import AlreadyDone, BadInput, NotAllowed, NotFound
from socialdesk.measures import count
from socialdesk.messages import clean
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

LONGEST = 10_000  # characters
MOST_NAMES = 50  # after an @
ONCE_WITHIN = timedelta(minutes=1)  # the same words again are the same note, sent twice


class Note(SQLModel, table=True):
    """What somebody noted; a deleted one stays as a sign, without its words."""

    __tablename__ = "notes"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    case_id: int = Field(foreign_key="cases.id", index=True)
    author_id: int = Field(foreign_key="agents.id")
    text: str
    written_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


class NoteVersion(SQLModel, table=True):
    """What a note said before it was edited; of a deleted one, what is kept for its author alone who took it
    back."""

    __tablename__ = "note_versions"

    id: int | None = Field(default=None, primary_key=True)
    note_id: int = Field(foreign_key="notes.id", index=True)
    text: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """The notes of a case, oldest first, what edited ones said before, and whether the reader is called; of
    those that he took back himself `before` has the words that are kept for him. `called` are, where somebody
    has asked for them, the user names of those whom each note called."""

    notes: Sequence[Note]
    before: dict[int, list[str]]
    calls: bool
    called: Mapping[int, Collection[str]] = field(default_factory=dict)


NOTHING = Noted([], {}, False)
# A case without any of these in its history has no notes, and need not be asked for them.
TOLD_BY = ("noted", "took_in")


def write(session: Session, case: Case, text: str, *, by: Agent) -> Note:
    """A note in the case, which is held; of the same words sent twice the first. Raises BadInput for
    nothing, or too much."""
    words, now = _fit(text), clock.now()
    if same := _just_written(session, case, words, now, by):
        return same
    note = Note(
        account_id=case.account_id, case_id=case.id or 0, author_id=by.id or 0, text=words, written_at=now
    )
    session.add(note)
    session.flush()
    _give_up(session, note.case_id, by)
    called = _call(session, case, note.text, by=by)
    history.record(case, "noted", by=by.id, note=note.id, called=called or None)
    return note


def edit(session: Session, note_id: int, text: str, *, by: Agent) -> Note:
    """The old words are kept. Raises NotFound, NotAllowed to all but its author, AlreadyDone, BadInput."""
    note = own(session, note_id, by)
    words = _fit(text)
    if words == note.text:
        return note
    session.add(NoteVersion(note_id=note_id, text=note.text, replaced_at=clock.now()))
    before, note.text, note.edited_at = set(naming.called_in(note.text)), words, clock.now()
    case = cases.find(session, note.case_id)
    called = _call(session, case, words, by=by, but=before)
    history.record(case, "note_edited", by=by.id, note=note.id, called=called or None)
    return note


def remove(session: Session, note_id: int, *, by: Agent) -> Note:
    """Its words and what they were before are gone; that there was one stays. Of one that was taken back, the
    words that are kept for `by`. Raises as `edit` does."""
    note = find(session, note_id)
    if note.author_id == by.id and note.deleted_at and _give_up(session, note.case_id, by):
        return note
    note = own(session, note_id, by)
    empty(session, note, by)
    return note


def find(session: Session, note_id: int) -> Note:
    """Raises NotFound."""
    note = session.get(Note, note_id)
    if note is None:
        raise NotFound(_("There is no note %(note)s.", note=note_id))
    return note


def in_case(session: Session, note_id: int, case_id: int) -> int:
    """The note's id again, if it is one of that case's. Raises NotFound."""
    if find(session, note_id).case_id != case_id:
        raise NotFound(_("There is no note %(note)s in case %(number)s.", note=note_id, number=case_id))
    return note_id


def of_case(session: Session, case_id: int, *, reader: Agent) -> Noted:
    """One statement, and another where a note was edited."""
    rows = session.exec(_OF_CASE, params={"case_id": case_id, "agent_id": reader.id}).all()
    found = [note for note, _, _ in rows]
    edited = [note.id or 0 for note in found if note.edited_at and not note.deleted_at]
    kept = {note.id or 0: [words] for note, _, words in rows if words}
    return Noted(found, _before(session, edited) | kept, any(mention for _, mention, _ in rows))


def page_of_case(session: Session, case_id: int, *, after: int, size: int) -> Sequence[Note]:
    """So many of the case's notes, oldest first, behind the one with that row id."""
    query = select(Note).where(Note.case_id == case_id, col(Note.id) > after)
    return session.exec(query.order_by(col(Note.id)).limit(size)).all()


def call(session: Session, case: Case, agent_ids: Collection[int]) -> None:
    """Put the case on the lists of those of them who may see it, as if somebody had called them in a note."""
    found = session.exec(select(Agent).where(col(Agent.id).in_(agent_ids)).order_by(col(Agent.id)))
    called = [each.id or 0 for each in found.all() if mentions.may_see(session, each, case)]
    for each in called:
        mentions.mention(session, each, case, clock.now())
    if called:
        history.record(case, "mentioned", agents=called)


def read(session: Session, case_id: int, *, by: Agent) -> None:
    """Whoever was called has come."""
    mention = session.get(Mention, (by.id, case_id))
    if mention:
        session.delete(mention)


def move(session: Session, to: Case, from_id: int) -> list[int]:
    """Everything noted in that case goes to this one, and so do those who were called; returns the notes."""
    for mention in session.exec(select(Mention).where(Mention.case_id == from_id)).all():
        session.delete(mention)
        mentions.mention(session, mention.agent_id, to, mention.since)
    found = session.exec(select(Note).where(Note.case_id == from_id).order_by(col(Note.id))).all()
    return _hand(found, to)


def give_back(session: Session, to: Case, note_ids: Collection[int]) -> None:
    """Those notes go to the case again from which they had come."""
    _hand(session.exec(select(Note).where(col(Note.id).in_(note_ids))).all(), to)


def empty(session: Session, note: Note, by: Agent, **told: Any) -> None:
    """The same of one that is `by`'s own, and held; with what else its history tells of it."""
    note.text, note.deleted_at = "", clock.now()
    session.connection().execute(delete(NoteVersion).where(col(NoteVersion.note_id) == note.id))
    history.record(cases.find(session, note.case_id), "note_deleted", by=by.id, note=note.id, **told)


def _hand(notes: Iterable[Note], to: Case) -> list[int]:
    for note in notes:
        note.case_id = to.id or 0
    return [note.id or 0 for note in notes]


def calls_nobody(session: Session, text: str) -> bool:
    """Whether a name after an @ is none of anybody's here."""
    names = naming.called_in(text)
    return len(people(session, names)) < len(names)


def calls_anybody(session: Session, text: str) -> bool:
    """Whether a name after an @ is somebody's here."""
    return bool(people(session, naming.called_in(text)))


def _give_up(session: Session, case_id: int, by: Agent) -> bool:
    """The words of notes that he took back in the case are kept no more; whether there were any."""
    mine = select(Note.id).where(
        Note.case_id == case_id, Note.author_id == by.id, col(Note.deleted_at).is_not(None)
    )
    gone = delete(NoteVersion).where(col(NoteVersion.note_id).in_(mine))
    return session.connection().execute(gone).rowcount > 0


def _fit(text: str) -> str:
    words = clean(text).strip()
    if not words:
        raise BadInput(_("A note needs words."))
    if len(words) > LONGEST:
        told = {"most": count(LONGEST), "found": count(len(words))}
        raise BadInput(_("A note has at most %(most)s characters; this one has %(found)s.", **told))
    if len(naming.called_in(words)) > MOST_NAMES:
        raise BadInput(_("A note calls at most %(most)s people.", most=MOST_NAMES))
    return words


def _just_written(session: Session, case: Case, words: str, now: datetime, by: Agent) -> Note | None:
    """By the same agent, and still as it was."""
    query = select(Note).where(
        Note.case_id == case.id,
        Note.author_id == by.id,
        Note.text == words,
        col(Note.written_at) > now - ONCE_WITHIN,
        col(Note.deleted_at).is_(None),
    )
    return session.exec(query.order_by(col(Note.id)).limit(1)).first()


def people(session: Session, names: Collection[str]) -> dict[str, Agent]:
    """Those of these user names that are somebody's, in one statement."""
    found = session.exec(select(Agent).where(col(Agent.username).in_(names))) if names else ()
    return {each.username: each for each in found}


def own(session: Session, note_id: int, by: Agent) -> Note:
    """The note, held. Raises as `edit` does."""
    query = select(Note).where(Note.id == note_id).with_for_update()
    note = session.exec(query.execution_options(populate_existing=True)).first()
    if note is None:
        raise NotFound(_("There is no note %(note)s.", note=note_id))
    if note.author_id != by.id:
        raise NotAllowed(_("Only its author can change a note."))
    if note.deleted_at:
        raise AlreadyDone(_("This note is deleted already."))
    return note


def _call(session: Session, case: Case, text: str, *, by: Agent, but: Collection[str] = ()) -> list[str]:
    """Put the case on the lists of those called who may see it; returns their user names."""
    wanted = [name for name in naming.called_in(text) if name not in but]
    found = people(session, wanted)
    others = [found[name] for name in wanted if name in found and found[name].id != by.id]
    called = [each for each in others if mentions.may_see(session, each, case)]
    for each in called:
        mentions.mention(session, each.id or 0, case, clock.now())
    if called:
        history.record(case, "mentioned", by=by.id, agents=[each.id for each in called])
    return [each.username for each in called]


def _before(session: Session, note_ids: Iterable[int]) -> dict[int, list[str]]:
    ids, found = list(note_ids), dict[int, list[str]]()
    if ids:
        query = select(NoteVersion).where(col(NoteVersion.note_id).in_(ids))
        for version in session.exec(query.order_by(col(NoteVersion.id))):
            found.setdefault(version.note_id, []).append(version.text)
    return found


# Made once: every case's page asks this.
_OF_CASE: Any = (
    select(Note, Mention.agent_id, NoteVersion.text)
    .outerjoin(
        Mention, (col(Mention.case_id) == Note.case_id) & (col(Mention.agent_id) == bindparam("agent_id"))
    )
    .outerjoin(
        NoteVersion,
        (col(NoteVersion.note_id) == Note.id)
        & col(Note.deleted_at).is_not(None)
        & (col(Note.author_id) == bindparam("agent_id")),
    )
    .where(col(Note.case_id) == bindparam("case_id"))
    .order_by(col(Note.id))
)
