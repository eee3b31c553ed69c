"""How fresh what the desk shows is: when each account's channels were last read, what may be missing, what
is wrong, and whether as much comes in as usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from socialdesk import clock
from socialdesk.accounts import Account
from socialdesk.automation import switches
from socialdesk.automation.switches import RuleSwitch
from socialdesk.incidents import incidents, waves
from socialdesk.incidents.waves import Wave
from socialdesk.messages import Visibility
from socialdesk.phrases import mark
from socialdesk.polling import rates
from socialdesk.polling.cursors import Channel, Cursor
from socialdesk.polling.gaps import Gap, GapState
from socialdesk.polling.rates import Rate
from socialdesk.replies import Reply
from socialdesk.settings import Polling

NAMES = {
    Channel.MENTIONS: mark("mentions"),
    Channel.DIRECT_MESSAGES: mark("DMs"),
    Channel.OWN_POSTS: mark("own posts"),
}
_LISTENING = (Channel.MENTIONS, Channel.DIRECT_MESSAGES)
# A look may take a minute when X is slow; so many looks missed beyond that are no accident.
_SLOW, _MISSED = timedelta(minutes=1), 5


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """`read_at` is when X last answered, None when it never has; `trouble` is why it does not now;
    `gaps` are what may have been missed and nobody has taken note of; `rate` is None for want of history."""

    channel: str
    name: str
    read_at: datetime | None
    every: timedelta
    planned_at: datetime | None = None
    not_before: datetime | None = None
    trouble: str | None = None
    requests_left: int | None = None
    gaps: Sequence[Gap] = ()
    rate: Rate | None = None

    @property
    def behind(self) -> timedelta | None:
        """How old the newest thing may be that is not here yet; None when nothing was ever read."""
        return clock.now() - self.read_at if self.read_at else None

    @property
    def next_at(self) -> datetime | None:
        """When it is looked at next; None while it has never been read."""
        if self.read_at is None:
            return self.not_before
        due = self.planned_at or self.read_at + self.every
        return max(due, self.not_before) if self.not_before else due

    @property
    def silent(self) -> bool:
        """Nobody has looked for a long time, and nothing says why: the workers do not run."""
        overdue = self.next_at is not None and self.next_at + _SLOW + _MISSED * self.every < clock.now()
        return overdue and self.trouble is None

    @property
    def too_quiet(self) -> bool:
        """Far fewer come in than at this hour of other weeks, though X answers."""
        return self.rate is not None and self.rate.too_few and not (self.trouble or self.silent)

    @property
    def worried(self) -> bool:
        return bool(self.trouble or self.gaps or self.silent or self.too_quiet)


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """`trouble` is why sending failed last; cleared by the next reply that arrives."""

    account_id: int
    handle: str
    trouble: str | None
    pauses: dict[str, datetime | None]
    channels: Sequence[ChannelHealth]  # by which customers write
    own_posts: ChannelHealth | None
    stopped: Sequence[RuleSwitch] = ()  # rules, of any account, that stopped themselves
    waves: Sequence[Wave] = ()  # about which no supervisor has said anything yet
    has_incident: bool = False  # an open one

    @property
    def worried(self) -> bool:
        return bool(self.trouble or self.stopped) or any(channel.worried for channel in self.all_channels)

    @property
    def all_channels(self) -> Sequence[ChannelHealth]:
        return [*self.channels, self.own_posts] if self.own_posts else self.channels

    @property
    def silent_since(self) -> datetime | None:
        """Since when nobody has looked for new words, or for some of them, and nothing says why."""
        return min((each.read_at for each in self.channels if each.silent and each.read_at), default=None)

    @property
    def deaf(self) -> bool:
        """Nothing of what customers write is being read."""
        return bool(self.channels) and all(each.trouble or each.silent for each in self.channels)

    def paused_until(self, visibility: str) -> datetime | None:
        """When replies of that kind may leave again; None when they may now."""
        until = self.pauses[visibility]
        return until if until and until > clock.now() else None

    def leaves_at(self, reply: Reply) -> datetime | None:
        """When an approved reply goes out at the earliest; None when that is at once."""
        moments = [moment for moment in (reply.due_at, self.paused_until(reply.visibility)) if moment]
        latest = max(moments, default=None)
        return latest if latest and latest > clock.now() else None


def read(session: Session, polling: Polling) -> list[AccountHealth]:
    """Every account with its channels, in one query."""
    missing = (
        (col(Gap.account_id) == Account.id)
        & (col(Gap.channel) == Cursor.channel)
        & (Gap.state != GapState.SEEN)
    )
    query = (
        select(Account, Cursor, Gap, RuleSwitch, Wave, col(Account.id).in_(incidents.ACCOUNTS))  # type: ignore[call-overload]
        .outerjoin(Cursor, col(Cursor.account_id) == Account.id)
        .outerjoin(Gap, missing)
        .outerjoin(RuleSwitch, switches.STOPPED)
        .outerjoin(Wave, (col(Wave.account_id) == Account.id) & waves.UNTOLD)
        .order_by(Account.handle, col(Gap.id))
    )
    accounts: dict[str, Account] = {}
    found: dict[tuple[str, str], tuple[Cursor, list[Gap]]] = {}
    stopped: dict[str, RuleSwitch] = {}
    rising: dict[int, Wave] = {}
    hit: set[int | None] = set()
    for account, cursor, gap, switch, wave, is_hit in session.exec(query):
        hit |= {account.id} if is_hit else set()
        stopped |= {switch.rule_id: switch} if switch is not None else {}
        rising |= {wave.id or 0: wave} if wave is not None else {}
        accounts[account.handle] = account
        if cursor is not None:
            _, gaps = found.setdefault((account.handle, cursor.channel), (cursor, []))
            gaps += [gap] if gap is not None and gap not in gaps else []
    channels = {key: _channel(cursor, gaps, polling) for key, (cursor, gaps) in found.items()}
    told = [
        _account(account, channels, [*stopped.values()], [*rising.values()]) for account in accounts.values()
    ]
    return [replace(each, has_incident=each.account_id in hit) for each in told]


def _account(
    account: Account,
    channels: Mapping[tuple[str, str], ChannelHealth],
    stopped: Sequence[RuleSwitch],
    rising: Sequence[Wave],
) -> AccountHealth:
    pauses: dict[str, datetime | None] = {
        Visibility.PUBLIC: account.public_not_before,
        Visibility.PRIVATE: account.private_not_before,
    }
    listed = [found for channel in _LISTENING if (found := channels.get((account.handle, channel)))]
    own = channels.get((account.handle, Channel.OWN_POSTS))
    here = [wave for wave in rising if wave.account_id == account.id]
    return AccountHealth(account.id or 0, account.handle, account.trouble, pauses, listed, own, stopped, here)


def _channel(cursor: Cursor, gaps: Sequence[Gap], polling: Polling) -> ChannelHealth:
    return ChannelHealth(
        channel=cursor.channel,
        name=NAMES[Channel(cursor.channel)],
        read_at=cursor.read_at,
        every=timedelta(seconds=polling.seconds_between(cursor.channel)),
        planned_at=cursor.next_at,
        not_before=cursor.not_before,
        trouble=cursor.trouble,
        requests_left=cursor.requests_left,
        gaps=gaps,
        rate=rates.kept(cursor),
    )
