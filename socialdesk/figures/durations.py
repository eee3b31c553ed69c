"""How long many waits took, kept so that a median over any period is found without reading them.

Waits fall into steps that grow by `RATIO`: whatever lies in one is within 2 % of its middle. A day's steps
are one large number of 32 bits for each, so that a hundred days are added as fast as a hundred numbers.
Behind the steps by the clock are those by business hours.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import log

RATIO = 1.04
LONGEST = timedelta(days=60)
FEW = 5  # waits; a median of fewer says little
_BITS = 32
STEPS = int(log(LONGEST.total_seconds(), RATIO)) + 2  # by the clock, and as many by business hours


def step_of(wait: timedelta) -> int:
    """The first is for up to a second, the last for everything longer than `LONGEST`."""
    seconds = wait.total_seconds()
    return 0 if seconds <= 1 else min(STEPS - 1, int(log(seconds, RATIO)) + 1)


def length_of(step: int) -> timedelta:
    """The middle of a step, by ratio."""
    return timedelta(seconds=RATIO ** (step - 0.5)) if step else timedelta(seconds=1)


def steps_of(wait: timedelta, open_seconds: float | None) -> Iterator[int]:
    """Where a wait counts: by the clock, and by business hours where there are any."""
    yield step_of(wait)
    if open_seconds is not None:
        yield STEPS + step_of(timedelta(seconds=open_seconds))


def parted(steps: Mapping[int, int]) -> tuple[Counter[int], Counter[int]]:
    """Those by the clock, and those by business hours."""
    opened = {step - STEPS: number for step, number in steps.items() if step >= STEPS}
    return Counter({step: number for step, number in steps.items() if step < STEPS}), Counter(opened)


def packed(steps: Mapping[int, int]) -> int:
    return sum(number << (step * _BITS) for step, number in steps.items())


def unpacked(number: int) -> Counter[int]:
    lanes = array("I", number.to_bytes(2 * STEPS * _BITS // 8, sys.byteorder))
    in_order = lanes if sys.byteorder == "little" else reversed(lanes)
    return Counter({step: here for step, here in enumerate(in_order) if here})


def to_bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "little")


def from_bytes(stored: bytes) -> int:
    return int.from_bytes(stored, "little")


def quantile(steps: Mapping[int, int], share: float) -> timedelta | None:
    """The wait that this share of all did not exceed; None of no waits."""
    wanted, reached = share * sum(steps.values()), 0
    for step in sorted(steps):
        reached += steps[step]
        if steps[step] and reached >= wanted:
            return length_of(step)
    return None
