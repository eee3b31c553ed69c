"""Slowing down whoever tries passwords and codes: each failure costs a longer wait, nobody is shut out.

A try is counted before it is looked at, so that a thousand at the same moment are not all let through. What
is unknown is counted like what is known: nothing here tells whether there is such an agent.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import NamedTuple

from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from socialdesk import clock
from socialdesk.bulk import insert_new
from socialdesk.errors import TooOften
from socialdesk.phrases import gettext as _

FORGOTTEN = timedelta(hours=1)  # after so long without a try it is as if there had been none
MOST_KEPT = 50_000
_SUBSCRIBERS = 64  # bits: one household or one rented machine has all of the addresses behind them


class Kind(StrEnum):
    AGENT = "agent"  # a user name, whether anybody has it or not
    ADDRESS = "address"
    DEVICE = "device"  # one where that agent has signed in before
    PROOF = "proof"  # a signed-in agent's password, asked for again
    CODE = "code"


class Limit(NamedTuple):
    free: int
    longest: timedelta


# Colleagues share an address, so it has more tries. Six digits are guessed far sooner than a password.
LIMITS = {
    Kind.AGENT: Limit(5, timedelta(seconds=60)),
    Kind.ADDRESS: Limit(20, timedelta(minutes=5)),
    Kind.DEVICE: Limit(5, timedelta(seconds=60)),
    Kind.PROOF: Limit(5, timedelta(seconds=60)),
    Kind.CODE: Limit(5, timedelta(minutes=5)),
}


class Brake(SQLModel, table=True):
    """The failures in a row of one user name, address or device, and until when it has to wait."""

    __tablename__ = "brakes"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)  # its kind and a hash: people type passwords where user names belong
    failures: int
    last_at: datetime = Field(index=True)
    until: datetime

    def count(self, limit: Limit) -> None:
        now = clock.now()
        self.failures = 1 if self.last_at < now - FORGOTTEN else self.failures + 1
        self.last_at = now
        over = min(self.failures - limit.free, 32)
        delay = min(timedelta(seconds=2 ** (over - 1)), limit.longest) if over > 0 else timedelta()
        self.until = now + delay


class Key(NamedTuple):
    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{hashlib.sha256(self.name.encode(errors='replace')).hexdigest()[:32]}"


def of_address(address: str) -> Key:
    """An IPv6 network counts as one address: its owner has more of them than tries."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return Key(Kind.ADDRESS, address)
    if not isinstance(parsed, IPv6Address):
        return Key(Kind.ADDRESS, address)
    if parsed.ipv4_mapped:
        return Key(Kind.ADDRESS, str(parsed.ipv4_mapped))
    return Key(Kind.ADDRESS, f"{int(parsed) >> (128 - _SUBSCRIBERS):x}::/{_SUBSCRIBERS}")


def refuse(session: Session, keys: Collection[Key]) -> None:
    """Raises TooOften while the next try at any of them has to wait."""
    _refuse(_rows(session, keys))


def press(session: Session, keys: Collection[Key]) -> None:
    """Count one more try: a failure until it is released. Raises TooOften, and then counts nothing."""
    _make(session, keys)
    found = _rows(session, keys, hold=True)
    _refuse(found)
    limits = {str(key): LIMITS[key.kind] for key in keys}
    for brake in found:
        brake.count(limits[brake.key])
        session.add(brake)


def release(session: Session, keys: Collection[Key]) -> None:
    """The try was right: nothing is held against its user name or device, and one less against its address.

    Whoever has one password here must not clear his address with it to guess another.
    """
    take_back(session, [key for key in keys if key.kind is Kind.ADDRESS])
    for brake in _rows(session, [key for key in keys if key.kind is not Kind.ADDRESS], hold=True):
        session.delete(brake)


def take_back(session: Session, keys: Collection[Key]) -> None:
    """The try was not looked at: it is as if it had not been made."""
    for brake in _rows(session, keys, hold=True):
        brake.failures, brake.until = max(0, brake.failures - 1), clock.now()
        session.add(brake)


def _refuse(found: Sequence[Brake]) -> None:
    left = max((brake.until - clock.now() for brake in found), default=timedelta())
    if left > timedelta():
        seconds = ceil(left.total_seconds())
        raise TooOften(
            _("That was wrong too often: try again in %(number)s s.", number=seconds),
            wait=timedelta(seconds=seconds),
        )


def _rows(session: Session, keys: Collection[Key], *, hold: bool = False) -> Sequence[Brake]:
    """Always in one order, so that nobody waits crosswise."""
    query = select(Brake).where(col(Brake.key).in_([str(key) for key in keys])).order_by(col(Brake.key))
    return session.exec(query.with_for_update() if hold else query).all()


def _make(session: Session, keys: Collection[Key]) -> None:
    """The rows that are missing; then what is forgotten goes, and the oldest when there are too many."""
    known = {brake.key for brake in _rows(session, keys)}
    missing = sorted({str(key) for key in keys} - known)
    if not missing:
        return
    now = clock.now()
    rows = [{"key": key, "failures": 0, "last_at": now, "until": now} for key in missing]
    insert_new(session, Brake, rows, unique="key")
    newest = session.exec(select(func.max(Brake.id))).one() or 0
    stale = (col(Brake.last_at) < now - FORGOTTEN) | (col(Brake.id) <= newest - MOST_KEPT)
    session.exec(delete(Brake).where(stale, col(Brake.key).not_in([str(key) for key in keys])))
