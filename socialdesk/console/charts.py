"""The charts over time as pieces of pages: drawn here, because a year has hundreds of columns and rows, and a
template takes twenty times as long for each.

Their columns and cells are for who points at them; who hears the page or uses its keys has the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from socialdesk import phrases
from socialdesk.console.statistics import Point
from socialdesk.console.words import Mark
from socialdesk.measures import count

WIDTH, HIGH, BOTTOM = 600, 110, 120
CELL_WIDTH, CELL_HEIGHT, CELLS_FROM = 23, 24, 40
_LINK = '<a href="{}" tabindex="-1">{}</a>'


def columns(points: Sequence[Point], cases: str) -> Mark:
    """Rectangles; `cases` is the address of all the messages' cases."""
    highest = max(1, *(point.number for point in points))
    width = WIDTH / len(points)
    start = f'width="{max(width - 1, 0.5):.3f}"'
    drawn = []
    for place, point in enumerate(points):
        height = point.number / highest * HIGH
        across = f'x="{place * width:.2f}" y="{BOTTOM - height:.2f}" {start} height="{height:.2f}"'
        title = f"{escape(point.name)}: {count(point.number)}"
        drawn.append(_opens(_column(cases, point), point.number, f'<rect class="bar-in" {across}>', title))
    return Mark("\n".join(drawn))


def rows(points: Sequence[Point], cases: str) -> Mark:
    """The same for a table: when, and how many."""
    return Mark("\n".join(_rows(points, cases)))


def cells(week: Sequence[Sequence[int]], cases: str) -> Mark:
    """By weekday and hour: the fuller, the darker."""
    highest, names = max(1, *map(max, week)), phrases.locale().days["format"]["wide"]
    drawn = []
    for weekday, numbers in enumerate(week):
        for hour, number in enumerate(numbers):
            place = f'x="{CELLS_FROM + hour * CELL_WIDTH}" y="{weekday * CELL_HEIGHT}"'
            shade = f'fill-opacity="{round(0.06 + number / highest * 0.94, 3)}"'
            title = f"{escape(names[weekday])}, {hour:02}:00: {count(number)}"
            cell = f'<rect class="heat" {place} width="21" height="22" rx="3" {shade}>'
            drawn.append(_opens(_cell(cases, weekday, hour), number, cell, title))
    return Mark("\n".join(drawn))


def week_rows(week: Sequence[Sequence[int]], cases: str) -> Mark:
    names = phrases.locale().days["format"]["wide"]
    told = []
    for weekday, numbers in enumerate(week):
        counted = (_counted(_cell(cases, weekday, hour), each) for hour, each in enumerate(numbers))
        told.append(f'<tr><th scope="row">{escape(names[weekday])}</th>{"".join(counted)}</tr>')
    return Mark("\n".join(told))


def _rows(points: Sequence[Point], cases: str) -> Iterator[str]:
    for point in points:
        day = escape(point.name)
        told = phrases.ngettext(
            '%(count)s<span class="unseen"> messages on %(day)s</span>',
            '%(count)s<span class="unseen"> messages on %(day)s</span>',
            point.number,
            count=count(point.number),
            day=day,
        )
        cell = f'<a href="{_column(cases, point)}">{told}</a>' if point.number else count(0)
        yield f'<tr><th scope="row">{day}</th><td>{cell}</td></tr>'


def _counted(address: str, number: int) -> str:
    return f'<td><a href="{address}">{count(number)}</a></td>' if number else f"<td>{count(0)}</td>"


def _opens(address: str, number: int, begun: str, title: str) -> str:
    drawn = f"{begun}<title>{title}</title></rect>"
    return _LINK.format(address, drawn) if number else drawn


def _column(cases: str, point: Point) -> str:
    told = f"{escape(cases)}&amp;day={point.day.isoformat()}"
    return told if point.hour is None else f"{told}&amp;hour={point.hour}"


def _cell(cases: str, weekday: int, hour: int) -> str:
    return f"{escape(cases)}&amp;weekday={weekday}&amp;hour={hour}"
