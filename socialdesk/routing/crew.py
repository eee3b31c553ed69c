"""Those who may be given cases, as one pass of the routing knows them.

They are read for the first case of the pass, and for the others kept up to date by what it gives. Whatever
another has given meanwhile, and whoever's shifts have changed, shows in the rosters: then all are read anew.
What people do with their own cases counts from the next pass on; taking one oneself was never limited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from socialdesk.routing import staff
from socialdesk.routing.choosing import Person
from socialdesk.routing.staff import Rosters
from socialdesk.settings.sections import Routing


@dataclass(slots=True)
class Crew:
    """One pass's, which goes on with it from transaction to transaction."""

    routing: Routing
    people: Sequence[Person] = ()
    _rosters: Rosters | None = field(default=None, repr=False)

    def hold(self, session: Session) -> None:
        """Everybody as he is, until the transaction ends: one statement, unless something has changed."""
        rosters = staff.hold(session)
        if rosters != self._rosters:
            self.people, self._rosters = staff.read(session, self.routing), rosters

    @property
    def next_turn(self) -> int:
        return 1 + max(each.turn for each in self.people)

    def gave(self, agent_id: int, turn: int) -> None:
        """One more waits with him now, and whoever has not had a case since comes before him."""
        self.people = [
            replace(each, waiting=each.waiting + 1, turn=turn) if each.agent_id == agent_id else each
            for each in self.people
        ]
        if self._rosters:
            self._rosters = {**self._rosters, agent_id: staff.with_turn(self._rosters[agent_id], turn)}
