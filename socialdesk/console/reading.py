"""What the page of a case reads: everything that was written in it, and what stands around that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from socialdesk import cases, messages, replies, versions
from socialdesk.cases import Case
from socialdesk.casework import calling, corrections, notes, sorting
from socialdesk.console import dealings
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply
from socialdesk.topics import TOPICS
from socialdesk.versions import MessageVersion
from socialdesk.worklists import bystanders
from socialdesk.worklists.bystanders import Crowd
from socialdesk.worklists.dossiers import Opened


@dataclass(frozen=True, slots=True)
class Read:
    """A case's thread and its history; `before` are the earlier versions of edited posts, and `crowd` is what
    bystanders wrote in its conversation."""

    said: Sequence[Message]
    written: Sequence[Reply]
    events: Sequence[CaseEvent]
    noted: notes.Noted
    before: Mapping[int, Sequence[MessageVersion]]
    crowd: Crowd


def thread_of(session: Session, opened: Opened, *, by: Agent) -> Read:
    """Of notes, earlier versions and bystanders nothing is asked where there are none."""
    case_id = opened.case.id or 0
    said, crowd = _said(session, opened)
    written = replies.of_case(session, case_id)
    events = cases.events(session, case_id)
    has_notes = any(each.kind in notes.TOLD_BY for each in events)
    noted = notes.of_case(session, case_id, reader=by) if has_notes else notes.NOTHING
    noted = replace(noted, called=calling.by_note(session, noted.notes, events))
    edited = [each.id or 0 for each in said if each.edited_at]
    before = versions.of_messages(session, edited) if edited else {}
    return Read(said, written, events, noted, before, crowd)


def _said(session: Session, opened: Opened) -> tuple[Sequence[Message], Crowd]:
    case = opened.case
    if any(_is_bystander(other, case) for other, _ in opened.beside.linked):
        return bystanders.thread_of(session, case)
    return messages.of_case(session, case.id or 0), bystanders.NOBODY


def _is_bystander(other: Case, case: Case) -> bool:
    same = case.conversation_id is not None and other.conversation_id == case.conversation_id
    return same and other.account_id == case.account_id and other.customer_id != case.customer_id


def beside(opened: Opened, crowd: Crowd) -> dict[str, Any]:
    """What the page shows besides the thread."""
    around = opened.beside
    shown = {"linked": around.linked, "last": around.last, "candidates": around.candidates}
    known = {"noted": around.noted, "dealings": dealings.of(around), "crowd": crowd}
    return shown | known | {"mute": opened.mute, "known_tags": opened.known_tags}


def sorting_of(case: Case, said: Sequence[Message]) -> dict[str, Any]:
    """What the customer wrote in and about, and what else it can be corrected to."""
    spoken = next((each for each in reversed(said) if not each.ours), None)
    return {
        "spoken": spoken,
        "languages": corrections.choices(spoken) if spoken else [],
        "likeliest": corrections.likeliest(spoken) if spoken else None,
        "topics": TOPICS,
        "topic_words": sorting.words(case),
        "begins_with": next((each for each in said if not each.ours), None),
    }
