"""Writes down what X charges for each answer, as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from sqlalchemy.exc import SQLAlchemyError

from socialdesk.desk import Desk
from socialdesk.errors import DatabaseUnusable
from socialdesk.figures import charges

log = structlog.get_logger()


def meter(desk: Desk, account_id: int) -> Callable[[Mapping[str, str]], None]:
    """For one account's client. What cannot be written down is told in the log, and nothing read is lost."""

    def count(read: Mapping[str, str]) -> None:
        try:
            with desk.database.transaction(durable=False) as session:
                charges.record(session, account_id, read, owned=desk.settings.money.owned_reads)
        except (SQLAlchemyError, DatabaseUnusable) as error:
            log.warning("what X charged could not be written down", why=type(error).__name__)

    return count
