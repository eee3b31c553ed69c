"""Everything that was found out in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.lid import confidence, confusions, scores
from benchmarks.lid.confidence import Bin, Coverage
from benchmarks.lid.confusions import Confusion, Confusions
from benchmarks.lid.scores import Figures, Judged, Rightness, Share


@dataclass(frozen=True, slots=True)
class Row:
    """One detector on raw or cleaned texts; `speed`, `startup` and `memory` as in a Trial."""

    detector: str
    version: str
    cleaned: bool
    figures: Figures
    speed: float
    startup: float | None
    memory: float | None


@dataclass(frozen=True, slots=True)
class InFull:
    """The desk's detector from every side."""

    languages: dict[str, Rightness]
    sources: dict[str, Share]
    lengths: dict[str, Share]
    neighbours: list[Confusions]
    most_frequent: list[Confusion]
    false_accepts: list[Confusions]
    coverage: Coverage
    reliability: list[Bin]
    calibration_error: float

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> InFull:
        bins = confidence.reliability(judged)
        return cls(
            languages=scores.by_language(judged),
            sources=scores.by_source(judged),
            lengths=scores.by_length(judged),
            neighbours=confusions.neighbours(judged),
            most_frequent=confusions.most_frequent(judged),
            false_accepts=confusions.false_accepts(judged),
            coverage=confidence.coverage(judged),
            reliability=bins,
            calibration_error=confidence.calibration_error(bins),
        )


@dataclass(slots=True)
class Report:
    """`failed` has, by detector, what it said when it was there and did not work; `wrong` is the desk's."""

    texts: int
    rows: list[Row] = field(default_factory=list)
    desk: InFull | None = None
    wrong: list[Judged] = field(default_factory=list)
    not_installed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
