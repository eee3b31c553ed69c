"""The charts over time as pieces of pages: drawn here, because a year has hundreds of columns and rows, and a
template takes twenty times as long for each.

Their columns and cells are for who points at them; who hears the page or uses its keys has the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

from socialdesk import phrases
from socialdesk.console.statistics import Point, day_name
from socialdesk.console.words import Mark
from socialdesk.measures import count

WIDTH, HIGH, BOTTOM = 600, 110, 120
CELL_WIDTH, CELL_HEIGHT, CELLS_FROM = 23, 24, 40


def columns(points: Sequence[Point], cases: str) -> Mark:
    """Rectangles; `cases` is the address of all the messages' cases."""
    highest = max(1, *(point.number for point in points))
    width = WIDTH / len(points)
    start, begun = f'width="{max(width - 1, 0.5):.3f}"', escape(cases)
    drawn = []
    for place, point in enumerate(points):
        height = point.number / highest * HIGH
        across = f'x="{place * width:.2f}" y="{BOTTOM - height:.2f}" {start} height="{height:.2f}"'
        title = f"{escape(point.name)}: {_told(phrases.reader(), point.number)}"
        drawn.append(_opens(_column(begun, point), point.number, f'<rect class="bar-in" {across}>', title))
    return Mark("\n".join(drawn))


def rows(points: Sequence[Point], cases: str) -> Mark:
    """The same for a table: when, and how many."""
    return Mark("\n".join(_rows(points, escape(cases))))


def cells(week: Sequence[Sequence[int]], cases: str) -> Mark:
    """By weekday and hour: the fuller, the darker."""
    highest, reader, begun = max(1, *map(max, week)), phrases.reader(), escape(cases)
    drawn = []
    for weekday, (name, numbers) in enumerate(zip(_weekdays(), week, strict=True)):
        y = weekday * CELL_HEIGHT
        for hour, number in enumerate(numbers):
            place = f'x="{CELLS_FROM + hour * CELL_WIDTH}" y="{y}" width="21" height="22" rx="3"'
            shade = f'fill-opacity="{round(0.06 + number / highest * 0.94, 3)}"'
            title = f"{name}, {hour:02}:00: {_told(reader, number)}"
            cell = f'<rect class="heat" {place} {shade}>'
            drawn.append(_opens(_cell(begun, weekday, hour), number, cell, title))
    return Mark("\n".join(drawn))


def week_rows(week: Sequence[Sequence[int]], cases: str) -> Mark:
    reader, begun = phrases.reader(), escape(cases)
    told = []
    for weekday, (name, numbers) in enumerate(zip(_weekdays(), week, strict=True)):
        counted = (
            f'<td><a href="{_cell(begun, weekday, hour)}">{_told(reader, each)}</a></td>'
            if each
            else f"<td>{_told(reader, 0)}</td>"
            for hour, each in enumerate(numbers)
        )
        told.append(f'<tr><th scope="row">{name}</th>{"".join(counted)}</tr>')
    return Mark("\n".join(told))


def _rows(points: Sequence[Point], begun: str) -> Iterator[str]:
    for point in points:
        cell = f'<a href="{_column(begun, point)}">{_messages(point)}</a>' if point.number else count(0)
        yield f'<tr><th scope="row">{escape(point.name)}</th><td>{cell}</td></tr>'


def _messages(point: Point) -> str:
    """How many, and for who hears only this of when."""
    told = _told(phrases.reader(), point.number)
    if point.last:
        first, last = escape(day_name(point.day)), escape(day_name(point.last))
        return phrases.ngettext(
            '%(count)s<span class="unseen"> messages from %(first)s to %(last)s</span>',
            '%(count)s<span class="unseen"> messages from %(first)s to %(last)s</span>',
            point.number,
            count=told,
            first=first,
            last=last,
        )
    return phrases.ngettext(
        '%(count)s<span class="unseen"> messages on %(day)s</span>',
        '%(count)s<span class="unseen"> messages on %(day)s</span>',
        point.number,
        count=told,
        day=escape(point.name),
    )


def _opens(address: str, number: int, begun: str, title: str) -> str:
    drawn = f"{begun}<title>{title}</title></rect>"
    return f'<a href="{address}" tabindex="-1">{drawn}</a>' if number else drawn


def _column(begun: str, point: Point) -> str:
    if point.week:
        return f"{begun}&amp;week={point.week.isoformat()}"
    told = f"{begun}&amp;day={point.day.isoformat()}"
    return told if point.hour is None else f"{told}&amp;hour={point.hour}"


def _cell(begun: str, weekday: int, hour: int) -> str:
    return f"{begun}&amp;weekday={weekday}&amp;hour={hour}"


def _weekdays() -> list[str]:
    """Monday first."""
    names = phrases.locale().days["format"]["wide"]
    return [escape(names[weekday]) for weekday in range(7)]


@lru_cache(maxsize=20_000)
def _told(_reader: str, number: int) -> str:
    """Babel takes its time, and each number stands in a picture and in the table below it."""
    return count(number)
