"""A page of a list, and the cursor that leads to the next: what it says is nobody's business but ours."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

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
    told = json.dumps([at.astimezone(UTC).isoformat(), row_id, flag, due])
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def place(cursor: str) -> tuple[datetime, int, bool, datetime | None]:
    """The same read back. Raises BadInput for what this desk has not given out."""
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        at, row_id, flag, due = json.loads(told)
        moment, due_at = datetime.fromisoformat(at), datetime.fromisoformat(due) if due else None
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise _not_ours() from error
    known = isinstance(row_id, int) and 0 < row_id <= LARGEST_ID and isinstance(flag, bool)
    if not known or any(each and each.tzinfo is None for each in (moment, due_at)):
        raise _not_ours()
    return moment, row_id, flag, due_at


def _not_ours() -> BadInput:
    return BadInput("That is no cursor of this desk's: take `next` of the page before as it is.")
