"""Histories in the twcs layout go through the same intake as live traffic."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from sqlmodel import select

from socialdesk import replay
from socialdesk.desk import Desk
from socialdesk.errors import BadInput
from socialdesk.messages import Message
from socialdesk.polling.quarantine import QuarantinedItem
from tests.stories import all_cases

COLUMNS = [
    "tweet_id",
    "author_id",
    "inbound",
    "created_at",
    "text",
    "response_tweet_id",
    "in_response_to_tweet_id",
]
Fields = tuple[str, str, str, str, str, str, str]


def at(minute: int) -> str:
    return f"Tue Oct 31 10:{minute:02}:00 +0000 2017"


# A customer asks, we answer, she thanks; another joins in; a third writes alone.
STORY: list[Fields] = [
    ("1", "501", "True", at(0), "@Shop ich warte auf mein Paket &amp; niemand antwortet", "2", ""),
    ("2", "Shop", "False", at(6), "@501 Wir schauen gleich nach.", "3,4", "1"),
    ("3", "501", "True", at(10), "@Shop Danke,\nda warte ich auf Ihre Antwort und das Paket", "", "2"),
    ("4", "502", "True", at(12), "@Shop moi aussi, j'attends mon colis", "", "2"),
    ("5", "503", "True", at(20), "@Shop my gift card does not work", "", "999"),
    ("6", "Other", "False", at(21), "@503 that is sad", "", "5"),
]


def written(folder: Path, rows: list[Fields], columns: list[str] = COLUMNS) -> Path:
    file = folder / "history.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([columns, *rows])
    return file


def cases_of(desk: Desk) -> set[tuple[str, frozenset[str]]]:
    with desk.database.reading() as session:
        return {
            (case.language, frozenset(session.exec(select(Message.x_id).where(Message.case_id == case.id))))
            for case in all_cases(session)
        }


def test_a_history_becomes_the_cases_it_tells_of(desk: Desk, tmp_path: Path) -> None:
    outcome = replay.take_in(desk, replay.load(written(tmp_path, STORY)), ["Shop"])

    assert cases_of(desk) == {
        ("de", frozenset({"1", "2", "3"})),
        ("fr", frozenset({"4"})),
        ("en", frozenset({"5"})),
    }
    assert (outcome.taken_in, outcome.left_out, outcome.set_aside) == (5, 1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_the_rows_may_come_in_any_order_and_repeat_themselves(desk: Desk, tmp_path: Path, seed: int) -> None:
    rows = STORY * 2
    random.Random(seed).shuffle(rows)
    replay.take_in(desk, replay.load(written(tmp_path, rows)), ["Shop"])

    assert {ids for _, ids in cases_of(desk)} == {frozenset("123"), frozenset("4"), frozenset("5")}


def test_replaying_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path, STORY)
    replay.take_in(desk, replay.load(file), ["Shop"])
    before = cases_of(desk)

    outcome = replay.take_in(desk, replay.load(file), ["Shop"])
    assert (outcome.taken_in, outcome.known_before) == (0, 5)
    assert cases_of(desk) == before


def test_a_bad_row_is_set_aside_and_the_rest_go_on(desk: Desk, tmp_path: Path) -> None:
    bad: list[Fields] = [
        ("1e5", "501", "True", at(0), "no id", "", ""),
        ("7", "501", "perhaps", at(0), "neither", "", ""),
        ("8", "501", "True", "yesterday", "no moment", "", ""),
        ("9", "", "True", at(0), "nobody", "", ""),
    ]
    outcome = replay.take_in(desk, replay.load(written(tmp_path, bad + STORY)), ["Shop"])

    assert (outcome.taken_in, outcome.set_aside) == (5, 4)
    with desk.database.reading() as session:
        assert len(session.exec(select(QuarantinedItem)).all()) == 4


def test_a_conversation_that_answers_itself_in_a_circle_ends(desk: Desk, tmp_path: Path) -> None:
    circle: list[Fields] = [
        (
            str(n),
            "501" if n % 2 else "Shop",
            str(bool(n % 2)),
            at(0),
            "round and round we go",
            "",
            str(n % 6 + 1),
        )
        for n in range(1, 7)
    ]
    outcome = replay.take_in(desk, replay.load(written(tmp_path, circle)), ["Shop"])

    assert outcome.taken_in == 6
    assert len(cases_of(desk)) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("tweet_id,text\n1,hello\n", "has no column author_id, inbound, created_at"),
        ("", "has no column"),
        (",".join(COLUMNS) + "\n1," + '"' + "x" * 140_000 + '"', "is not a CSV file"),
    ],
    ids=["columns missing", "empty", "a field without end"],
)
def test_a_file_in_another_layout_is_refused_in_one_sentence(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "other.csv"
    file.write_text(content)
    with pytest.raises(BadInput, match=told):
        replay.load(file)


def test_a_handle_that_wrote_nothing_in_the_file_is_refused_before_anything_is_stored(
    desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="Nothing in the file was written by Shopp"):
        replay.take_in(desk, replay.load(written(tmp_path, STORY)), ["Shopp"])
    assert cases_of(desk) == set()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        replay.load(tmp_path / "none.csv")
