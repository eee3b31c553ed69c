"""One account's line to X: the desk, the account and the client, as every worker step needs them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from socialdesk import accounts
from socialdesk.accounts import Account
from socialdesk.desk import Desk
from socialdesk.errors import AccountBlocked
from socialdesk.phrases import mark
from socialdesk.settings import AccountSettings
from socialdesk.workers import metering
from socialdesk.x import XClient, connect


@dataclass(frozen=True, slots=True)
class Line:
    """Steps that take a line are safe to repeat and to run in several processes at once."""

    desk: Desk
    account_id: int
    handle: str
    x: XClient

    def another(self) -> Line:
        """The same line with a client of its own: tweepy's is not for sharing between threads."""
        return replace(self, x=self.x.another())

    def our_x_id(self) -> str:
        """Who we are on X; asked once and kept."""
        with self.desk.database.reading() as session:
            known = session.get_one(Account, self.account_id).x_id
        return known or self._ask_who_we_are()

    def _ask_who_we_are(self) -> str:
        profile = self.x.me()
        if profile.handle.lower() != self.handle.lower():
            raise AccountBlocked(
                mark("The keys of @%(handle)s belong to @%(other)s: set the right ones.")
                % {"handle": self.handle, "other": profile.handle}
            )
        with self.desk.database.transaction() as session:
            session.get_one(Account, self.account_id).recognised_as(profile.x_id)
        return profile.x_id


def open_lines(desk: Desk) -> list[Line]:
    """A line for each account of the settings. Raises SettingsError when one's keys are not set."""
    with desk.database.reading() as session:
        ids = {account.handle: account.id for account in accounts.all_of(session)}
    return [_line(desk, ids[setting.handle] or 0, setting) for setting in desk.settings.accounts]


def _line(desk: Desk, account_id: int, setting: AccountSettings) -> Line:
    meter = metering.meter(desk, account_id)
    return Line(desk, account_id, setting.handle, connect(desk.settings.x, setting.credentials, meter))
