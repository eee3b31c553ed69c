"""Whom the notes of a case have called: told by its history, not by who has such a name today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from socialdesk.casework import naming
from socialdesk.casework.notes import Note
from socialdesk.history import CaseEvent

_CALLS = ("noted", "note_edited")
_CAME = "took_in"  # another case, whose notes' own history stays there


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a note's words; where they call a colleague, `calls` is his user name."""

    words: str
    calls: str | None = None


def by_note(
    session: Session, found: Sequence[Note], events: Sequence[CaseEvent]
) -> dict[int, frozenset[str]]:
    """User names by note. `events` are the case's; others are asked for only where a note with an @ in it
    has come from another case."""
    wanted = {note.id or 0 for note in found if "@" in note.text}
    called: dict[int, frozenset[str]] = {}
    asked: set[int] = set()
    while events and not wanted <= called.keys():
        for note_id, names in _told(events):
            called[note_id] = called.get(note_id, frozenset()) | names
        others = {each.details["other"] for each in events if each.kind == _CAME} - asked
        asked |= others
        events = _of_cases(session, others) if others else []
    return called


def pieces(text: str, called: Collection[str]) -> list[Piece]:
    """The whole text, taken apart at the names of those it called."""
    told: list[Piece] = []
    end = 0
    for start, stop, name in naming.names_in(text):
        if name in called:
            told += [Piece(text[end:start]), Piece(text[start:stop], name)]
            end = stop
    return [each for each in (*told, Piece(text[end:])) if each.words]


def _told(events: Iterable[CaseEvent]) -> Iterable[tuple[int, frozenset[str]]]:
    for each in events:
        if each.kind in _CALLS:
            yield each.details["note"], frozenset(each.details.get("called", ()))


def _of_cases(session: Session, case_ids: Collection[int]) -> Sequence[CaseEvent]:
    query = select(CaseEvent).where(
        col(CaseEvent.case_id).in_(case_ids), col(CaseEvent.kind).in_((*_CALLS, _CAME))
    )
    return session.exec(query.order_by(col(CaseEvent.id))).all()
