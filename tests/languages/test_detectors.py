"""What is installed decides how well the desk hears, not whether; and it always hears the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from socialdesk.languages import OTHER, UNDETERMINED, detect, detectors
from tests.languages.sentences import GREETINGS, NO_LANGUAGE, PLAIN

SHORT = ["no", "si gracias", "tak", "ja", "hola hello ciao", "perfekt", "problem"]
TEXTS = [*SHORT, *PLAIN.values(), *(text for texts in GREETINGS.values() for text in texts), *NO_LANGUAGE]
TELL = """
import json, sys
from dataclasses import astuple
sys.modules.update(dict.fromkeys({missing!r}))
from socialdesk.languages import detect, detectors
asked = [each and each.name for each in (detectors.first(), detectors.second())]
told = [astuple(detect(text)) for text in json.load(sys.stdin)]
print(json.dumps([asked, told]))
"""


def elsewhere(
    texts: list[str], *missing: str, seed: str = "0"
) -> tuple[list[str | None], list[list[object]]]:
    """Which detectors another process asked, where those modules cannot be imported, and its answers."""
    done = subprocess.run(
        [sys.executable, "-c", TELL.format(missing=missing)],
        input=json.dumps(texts),
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=120,
    )
    asked, told = json.loads(done.stdout)
    return asked, told


def test_the_best_that_is_installed_is_asked() -> None:
    second = detectors.second()
    assert (detectors.first().name, second and second.name) == ("eldc", "py3langid")


@pytest.mark.parametrize(
    ("missing", "asked"),
    [(("eldc", "py3langid"), ["langdetect", None]), (("py3langid",), ["eldc", None])],
)
def test_with_detectors_missing_the_desk_still_reads(missing: tuple[str, ...], asked: list[str]) -> None:
    finnish = "Huomenta, pakettini ei ole vielä saapunut"
    names, told = elsewhere([*PLAIN.values(), finnish, *NO_LANGUAGE[:8]], *missing)
    assert names == asked
    expected = [*PLAIN, OTHER, *[UNDETERMINED] * 8]
    assert [each[0] for each in told] == expected
    assert [each[4] for each in told] == [*PLAIN, "fi", *[UNDETERMINED] * 8]


def test_the_answer_is_the_same_in_every_thread() -> None:
    with ThreadPoolExecutor(8) as threads:
        rounds = list(threads.map(lambda _: [detect(text) for text in TEXTS], range(8)))
    assert all(each == rounds[0] for each in rounds)


@pytest.mark.parametrize("missing", [(), ("eldc",)])
def test_the_answer_is_the_same_in_every_process(missing: tuple[str, ...]) -> None:
    assert elsewhere(TEXTS, *missing, seed="1") == elsewhere(TEXTS, *missing, seed="2")
