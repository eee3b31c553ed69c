"""Which case a message belongs to.

The rule is about the right order, by the time X gives each message and by its id:

- In public a case is one customer in one conversation: other people in the thread have their own cases.
- A direct message joins the case of the customer's, public or private, in which something was said last
  before it; open ones come before resolved ones. Without any it opens one.
- A customer who comes back to a resolved case opens it again for some days, and gets a follow-up case after.
- Words of ours go into the case they answer and open none. When the customer has written nothing there yet
  they wait (unplaced.py), and go into the first case that he opens there.
- What was merged or split stays so: the rest of a merged case's conversation follows it, and after a split
  later words go to the later part.

Messages may come in any order and several times, and the cases are the same. Words newer than all that is
known of the customer are placed at once. When others come, his whole story is told again in the right order
(rearranging.py), and his cases are brought in line (retelling.py), with three limits. What an agent has
worked on stays as it is: its words are not moved, and a case opened meanwhile that way stays beside it. What
comes in after an agent has resolved a case opens it again, whenever it was written: he had not seen it. And
an answer sent from the desk answers what its author had before him, nothing that comes in later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import Session

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.customers import Met
from socialdesk.messages import Incoming, Visibility
from socialdesk.placing.rearranging import rearrange
from socialdesk.placing.standings import Standing, Story, key, standings

Place = tuple[Incoming, Case]


@dataclass
class Placed:
    """What became of a batch.

    `in_order` are the words that were newer than all others of their customer, `late` those that were not,
    each with its case; `changed` are the cases that words have been moved between. All cases of late words,
    and the changed ones, have to be told anew once the words are stored.
    Whatever is in neither list has no case yet. `opened` are new cases that opening.py has still to store.
    """

    in_order: list[Place] = field(default_factory=list)
    late: list[Place] = field(default_factory=list)
    opened: list[Case] = field(default_factory=list)
    changed: dict[int, Case] = field(default_factory=dict)


class Placement:
    """The cases of the customers in one batch, read at once."""

    def __init__(
        self, session: Session, account_id: int, customers: Collection[Met], *, reopen_days: int
    ) -> None:
        self._session = session
        self._account_id = account_id
        self._reopen_for = timedelta(days=reopen_days)
        self._of: dict[int, list[Case]] = defaultdict(list)
        for case in cases.of_customers(session, account_id, [each.id for each in customers]):
            self._of[case.customer_id].append(case)

    def place(self, batch: Iterable[Incoming], people: Mapping[str, Met]) -> Placed:
        """A case for each message, new if it must be; `people` are their customers by X's id."""
        of: dict[str, list[Incoming]] = defaultdict(list)
        for incoming in batch:
            of[str(incoming.customer_x_id)].append(incoming)
        placed = Placed()
        for x_id, theirs in of.items():
            self._place(sorted(theirs, key=key), people[x_id].id, placed)
        return placed

    def _place(self, batch: Sequence[Incoming], customer_id: int, placed: Placed) -> None:
        theirs = self._of[customer_id]
        if _in_order(theirs, batch[0]):
            self._tell_on(theirs, batch, customer_id, placed)
            return
        found = rearrange(self._session, theirs, batch, reopen_for=self._reopen_for)
        placed.late += found.places
        placed.changed |= found.changed

    def _tell_on(
        self, theirs: Sequence[Case], batch: Sequence[Incoming], customer_id: int, placed: Placed
    ) -> None:
        story = Story(standings(theirs), self._reopen_for)
        for incoming in batch:
            story.tell(incoming)
        as_rows = not any(
            words.ours for words in batch
        )  # nothing but the customer's next words comes into them
        for words, place in story.places:
            if isinstance(words, Incoming):
                if place.case is None:
                    place.case = self._open(words, place, customer_id, as_row=as_rows)
                    placed.opened += [place.case] if as_rows else []
                (placed.late if words in story.waited else placed.in_order).append((words, place.case))

    def _open(self, words: Incoming, place: Standing, customer_id: int, *, as_row: bool) -> Case:
        public = words.visibility == Visibility.PUBLIC
        if place.follows and place.follows.case and place.follows.case.id is None:
            self._session.flush()
        return cases.open_new(
            self._session,
            account_id=self._account_id,
            customer_id=customer_id,
            conversation_id=words.conversation_id if public else None,
            visibility=words.visibility,
            at=words.sent_at,
            follows=place.follows.case if place.follows else None,
            as_row=as_row,
        )


def _in_order(theirs: Sequence[Case], first: Incoming) -> bool:
    """Whether it was written after all that is known of the customer; with equal times nobody knows."""
    times = sorted(case.last_message_at for case in theirs if case.merged_into_id is None)
    if not times:
        return True
    return first.sent_at > times[-1] and times[-1] not in times[:-1]
