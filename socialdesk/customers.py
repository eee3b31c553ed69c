"""The people who write to us on X."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import false
from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import clock
from socialdesk.bulk import among, insert_new
from socialdesk.phrases import gettext as _


@dataclass(frozen=True, slots=True)
class Profile:
    """What X tells about a person."""

    x_id: str
    handle: str
    name: str
    followers: int | None = None
    business: bool = False


SHELL = "erased-"  # what X's id of a customer's row begins with whose person was erased


class Met(NamedTuple):
    """As much of a customer as the intake wants to know; a whole one would take ten times as long to read."""

    id: int
    x_id: str
    handle: str | None
    blocked_at: datetime | None


class Named(Protocol):
    """Whoever has a name of his own choice, if it is known."""

    @property
    def name(self) -> str | None: ...


class Customer(SQLModel, table=True):
    """One person on X. The handle and the name are theirs to change and unknown until X was asked.

    `language` is what an agent said that this person writes; what somebody writes who is blocked opens
    nothing in the queue; who has opted out gets nothing automated. `followers` is None while X has not told,
    and X has looked into what calls itself a `business`.
    """

    __tablename__ = "customers"

    id: int | None = Field(default=None, primary_key=True)
    x_id: str = Field(unique=True)
    handle: str | None = Field(default=None, index=True)
    name: str | None = None
    first_seen_at: datetime
    language: str | None = None
    blocked_at: datetime | None = None
    blocked_by_id: int | None = Field(default=None, foreign_key="agents.id")
    opted_out_at: datetime | None = None
    followers: int | None = None
    business: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    @property
    def erased(self) -> bool:
        """Whether this is what is left of somebody whose data were erased: nobody can be written to."""
        return self.x_id.startswith(SHELL)

    @property
    def shown(self) -> str:
        """What the console calls this person: the handle, or the id while X has not told it."""
        return called(self.handle, self.x_id)


def called(handle: str | None, x_id: str) -> str:
    return handle or _("user %(number)s", number=x_id)


def known(session: Session, x_ids: Collection[str]) -> dict[str, Customer]:
    """Those of the people that have a row, by X's id."""
    if not x_ids:
        return {}
    rows = session.exec(select(Customer).where(col(Customer.x_id).in_(x_ids))).all()
    return {row.x_id: row for row in rows}


def meet(session: Session, x_ids: Collection[str]) -> dict[str, Met]:
    """A row for each of the people, new ones included, by X's id; kept from other writers.

    Always in the same order: two processes that meet the same people wait for each other, never crosswise.
    Others may write rows that refer to them meanwhile: the sender does, with the case held that intake wants.
    """
    wanted = sorted(set(x_ids))
    now = clock.now()
    insert_new(session, Customer, [{"x_id": x_id, "first_seen_at": now} for x_id in wanted], unique="x_id")
    return {row[1]: Met(*row) for row in session.connection().execute(_MET, {"x_ids": wanted})}


def hold(session: Session, customer_id: int) -> Customer:
    """The customer, kept from other writers; to be held before his cases, as intake does.

    Others may still write rows that refer to him: the sender does, with the case held.
    """
    query = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).one()


def learn(session: Session, profiles: Iterable[Profile]) -> None:
    """Keep what X told about people; somebody not met yet gets a row."""
    by_id = {profile.x_id: profile for profile in profiles}
    meet(session, by_id.keys())
    for x_id, customer in known(session, by_id.keys()).items():
        profile = by_id[x_id]
        customer.handle, customer.name, customer.business = profile.handle, profile.name, profile.business
        customer.followers = profile.followers if profile.followers is not None else customer.followers


def nameless(session: Session, x_ids: Collection[str]) -> list[str]:
    """Those whose handle X has not told yet, people never seen before included."""
    found = known(session, x_ids)
    return [x_id for x_id in dict.fromkeys(x_ids) if x_id not in found or found[x_id].handle is None]


# Made once: making it would take as long as running it.
_MET: Any = (
    select(Customer.id, Customer.x_id, Customer.handle, Customer.blocked_at)
    .where(among(Customer.x_id, "x_ids"))
    .order_by(col(Customer.id))
    .with_for_update(key_share=True)
)
