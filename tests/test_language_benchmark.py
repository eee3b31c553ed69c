"""The benchmark of the languages: figures worked out by hand, wrong files, libraries that are not there.

How well and fast the desk does is the benchmark's to tell, on a labelled file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks import languages as benchmark
from benchmarks.lid import codes, confidence, confusions, labelled, scores, sheets, trial
from benchmarks.lid.confusions import Confusion
from benchmarks.lid.detectors import DESK, DETECTORS, Detector
from benchmarks.lid.labelled import Labelled, Malformed
from benchmarks.lid.scores import Judged, Share
from socialdesk.languages import detect
from socialdesk.settings import CHECKOUT

HEADER = "label\tlang\tsource\ttext"
LINES = (
    "es\tes\tkiosk_tweets\tBuenos días, mi paquete no ha llegado todavía, ¿pueden mirarlo por favor?",
    "nl\tnl\tkiosk_tweets\tGoedemorgen, mijn pakket is nog steeds niet aangekomen, kunt u even kijken?",
    "other\tru\tletters\tДоброе утро, моя посылка до сих пор не пришла, посмотрите, пожалуйста.",
    "pl\tde\tletters\tGuten Morgen, mein Paket ist \x1b[2Jleider noch | nicht angekommen, wo ist es?",
    "und\tund\tletters\t@NorthwindHelp 🙂 ???",
)


def judged(
    label: str, answer: str, sure: float | None = None, lang: str = "", source: str = "letters"
) -> Judged:
    return Judged(Labelled(label, lang or label, source, "text"), answer, sure)


ANSWERS = [
    judged("es", "es"),
    judged("es", "es", source="kiosk_tweets"),
    judged("es", "pt", source="kiosk_social"),
    judged("pt", "pt", source="kiosk_twcs"),
    judged("other", "es", lang="fi", source="kiosk_tweets"),
    judged("other", "other", lang="ru"),
    judged("other", "other", lang="el"),
    judged("und", "und"),
    judged("und", "pt", source="kiosk_tweets"),
]


@dataclass(frozen=True)
class Ended:
    code: int
    said: str
    complained: str


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    file = folder / "labelled.tsv"
    file.write_text("".join(f"{line}\n" for line in (header, *lines)), encoding="utf-8")
    return file


def ran(*arguments: object, **environment: str) -> Ended:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.languages", *map(str, arguments)],
        cwd=CHECKOUT,
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def test_macro_f1_is_the_mean_over_the_languages_of_the_file() -> None:
    # es: 3 texts, 3 answers, 2 right; pt: 1 text, 3 answers, 1 right; other: 3 texts, 2 answers, 2 right.
    assert scores.macro_f1(ANSWERS) == pytest.approx((4 / 6 + 2 / 4 + 4 / 5) / 3)


def test_every_detector_is_compared_by_four_shares() -> None:
    found = scores.figures(ANSWERS)
    assert found.real_posts == Share(3, 2 / 3)
    assert found.others_accepted == Share(3, 1 / 3)
    assert found.und == Share(2, 0.5)


def test_a_language_has_its_precision_and_recall() -> None:
    found = scores.by_language(ANSWERS)
    assert list(found) == ["es", "pt", "other", "und"]
    assert (found["pt"].texts, found["pt"].answered, found["pt"].right) == (1, 3, 1)
    assert (found["pt"].precision, found["pt"].recall, found["pt"].f1) == (1 / 3, 1.0, 0.5)


def test_calibration_error_weighs_the_bins_by_their_texts() -> None:
    answers = [
        *[judged("es", "es", sure) for sure in (0.95, 0.95, 1.0)],  # 0.967 sure, all right
        *[judged("es", answer, 0.85) for answer in ("es", "pt")],  # 0.85 sure, half right
        judged("es", "und", 0.0),
    ]
    bins = confidence.reliability(answers)
    assert [(each.low, each.texts, each.right) for each in bins] == [(0.8, 2, 0.5), (0.9, 3, 1.0)]
    assert confidence.calibration_error(bins) == pytest.approx((2 * 0.35 + 0.1) / 5)


def test_coverage_is_the_most_that_a_threshold_accepts_at_that_precision() -> None:
    answers = [
        judged("es", "pt", 0.99),  # the surest is wrong, and 19 of 20 are right all the same
        *[judged("es", "es", 0.9)] * 19,
        *[judged("es", "pt", 0.5)] * 3,
        judged("und", "und", 0.0),
        judged("es", "und", 0.0),
    ]
    found = confidence.coverage(answers)
    assert (found.share, found.threshold, found.precision) == (20 / 25, 0.9, 0.95)
    assert confidence.coverage([judged("es", "pt", 0.9)]).share == 0.0


def test_confusions_are_counted_by_the_language_a_text_is_really_in() -> None:
    answers = [
        *[judged("sv", "other")] * 2,
        *[judged("other", "sv", lang=lang) for lang in ("no", "nb", "nn", "da")],
        judged("sv", "de"),
        judged("sv", "sv"),
        judged("other", "other", lang="da"),
    ]
    nordic = next(each for each in confusions.neighbours(answers) if "sv" in each.languages)
    assert nordic.texts == 9
    assert nordic.confused == [
        Confusion("nb", "sv", 3),
        Confusion("sv", "other", 2),
        Confusion("da", "sv", 1),
    ]
    accepted = [(each.languages, each.texts, each.number) for each in confusions.false_accepts(answers)]
    assert accepted == [(("nb",), 3, 3), (("da",), 2, 1)]


@pytest.mark.parametrize(("source", "real"), [("kiosk_tweets", True), ("twcs", True), ("tweets_told", False)])
def test_only_sources_named_so_are_real_posts(source: str, real: bool) -> None:
    assert Labelled("es", "es", source, "hola").is_real is real


@pytest.mark.parametrize(
    ("text", "letters"), [("@NorthwindHelp ok 12 🙂", 2), ("見て https://t.co/abc", 2), ("a" * 30, 30)]
)
def test_handles_and_links_add_no_letters(text: str, letters: int) -> None:
    assert Labelled("es", "es", "letters", text).letters == letters


def test_every_length_has_its_accuracy() -> None:
    texts = ["a" * 9, "a" * 10, "a" * 24, "a" * 25, "a" * 100]
    answers = [Judged(Labelled("es", "es", "letters", text), "es") for text in texts]
    found = scores.by_length([*answers, Judged(Labelled("es", "es", "letters", "a" * 300), "pt")])
    assert [each.of for each in found.values()] == [1, 2, 1, 0, 2]
    assert list(found.values())[-1] == Share(2, 0.5)


@pytest.mark.parametrize(
    ("code", "desk"),
    [
        *[(code, "other") for code in ("nb", "nn", "no", "zh-cn", "zh-TW", "iw", "cmn", "nob", "xx-Latn")],
        *[(code, "ar") for code in ("ar", "arz", "ary", "ara", "arb")],
        *[(code, "und") for code in ("und", "un", "zxx", "unknown", "")],
        *[("jp", "ja"), ("jpn", "ja"), ("pt-BR", "pt"), ("en_GB", "en"), ("ces", "cs"), ("other", "other")],
    ],
)
def test_libraries_are_judged_by_what_their_codes_mean(code: str, desk: str) -> None:
    assert codes.as_the_desk_says(code) == desk


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "has no header"),
        (b"text\tlabel\nhola\tes\n", "has no header"),
        (HEADER.encode(), "nothing below it"),
        (f"{HEADER}\nes\tes\ta\thola\nes\thola\n".encode(), "line 3: 2 columns instead of 4"),
        (f"{HEADER}\nes\tes\ta\thola\tque tal\n".encode(), "line 2: 5 columns instead of 4"),
        (f"{HEADER}\nda\tda\ta\thej\n".encode(), "line 2: unknown label 'da'"),
        (f"{HEADER}\nes\tes\ta\t\xbfqu\xe9?\n".encode("latin-1"), "is not UTF-8"),
    ],
)
def test_a_malformed_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes, wrong: str) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_bytes(content)
    with pytest.raises(Malformed, match=wrong):
        labelled.read(file)


def test_a_text_keeps_its_quotes_and_odd_line_separators(tmp_path: Path) -> None:
    (line,) = labelled.read(written(tmp_path, 'en\ten\tletters\t"Where\u2028is\x0bit?\r'))
    assert line.text == '"Where\u2028is\x0bit?'


def test_the_command_ends_with_2_on_a_malformed_file(tmp_path: Path) -> None:
    ended = ran(written(tmp_path, "es\thola"))
    assert (ended.code, ended.said) == (2, "")
    assert "line 2: 2 columns instead of 4" in ended.complained
    assert "No such file" in ran(tmp_path / "nowhere.tsv").complained


def test_every_answer_stands_by_its_text() -> None:
    texts = [line.split("\t")[-1] for line in LINES]
    found = trial.run(DESK, texts, cleaned=False)
    assert [code for code, _ in found.answers] == [detect(text).language for text in texts]
    assert found.speed > 0


def test_the_desk_and_langdetect_are_measured_in_the_same_run(tmp_path: Path) -> None:
    file = written(tmp_path, *LINES)
    ended = ran(file, "--detector", DESK, "--detector", "langdetect", "--cleaned", "--errors", 5, "--json")
    assert ended.code == 0, ended.complained
    report = json.loads(ended.said)
    rows = [(row["detector"], row["cleaned"]) for row in report["rows"]]
    assert rows == [(DESK, False), ("langdetect", False), ("langdetect", True)]
    assert all(row["figures"]["real_posts"] == {"of": 2, "share": 1.0} for row in report["rows"])
    assert [row["startup"] is None for row in report["rows"]] == [False, False, True]
    assert report["desk"]["languages"]["und"]["recall"] == 1.0
    assert [(each["line"]["label"], each["language"]) for each in report["wrong"]] == [("pl", "de")]


def test_the_tables_can_be_pasted_as_markdown(tmp_path: Path) -> None:
    ended = ran(written(tmp_path, *LINES), "--detector", DESK, "--errors", 5, "--markdown")
    assert ended.code == 0, ended.complained
    assert "| es | 1 | 1 | 100.0% | 100.0% | 1.0000 |" in ended.said
    assert "| pl (de) | de |" in ended.said
    assert "�[2Jleider noch \\| nicht" in ended.said
    assert "\x1b" not in ended.said


def test_a_library_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(
        DETECTORS, "absent", Detector("absent", "no_such_library", lambda: lambda _: ("en", None))
    )
    lines = labelled.read(written(tmp_path, *LINES))
    report = benchmark.compare(lines, ["absent"], cleaned=False, errors=0)
    assert (report.not_installed, report.rows, report.failed) == (["absent"], [], {})
    sheets.show(report, markdown=False)
    assert "Not installed: absent." in capsys.readouterr().out


def test_a_library_that_does_not_work_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "heliport.py").write_text("raise ImportError('made for another machine')\n")
    arguments = ("--detector", "heliport", "--detector", DESK, "--json")
    ended = ran(written(tmp_path, *LINES), *arguments, PYTHONPATH=str(tmp_path))
    report = json.loads(ended.said)
    assert ended.code == 1
    assert report["failed"] == {"heliport": "ImportError: made for another machine"}
    assert [row["detector"] for row in report["rows"]] == [DESK]
