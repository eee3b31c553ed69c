"""Histories of support posts in the public twcs layout, read through the same intake as live traffic.

Columns: tweet_id, author_id, inbound, created_at, text, response_tweet_id, in_response_to_tweet_id; others
are ignored. The rows may come in any order, name parents that are not there, and repeat themselves. X's
conversation is not in such a file, so it is found again from the replies: what hangs together is one.
"""

from __future__ import annotations

import csv
import html
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import regex

from socialdesk import accounts, customers, intake
from socialdesk.customers import Profile
from socialdesk.desk import Desk
from socialdesk.errors import BadInput
from socialdesk.messages import Incoming, Visibility
from socialdesk.polling import quarantine
from socialdesk.polling.quarantine import Rejected
from socialdesk.settings import AccountSettings

COLUMNS = ("tweet_id", "author_id", "inbound", "created_at", "text", "in_response_to_tweet_id")
BATCH = 100
_CREATED_AT = "%a %b %d %H:%M:%S %z %Y"
_ID = regex.compile(r"[0-9]{1,19}(?:\.0)?")  # spreadsheets make 123.0 of 123
_HANDLE = regex.compile(r"[A-Za-z0-9_]{1,15}")
_FIRST_HANDLE = regex.compile(r"@(\w++)")


@dataclass(frozen=True, slots=True)
class Row:
    """One post of the file."""

    x_id: str
    author: str
    inbound: bool
    sent_at: datetime
    text: str
    parent: str | None


@dataclass
class History:
    """A whole file: its posts by id, those that could not be read, and which of them hang together."""

    rows: dict[str, Row] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    _roots: dict[str, str] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.rows[row.x_id] = row
        if row.parent:
            self._roots[self.conversation(row.x_id)] = self.conversation(row.parent)

    def conversation(self, x_id: str) -> str:
        """One id for everything that answers, or is answered by, that post however indirectly."""
        path = []
        while (above := self._roots.get(x_id, x_id)) != x_id:
            path.append(x_id)
            x_id = above
        for each in path:  # so that the next look is short
            self._roots[each] = x_id
        return x_id

    def in_order(self) -> list[Row]:
        return sorted(self.rows.values(), key=lambda row: (row.sent_at, int(row.x_id)))


@dataclass
class Outcome:
    """What became of a file's rows.

    `left_out` were written by neither a customer nor one of our handles, or by us to nobody in the file.
    """

    taken_in: int = 0
    known_before: int = 0
    left_out: int = 0
    set_aside: int = 0

    def __str__(self) -> str:
        return (
            f"{self.taken_in} taken in, {self.known_before} known before,"
            f" {self.left_out} left out (not a customer's, or ours to nobody),"
            f" {self.set_aside} set aside as unreadable."
        )


def load(file: Path) -> History:
    """Raises BadInput when the file cannot be read or is not in the layout; a bad row is set aside."""
    history = History()
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            for fields in _table(lines, file):
                try:
                    history.add(_row(fields))
                except ValueError as error:
                    history.rejected.append(Rejected(str(error), fields))
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except csv.Error as error:
        raise BadInput(f"{file} is not a CSV file: {error}.") from error
    return history


def take_in(
    desk: Desk,
    history: History,
    handles: Sequence[str],
    *,
    progress: Callable[[int], object] = lambda _: None,
) -> Outcome:
    """Hand the whole history to the intake, oldest first. Safe to repeat: what is stored is left alone."""
    handles = _as_written(history, handles)
    account_ids = _enrol(desk, handles)
    outcome = Outcome(set_aside=len(history.rejected))
    answered_by = _answering_accounts(history, handles)
    posts: dict[str, list[Incoming]] = {handle: [] for handle in handles}
    for row in history.in_order():
        if not row.inbound and row.author not in handles:
            outcome.left_out += 1
            continue
        conversation = history.conversation(row.x_id)
        posts[answered_by.get(conversation, handles[0])].append(
            _incoming(row, conversation, history, handles)
        )
    for handle in handles:
        _feed(desk, account_ids[handle], posts[handle], outcome, progress)
    with desk.database.transaction() as session:
        quarantine.set_aside(session, account_ids[handles[0]], "replay", history.rejected)
    return outcome


def _table(lines: Iterator[str], file: Path) -> Iterator[Mapping[str, str]]:
    reader = csv.DictReader(line.replace("\0", "") for line in lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise BadInput(f"{file} is not in the twcs layout: it has no column {', '.join(missing)}.")
    return reader


def _row(fields: Mapping[str, str]) -> Row:
    """Raises ValueError, with the reason."""
    author, text = fields["author_id"], fields["text"]
    if not author or text is None:
        raise ValueError("author or text is missing")
    parent = fields["in_response_to_tweet_id"]
    return Row(
        x_id=_id(fields["tweet_id"], "tweet_id"),
        author=author.strip(),
        inbound=_truth(fields["inbound"]),
        sent_at=datetime.strptime(fields["created_at"] or "", _CREATED_AT),  # noqa: DTZ007  (it has %z)
        text=html.unescape(text),
        parent=_id(parent, "in_response_to_tweet_id") if parent else None,
    )


def _id(value: str | None, name: str) -> str:
    if not value or not _ID.fullmatch(value.strip()):
        raise ValueError(f"{name} is no id of X's: {value!r:.40}")
    return str(int(value.strip().removesuffix(".0")))


def _truth(value: str | None) -> bool:
    if value not in ("True", "False"):
        raise ValueError(f"inbound is neither True nor False: {value!r:.40}")
    return value == "True"


def _enrol(desk: Desk, handles: Sequence[str]) -> dict[str, int]:
    with desk.database.transaction() as session:
        known = {account.handle: account for account in accounts.all_of(session)}
        new = [
            AccountSettings(handle=handle, credentials="REPLAY") for handle in handles if handle not in known
        ]
        accounts.enrol(session, new)
        return {account.handle: account.id or 0 for account in accounts.all_of(session)}


def _as_written(history: History, handles: Sequence[str]) -> list[str]:
    """The handles as the file writes them, each once. Raises BadInput for what is no handle, or nobody's."""
    authors = {row.author.lower(): row.author for row in history.rows.values()}
    wrong = [handle for handle in handles if not _HANDLE.fullmatch(handle)]
    if wrong:
        raise BadInput(
            f"{wrong[0]!r} is no handle: it has up to 15 letters, digits and underscores, and no @."
        )
    silent = [handle for handle in handles if handle.lower() not in authors]
    if silent:
        raise BadInput(
            f"Nothing in the file was written by {silent[0]}: --handle names the author_id that is ours."
        )
    return list(dict.fromkeys(authors.get(handle.lower(), handle) for handle in handles))


def _answering_accounts(history: History, handles: Sequence[str]) -> dict[str, str]:
    """Which of our handles speaks in a conversation; where several do, the one that speaks most."""
    said: dict[str, Counter[str]] = {}
    by_name = {handle.lower(): handle for handle in handles}
    for row in history.rows.values():
        found = [row.author] if row.author in handles else _FIRST_HANDLE.findall(row.text)
        named = [by_name[name.lower()] for name in found if name.lower() in by_name]
        weight = 1000 if row.author in handles else 1
        said.setdefault(history.conversation(row.x_id), Counter()).update(dict.fromkeys(named, weight))
    return {conversation: count.most_common(1)[0][0] for conversation, count in said.items() if count}


def _incoming(row: Row, conversation: str, history: History, handles: Sequence[str]) -> Incoming:
    ours = row.author in handles
    return Incoming(
        x_id=row.x_id,
        visibility=Visibility.PUBLIC,
        author_x_id=row.author,
        customer_x_id=_spoken_to(row, history, handles) if ours else row.author,
        conversation_id=conversation,
        in_reply_to_x_id=row.parent,
        text=row.text,
        sent_at=row.sent_at,
    )


def _spoken_to(row: Row, history: History, handles: Sequence[str]) -> str | None:
    """Whom our post answers: the author of the nearest post above not ours, or whom it names first."""
    above = history.rows.get(row.parent or "")
    passed = {row.x_id}
    while above and above.author in handles and above.x_id not in passed:
        passed.add(above.x_id)
        above = history.rows.get(above.parent or "")
    if above and above.author not in handles:
        return above.author
    named = _FIRST_HANDLE.search(row.text)
    return named.group(1) if named else None


def _feed(
    desk: Desk,
    account_id: int,
    posts: Sequence[Incoming],
    outcome: Outcome,
    progress: Callable[[int], object],
) -> None:
    for some in _batches(posts):
        read, new = _take_in(desk, account_id, some)
        handed = {each.incoming.x_id for each in read}
        outcome.known_before += len(some) - len(read)
        outcome.taken_in += len(new)
        outcome.left_out += len(handed - new) - len(new - handed)  # some had to wait for the customer's first
        progress(len(some))


def _take_in(desk: Desk, account_id: int, some: Sequence[Incoming]) -> tuple[list[intake.Read], set[str]]:
    """The posts not stored before, and X's ids of those that found their case."""
    read = sorted(intake.read(desk.database, account_id, some), key=lambda each: each.incoming.sent_at)
    people = {each.incoming.author_x_id for each in read if not each.incoming.ours}
    with desk.database.transaction() as session:
        new = intake.take_in(
            session,
            account_id,
            read,
            reopen_days=desk.settings.cases.reopen_days,
            ignore=desk.settings.intake.ignore,
        )
        customers.learn(session, [Profile(author, author, author) for author in sorted(people)])
    return read, set(new)


def _batches(posts: Sequence[Incoming]) -> Iterator[Sequence[Incoming]]:
    return (posts[start : start + BATCH] for start in range(0, len(posts), BATCH))
