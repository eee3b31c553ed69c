"""The kept sums of a period, read in one statement each."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, cast, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.figures import kept
from socialdesk.figures.asking import Asked
from socialdesk.figures.kept import KeptRows
from socialdesk.figures.rollups import FIGURES, FigureCount, HourCount, TopicCount
from socialdesk.messages import Message

_BITS = 32
_LARGEST = (1 << _BITS) - 1


def by_language(session: Session, asked: Asked) -> dict[str, Counter[str]]:
    """Every figure of every language that has any."""
    return {
        language: Counter(dict(zip(FIGURES, map(int, numbers), strict=True)))
        for language, *numbers in _FIGURES.of(session, asked)
    }


def by_hour(session: Session, asked: Asked) -> list[int]:
    """How many messages came in, hour by hour from the period's first to its last.

    All of them come in one row, as text: a year has thousands of hours, and to take so many rows from the
    driver takes longer than to sum them.
    """
    first, end = asked.hours
    hours = {"first": first, "end": end} | kept.whose(asked)
    told = session.connection().execute(_hours(*kept.narrowed(asked)), hours).scalar_one()
    numbers = [0] * (end - first)
    for each in map(int, (told or "").split()):
        numbers[(each >> _BITS) - first] = each & _LARGEST
    return numbers


@cache
def _hours(accounts: bool, channel: bool) -> Any:
    """Each with its number, as one number."""
    table: Any = HourCount
    hours = (
        select((cast(table.start, BigInteger) * (_LARGEST + 1) + func.sum(table.received)).label("told"))
        .where(table.start >= bindparam("first"), table.start < bindparam("end"))
        .where(kept.is_theirs(table, accounts, channel))
        .group_by(table.start)
        .subquery()
    )
    return select(func.aggregate_strings(cast(hours.c.told, Text), " "))


def topics(session: Session, asked: Asked) -> dict[str, Counter[str]]:
    """Of the cases opened in the period: by language, how many are about which topic."""
    found: dict[str, Counter[str]] = {}
    for language, topic, number in _TOPICS.of(session, asked):
        if number:
            found.setdefault(language, Counter())[topic] = int(number)
    return found


def corrections(session: Session, asked: Asked) -> Counter[tuple[str, str]]:
    """What agents corrected in the period: from which language to which, how many messages."""
    pair = (col(LanguageCorrection.detected), col(LanguageCorrection.corrected))
    query: Any = select_rows(*pair, func.count()).where(
        asked.when(col(LanguageCorrection.corrected_at)), asked.whose(LanguageCorrection)
    )
    if asked.visibility:
        query = query.join(Message, col(Message.id) == LanguageCorrection.message_id)
        query = query.where(Message.visibility == asked.visibility)
    rows = session.connection().execute(query.group_by(*pair))
    return Counter({(detected, corrected): number for detected, corrected, number in rows})


_FIGURES = KeptRows(
    FigureCount,
    ("language", *FIGURES),
    lambda rows: select(rows.c.language, *(func.sum(rows.c[name]) for name in FIGURES)).group_by(
        rows.c.language
    ),
)
_TOPICS = KeptRows(
    TopicCount,
    ("language", "topic", "cases"),
    lambda rows: select(rows.c.language, rows.c.topic, func.sum(rows.c.cases)).group_by(
        rows.c.language, rows.c.topic
    ),
)
