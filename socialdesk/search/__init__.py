"""Finding cases by what was written in them and by whom."""

from socialdesk.search.entries import SearchEntry, Source, forget, index
from socialdesk.search.finding import PAGE, Found, Hit, Results, find
from socialdesk.search.patience import ENOUGH_SECONDS
from socialdesk.search.queries import LONGEST_QUERY

__all__ = [
    "ENOUGH_SECONDS",
    "LONGEST_QUERY",
    "PAGE",
    "Found",
    "Hit",
    "Results",
    "SearchEntry",
    "Source",
    "find",
    "forget",
    "index",
]
