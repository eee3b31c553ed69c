"""The kept sums of a period, read in one statement each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.figures.asking import Asked, kept_in
from socialdesk.figures.rollups import FIGURES, FigureCount, HourCount, TopicCount
from socialdesk.messages import Message


def by_language(session: Session, asked: Asked) -> dict[str, Counter[str]]:
    """Every figure of every language that has any."""
    rows = kept_in(asked, FigureCount, ("language", *FIGURES))
    summed = (func.sum(rows.c[name]).label(name) for name in FIGURES)
    query = select(rows.c.language, *summed).group_by(rows.c.language)
    return {
        row.language: Counter({name: int(row._mapping[name]) for name in FIGURES})
        for row in session.connection().execute(query)
    }


def by_hour(session: Session, asked: Asked) -> dict[int, int]:
    """How many messages came in, by the hour."""
    first, end = asked.hours
    table: Any = HourCount
    query = (
        select(table.start, func.sum(table.received))
        .where(table.start >= first, table.start < end)
        .where(asked.whose(table, channel=table.visibility))
        .group_by(table.start)
    )
    rows = session.connection().execute(query).all()  # at once: a year has thousands
    return {start: int(number) for start, number in rows if number}


def topics(session: Session, asked: Asked) -> dict[str, Counter[str]]:
    """Of the cases opened in the period: by language, how many are about which topic."""
    rows = kept_in(asked, TopicCount, ("language", "topic", "cases"))
    query = select(rows.c.language, rows.c.topic, func.sum(rows.c.cases)).group_by(
        rows.c.language, rows.c.topic
    )
    found: dict[str, Counter[str]] = {}
    for language, topic, number in session.connection().execute(query):
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
