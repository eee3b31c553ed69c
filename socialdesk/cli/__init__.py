"""Every command of `socialdesk`.

Exit codes: 0 done, 1 the work failed, 2 the command or its input was wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from socialdesk.errors import BadInput, DeskError, NotFound, WrongDoor

# In which module each command is, in the order of the help.
_COMMANDS = {
    "run": "serving",
    "console": "serving",
    "worker": "serving",
    "sandbox": "serving",
    "demo": "serving",
    "poll": "working",
    "send": "working",
    "replay": "working",
    "reply": "working",
    "detect": "reading",
    "fit": "reading",
    "cases": "showing",
    "doctor": "showing",
    "coverage": "covering",
    "stats": "statistics",
    "summary": "summarizing",
}
_GROUPS = {
    "agents": "people",
    "privacy": "privacy",
    "db": "schema",
    "replies": "library",
    "rules": "rules",
    "audit": "auditing",
    "targets": "timing",
    "tokens": "tokens",
}


class _Commands(Mapping[str, Any]):
    """By name, each read when it is asked for: to read all takes longer than what most of them do."""

    def __getitem__(self, name: str) -> Any:
        home = typer.main.get_group(import_module(f"{__name__}.{(_COMMANDS | _GROUPS)[name]}").app)
        return home if name in _GROUPS else home.commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*_COMMANDS, *_GROUPS))

    def __len__(self) -> int:
        return len(_COMMANDS) + len(_GROUPS)


app = TyperGroup(
    name="socialdesk",
    commands=_Commands(),  # type: ignore[arg-type]  # nothing is ever added to them
    help="A self-hosted support desk for an account on X.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


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
    if error.message.startswith("Usage: "):
        sys.stderr.write(f"{error.message}\n")
        sys.exit(error.exit_code)
    told = " ".join(error.format_message().split()).rstrip(".")
    for words, plainer in _PLAINER.items():
        told = told.replace(words, plainer)
    _complain(BadInput(told if told.endswith("?") else f"{told}."), error.exit_code)


def _complain(error: DeskError, code: int) -> None:
    sys.stderr.write(f"socialdesk: {error}\n")
    sys.exit(code)
