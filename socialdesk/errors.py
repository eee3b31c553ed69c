"""Everything that can go wrong, as one small tree; the texts are fit to show to an agent.

DeskError
├── BadInput              the command, a form, a file or the settings are wrong   (exit code 2)
│   ├── SettingsError
│   └── TemplateError
├── NotFound              there is no such row, or none this agent may see
├── NotAllowed            this agent may not do that
├── Conflict              somebody or something else was faster
│   ├── StaleDraft        the case has changed since the draft was written
│   └── AlreadyDone       another agent did it first
├── WrongDoor             a private message would be answered in public
├── DatabaseUnusable      unreachable, read-only, full
│   └── SchemaOutdated    the tables are not those this version needs
└── XError                X did not do what was asked
    ├── XUnavailable      no answer, or none that makes sense; asking again later is harmless
    ├── RateLimited       X said when to come back
    ├── AccountBlocked    the account can do nothing until a person mends it (keys, credit, suspension)
    ├── Refused           X understood and said no; the same request will fail again
    │   └── OriginalGone  the post that a reply answers is not there, or not for us
    └── OutcomeUnknown    a write went out and what became of it is not known: never repeat it blindly
"""

from datetime import datetime


class DeskError(Exception):
    """Its text is one sentence that says what is wrong and what to do."""


class BadInput(DeskError):
    pass


class SettingsError(BadInput):
    pass


class TemplateError(BadInput):
    pass


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
    pass


class OriginalGone(Refused):
    pass


class OutcomeUnknown(XError):
    pass
