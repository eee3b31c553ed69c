"""What the desk says of its own doings: one line an event, for people or for machines, and never a secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from socialdesk.settings import Log

# Debug lines of these carry keys and customers' words; so would tracebacks with local variables.
_CHATTY = ("tweepy", "oauthlib", "requests_oauthlib", "urllib3", "sqlalchemy", "asyncio")


def configure(settings: Log) -> None:
    """Logs go to standard error; call once, at the start of a process."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # That a tick was left out because the one before is still at work is how it is meant to be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s [%(levelname)s] %(message)s"
    )
    people = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), pad_event_to=24, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            _on_one_line,
            *(
                [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
                if settings.format == "json"
                else [people]
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _on_one_line(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Whatever a customer or X wrote can't begin a line of its own or colour the terminal."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = value.encode("unicode_escape").decode()
    return event
