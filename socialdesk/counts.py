"""How many cases there are of each kind: kept as they change, so that no page ever counts them.

Every flush of a session notes what became of which case; the sums are written in the same transaction, just
before it commits and in one order for everybody, so that two writers never wait for each other crosswise.
What was merged into another case is in no list any more, and what is snoozed in one of its own, so each is
counted as a kind of its own; so is what is put aside while its customer has our answer: it is in two lists.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, event, inspect, literal, text, union_all
from sqlalchemy.orm.base import NO_VALUE
from sqlmodel import Field, Session, SQLModel, col, select

Key = tuple[int, str, str | int]  # of an account: the kind and the language, or the list and the agent
Get = Callable[[str], Any]
MERGED = "merged"
SNOOZED = "snoozed"
REMINDED = "reminded"
ANSWERED = "answered"
WAITING = "waiting"
FAILED = "failed"
MENTIONS = "mentions"
TAGS = "tag"
NOBODY = 0  # stands for an agent's row id
_NOTED = "case_counts"


class CaseCount(SQLModel, table=True):
    """How many cases an account has in one status, or `merged`, or `snoozed`, or `reminded` where it is
    snoozed and answered, and language."""

    __tablename__ = "case_counts"

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    status: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    cases: int


class ListCount(SQLModel, table=True):
    """How many cases an account has in one list: waiting ones by who is on them, failed ones for everybody,
    and those with mentions by who is mentioned. `agent_id` is 0 where there is nobody; of the cases with a
    tag, the tag's row id stands there."""

    __tablename__ = "list_counts"

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    name: str = Field(primary_key=True)
    agent_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    cases: int


def by_status_and_language(
    session: Session, accounts: Collection[int] | None = None
) -> dict[tuple[str, str], int]:
    """The kept counts, over those accounts or all; who waited before he was snoozed waits still."""
    counted: Counter[tuple[str, str]] = Counter()
    for (kind, language), number in of_lists(session, NOBODY, accounts).items():
        if isinstance(language, str):
            counted[_STATUS.get(kind, kind), language] += number
    return {kind: number for kind, number in counted.items() if number}


_STATUS = {SNOOZED: WAITING, REMINDED: ANSWERED}


def of_lists(
    session: Session,
    agent_id: int,
    accounts: Collection[int] | None = None,
    *,
    besides: Any = None,
    asked: Mapping[str, Any] = MappingProxyType({}),
) -> dict[tuple[str, str | int], int]:
    """Everything that stands beside the lists, in one statement: by kind and language, and by list and
    agent, of which only that one's and nobody's are read.

    `besides` is what is counted rather than kept: a query made once, `asked` with these values, whose rows
    are an account, a list, nothing, an agent and how many.
    """
    rows = session.connection().execute(_of_lists(besides), {"agent_id": agent_id, **asked})
    counted: Counter[tuple[str, str | int]] = Counter()
    for account_id, kind, language, agent, number in rows:
        if accounts is None or account_id in accounts:
            counted[kind, language if agent < 0 else agent] += number
    return counted


def of_account(session: Session, account_id: int) -> dict[str, int]:
    """The kept counts of one account by language, whatever the cases' status."""
    counted: Counter[str] = Counter()
    for language, number in session.connection().execute(_OF_ACCOUNT, {"account_id": account_id}):
        counted[language] += number
    return counted


def keys_of_case(get: Get) -> Sequence[Key]:
    """What a case counts in; `get` tells its columns."""
    account_id, kind = get("account_id"), get("status")
    if get("merged_into_id") is not None:
        return [(account_id, MERGED, get("language"))]
    if get("snoozed_until") is not None:
        kind = REMINDED if kind == ANSWERED else SNOOZED
    keys: list[Key] = [(account_id, kind, get("language"))]
    if kind == WAITING:
        keys.append((account_id, WAITING, get("assignee_id") or NOBODY))
    if get("failed_since") is not None:
        keys.append((account_id, FAILED, NOBODY))
    return keys


def keep(table: type[SQLModel], keys: Callable[[Get], Iterable[Key]] = keys_of_case) -> None:
    """Count the rows of `table` under these keys from now on."""

    def note(session: Session, *_: object) -> None:
        note_new(session, (row for row in session.new if isinstance(row, table)), keys)
        changes = _noted(session)
        for row in session.dirty:
            if isinstance(row, table):
                moved(session, keys(_before(row)), keys(_now(row)))
        for row in session.deleted:
            if isinstance(row, table):
                changes.subtract(keys(_before(row)))

    event.listen(Session, "after_flush", note)


def note_new(
    session: Session, rows: Iterable[Any], keys: Callable[[Get], Iterable[Key]] = keys_of_case
) -> None:
    """Count rows that are new; one that the session does not store is counted by who stores it."""
    _noted(session).update(key for row in rows for key in keys(row.__dict__.get))


def moved(session: Session, before: Iterable[Key], after: Iterable[Key]) -> None:
    """Something counts elsewhere now: also for who changes rows past the session's objects."""
    changes = _noted(session)
    changes.subtract(before)
    changes.update(after)


def _noted(session: Session) -> Counter[Key]:
    noted: Counter[Key] = session.info.setdefault(_NOTED, Counter())
    return noted


def write(session: Session) -> None:
    """Add what the transaction has changed to the kept counts."""
    changes: Counter[Key] = session.info.pop(_NOTED, Counter())
    told = [(*key, number) for key, number in changes.items() if number]
    kinds = sorted(each for each in told if isinstance(each[2], str))
    lists = sorted(each for each in told if not isinstance(each[2], str))
    for statement, rows in ((_ADD, kinds), (_ADD_TO_LIST, lists)):
        if rows:
            names = ("account_id", "kind", "part", "cases")
            session.connection().execute(statement, [dict(zip(names, row, strict=True)) for row in rows])


def _flush_and_write(session: Session) -> None:
    session.flush()
    write(session)


def forget(session: Session) -> None:
    session.info.pop(_NOTED, None)


def rebuild(session: Session) -> bool:
    """Count everything anew; returns whether the kept counts had been right."""
    before = _kept(session)
    for statement in (*_EMPTY, _FILL, *_FILL_LISTS):
        session.connection().execute(statement)
    session.expire_all()
    return before == _kept(session)


def _kept(session: Session) -> dict[Any, int]:
    rows = [(tuple(row[:3]), row[3]) for row in session.connection().execute(_EVERYTHING)]
    return {key: number for key, number in rows if number}


_ADD = text(
    "INSERT INTO case_counts (account_id, status, language, cases)"
    " VALUES (:account_id, :kind, :part, :cases)"
    " ON CONFLICT (account_id, status, language) DO UPDATE SET cases = case_counts.cases + excluded.cases"
)
_ADD_TO_LIST = text(
    "INSERT INTO list_counts (account_id, name, agent_id, cases)"
    " VALUES (:account_id, :kind, :part, :cases)"
    " ON CONFLICT (account_id, name, agent_id) DO UPDATE SET cases = list_counts.cases + excluded.cases"
)
_OF_ACCOUNT = text("SELECT language, cases FROM case_counts WHERE account_id = :account_id")
_KINDS: tuple[Any, ...] = (
    *(CaseCount.account_id, CaseCount.status, CaseCount.language),
    *(literal(-1), CaseCount.cases),
)
_LISTS: tuple[Any, ...] = (
    *(ListCount.account_id, ListCount.name, literal("")),
    *(ListCount.agent_id, ListCount.cases),
)
_OF_LISTS = (
    select(*_KINDS),
    select(*_LISTS).where(col(ListCount.agent_id).in_((NOBODY, bindparam("agent_id")))),
)


@cache
def _of_lists(besides: Any) -> Any:
    return union_all(*_OF_LISTS, *([] if besides is None else [besides]))


_EMPTY = text("DELETE FROM case_counts"), text("DELETE FROM list_counts")
_EVERYTHING = text(
    "SELECT account_id, status, language, cases FROM case_counts"
    " UNION ALL SELECT account_id, name, CAST(agent_id AS varchar), cases FROM list_counts"
)
_FILL = text(
    "INSERT INTO case_counts (account_id, status, language, cases)"
    " SELECT account_id, CASE WHEN merged_into_id IS NOT NULL THEN 'merged'"
    " WHEN snoozed_until IS NULL THEN status WHEN status = 'answered' THEN 'reminded'"
    " ELSE 'snoozed' END AS kind, language, count(*)"
    " FROM cases GROUP BY account_id, kind, language"
)
_FILL_LISTS = tuple(
    text(f"INSERT INTO list_counts (account_id, name, agent_id, cases) {query}")
    for query in (
        "SELECT account_id, 'waiting', coalesce(assignee_id, 0) AS agent, count(*) FROM cases"
        " WHERE status = 'waiting' AND merged_into_id IS NULL AND snoozed_until IS NULL"
        " GROUP BY account_id, agent",
        "SELECT account_id, 'failed', 0, count(*) FROM cases"
        " WHERE failed_since IS NOT NULL AND merged_into_id IS NULL GROUP BY account_id",
        "SELECT account_id, 'mentions', agent_id, count(*) FROM mentions GROUP BY account_id, agent_id",
        "SELECT account_id, 'tag', tag_id, count(*) FROM case_tags WHERE NOT merged"
        " GROUP BY account_id, tag_id",
    )
)


def _now(row: Any) -> Get:
    return partial(getattr, row)


def _before(row: Any) -> Get:
    was = inspect(row).committed_state

    def get(name: str) -> Any:
        before = was.get(name, NO_VALUE)
        return getattr(row, name) if before is NO_VALUE else before

    return get


event.listen(Session, "before_commit", _flush_and_write)
event.listen(Session, "after_rollback", forget)
