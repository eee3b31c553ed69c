"""How many cases there are of each kind: kept as they change, so that no page ever counts them.

Every flush of a session notes what became of which case; the sums are written in the same transaction, just
before it commits and in one order for everybody, so that two writers never wait for each other crosswise.
What was merged into another case is in no list any more, so it is counted as a kind of its own.
"""

from collections import Counter
from typing import Any

from sqlalchemy import event, inspect, text
from sqlmodel import Field, Session, SQLModel, select

Kind = tuple[int, str, str]
MERGED = "merged"
_NOTED = "case_counts"


class CaseCount(SQLModel, table=True):
    """How many cases an account has in one status, or `merged`, and language."""

    __tablename__ = "case_counts"

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    status: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    cases: int


def by_status_and_language(session: Session) -> dict[tuple[str, str], int]:
    """The kept counts, over all accounts."""
    counted: Counter[tuple[str, str]] = Counter()
    for row in session.exec(select(CaseCount)):
        counted[row.status, row.language] += row.cases
    return {kind: number for kind, number in counted.items() if number}


def of_account(session: Session, account_id: int) -> dict[str, int]:
    """The kept counts of one account by language, whatever the cases' status."""
    counted: Counter[str] = Counter()
    for row in session.exec(select(CaseCount).where(CaseCount.account_id == account_id)):
        counted[row.language] += row.cases
    return counted


def keep(table: type[SQLModel]) -> None:
    """Count the rows of `table` by account_id, status (or merged_into_id) and language from now on."""

    def note(session: Session, *_: object) -> None:
        changes: Counter[Kind] = session.info.setdefault(_NOTED, Counter())
        for row in session.new:
            if isinstance(row, table):
                changes[_kind(row)] += 1
        for row in session.dirty:
            if isinstance(row, table) and (before := _kind_before(row)) != (after := _kind(row)):
                changes[before] -= 1
                changes[after] += 1
        for row in session.deleted:
            if isinstance(row, table):
                changes[_kind_before(row)] -= 1

    event.listen(Session, "after_flush", note)


def write(session: Session) -> None:
    """Add what the transaction has changed to the kept counts."""
    changes: Counter[Kind] = session.info.pop(_NOTED, Counter())
    rows = [
        {"account_id": kind[0], "status": kind[1], "language": kind[2], "cases": number}
        for kind, number in sorted(changes.items())
        if number
    ]
    if rows:
        session.connection().execute(_ADD, rows)


def _flush_and_write(session: Session) -> None:
    session.flush()
    write(session)


def forget(session: Session) -> None:
    session.info.pop(_NOTED, None)


def rebuild(session: Session) -> bool:
    """Count everything anew; returns whether the kept counts had been right."""
    kept = {(row.account_id, row.status, row.language): row.cases for row in session.exec(select(CaseCount))}
    counted = {tuple(row[:3]): row[3] for row in session.connection().execute(_COUNT)}
    session.connection().execute(text("DELETE FROM case_counts"))
    session.connection().execute(_FILL)
    return {kind: number for kind, number in kept.items() if number} == counted


_ADD = text(
    "INSERT INTO case_counts (account_id, status, language, cases)"
    " VALUES (:account_id, :status, :language, :cases)"
    " ON CONFLICT (account_id, status, language) DO UPDATE SET cases = case_counts.cases + excluded.cases"
)
_COUNT = text(
    "SELECT account_id, CASE WHEN merged_into_id IS NULL THEN status ELSE 'merged' END AS kind, language,"
    " count(*) FROM cases GROUP BY account_id, kind, language"
)
_FILL = text(f"INSERT INTO case_counts (account_id, status, language, cases) {_COUNT.text}")


def _kind(row: Any) -> Kind:
    return row.account_id, row.status if row.merged_into_id is None else MERGED, row.language


def _kind_before(row: Any) -> Kind:
    account_id, status, merged_into_id, language = (
        _before(row, name) for name in ("account_id", "status", "merged_into_id", "language")
    )
    return account_id, status if merged_into_id is None else MERGED, language


def _before(row: Any, name: str) -> Any:
    changed = inspect(row).attrs[name].history.deleted
    return changed[0] if changed else getattr(row, name)


event.listen(Session, "before_commit", _flush_and_write)
event.listen(Session, "after_rollback", forget)
