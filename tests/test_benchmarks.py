"""The benchmarks still run; how fast the desk is, is theirs to tell."""

from __future__ import annotations

import re
import subprocess
import sys

from socialdesk.settings import CHECKOUT


def test_the_benchmark_of_the_intake_ends_well_and_tells_a_speed() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--engine", "sqlite", "--only", "intake"]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    row = next(line for line in ended.stdout.splitlines() if re.search(r"SQLite\b.*%", line))
    speeds = [int(figure.replace(",", "")) for figure in re.findall(r"[\d,]+(?= )", row)]
    assert len(speeds) == 4
    assert min(speeds) > 0
