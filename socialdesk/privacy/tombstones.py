"""People who were erased: the desk knows them again by a keyed hash of X's id, and takes in nothing of them.

The hash's key is a random salt of this database and, where the environment has one, SOCIALDESK_PRIVACY_KEY.
With the salt alone, whoever has the database can try X's ids one by one and learn who was erased.
"""

import hmac
import os
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select, update

from socialdesk import clock, customers
from socialdesk.customers import SHELL, Customer
from socialdesk.errors import SettingsError

KEY = "SOCIALDESK_PRIVACY_KEY"
_BATCH = 500


class Tombstone(SQLModel, table=True):
    """Somebody erased: `digest` is the hash, `keyed` says whether the environment's key is in it, `refused`
    counts what came in of theirs since, and `customer_id` is the empty row that their cases still have."""

    __tablename__ = "tombstones"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int | None = Field(default=None, foreign_key="customers.id", unique=True)
    salt: str
    keyed: bool
    digest: str = Field(unique=True)
    opted_out: bool
    refused: int = 0
    erased_at: datetime
    erased_by_id: int | None = Field(default=None, foreign_key="agents.id")


def shell(customer_id: int) -> str:
    """What stands in the place of X's id."""
    return f"{SHELL}{customer_id}"


def lay(session: Session, x_id: str, *, customer_id: int, opted_out: bool, by: int | None) -> Tombstone:
    """The person's tombstone: the one there is, when a restored database brought somebody back."""
    stone = next(iter(_stones(session, [x_id]).values()), None) or _new(session, x_id)
    stone.customer_id, stone.opted_out = customer_id, stone.opted_out or opted_out
    stone.erased_at, stone.erased_by_id = clock.now(), by
    session.add(stone)
    session.flush()
    return stone


def of_customer(session: Session, customer_id: int) -> Tombstone | None:
    """None for everybody who was not erased."""
    return session.exec(select(Tombstone).where(Tombstone.customer_id == customer_id)).first()


def all_of(session: Session) -> Sequence[Tombstone]:
    return session.exec(select(Tombstone).order_by(col(Tombstone.id))).all()


def erased(session: Session, x_ids: Collection[str]) -> set[str]:
    """Those of X's ids whose people were erased, those that stand in an erased one's place included.

    Raises SettingsError when the environment's key, which some tombstones need, is not there.
    """
    shells = {x_id for x_id in x_ids if x_id.startswith(SHELL)}
    return shells | _stones(session, [x_id for x_id in x_ids if x_id not in shells]).keys()


def turn_away(session: Session, x_ids: Collection[str]) -> set[str]:
    """The same; the rows that others made for them at this very moment go again."""
    found = erased(session, x_ids)
    if found:
        for customer in customers.known(
            session, [x_id for x_id in found if not x_id.startswith(SHELL)]
        ).values():
            session.delete(customer)
        session.flush()
    return found


def count_refused(session: Session, x_ids: Iterable[str]) -> None:
    """One more for each time an id stands there."""
    all_ids = list(x_ids)
    for x_id, stone in _stones(session, set(all_ids)).items():
        more = update(Tombstone).where(col(Tombstone.id) == stone.id)
        session.connection().execute(more.values(refused=Tombstone.refused + all_ids.count(x_id)))


def adopt(session: Session, told: Iterable[Tombstone]) -> int:
    """Take over those of another database, or of this one as it was later; returns how many were new."""
    known = {stone.digest for stone in all_of(session)}
    new = {each.digest: each for each in told if each.digest not in known}
    session.add_all(new.values())
    session.flush()
    return len(new)


def brought_back(session: Session) -> list[int]:
    """The row ids of customers who were erased and are there all the same: a back-up was restored."""
    ids = dict(session.exec(select(Customer.x_id, Customer.id)).all())
    there = [x_id for x_id in ids if not x_id.startswith(SHELL)]
    batches = (there[start : start + _BATCH] for start in range(0, len(there), _BATCH))
    return [ids[x_id] or 0 for some in batches for x_id in sorted(erased(session, some))]


def _new(session: Session, x_id: str) -> Tombstone:
    first = session.exec(select(Tombstone.salt).order_by(col(Tombstone.id)).limit(1)).first()
    salt, keyed = first or secrets.token_hex(32), bool(os.environ.get(KEY))
    digest = _digest(salt, keyed, x_id)
    return Tombstone(salt=salt, keyed=keyed, digest=digest, opted_out=False, erased_at=clock.now())


def _stones(session: Session, x_ids: Collection[str]) -> dict[str, Tombstone]:
    """By X's id."""
    if not x_ids:
        return {}
    keys = session.exec(select(Tombstone.salt, Tombstone.keyed).distinct()).all()
    if not keys:
        return {}
    told = {_digest(salt, keyed, x_id): x_id for salt, keyed in keys for x_id in x_ids}
    found = session.exec(select(Tombstone).where(col(Tombstone.digest).in_(told)))
    return {told[stone.digest]: stone for stone in found}


def _digest(salt: str, keyed: bool, x_id: str) -> str:
    secret = os.environ.get(KEY, "") if keyed else ""
    if keyed and not secret:
        raise SettingsError(
            f"People were erased with {KEY} set, and it is not there: without it they cannot be known again."
        )
    return hmac.digest(f"{salt}:{secret}".encode(), x_id.encode(), "sha256").hex()
