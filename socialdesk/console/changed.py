"""What was done to several cases at once, told on the list that follows, with what takes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from socialdesk.people.agents import Agent
from socialdesk.phrases import ngettext
from socialdesk.worklists import together
from socialdesk.worklists.together import Act

_CHANGED, _BACK = "changed", "unchanged"
_DID: dict[Act, Callable[[int], str]] = {
    Act.ASSIGN: lambda n: ngettext("One case is yours.", "%(number)s cases are yours.", n),
    Act.LEAVE: lambda n: ngettext("One case is nobody's now.", "%(number)s cases are nobody's now.", n),
    Act.LANGUAGE: lambda n: ngettext(
        "The language of one case is set.", "The language of %(number)s cases is set.", n
    ),
    Act.TOPIC: lambda n: ngettext(
        "The topic of one case is set.", "The topic of %(number)s cases is set.", n
    ),
    Act.TAG: lambda n: ngettext("One case is tagged.", "%(number)s cases are tagged.", n),
    Act.UNTAG: lambda n: ngettext("One case has lost a tag.", "%(number)s cases have lost a tag.", n),
    Act.SNOOZE: lambda n: ngettext("One case is snoozed.", "%(number)s cases are snoozed.", n),
    Act.RESOLVE: lambda n: ngettext("One case is resolved.", "%(number)s cases are resolved.", n),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """`undo` is where the form goes that takes it back; None when that was done."""

    sentence: str
    undo: str | None


def did(act: Act, number: int) -> str:
    """What happened to so many cases."""
    return _DID[act](number)


def word(change_id: int, *, back: bool = False) -> str:
    """The value of `done` in the address that follows a change, or what took it `back`."""
    return f"{_BACK if back else _CHANGED}-{change_id}"


def of(session: Session, done: str, agent: Agent) -> Changed | None:
    """None for what no address of ours says, and for what somebody else did."""
    what, _dash, number = done.partition("-")
    if what not in (_CHANGED, _BACK) or not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    change = together.made(session, int(number), by=agent)
    if change is None:
        return None
    if change.undone_at or what == _BACK:
        return Changed(_as_before(len(change.cases)), None) if change.undone_at else None
    return Changed(did(Act(change.act), len(change.cases)), f"/queue/together/{change.id}/undoing")


def _as_before(number: int) -> str:
    return ngettext("One case is as it was.", "%(number)s cases are as they were.", number)
