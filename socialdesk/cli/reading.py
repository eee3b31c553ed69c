"""Commands that tell something of a text, with no database: detect, fit."""

from __future__ import annotations

import json as jsons
import os
import select
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from json.encoder import encode_basestring
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from socialdesk.cli.options import AsJson, InputFile, lines
from socialdesk.errors import BadInput

if TYPE_CHECKING:
    from socialdesk.fitting import Fit
    from socialdesk.languages import Evidence

app = typer.Typer(rich_markup_mode=None)


@app.command()
def detect(file: InputFile = None, json: AsJson = False) -> None:
    """The language of each line."""
    from socialdesk import languages

    languages.warm_up()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    told = _as_json if json else _as_table
    with _unread_is_no_error():
        for line in lines(file):
            sys.stdout.write(told(line, languages.detect(line)))
            if file is None and not _more_is_there():
                sys.stdout.flush()
        sys.stdout.flush()


def _as_table(line: str, found: Evidence) -> str:
    return f"{found.language}\t{found.confidence:.2f}\t{line}\n"


def _as_json(line: str, found: Evidence) -> str:
    """Put together by hand: only the text needs escaping, and an encoder takes four times as long."""
    runner_up = f'"{found.runner_up}"' if found.runner_up else "null"
    return (
        f'{{"text":{encode_basestring(line)},"language":"{found.language}","confidence":{found.confidence},'
        f'"runner_up":{runner_up},"source":"{found.source}","code":"{found.code}",'
        f'"mixed":{"true" if found.mixed else "false"}}}\n'
    )


def _more_is_there() -> bool:
    """Whether the next line can be read at once; a program that waits for an answer sends none before it."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


@contextmanager
def _unread_is_no_error() -> Iterator[None]:
    """`socialdesk detect FILE | head` has done what was asked of it."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # what is still in the buffer goes there


@app.command()
def fit(
    file: InputFile = None,
    json: Annotated[
        bool, typer.Option("--json", help="Reads one JSON string a line, writes one object a line.")
    ] = False,
) -> None:
    """How long X counts each line, and the parts it would be posted in.

    With --json an object has weighted_length, valid and parts, and under the names that twitter-text gives
    them weightedLength, valid, permillage (how full a post is, in thousandths), displayRangeStart and
    displayRangeEnd (all of the text), validRangeStart and validRangeEnd (as much of it as fits). Ranges are
    first and last places in UTF-16 code units.
    """
    from socialdesk import fitting

    for number, line in enumerate(_lines(file), start=1):
        text = _decoded(line, number) if json else line
        found = fitting.fit(text)
        if json:
            told = {"weighted_length": found.weighted_length, "valid": found.valid, "parts": found.parts}
            told |= fitting.parse(text)
            sys.stdout.write(jsons.dumps(told) + "\n")  # ASCII: a lone surrogate must not stop the rest
        else:
            sys.stdout.write(_told(found, line))


def _told(found: Fit, line: str) -> str:
    """What the text weighs, and below it the parts where there are several, each with its own weight."""
    from socialdesk import fitting

    whole = f"{found.weighted_length}\t{'fits' if found.valid else 'does not fit'}\t{line}\n"
    if len(found.parts) < 2:
        return whole
    return whole + "".join(f"\t{fitting.weighted_length(part)}\t{part}\n" for part in found.parts)


def _lines(file: Path | None) -> Iterator[str]:
    """The lines without their ends; raises BadInput for one that is not UTF-8: a sign put in its place would
    have a weight of its own."""
    if file is None:
        yield from _decoded_lines(_standard_input())
        return
    try:
        with file.open("rb") as opened:
            yield from _decoded_lines(opened)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error


def _standard_input() -> Iterable[bytes]:
    if not isinstance(sys.stdin, TextIOWrapper):
        raise BadInput("There is nothing to read: standard input is closed. Name a file.")
    raw: Iterable[bytes] = sys.stdin.buffer
    return raw


def _decoded_lines(raw: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(raw, start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(f"Line {number} is not UTF-8: save the text as UTF-8.") from error
        yield text.rstrip("\r\n")


def _decoded(line: str, number: int) -> str:
    try:
        text = jsons.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"Line {number} is not JSON: {error}.") from error
    if not isinstance(text, str):
        raise BadInput(f"Line {number} is not a JSON string.")
    return text
