"""Commands that look after the files of the reply library, with no database: replies check, replies stamp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from socialdesk.cli.options import AsJson, Quiet, SettingsFile, load, print_json, say
from socialdesk.errors import BadInput

if TYPE_CHECKING:
    from socialdesk.templating.parity import Problem

app = typer.Typer(help="The reply library.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _replies() -> None:
    """The reply library."""


@app.command()
def check(settings: SettingsFile = None, json: AsJson = False, quiet: Quiet = False) -> None:
    """Every template in every language: there, safe, alike in its variables, short enough, up to date."""
    from socialdesk.templating import parity
    from socialdesk.templating.library import Library

    library = Library.load(load(settings).paths.replies)
    problems = parity.problems(library)
    for problem in problems:
        _tell(problem, json)
    if problems:
        raise typer.Exit(1)
    numbers = f"{len(library.templates)} templates in {len(library.catalog.languages)} languages"
    say(f"{numbers}: nothing to mend.", quiet=quiet or json)


@app.command()
def stamp(
    language: Annotated[str, typer.Argument(help="Only this language's texts.")] = "",
    template: Annotated[str, typer.Argument(help="Only this template's.")] = "",
    settings: SettingsFile = None,
    quiet: Quiet = False,
) -> None:
    """Note that the translations follow the source texts as they are now."""
    from socialdesk.templating import stamps
    from socialdesk.templating.library import Library

    folder = load(settings).paths.replies
    library = Library.load(folder)
    if language and language not in library.catalog.languages:
        raise BadInput(f"There is no language {language!r} in catalog.toml.")
    if template:
        library.find(template)
    follows = dict(library.written_from or {})
    there = list(library.translations())
    meant = [key for key in there if language in ("", key.language) and template in ("", key.template)]
    follows |= {key: library.source_version(key) for key in meant}
    stamps.write(folder, {key: follows[key] for key in there if key in follows})
    say(f"{len(meant)} translations are up to date with {library.catalog.source}.", quiet=quiet)


def _tell(problem: Problem, json: bool) -> None:
    where = "/".join(part for part in (problem.language, problem.template, problem.visibility) if part)
    if not json:
        say(f"{where}: {problem.text}")
        return
    told = {"template": problem.template, "language": problem.language, "visibility": problem.visibility}
    print_json([told | {"problem": problem.text, "kind": problem.kind}])
