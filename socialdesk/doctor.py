"""What is wrong with this installation, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from socialdesk import accounts, health, mail, retiming, settings
from socialdesk.database import Database
from socialdesk.errors import DeskError, XError
from socialdesk.health import AccountHealth, ChannelHealth
from socialdesk.incidents.waves import Wave
from socialdesk.people import agents, demands
from socialdesk.people.agents import Agent
from socialdesk.polling import quarantine
from socialdesk.settings import AccountSettings, Settings
from socialdesk.summaries import subscriptions
from socialdesk.summaries.subscriptions import Subscription
from socialdesk.templating import parity
from socialdesk.templating.library import Library
from socialdesk.x import connect


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `says` tells how it stands or what to do."""

    what: str
    well: bool
    says: str


def examine(file: Path | None) -> list[Finding]:
    """Look at everything that can be looked at; what stands in the way of a look is a finding too."""
    try:
        loaded = settings.load(file)
    except DeskError as error:
        return [Finding("settings", False, str(error))]
    return [
        Finding("settings", True, "read and sound"),
        *_database(Database(loaded.database.url), loaded),
        *_library(loaded),
        *(finding for account in loaded.accounts for finding in _account(loaded, account)),
    ]


def _database(database: Database, loaded: Settings) -> Iterator[Finding]:
    try:
        database.check()
        with database.reading() as session:
            people = [agent for agent in agents.all_of(session) if not agent.disabled_at]
            owing = [each.username for each in people if demands.owed_by(session, each, loaded.sign_in)]
            accounts_health = health.read(session, loaded.polling)
            set_aside, enrolled = quarantine.size(session), len(accounts.all_of(session))
            mails = mail.standing(session)
            summaries = [_summary(*each) for each in subscriptions.failing(session)]
            stale = retiming.is_needed(session, loaded.targets)
    except DeskError as error:
        yield Finding("database", False, str(error))
        return
    yield Finding("database", True, f"{database.engine.dialect.name}, schema up to date, {enrolled} accounts")
    yield Finding(
        "agents", bool(people), f"{len(people)} can sign in" if people else "add one: socialdesk agents add"
    )
    if loaded.sign_in.codes != "offered":
        yield Finding("one-time codes", not owing, _owing(owing))
    for stopped in accounts_health[0].stopped if accounts_health else ():
        yield Finding(f"rule {stopped.rule_id}", False, f"it has stopped itself: {stopped.why}")
    for account in accounts_health:
        yield from (_wave(account, wave) for wave in account.waves)
        yield from (_channel(account, channel) for channel in account.all_channels)
    told = "the settings have changed: run socialdesk targets apply" if stale else "as the settings say"
    yield Finding("targets", not stale, told)
    if loaded.mail.host or mails.waiting:
        yield Finding("mail", not mails.trouble, _mail(mails))
    yield from summaries
    yield Finding("quarantine", True, f"{set_aside} items of X's could not be read")


def _owing(people: list[str]) -> str:
    if not people:
        return "everybody who has to have them has them"
    return f"demanded, and not set up yet by {', '.join(people)}: the next sign-in leads there"


def _mail(mails: mail.Standing) -> str:
    told = f"{mails.waiting} to leave, {mails.failed} given up in the last weeks"
    return f"{told}; the last trouble: {mails.trouble}" if mails.trouble else told


def _summary(subscription: Subscription, agent: Agent) -> Finding:
    told = "it is tried again" if subscription.try_at else "it was given up until the next week"
    return Finding(
        f"weekly summary of {agent.username}", False, f"not made, {told}; the trouble: {subscription.trouble}"
    )


def _wave(account: AccountHealth, wave: Wave) -> Finding:
    told = f"{wave.came} cases in {wave.minutes} min, in {wave.languages.replace(' ', ', ')}: see the console"
    return Finding(f"@{account.handle} wave of {wave.topic}", False, told)


def _channel(account: AccountHealth, channel: ChannelHealth) -> Finding:
    behind = f"{int(channel.behind.total_seconds())} s behind" if channel.behind else "not read yet"
    said = [behind, *_worries(channel)]
    if rate := channel.rate:
        hours = int(rate.window.total_seconds() // 3600)
        said.append(f"{rate.came} in {hours} h, usually {rate.usual:.0f}")
    return Finding(f"@{account.handle} {channel.name}", not channel.worried, "; ".join(said))


def _worries(channel: ChannelHealth) -> Iterator[str]:
    if channel.trouble:
        yield channel.trouble
    if channel.silent:
        yield "nobody has looked for long: start `socialdesk run` or `socialdesk worker`"
    if channel.too_quiet:
        yield "far fewer come in than usual, look on X whether they are there"
    for gap in channel.gaps:
        since = f"{gap.from_at:%Y-%m-%d %H:%M} UTC" if gap.from_at else "the beginning"
        yield f"some may be missing from {since} to {gap.to_at:%Y-%m-%d %H:%M} UTC: see the console"


def _library(loaded: Settings) -> Iterator[Finding]:
    try:
        problems = parity.problems(Library.load(loaded.paths.replies))
    except DeskError as error:
        yield Finding("reply library", False, str(error))
        return
    yield Finding(
        "reply library",
        not problems,
        f"{len(problems)} problems: see socialdesk replies check" if problems else "complete",
    )


def _account(loaded: Settings, account: AccountSettings) -> Iterator[Finding]:
    what = f"@{account.handle}"
    try:
        profile = connect(loaded.x, account.credentials).me()
    except (XError, DeskError) as error:
        yield Finding(what, False, str(error))
        return
    same = profile.handle.lower() == account.handle.lower()
    yield Finding(what, same, "its keys work" if same else f"these keys belong to @{profile.handle}")
