"""Commands that tell something of a text, with no database: detect, fit, replies check."""

from __future__ import annotations

import json as jsons
import sys
from typing import Annotated

import typer

from socialdesk import fitting, languages
from socialdesk.cli.options import AsJson, InputFile, Quiet, SettingsFile, lines, load, print_json, say
from socialdesk.errors import BadInput
from socialdesk.library import Library

replies_app = typer.Typer(help="The reply library.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    app.command(name="detect")(detect)
    app.command(name="fit")(fit)


def detect(file: InputFile = None, json: AsJson = False) -> None:
    """The language of each line."""
    for line in lines(file):
        found = languages.detect(line)
        if json:
            told = {"text": line, "language": found.language, "confidence": found.confidence}
            print_json([told | {"runner_up": found.runner_up, "source": found.source}])
        else:
            sys.stdout.write(f"{found.language}\t{found.confidence:.2f}\t{line}\n")


def fit(
    file: InputFile = None,
    json: Annotated[
        bool, typer.Option("--json", help="Reads one JSON string a line, writes one object a line.")
    ] = False,
) -> None:
    """How long X counts each line, and the parts it would be posted in."""
    for number, line in enumerate(lines(file), start=1):
        found = fitting.fit(_decoded(line, number) if json else line)
        if json:
            told = {"weighted_length": found.weighted_length, "valid": found.valid, "parts": found.parts}
            sys.stdout.write(jsons.dumps(told) + "\n")  # ASCII: a lone surrogate must not stop the rest
        else:
            sys.stdout.write(
                f"{found.weighted_length}\t{'fits' if found.valid else 'does not fit'}\t{line}\n"
            )


@replies_app.command()
def check(settings: SettingsFile = None, json: AsJson = False, quiet: Quiet = False) -> None:
    """Every template in every language: there, safe, alike in its variables, and short enough."""
    library = Library.load(load(settings).paths.replies)
    problems = library.problems()
    for problem in problems:
        where = "/".join(part for part in (problem.language, problem.template, problem.visibility) if part)
        if json:
            told = {"template": problem.template, "language": problem.language}
            print_json([told | {"visibility": problem.visibility, "problem": problem.text}])
        else:
            say(f"{where}: {problem.text}")
    if problems:
        raise typer.Exit(1)
    say(
        f"{len(library.templates)} templates in {len(languages.LANGUAGES)} languages: nothing to mend.",
        quiet=quiet or json,
    )


@replies_app.callback()
def _replies() -> None:
    """The reply library."""


def _decoded(line: str, number: int) -> str:
    try:
        text = jsons.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"Line {number} is not JSON: {error}.") from error
    if not isinstance(text, str):
        raise BadInput(f"Line {number} is not a JSON string.")
    return text
