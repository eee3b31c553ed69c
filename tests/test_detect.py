"""`socialdesk detect`: each line's language as fast as it can be told, in files, pipes and conversations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.program import PROGRAM, Ended, Program

DETECT = [*PROGRAM, "detect"]
GERMAN = "Guten Tag, wo ist mein Paket?"
SPANISH = "Buenos días, ¿dónde está mi paquete?"

Detect = Callable[..., Ended]


@pytest.fixture
def detect(tmp_path: Path, program: Program) -> Detect:
    """`socialdesk detect` with such arguments and such a standard input."""

    def run(*arguments: str | Path, given: bytes = b"") -> Ended:
        return program.run("detect", *arguments, folder=tmp_path, given=given, environment=dict(os.environ))

    return run


def test_each_line_gets_its_language_in_order(detect: Detect) -> None:
    done = detect(given=f"{GERMAN}\n🙂\n{SPANISH}".encode())
    assert (done.code, done.complaints) == (0, b"")
    rows = [line.split("\t") for line in done.printed.decode().splitlines()]
    assert [(row[0], row[2]) for row in rows] == [("de", GERMAN), ("und", "🙂"), ("es", SPANISH)]


def test_json_tells_all_that_is_known_on_one_compact_line_each(detect: Detect) -> None:
    mixed = f"{GERMAN} {SPANISH}"
    said = detect("--json", given=f"{mixed}\nHei, pakken min har ikke kommet ennå".encode()).printed.decode()
    assert said.startswith('{"text":"' + GERMAN)
    one, two = (json.loads(line) for line in said.splitlines())
    assert {one["language"], one["runner_up"]} == {"de", "es"}
    assert (one["text"], one["mixed"]) == (mixed, True)
    assert (two["language"], two["code"], two["mixed"]) == ("other", "no", False)


@pytest.mark.parametrize("form", ["--json", "--"])
def test_broken_bytes_do_not_stop_it(detect: Detect, form: str) -> None:
    given = b"caf\xe9 \xff\n\xed\xa0\x80 lone\na\x00b\n\n\n"
    done = detect(form, given=given + GERMAN.encode())
    assert (done.code, done.complaints) == (0, b"")
    lines = done.printed.decode().split("\n")
    assert len(lines) == given.count(b"\n") + 2
    assert GERMAN in lines[-2]


def test_the_output_is_utf_8_whatever_the_terminal_speaks() -> None:
    """Python hears of it at its start."""
    speaks = os.environ | {"PYTHONIOENCODING": "ascii"}
    given = "荷物がまだ届いていません\n".encode()
    done = subprocess.run(
        [*DETECT, "--json"], input=given, capture_output=True, env=speaks, timeout=60, check=True
    )
    assert json.loads(done.stdout)["text"] == "荷物がまだ届いていません"


def test_a_file_reads_as_a_pipe_does(detect: Detect, tmp_path: Path) -> None:
    file = tmp_path / "posts.txt"
    file.write_bytes(f"{GERMAN}\n{SPANISH}\n".encode() * 500)
    assert detect(file, "--json").printed == detect("--json", given=file.read_bytes()).printed


def test_a_program_that_waits_for_each_answer_gets_it() -> None:
    with subprocess.Popen([*DETECT, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin and running.stdout
        for text, language in ((GERMAN, "de"), (SPANISH, "es")):
            running.stdin.write(f"{text}\n".encode())
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["language"] == language
        running.stdin.close()
        assert running.wait(30) == 0


def test_who_stops_reading_is_told_nothing(tmp_path: Path) -> None:
    file = tmp_path / "posts.txt"
    file.write_text(f"{GERMAN}\n" * 5_000, encoding="utf-8")
    with subprocess.Popen([*DETECT, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout and running.stderr
        assert running.stdout.readline().startswith(b"de")
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(30) == 0


def test_a_file_that_is_not_there_is_the_caller_s_mistake(detect: Detect, tmp_path: Path) -> None:
    done = detect(tmp_path / "none.txt")
    assert (done.code, done.printed) == (2, b"")
    assert b"none.txt cannot be read" in done.complaints
    assert detect(tmp_path).code == 2


MEMORY = """
import resource, sys
from socialdesk.cli import main
try:
    main()
except SystemExit:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for lines in (1_000, 40_000):
        file = tmp_path / f"{lines}.txt"
        file.write_text("".join(f"{GERMAN} {n}\n" for n in range(lines)), encoding="utf-8")
        command = [sys.executable, "-c", MEMORY, "detect", str(file), "--json"]
        done = subprocess.run(command, capture_output=True, check=True, timeout=120)
        assert done.stdout.count(b"\n") == lines
        peaks.append(int(done.stderr))
    assert peaks[1] < 1.1 * peaks[0]
