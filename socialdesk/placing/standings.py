"""The rule of placement, told as a story: one customer's words in the right order, each to its case.

What it rules is in placement.py; nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from socialdesk.cases import Case, Status
from socialdesk.messages import Visibility

Key = tuple[datetime, int]
BEFORE_ALL: Key = datetime.min.replace(tzinfo=UTC), 0
NEVER = datetime.max.replace(tzinfo=UTC)


class Words(Protocol):
    """A message, come in just now or stored long ago."""

    @property
    def x_id(self) -> str: ...
    @property
    def visibility(self) -> str: ...
    @property
    def conversation_id(self) -> str | None: ...
    @property
    def sent_at(self) -> datetime: ...
    @property
    def ours(self) -> bool: ...


def key(words: Words) -> Key:
    """Its place in the right order: X's ids rise with time, and tell apart what one second holds."""
    return words.sent_at, int(words.x_id)


@dataclass(slots=True, eq=False)
class Standing:
    """How one case stands at a moment of the story.

    `case` is None for one that is still to be opened; `last` is the place of whatever was said last in it;
    `heard` says that the customer has written in it; `settled_at` is when the last of his words so far were
    dealt with, NEVER when some are not.
    """

    case: Case | None = None
    conversations: set[str] = field(default_factory=set)
    last: Key | None = None
    heard: bool = False
    resolved_at: datetime | None = None
    settled_at: datetime | None = None
    follows: Standing | None = None

    def too_late(self, at: datetime, reopen_for: timedelta) -> bool:
        return self.resolved_at is not None and at > self.resolved_at + reopen_for

    def takes(self, words: Words) -> bool:
        """Whether words of ours that have waited for the customer's go here."""
        return words.visibility == Visibility.PRIVATE or words.conversation_id in self.conversations

    def resolved(self, at: datetime) -> None:
        """An agent has resolved it, and still it is open if words of before came in after that."""
        if self.settled_at is None or self.settled_at <= at:
            self.resolved_at = at


@dataclass
class Story:
    """One customer's words, each with its case.

    `waiting` are those of ours that have none yet, `waited` those that had none for some time.
    """

    standings: list[Standing]
    reopen_for: timedelta
    places: list[tuple[Words, Standing]] = field(default_factory=list)
    waiting: list[Words] = field(default_factory=list)
    waited: list[Words] = field(default_factory=list)

    def tell(self, words: Words, *, settled_at: datetime | None = None, held: Standing | None = None) -> None:
        """The next words, which an agent may have `held` in their case."""
        place = held or self._place(words)
        if place is None:
            self.waiting.append(words)
            return
        self._put(words, place, settled_at)
        if not words.ours:
            for each in [each for each in self.waiting if place.takes(each)]:
                self.waiting.remove(each)
                self.waited.append(each)
                self._put(each, place, None)

    def _put(self, words: Words, place: Standing, settled_at: datetime | None) -> None:
        place.last = max(place.last or key(words), key(words))
        if not words.ours:
            place.heard, place.resolved_at = True, None
            place.settled_at = max(place.settled_at or settled_at or NEVER, settled_at or NEVER)
        self.places.append((words, place))

    def _place(self, words: Words) -> Standing | None:
        found = _latest(_candidates([each for each in self.standings if each.heard], words))
        if words.ours:
            return found
        if found and not found.too_late(words.sent_at, self.reopen_for):
            return found
        return self._still_to_begin(words) or self._new(words, found)

    def _still_to_begin(self, words: Words) -> Standing | None:
        """The case that an agent has worked on, and to which these turn out to be the first words."""
        alike = [each for each in self.standings if each.case and not each.heard and _is_kin(each, words)]
        return min(alike, key=_opened_at, default=None)

    def _new(self, words: Words, follows: Standing | None) -> Standing:
        new = Standing(follows=follows)
        if words.visibility == Visibility.PUBLIC and words.conversation_id:
            new.conversations.add(words.conversation_id)
        self.standings.append(new)
        return new


def standings(cases: Iterable[Case]) -> list[Standing]:
    """How the customer's cases stand now. What was merged is no case any more, but leads to one."""
    every = {case.id: case for case in cases}
    found = {case.id: _now(case) for case in every.values() if case.merged_into_id is None}
    for case in every.values():
        if case.merged_into_id and case.conversation_id:
            target = found.get(_end(case, every))
            if target:
                target.conversations.add(case.conversation_id)
    return list(found.values())


def _now(case: Case) -> Standing:
    return Standing(
        case=case,
        conversations={case.conversation_id} if case.conversation_id else set(),
        last=(case.last_message_at, 0),
        heard=True,
        resolved_at=case.resolved_at if case.status == Status.RESOLVED else None,
    )


def _end(case: Case, every: dict[int | None, Case]) -> int | None:
    """Where a chain of merges ends."""
    seen = {case.id}
    while case.merged_into_id and case.merged_into_id in every and case.merged_into_id not in seen:
        seen.add(case.merged_into_id)
        case = every[case.merged_into_id]
    return case.id


def _candidates(heard: Sequence[Standing], words: Words) -> Sequence[Standing]:
    if words.visibility == Visibility.PUBLIC:
        return [each for each in heard if words.conversation_id in each.conversations]
    return [each for each in heard if each.resolved_at is None] or heard


def _latest(found: Sequence[Standing]) -> Standing | None:
    """The one that somebody wrote in last; of several opened at once, the last one."""
    if not found:
        return None
    return max(enumerate(found), key=lambda each: (each[1].last or BEFORE_ALL, each[0]))[1]


def _is_kin(standing: Standing, words: Words) -> bool:
    if words.visibility == Visibility.PUBLIC:
        return words.conversation_id in standing.conversations
    return not standing.conversations


def _opened_at(standing: Standing) -> datetime:
    assert standing.case is not None
    return standing.case.opened_at
