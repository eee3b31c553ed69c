"""The accounts on X that this desk answers for."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from socialdesk import clock
from socialdesk.messages import Visibility
from socialdesk.settings import AccountSettings


class Account(SQLModel, table=True):
    """One handle of ours. Its keys never stand here: `credentials` names them in the environment."""

    __tablename__ = "accounts"

    id: int | None = Field(default=None, primary_key=True)
    handle: str = Field(unique=True)
    credentials: str
    x_id: str | None = Field(default=None, unique=True)  # known once X has told who the keys belong to
    enrolled_at: datetime
    # Until when X wants to hear nothing from us, by kind, and why.
    public_not_before: datetime | None = None
    private_not_before: datetime | None = None
    trouble: str | None = None

    def recognised_as(self, x_id: str) -> None:
        self.x_id = x_id

    def pause(self, visibilities: Collection[str], *, until: datetime, why: str) -> None:
        """Send nothing of these kinds before then; X counts each kind by itself."""
        if Visibility.PUBLIC in visibilities:
            self.public_not_before = until
        if Visibility.PRIVATE in visibilities:
            self.private_not_before = until
        self.trouble = why

    def go_on(self, *, after: str | None) -> None:
        """What paused it with those words is over: X accepts the keys, or there is credit again."""
        if self.trouble is not None and self.trouble == after:
            self.public_not_before = self.private_not_before = self.trouble = None


def enrol(session: Session, wanted: Iterable[AccountSettings]) -> None:
    """Make a row for each account of the settings that has none yet."""
    known = {account.handle: account for account in all_of(session)}
    for setting in wanted:
        account = known.get(setting.handle) or Account(
            handle=setting.handle, credentials=setting.credentials, enrolled_at=clock.now()
        )
        account.credentials = setting.credentials
        session.add(account)
    session.flush()


def all_of(session: Session) -> Sequence[Account]:
    return session.exec(select(Account).order_by(Account.handle)).all()


def others(session: Session, account_id: int) -> set[str]:
    """Who our other accounts are on X."""
    found = session.exec(select(Account.x_id).where(Account.id != account_id))
    return {x_id for x_id in found if x_id}
