"""How well languages are told apart, by the desk and by others: `python -m benchmarks.languages FILE`.

FILE is a labelled file: UTF-8, tabs between its columns, headed `label lang source text`. `label` is one of
the thirteen codes, `other` or `und`; `lang` is the code of the language the text is really in. Texts whose
source's name ends with tweets, social or twcs count as real posts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.lid import labelled, scores, sheets, trial
from benchmarks.lid.detectors import DESK, DETECTORS
from benchmarks.lid.labelled import Labelled, Malformed
from benchmarks.lid.report import InFull, Report, Row
from benchmarks.lid.trial import TrialFailed

MALFORMED = 2

Name = StrEnum("Name", {name: name for name in DETECTORS})  # type: ignore[misc]
progress = Console(stderr=True, highlight=False)


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A labelled file.")],
    detector: Annotated[
        list[Name] | None, typer.Option("--detector", help="This one instead of all; may be repeated.")
    ] = None,
    cleaned: Annotated[
        bool, typer.Option("--cleaned", help="The libraries also on text as the desk cleans it.")
    ] = False,
    errors: Annotated[
        int, typer.Option("--errors", min=0, metavar="N", help="List N of the desk's wrong answers.")
    ] = 0,
    markdown: Annotated[bool, typer.Option("--markdown", help="Tables to be pasted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
) -> None:
    """How well and how fast the desk and the installed libraries tell languages apart."""
    try:
        lines = labelled.read(file)
    except Malformed as error:
        progress.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(MALFORMED) from error
    report = compare(lines, [str(name) for name in detector or DETECTORS], cleaned=cleaned, errors=errors)
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        sheets.show(report, markdown=markdown)
    if report.failed:
        raise typer.Exit(1)


def compare(lines: Sequence[Labelled], names: Sequence[str], *, cleaned: bool, errors: int) -> Report:
    """One detector after the other, each in a process of its own; the desk cleans its texts itself."""
    report = Report(len(lines))
    for name in dict.fromkeys(names):
        if not DETECTORS[name].is_installed:
            report.not_installed.append(name)
            continue
        for on_cleaned in (False, True) if cleaned and name != DESK else (False,):
            progress.print(f"{name}{', on cleaned texts' if on_cleaned else ''} …")
            try:
                _add(report, name, lines, cleaned=on_cleaned, errors=errors)
            except TrialFailed as failure:
                report.failed[name] = str(failure)
    return report


def _add(report: Report, name: str, lines: Sequence[Labelled], *, cleaned: bool, errors: int) -> None:
    found = trial.run(name, [line.text for line in lines], cleaned=cleaned)
    judged = scores.judge(lines, found.answers)
    version = DETECTORS[name].version
    figures = scores.figures(judged)
    report.rows.append(Row(name, version, cleaned, figures, found.speed, found.startup, found.memory))
    if name == DESK:
        report.desk = InFull.of(judged)
        report.wrong = scores.wrong(judged)[:errors]


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(run)
    app()
