"""The audit log: who did what about access, people, templates and guards; each entry seals the one before.

Entries are written when the transaction they tell of commits, one writer at a time, so that the chain has no
forks; whatever is not audited, such as the intake, never waits for that. The schema refuses to change or to
delete them; whoever does it all the same breaks the chain, which `verify` finds. What the chain by itself
cannot show, entries cut off at its end or a chain made anew, shows against a hash noted down elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import regex
from sqlalchemy import String, column, event, func, insert, table, type_coerce
from sqlmodel import Field, Session, SQLModel, col, select

from socialdesk import clock, history

BEGINNING = "0" * 64  # what the first entry has before it
LONGEST = 200
THE_DESK = "the desk"  # who did what nobody asked for
FROM_HISTORY = frozenset(
    {
        "guard_overridden",
        "reply_submitted",
        "reply_sent_back",
        "reply_settled",
        "personal_shown",
        "opted_out",
        "opted_in",
        "merged",
        "unmerged",
        "split",
        "blocked",
        "unblocked",
        "muted",
        "unmuted",
    }
)
# Agents' own words may be a customer's: they stand in the case's history alone, where they can be erased.
_FREE_WORDS = ("why", "because")
_WITHOUT_WORDS = frozenset({"guard_overridden", "reply_sent_back"})
_UNWRITTEN = "audit_entries"
_CHAIN = 0x61756469  # the advisory lock's number: "audi"
_AGENTS = table("agents", column("id"), column("username"))
_NOT_PLAIN = regex.compile(r"[\p{C}\p{Zl}\p{Zp}]+")
_origin: ContextVar[tuple[str | None, str]] = ContextVar("origin", default=(None, THE_DESK))


class AuditEntry(SQLModel, table=True):
    """One thing that somebody did; `hash` seals all of it and, through `previous`, everything before."""

    __tablename__ = "audit_entries"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})  # 1, 2, 3 … without a gap
    at: datetime
    kind: str
    agent_id: int | None = Field(default=None, foreign_key="agents.id")
    who: str  # the user name as it was then, or what else did it
    subject: str | None = None  # the user name, template, … that it was done to
    case_id: int | None = None
    address: str | None = None
    told: str = "{}"  # JSON: what else there is to say, by kind
    previous: str = Field(unique=True)
    hash: str

    @property
    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = json.loads(self.told)
        return details


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken` is the first entry that is not as it was written, and `why` what is wrong there."""

    entries: int
    head: str
    broken: int | None = None
    why: str | None = None


def come_from(address: str | None, who: str = THE_DESK) -> None:
    """Whatever this request or command does comes from there, and is `who`'s where no agent does it."""
    _origin.set((_plain(address), _plain(who) or THE_DESK))


def record(
    session: Session,
    kind: str,
    *,
    by: int | None = None,
    who: str = "",
    subject: str | None = None,
    case: Any = None,
    **what: Any,
) -> None:
    """Write down, when the transaction commits, what somebody did; `by` is an agent's row id."""
    address, otherwise = _origin.get()
    told = json.dumps({key: value for key, value in what.items() if value is not None})
    row = {"at": clock.now(), "kind": kind, "agent_id": by, "who": _plain(who) or otherwise}
    row |= {"subject": _plain(subject), "address": address, "told": told}
    session.info.setdefault(_UNWRITTEN, []).append((case, row))


def digest(words: str) -> str:
    """SHA-256 in hex: what is noted of words instead of the words, so that it shows which they were."""
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()


def changed(before: str, after: str) -> dict[str, Any]:
    """The digests of words and of what they became, for `record`: it never takes the words themselves."""
    return {"before": digest(before), "after": digest(after)}


def newest(session: Session, *, before: int | None = None, most: int = 50) -> Sequence[AuditEntry]:
    """Newest first, those with a smaller number than `before`."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(most)
    return session.exec(query.where(AuditEntry.id < before) if before else query).all()


def verify(session: Session, *, noted: str | None = None) -> Verdict:
    """Whether every entry is as it was written, and the chain still holds the hash `noted` down earlier."""
    number, head, met = 0, BEGINNING, noted in (None, BEGINNING)
    with closing(session.connection().execute(_as_stored())) as rows:
        for row in rows.mappings():
            number += 1
            if why := _wrong(row, number, head):
                return Verdict(number - 1, head, number, why)
            head = row["hash"]
            met = met or head == noted
    if not met:
        return Verdict(number, head, number + 1, "The hash that was noted down is not in the chain any more.")
    return Verdict(number, head)


def _as_stored() -> Any:
    """The time as the driver gives it: what was made unreadable is to be found, not to be stumbled over."""
    columns = [each for each in _columns() if each.name != "at"]
    at = type_coerce(col(AuditEntry.at), String).label("at")
    query = select(*columns, at).order_by(col(AuditEntry.id))  # type: ignore[call-overload]
    return query.execution_options(yield_per=1000)


def _columns() -> Iterable[Any]:
    return AuditEntry.__table__.columns  # type: ignore[attr-defined,no-any-return]


def _wrong(row: Any, number: int, head: str) -> str | None:
    if row["id"] != number:
        return f"Entry {number} is gone."
    if row["previous"] != head:
        return f"Entry {number} does not follow the one before it."
    return None if row["hash"] == _seal(row) else f"Entry {number} has been changed."


def _seal(row: Any) -> str:
    names = ("previous", "id", "kind", "agent_id", "who", "subject", "case_id", "address", "told")
    sealed = [_moment(row["at"]), *(row[name] for name in names)]
    return hashlib.sha256(json.dumps(sealed, default=str).encode()).hexdigest()


def _moment(at: Any) -> str:
    """The same text for what is written and for what either database gives back."""
    try:
        read = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return f"unreadable: {at!r}"
    return (
        (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
    )


def _plain(text: str | None) -> str | None:
    """One short line: what people can send must not look like other entries."""
    if text is None:
        return None
    return _NOT_PLAIN.sub(" ", text.encode(errors="replace").decode())[:LONGEST]


def _mirror(session: Session, case: Any, kind: str, by: int | None, told: dict[str, Any]) -> None:
    if by is not None and kind in FROM_HISTORY:
        left_out = _FREE_WORDS if kind in _WITHOUT_WORDS else ()
        record(session, kind, by=by, case=case, **{key: told[key] for key in told if key not in left_out})


def _write(session: Session) -> None:
    unwritten = session.info.pop(_UNWRITTEN, [])
    if not unwritten:
        return
    session.flush()
    usernames = _usernames(session, {row["agent_id"] for _, row in unwritten if row["agent_id"]})
    number, head = _hold_chain(session)
    rows = []
    for case, row in unwritten:
        number += 1
        row |= {"id": number, "previous": head, "case_id": case.id if case is not None else None}
        row["who"] = usernames.get(row["agent_id"], row["who"])
        head = row["hash"] = _seal(row)
        rows.append(row)
    session.connection().execute(insert(AuditEntry), rows)


def _hold_chain(session: Session) -> tuple[int, str]:
    """The newest entry's number and hash, after which nobody else writes until this transaction ends.

    On SQLite whoever writes is alone anyway. The lock is taken when everything else has been flushed, and
    before any other that a colleague's audited transaction may hold as it commits.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CHAIN)))
    query = select(AuditEntry.id, AuditEntry.hash).order_by(col(AuditEntry.id).desc()).limit(1)
    found = connection.execute(query).first()
    return (found[0], found[1]) if found else (0, BEGINNING)


def _usernames(session: Session, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    query = select(_AGENTS.c.id, _AGENTS.c.username).where(_AGENTS.c.id.in_(ids))
    return {row[0]: row[1] for row in session.connection().execute(query)}


history.followers.append(_mirror)
event.listen(Session, "before_commit", _write)
event.listen(Session, "after_rollback", lambda session: session.info.pop(_UNWRITTEN, None))
