"""The cases of a customer whose words came late: his whole story is told again, in the right order.

What an agent has worked on stays as it is: the words in such a case are held there. All others go where they
would have gone, had they come in time; a case that is left without words becomes a sign to where they went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from socialdesk import cases, history
from socialdesk.cases import Case
from socialdesk.casework import tagging
from socialdesk.history import CaseEvent
from socialdesk.messages import Incoming, Message
from socialdesk.placing.standings import Standing, Story, Words, key, standings

FROM_DESK = "reply"  # the `language_source` of what was sent from here
LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEEDED: Any = (
    Message.case_id,
    Message.x_id,
    Message.visibility,
    Message.conversation_id,
    Message.sent_at,
    Message.direction,
    Message.settled_at,
    Message.language_source,
    Message.taken_in_at,
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that is in a case already; `held` there if an agent has worked on the case since."""

    id: int
    case_id: int
    x_id: str
    visibility: str
    conversation_id: str | None
    sent_at: datetime
    ours: bool
    settled_at: datetime | None
    held: bool


@dataclass(frozen=True, slots=True)
class Rearranged:
    """Which case each of the new words goes into, and those that stored words have been moved between."""

    places: list[tuple[Incoming, Case]]
    changed: dict[int, Case]


def rearrange(
    session: Session, theirs: Sequence[Case], new: Iterable[Incoming], *, reopen_for: timedelta
) -> Rearranged:
    """Place the new words, which are still to be stored, and move the stored ones that belong elsewhere."""
    live = {case.id: case for case in theirs if case.merged_into_id is None and case.id}
    acts = _acts(session, list(live))
    until = {act.case_id: act.at for act in acts}
    story = _tell(theirs, _stored(session, list(live), until), new, acts, reopen_for)
    spare = {case_id: case for case_id, case in live.items() if case_id not in until}
    _name_cases(session, story, spare, next(iter(live.values())))
    changed = _move(session, story, live)
    _leave_signs(session, story, spare)
    places = [(words, _case(place)) for words, place in story.places if isinstance(words, Incoming)]
    return Rearranged(places, changed)


def _stored(session: Session, case_ids: Collection[int], until: Mapping[int, datetime]) -> list[Stored]:
    """What came in after an agent's last act is not held, but for our answers from this desk."""
    query = select(Message).where(col(Message.case_id).in_(case_ids)).options(load_only(*_NEEDED))
    return [
        Stored(
            each.id or 0,
            each.case_id,
            each.x_id,
            each.visibility,
            each.conversation_id,
            each.sent_at,
            each.ours,
            each.settled_at,
            each.language_source == FROM_DESK or each.taken_in_at <= until.get(each.case_id, LONG_AGO),
        )
        for each in session.exec(query)
    ]


def _acts(session: Session, case_ids: Collection[int]) -> Sequence[CaseEvent]:
    """What agents did with these cases, oldest first."""
    by_agents = col(CaseEvent.case_id).in_(case_ids), col(CaseEvent.agent_id).is_not(None)
    return session.exec(
        select(CaseEvent).where(*by_agents).order_by(col(CaseEvent.at), col(CaseEvent.id))
    ).all()


def _tell(
    theirs: Sequence[Case],
    stored: Sequence[Stored],
    new: Iterable[Incoming],
    acts: Sequence[CaseEvent],
    reopen_for: timedelta,
) -> Story:
    """The story from its beginning, when only the cases that agents have worked on are there already."""
    worked_on = {act.case_id for act in acts}
    of = {each.case.id: each for each in standings(theirs) if each.case and each.case.id in worked_on}
    for standing in of.values():
        standing.last, standing.heard, standing.resolved_at = None, False, None
    story = Story(list(of.values()), reopen_for)
    to_come = list(acts)
    every: list[Words] = [*stored, *new]
    for words in sorted(every, key=key):
        while to_come and to_come[0].at <= words.sent_at:
            _act(of[to_come[0].case_id], to_come.pop(0))
        if isinstance(words, Stored):
            story.tell(words, settled_at=words.settled_at, held=of.get(words.case_id) if words.held else None)
        else:
            story.tell(words)
    return story


def _act(standing: Standing, act: CaseEvent) -> None:
    if act.kind == "resolved":
        standing.resolved(act.at)
    elif act.kind == "reopened":
        standing.resolved_at = None


def _name_cases(session: Session, story: Story, spare: dict[int, Case], like: Case) -> None:
    """Each case of the story is one that was there and is not held, or a new one; `spare` keeps the rest."""
    first: dict[Standing, Words] = {}
    for words, place in story.places:
        if place.case is None:
            first.setdefault(place, words)
    for place, words in first.items():
        place.case = _fitting(story, place, spare) or cases.open_new(
            session,
            account_id=like.account_id,
            customer_id=like.customer_id,
            conversation_id=None,
            visibility=words.visibility,
            at=words.sent_at,
        )
        spare.pop(place.case.id or 0, None)
        place.case.conversation_id = next(iter(place.conversations), None)
    session.flush()
    for place in first:
        _case(place).follows_id = _case(place.follows).id if place.follows else None


def _fitting(story: Story, place: Standing, spare: Mapping[int, Case]) -> Case | None:
    """The case that held these words until now: of this conversation before one that began in private."""
    ids = dict.fromkeys(
        words.case_id for words, where in story.places if where is place and isinstance(words, Stored)
    )
    found = [spare[case_id] for case_id in ids if case_id in spare]
    same = [case for case in found if case.conversation_id in place.conversations]
    private = [case for case in found if case.conversation_id is None]
    return next(iter([*same, *private]), None)


def _move(session: Session, story: Story, live: Mapping[int, Case]) -> dict[int, Case]:
    """Give the stored words their case; returns the cases that have lost or won some."""
    moves: dict[int, list[int]] = {}
    changed: dict[int, Case] = {}
    for words, place in story.places:
        case = _case(place)
        if isinstance(words, Stored) and case.id and words.case_id != case.id:
            moves.setdefault(case.id, []).append(words.id)
            changed |= {case.id: case, words.case_id: live[words.case_id]}
    for case_id, ids in moves.items():
        statement = update(Message).where(col(Message.id).in_(ids)).values(case_id=case_id)
        session.connection().execute(statement)
    return changed


def _leave_signs(session: Session, story: Story, spare: Mapping[int, Case]) -> None:
    """A case whose words have all gone leads to where the first of them went."""
    for words, place in story.places:
        if isinstance(words, Stored) and (left := spare.get(words.case_id)) and left.merged_into_id is None:
            left.merge_into(_case(place))
            tagging.take_over(session, _case(place), left)
            history.record(_case(place), "joined", other=left.id)


def _case(standing: Standing) -> Case:
    assert standing.case is not None
    return standing.case
