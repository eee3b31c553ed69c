"""What X charged for what was read, written down call by call as it happens.

X charges a thing once a day of UTC, however often it is read, so what has been read today is remembered until
tomorrow, as numbers that say nothing about whose it was.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from sqlalchemy import BigInteger, text
from sqlalchemy import select as select_columns
from sqlmodel import Field, Session, SQLModel, col, delete, func

from socialdesk import clock, prices
from socialdesk.accounts import Account

MICRO = 1_000_000  # costs are kept in millionths of a dollar


class ReadCharge(SQLModel, table=True):
    """What an account read of a kind on a day of UTC: each thing once, at the prices of that day."""

    __tablename__ = "read_charges"

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    day: date = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    number: int
    micro_dollars: int = Field(sa_type=BigInteger)


class ThingRead(SQLModel, table=True):
    """That a post, a direct message or a person was charged for on that day."""

    __tablename__ = "things_read"

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    day: date = Field(primary_key=True)
    thing: int = Field(primary_key=True, sa_type=BigInteger)


def record(session: Session, account_id: int, read: Mapping[str, str], *, owned: bool) -> None:
    """One answer of X's: what was in it by name, and the kind that it is charged as."""
    today = clock.now().astimezone(UTC).date()
    by_number = {_number(thing): kind for thing, kind in read.items()}
    charged = Counter(by_number[thing] for thing in _new(session, account_id, today, sorted(by_number)))
    for kind, number in sorted(charged.items()):
        micro = int(prices.of_read(kind, owned=owned) * MICRO) * number
        told = {"account": account_id, "day": today, "kind": kind, "number": number, "micro": micro}
        session.connection().execute(_MORE, told)


def _number(thing: str) -> int:
    return int.from_bytes(blake2b(thing.encode(), digest_size=8).digest(), signed=True)


def _new(session: Session, account_id: int, today: date, things: list[int]) -> list[int]:
    """Those that nobody has read today; what was read before yesterday is forgotten."""
    old = col(ThingRead.day) < today - timedelta(days=1)
    session.exec(delete(ThingRead).where(col(ThingRead.account_id) == account_id, old))
    connection = session.connection()
    statement = _REMEMBERED[connection.dialect.name]
    given: Any = str(things) if connection.dialect.name == "sqlite" else things
    rows = connection.execute(statement, {"account": account_id, "day": today, "things": given})
    return [row[0] for row in rows.all()]


def recorded_from(session: Session) -> Mapping[int, date]:
    """From which day on everything that an account read has been written down, by its row id: the day after
    the first, unless the account is no older than that."""
    table: Any = ReadCharge
    whose: Any = (table.account_id, Account.enrolled_at)
    first: Any = select_columns(*whose, func.min(table.day)).join(Account).group_by(*whose)
    found: dict[int, date] = {}
    for row in session.connection().execute(first).all():
        account_id, enrolled_at, day = row
        whole = enrolled_at.astimezone(UTC).date() >= day
        found[account_id] = day if whole else day + timedelta(days=1)
    return found


def dollars(micro: int) -> Decimal:
    return Decimal(micro) / MICRO


_DAY = "CAST(:day AS date)"
_REMEMBERED = {
    "sqlite": text(
        "INSERT INTO things_read (account_id, day, thing) SELECT :account, :day, value"
        " FROM json_each(:things) WHERE true ON CONFLICT DO NOTHING RETURNING thing"
    ),
    "postgresql": text(
        f"INSERT INTO things_read (account_id, day, thing) SELECT :account, {_DAY}, thing"  # noqa: S608
        " FROM unnest(CAST(:things AS bigint[])) AS thing ON CONFLICT DO NOTHING RETURNING thing"
    ),
}
_MORE = text(
    "INSERT INTO read_charges (account_id, day, kind, number, micro_dollars)"
    " VALUES (:account, :day, :kind, :number, :micro) ON CONFLICT (account_id, day, kind) DO UPDATE SET"
    " number = read_charges.number + excluded.number,"
    " micro_dollars = read_charges.micro_dollars + excluded.micro_dollars"
)
