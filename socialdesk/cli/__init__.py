"""Every command of `socialdesk`.

Exit codes: 0 done, 1 the work failed, 2 the command or its input was wrong.
"""

from __future__ import annotations

import sys

import typer
from typer.exceptions import TyperException

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
from socialdesk.errors import BadInput, DeskError, NotFound, WrongDoor

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


# What the libraries below say, in words for whoever has typed it.
_PLAINER = {
    "Value error, ": "",
    "does not match the formats '%Y-%m-%d'": "is no day: write one as 2026-01-31",
    "Input should be a valid integer, unable to parse string as an integer": "this is no whole number",
    "Input should be ": "it has to be ",
}


def main() -> None:
    """The edge of the program: an error is one sentence on standard error, never a traceback."""
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as error:
        _complain_of_usage(error)
    except typer.Abort:
        sys.exit(1)
    except (BadInput, NotFound, WrongDoor) as error:
        _complain(error, 2)
    except DeskError as error:
        _complain(error, 1)
    except BrokenPipeError:  # `socialdesk cases | head`: what is left unread is not an error
        sys.stderr.close()
    except OSError as error:
        what = error.filename or "The output"
        _complain(DeskError(f"{what} cannot be read or written: {error.strerror}."), 1)


def _complain_of_usage(error: TyperException) -> None:
    """On one line, unless it is the help that a command without its arguments answers with."""
    context = getattr(error, "ctx", None)
    if context and error.message == context.get_help():
        sys.stderr.write(f"{error.message}\n")
        sys.exit(error.exit_code)
    told = " ".join(error.format_message().split()).rstrip(".")
    for words, plainer in _PLAINER.items():
        told = told.replace(words, plainer)
    _complain(BadInput(f"{told}."), error.exit_code)


def _complain(error: DeskError, code: int) -> None:
    sys.stderr.write(f"socialdesk: {error}\n")
    sys.exit(code)
