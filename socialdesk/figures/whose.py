"""Whose a reply is in the figures: a person's, or nobody's who looked at this one customer."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func
from sqlmodel import col

from socialdesk.replies import Reply

# What the holding and the closing replies of an incident bear in `by_rule`, before its row id, for as long as
# nobody has written in them: they were read once, for all of its customers.
OF_INCIDENT = "incident:"


def is_persons(reply: Reply) -> bool:
    """Whether somebody wrote it, or approved it, for this customer."""
    return not reply.automated and not (reply.by_rule or "").startswith(OF_INCIDENT)


def by_people() -> ColumnElement[bool]:
    """The same, for a query over replies."""
    of_incident = func.coalesce(col(Reply.by_rule), "").startswith(OF_INCIDENT)
    return col(Reply.automated).is_(False) & ~of_incident
