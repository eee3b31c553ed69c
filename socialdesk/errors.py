"""Everything that can go wrong, as one small tree; the texts are fit to show to an agent.

DeskError
├── BadInput              the command, a form, a file or the settings are wrong   (exit code 2)
│   ├── SettingsError
│   ├── TemplateError
│   └── Guarded           something stands against sending a reply
├── NotFound              there is no such row, or none this agent may see
├── NotAllowed            this agent may not do that
├── Conflict              somebody or something else was faster
│   ├── StaleDraft        the case has changed since the draft was written
│   └── AlreadyDone       another agent did it first
├── Busy                  more people want that at this moment than the desk can serve
│   └── TooLong           what was looked for would keep the database longer than anybody may
├── TooOften              tried again before its time
├── WrongDoor             a private message would be answered in public
├── DatabaseUnusable      unreachable, read-only, full
│   └── SchemaOutdated    the tables are not those this version needs
└── XError                X did not do what was asked
    ├── XUnavailable      no answer, or none that makes sense; asking again later is harmless
    ├── RateLimited       X said when to come back
    ├── AccountBlocked    the account can do nothing until a person mends it (keys, credit, suspension)
    ├── Refused           X understood and said no; the same request will fail again
    │   ├── OriginalGone  the post that a reply answers is not there, or not for us
    │   └── Duplicate     X has these words from us already, maybe by an attempt that got no clear answer
    └── OutcomeUnknown    a write went out and what became of it is not known: never repeat it blindly
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum


class Remedy(StrEnum):
    """What an agent can do about a reply that X refused, or that nobody knows the fate of."""

    DM = "dm"  # write a direct message instead
    OPEN_ON_X = "open_on_x"  # look there, or answer there
    RETRY = "retry"  # let it go on as it is
    EDIT = "edit"  # say it in other words, or through the other door


class DeskError(Exception):
    """Its text is one sentence that says what is wrong and what to do."""


class BadInput(DeskError):
    pass


class SettingsError(BadInput):
    pass


class TemplateError(BadInput):
    pass


class Guarded(BadInput):
    """`kinds` are what stands against it, and `may_override` those of them that this agent may set aside."""

    def __init__(self, text: str, *, kinds: Sequence[str], may_override: Sequence[str]) -> None:
        super().__init__(text)
        self.kinds, self.may_override = kinds, may_override


class NotFound(DeskError):
    pass


class NotAllowed(DeskError):
    pass


class Conflict(DeskError):
    pass


class StaleDraft(Conflict):
    pass


class AlreadyDone(Conflict):
    pass


class Busy(DeskError):
    pass


class TooLong(Busy):
    pass


class TooOften(DeskError):
    def __init__(self, text: str, *, wait: timedelta) -> None:
        super().__init__(text)
        self.wait = wait


class WrongDoor(DeskError):
    pass


class DatabaseUnusable(DeskError):
    pass


class SchemaOutdated(DatabaseUnusable):
    pass


class XError(DeskError):
    pass


class XUnavailable(XError):
    pass


class RateLimited(XError):
    def __init__(self, text: str, *, until: datetime) -> None:
        super().__init__(text)
        self.until = until


class AccountBlocked(XError):
    pass


class Refused(XError):
    def __init__(self, text: str, *, remedy: Remedy = Remedy.EDIT) -> None:
        super().__init__(text)
        self.remedy = remedy


class OriginalGone(Refused):
    pass


class Duplicate(Refused):
    pass


class OutcomeUnknown(XError):
    pass
