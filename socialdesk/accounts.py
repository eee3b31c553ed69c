"""The accounts on X that this desk answers for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from socialdesk import clock
from socialdesk.settings import AccountSettings


class Account(SQLModel, table=True):
    """One handle of ours. Its keys never stand here: `credentials` names them in the environment."""

    __tablename__ = "accounts"

    id: int | None = Field(default=None, primary_key=True)
    handle: str = Field(unique=True)
    credentials: str
    x_id: str | None = Field(default=None, unique=True)  # known once X has told who the keys belong to
    enrolled_at: datetime

    def recognised_as(self, x_id: str) -> None:
        self.x_id = x_id


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
