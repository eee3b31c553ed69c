"""What a case says about when it is due and what was kept; targets.py writes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import false, text
from sqlmodel import Field, Index, SQLModel

from socialdesk.database import one_of, only_where
from socialdesk.settings.promises import Priority


class Deadlines(SQLModel):
    """The part of a case that its targets are kept in.

    `due_at` is when the next of them is missed, None when none runs; `paused` is a case with targets that
    waits for the customer. `timed_by` tells which targets those were reckoned from.

    `counted_since` is the `waiting_since` that was last reckoned with; `waited_seconds` are the open seconds
    before it in which the customer has waited since the case was opened or reopened, and `responded` says
    whether he has had a first answer. The last four tell what was kept: None, or 0, without such a target.

    `unanswered_since` is since when the customer has waited for a first answer of a person, from the opening
    or the last reopening, None when he does not, with targets or without; figures/counting.py keeps it.
    """

    priority: str = Field(default=Priority.NORMAL, sa_column_kwargs={"server_default": Priority.NORMAL.value})
    due_at: datetime | None = None
    unanswered_since: datetime | None = None
    due_for: str | None = None
    paused: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    timed_by: str | None = None
    counted_since: datetime | None = None
    waited_seconds: float = Field(default=0.0, sa_column_kwargs={"server_default": text("0")})
    responded: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    first_in_target: bool | None = None
    next_in_target: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    next_late: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    resolved_in_target: bool | None = None


def _of_waiting(*only_with: str) -> dict[str, Any]:
    """An index that serves only who asks for one of these: after ANALYZE, SQLite would skip through it for
    the whole list too, and sort that."""
    there = (f"{column} IS NOT NULL" for column in only_with)
    return only_where(text(" AND ".join(("status = 'waiting'", *there))))


# What resolving a case changes; `last_message_at` tells whether anybody has written since.
_RESOLVED = (
    *("status", "waiting_since", "exposed", "snoozed_until", "reopened_at", "last_message_at"),
    *("counted_since", "waited_seconds", "resolved_in_target"),
)


def standing(case: Deadlines) -> dict[str, str | float | None]:
    """How it stands before it is resolved, as its history keeps it: by column, moments in ISO."""
    told = {name: getattr(case, name) for name in _RESOLVED}
    return {name: at.isoformat() if isinstance(at, datetime) else at for name, at in told.items()}


# What the statistics read of cases that wait, from these two indexes alone.
_WHOSE = ("account_id", "language", "visibility")
_UNANSWERED = text("unanswered_since IS NOT NULL")
_DUE = text("due_at IS NOT NULL")  # only what waits is ever due

_BY_URGENCY = ("due_at", "waiting_since", "id")
_OF_NOBODY = only_where(text("status = 'waiting' AND assignee_id IS NULL"))

# What stands in the table of cases for it: waiting ones by urgency are read along these (urgency.py).
IN_TABLE = (
    one_of("priority", Priority),
    Index("ix_cases_unanswered", *_WHOSE, "unanswered_since", **only_where(_UNANSWERED)),
    Index("ix_cases_backlog", *_WHOSE, "waiting_since", **_of_waiting("account_id")),
    Index("ix_cases_overdue", *_WHOSE, "due_at", "opened_at", **only_where(_DUE)),
    Index("ix_cases_due", "due_at", "waiting_since", "id", **_of_waiting()),
    Index("ix_cases_due_language", "language", "due_at", "waiting_since", "id", **_of_waiting("language")),
    Index("ix_cases_due_assignee", "assignee_id", *_BY_URGENCY, **_of_waiting("assignee_id")),
    Index("ix_cases_due_unassigned", *_BY_URGENCY, **_OF_NOBODY),
    Index("ix_cases_due_topic", "topic", "due_at", "waiting_since", "id", **_of_waiting("topic")),
    Index(
        "ix_cases_due_exposed",
        "due_at",
        "waiting_since",
        "id",
        sqlite_where=text("exposed = 1"),
        postgresql_where=text("exposed"),
    ),
)
