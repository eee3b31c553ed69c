"""One detector reads all texts, in a process of its own: `python -m benchmarks.lid.trial`.

The request is a JSON object on standard input, the finding one on standard output; labels never go there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks.lid.detectors import DETECTORS, Answer, Read

ROUNDS = 3
FIRST_WORDS = "Good morning, where is my parcel?"
_ROOT = Path(__file__).parents[2]
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class TrialFailed(RuntimeError):
    """A detector is there and does not work; the text is the last thing it said."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one detector answered, text by text, in its own codes, and what that took.

    `speed` is texts per second of processor time, cleaning included; `startup` is seconds from nothing to the
    first answer; `memory` is the most megabytes (10^6 bytes) it added, None where the system does not tell.
    Both are None on cleaned text, because cleaning loads the desk's own detectors as well.
    """

    answers: list[Answer]
    speed: float
    startup: float | None
    memory: float | None


def run(name: str, texts: Sequence[str], *, cleaned: bool) -> Trial:
    """In a fresh process, alone; raises TrialFailed."""
    request = json.dumps({"detector": name, "texts": texts, "cleaned": cleaned})
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.lid.trial"],
        input=request,
        cwd=_ROOT,
        env=os.environ | _ONE_THREAD,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines()
        raise TrialFailed(said[-1] if said else f"it ended with {ended.returncode}")
    found = json.loads(ended.stdout)
    return Trial(**found | {"answers": [(code, confidence) for code, confidence in found["answers"]]})


def measure(name: str, texts: Sequence[str], *, cleaned: bool) -> Trial:
    """In this process, whose memory and modules therefore should be untouched."""
    clean = _cleaning() if cleaned else None
    memory, begun = _kilobytes("VmRSS"), perf_counter()
    read = DETECTORS[name].open()
    read(FIRST_WORDS)
    startup = perf_counter() - begun
    answers, speed = _read_all(_of_cleaned(read, clean) if clean else read, texts)
    peak = _kilobytes("VmHWM")
    if cleaned or memory is None or peak is None:
        return Trial(answers, speed, None if cleaned else startup, None)
    return Trial(answers, speed, startup, (peak - memory) * 1024 / 1e6)


def _read_all(read: Read, texts: Sequence[str]) -> tuple[list[Answer], float]:
    """Each round reads every third text: none is read twice, so that no kept answer flatters the speed."""
    answers: list[Answer] = [("und", None)] * len(texts)
    speeds = []
    for first in range(min(ROUNDS, len(texts))):
        part = texts[first::ROUNDS]
        begun = process_time()
        found = [read(text) for text in part]
        speeds.append(len(part) / max(process_time() - begun, 1e-9))
        answers[first::ROUNDS] = found
    return answers, median(speeds)


def _cleaning() -> Callable[[str], str]:
    from socialdesk.languages import cleaning

    return cleaning.clean


def _of_cleaned(read: Read, clean: Callable[[str], str]) -> Read:
    """Where cleaning leaves nothing, there is nothing to ask."""

    def read_cleaned(text: str) -> Answer:
        words = clean(text)
        return read(words) if words else ("und", None)

    return read_cleaned


def _kilobytes(key: str) -> int | None:
    """VmRSS (now) or VmHWM (most so far); getrusage's maximum would be the parent's, kept through exec."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
    return int(lines[key].split()[0])


def main() -> None:
    request = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):  # whatever a library has to say must not get between
        found = measure(request["detector"], request["texts"], cleaned=request["cleaned"])
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
