"""Every command of `socialdesk`.

Exit codes: 0 done, 1 the work failed, 2 the command or its input was wrong.
"""

from __future__ import annotations

import sys

import typer

from socialdesk.cli import (
    auditing,
    covering,
    library,
    people,
    privacy,
    reading,
    rules,
    schema,
    serving,
    showing,
    statistics,
    summarizing,
    timing,
    tokens,
    working,
)
from socialdesk.errors import BadInput, DeskError, WrongDoor

app = typer.Typer(
    help="A self-hosted support desk for an account on X.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (serving, working, reading, showing, covering, statistics, summarizing):
    module.register(app)
app.add_typer(people.app, name="agents")
app.add_typer(privacy.app, name="privacy")
app.add_typer(schema.app, name="db")
app.add_typer(library.app, name="replies")
app.add_typer(rules.app, name="rules")
app.add_typer(auditing.app, name="audit")
app.add_typer(timing.app, name="targets")
app.add_typer(tokens.app, name="tokens")


def main() -> None:
    """The edge of the program: an error is one sentence on standard error, never a traceback."""
    try:
        app()
    except (BadInput, WrongDoor) as error:
        _complain(error, 2)
    except DeskError as error:
        _complain(error, 1)
    except BrokenPipeError:  # `socialdesk cases | head`: what is left unread is not an error
        sys.stderr.close()
    except OSError as error:
        what = error.filename or "The output"
        _complain(DeskError(f"{what} cannot be read or written: {error.strerror}."), 1)


def _complain(error: DeskError, code: int) -> None:
    sys.stderr.write(f"socialdesk: {error}\n")
    sys.exit(code)
