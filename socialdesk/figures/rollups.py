"""The kept sums, and how what a transaction has changed is added to them just before it commits.

Everybody adds in one order, so that two writers never wait for each other crosswise.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, TextClause, event, text
from sqlmodel import Field, Session, SQLModel

from socialdesk.figures.buckets import GRAINS, Bucket

_NOTED, _TOPICS = "figures", "figure_topics"


def _counted_since_then() -> Any:
    """A column that the table has had only for a while."""
    return Field(default=0, sa_column_kwargs={"server_default": text("0")})


class FigureCount(SQLModel, table=True):
    """One hour, day or four weeks of an account, a language and a channel; `grain` and `start` are in hours.

    `received` are messages of customers; `replied` replies of people, `automated` ones, and posts written
    `elsewhere`; `unchanged` replies left as their template had them; `opened` and `reopened` cases, and
    `responded` those that have had their first answer since; the targets of the opened cases that were met
    and missed; the costs are in millionths of a dollar.
    """

    __tablename__ = "figure_counts"

    grain: int = Field(primary_key=True)
    start: int = Field(primary_key=True)
    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    language: str = Field(primary_key=True)
    visibility: str = Field(primary_key=True)
    received: int = 0
    replied: int = 0
    automated: int = 0
    elsewhere: int = 0
    unchanged: int = 0
    opened: int = 0
    reopened: int = 0
    responded: int = 0
    first_met: int = _counted_since_then()
    first_missed: int = _counted_since_then()
    next_met: int = _counted_since_then()
    next_missed: int = _counted_since_then()
    resolved_met: int = _counted_since_then()
    resolved_missed: int = _counted_since_then()
    cost_answers: int = Field(default=0, sa_type=BigInteger)
    cost_posts: int = Field(default=0, sa_type=BigInteger)
    cost_links: int = Field(default=0, sa_type=BigInteger)
    cost_messages: int = Field(default=0, sa_type=BigInteger)


class TopicCount(SQLModel, table=True):
    """How many of the cases opened in that hour, day or four weeks are about a topic."""

    __tablename__ = "topic_counts"

    grain: int = Field(primary_key=True)
    start: int = Field(primary_key=True)
    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    language: str = Field(primary_key=True)
    visibility: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    cases: int


class HourCount(SQLModel, table=True):
    """How many messages of customers came in an hour, in any language: a year of hours is read at once."""

    __tablename__ = "hour_counts"

    start: int = Field(primary_key=True)
    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    visibility: str = Field(primary_key=True)
    received: int


KEY = ("grain", "start", "account_id", "language", "visibility")
FIGURES = tuple(name for name in FigureCount.model_fields if name not in KEY)
COSTS = tuple(name for name in FIGURES if name.startswith("cost_"))
Figures = dict[Bucket, Counter[str]]
Topics = Counter[tuple[Bucket, str]]


def note(session: Session, bucket: Bucket, figure: str, number: int = 1) -> None:
    """So many more of that figure."""
    session.info.setdefault(_NOTED, defaultdict(Counter))[bucket][figure] += number


def note_topic(session: Session, bucket: Bucket, topic: str, number: int = 1) -> None:
    session.info.setdefault(_TOPICS, Counter())[bucket, topic] += number


def write(session: Session) -> None:
    """Add what was noted to what is kept: one statement for each of the three tables."""
    add(session, session.info.pop(_NOTED, {}), session.info.pop(_TOPICS, Counter()))


def add(session: Session, figures: Figures, topics: Topics) -> None:
    """Add these numbers to those that are kept."""
    _add_to(session, _FIGURES, _rows(figures))
    _add_to(session, _HOURS, _hour_rows(figures))
    _add_to(session, _TOPIC, _topic_rows(topics))


def forget(session: Session) -> None:
    session.info.pop(_NOTED, None)
    session.info.pop(_TOPICS, None)


def _rows(figures: Figures) -> list[dict[str, Any]]:
    found: dict[tuple[int, int, int, str, str], Counter[str]] = defaultdict(Counter)
    for bucket, numbers in figures.items():
        if any(numbers.values()):
            for grain in GRAINS:
                found[_key(grain, bucket)].update(numbers)
    nothing = dict.fromkeys(FIGURES, 0)
    return [dict(zip(KEY, key, strict=True)) | nothing | found[key] for key in sorted(found)]


def _hour_rows(figures: Figures) -> list[dict[str, Any]]:
    found: Counter[tuple[int, int, str]] = Counter()
    for bucket, numbers in figures.items():
        found[bucket.hour, bucket.account_id, bucket.visibility] += numbers["received"]
    names = ("start", "account_id", "visibility")
    return [
        dict(zip(names, key, strict=True)) | {"received": found[key]} for key in sorted(found) if found[key]
    ]


def _topic_rows(topics: Topics) -> list[dict[str, Any]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for (bucket, topic), number in topics.items():
        for grain in GRAINS:
            found[(*_key(grain, bucket), topic)] += number
    names = (*KEY, "topic")
    return [dict(zip(names, key, strict=True)) | {"cases": found[key]} for key in sorted(found) if found[key]]


def _key(grain: int, bucket: Bucket) -> tuple[int, int, int, str, str]:
    return grain, bucket.hour // grain * grain, *bucket[1:]


class _Statement(NamedTuple):
    columns: Sequence[str]
    of_rows: str
    of_arrays: TextClause


def _add_to(session: Session, statement: _Statement, rows: list[dict[str, Any]]) -> None:
    """PostgreSQL takes each column as an array, so that it is one statement there too; SQLite rows."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        given = [tuple([row[name] for name in statement.columns]) for row in rows]
        connection.exec_driver_sql(statement.of_rows, given)
        return
    connection.execute(statement.of_arrays, {name: [row[name] for row in rows] for name in statement.columns})


def _statements(table: str, key: Iterable[str], sums: Iterable[str]) -> _Statement:
    key, sums = tuple(key), tuple(sums)
    columns = (*key, *sums)
    into = f"INSERT INTO {table} ({', '.join(columns)})"
    more = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    added = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {more}"
    values = ", ".join("?" for _ in columns)
    arrays = ", ".join(f"CAST(:{name} AS {_type(name)}[])" for name in columns)
    of_arrays = text(f"{into} SELECT * FROM unnest({arrays}) {added}")  # noqa: S608
    return _Statement(columns, f"{into} VALUES ({values}) {added}", of_arrays)


def _type(name: str) -> str:
    return "text" if name in ("language", "visibility", "topic") else "bigint"


_FIGURES = _statements("figure_counts", KEY, FIGURES)
_HOURS = _statements("hour_counts", ("start", "account_id", "visibility"), ("received",))
_TOPIC = _statements("topic_counts", (*KEY, "topic"), ("cases",))

event.listen(Session, "after_rollback", forget)
