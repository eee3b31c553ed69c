"""What may not go out, or not without a second look: each with its reason in plain words."""

from socialdesk.guards.addressee import ERASED, unrepliable
from socialdesk.guards.invisible import visible
from socialdesk.guards.judging import Circumstances, judge, objections
from socialdesk.guards.objection import IN_SPITE_OF, Kind, Objection, Remedy, Severity, sentences
from socialdesk.guards.openness import mentions
from socialdesk.guards.wording import KEPT, LONGEST_PRIVATE, MOST_PARTS

__all__ = [
    "ERASED",
    "IN_SPITE_OF",
    "KEPT",
    "LONGEST_PRIVATE",
    "MOST_PARTS",
    "Circumstances",
    "Kind",
    "Objection",
    "Remedy",
    "Severity",
    "judge",
    "mentions",
    "objections",
    "sentences",
    "unrepliable",
    "visible",
]
