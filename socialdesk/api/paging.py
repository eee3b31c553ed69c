"""A page of a list, and the cursor that leads to the next: what it says is nobody's business but ours."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, Field, StringConstraints

from socialdesk.errors import BadInput

Item = TypeVar("Item")
LARGEST_ID = 2**31 - 1  # of a row
RowId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$")]  # of a language, a topic, …
Limit = Annotated[int, Query(ge=1, le=100)]


class Page(BaseModel, Generic[Item]):
    """`next` is null on the last page."""

    items: list[Item]
    next: str | None = Field(description="Ask for the next page with it as `cursor`; null on the last.")


def cursor(at: datetime, row_id: int, flag: bool = False, due_at: datetime | None = None) -> str:
    """Where a page ended: a moment, a row, whether that stood in the first part, and when it is due."""
    due = due_at.astimezone(UTC).isoformat() if due_at else None
    return _written([at.astimezone(UTC).isoformat(), row_id, flag, due])


def place(cursor: str) -> tuple[datetime, int, bool, datetime | None]:
    """The same read back. Raises BadInput for what this desk has not given out."""
    try:
        at, row_id, flag, due = _read(cursor)
        moment, due_at = _moment(at), _moment(due) if due else None
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise _not_ours() from error
    # To Python true and false are numbers, too; PostgreSQL thinks otherwise.
    if type(row_id) is not int or not 0 < row_id <= LARGEST_ID or not isinstance(flag, bool):
        raise _not_ours()
    return moment, row_id, flag, due_at


def after_row(row_id: int) -> str:
    """Where a page of a list ended whose order is that of its rows' ids."""
    return _written(row_id)


def row_before(cursor: str) -> int:
    """The same read back. Raises BadInput."""
    row_id = _value(cursor)
    if type(row_id) is not int or not 0 < row_id <= LARGEST_ID:
        raise _not_ours()
    return row_id


def after_name(name: str) -> str:
    """Where a page of a list ended whose order is that of names."""
    return _written(name)


def name_before(cursor: str) -> str:
    """The same read back. Raises BadInput."""
    name = _value(cursor)
    if not isinstance(name, str) or not name.isprintable():
        raise _not_ours()
    return name


def _written(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _read(cursor: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def _value(cursor: str) -> Any:
    try:
        return _read(cursor)
    except (ValueError, RecursionError) as error:
        raise _not_ours() from error


def _moment(told: str) -> datetime:
    """Some in the years 1 and 9999 are none in UTC: OverflowError."""
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment.astimezone(UTC)


def _not_ours() -> BadInput:
    return BadInput("That is no cursor of this desk's: take `next` of the page before as it is.")
