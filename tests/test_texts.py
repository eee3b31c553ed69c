"""Texts edited at the desk: the newest version stands, none is lost, and nothing unsound gets in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import event

from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.errors import AlreadyDone, StaleDraft, TemplateError
from socialdesk.settings import Settings
from socialdesk.templating import parity, texts
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library
from socialdesk.templating.parity import Kind
from socialdesk.templating.texts import Shelf
from tests import small_library
from tests.conftest import Cast
from tests.small_library import write

GERMAN = Key("thanks", "de", "private")
ENGLISH = Key("thanks", "en", "private")
NEW_WORDS = "Guten Tag{% if customer_name %} {{ customer_name }}{% endif %},\n\ndas freut uns sehr."


@pytest.fixture
def replies(tmp_path: Path) -> Path:
    return small_library.written(tmp_path)


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings], replies: Path) -> Iterator[Desk]:
    desk = assemble(make_settings(paths={"replies": replies}))
    yield desk
    desk.database.close()


def save(desk: Desk, cast: Cast, text: str, *, key: Key = GERMAN, seen: int = 0) -> None:
    with desk.database.transaction() as session:
        texts.save(session, desk.shelf, key, text, seen=seen, by=cast.sofia)


def now(desk: Desk) -> Library:
    with desk.database.reading() as session:
        return desk.library_now(session)


def older(library: Library) -> list[str]:
    return [each.language for each in parity.problems(library) if each.kind is Kind.OLDER]


def test_the_newest_version_stands_and_all_are_kept(desk: Desk, cast: Cast) -> None:
    save(desk, cast, NEW_WORDS)
    save(desk, cast, NEW_WORDS.replace("sehr", "ungemein"), seen=1)
    assert now(desk).render(*GERMAN, {"customer_name": "Eva"}) == "Guten Tag Eva,\n\ndas freut uns ungemein."
    assert desk.library.render(*GERMAN, {"customer_name": ""}).endswith("vielen Dank für Ihre Worte.")
    with desk.database.reading() as session:
        kept = texts.history(session, GERMAN)
    assert [(each.version, each.edited_by_id) for each in kept] == [(2, cast.sofia.id), (1, cast.sofia.id)]
    assert kept[1].text == NEW_WORDS


def test_the_files_words_can_stand_again(desk: Desk, cast: Cast) -> None:
    save(desk, cast, NEW_WORDS)
    with desk.database.transaction() as session:
        texts.restore(session, desk.shelf, GERMAN, seen=1, by=cast.sofia)
    assert now(desk).sources[GERMAN] == desk.library.sources[GERMAN]
    assert parity.problems(now(desk)) == []
    with pytest.raises(AlreadyDone), desk.database.transaction() as session:
        texts.restore(session, desk.shelf, GERMAN, seen=2, by=cast.sofia)


def test_who_edits_an_older_version_is_told(desk: Desk, cast: Cast) -> None:
    save(desk, cast, NEW_WORDS)
    with pytest.raises(StaleDraft):
        save(desk, cast, NEW_WORDS.replace("sehr", "ungemein"), seen=0)
    assert now(desk).sources[GERMAN] == NEW_WORDS


def test_of_two_supervisors_at_the_same_moment_one_is_told(desk: Desk, cast: Cast) -> None:
    barrier = Barrier(2)

    def edit(word: str) -> bool:
        barrier.wait()
        try:
            save(desk, cast, NEW_WORDS.replace("sehr", word))
        except StaleDraft:
            return False
        return True

    with ThreadPoolExecutor(2) as supervisors:
        assert sorted(supervisors.map(edit, ("ungemein", "riesig"))) == [False, True]
    with desk.database.reading() as session:
        assert len(texts.history(session, GERMAN)) == 1


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        (GERMAN, "", "is empty"),
        (GERMAN, "{{ order_number }}", "order_number is none of the names"),
        (GERMAN, "{{ customer_name", "do not close"),
        (GERMAN, "Guten Tag {customer_name},", "is no variable"),
        (GERMAN, "Guten Tag [customer_name],", "is no variable"),
        (GERMAN, "{{ ''.__class__ }}", "nothing else"),
        (GERMAN, "{{ 'a' * 10**8 }}", "nothing else"),
        (GERMAN, "ä" * 1_025, "at most 2,048 bytes"),
        (Key("order_late", "ja", "public"), "あ" * 138, "282 of 280"),
        (Key("order_late", "de", "public"), "Siehe https://shop.example", "a link or a mention"),
    ],
)
def test_what_must_not_go_out_is_refused(desk: Desk, cast: Cast, key: Key, text: str, why: str) -> None:
    with pytest.raises(TemplateError, match=why):
        save(desk, cast, text, key=key)
    with desk.database.reading() as session:
        assert texts.history(session, key) == []


def test_the_same_words_again_are_no_new_version(desk: Desk, cast: Cast) -> None:
    with pytest.raises(AlreadyDone):
        save(desk, cast, desk.library.sources[GERMAN].replace("\n", "\r\n"))


def test_a_new_source_text_makes_the_others_older_until_each_is_confirmed(desk: Desk, cast: Cast) -> None:
    save(desk, cast, desk.library.sources[ENGLISH] + " Bye.", key=ENGLISH)
    assert older(now(desk)) == ["de", "pl", "ja", "ar"]
    with desk.database.transaction() as session:
        texts.confirm(session, desk.shelf, GERMAN, seen=0, by=cast.sofia)
    save(desk, cast, "Dzień dobry,\n\ndziękujemy.", key=Key("thanks", "pl", "private"))
    assert older(now(desk)) == ["ja", "ar"]
    assert now(desk).rewritten == {ENGLISH, Key("thanks", "pl", "private")}


def test_a_file_that_changes_later_is_pointed_out_and_the_edited_text_stands(
    desk: Desk, cast: Cast, replies: Path
) -> None:
    save(desk, cast, NEW_WORDS)
    write(replies, "de/thanks.private", "Guten Tag{{ customer_name }}, danke.")
    later = Shelf(Library.load(replies))
    with desk.database.reading() as session:
        library = later.now(session)
    assert library.sources[GERMAN] == NEW_WORDS
    assert [each.text for each in parity.problems(library)] == [
        "de/thanks.private.txt.j2 has changed since the text was edited at the desk."
    ]


def test_an_edited_text_may_stand_in_spite_of_its_new_file(desk: Desk, cast: Cast, replies: Path) -> None:
    save(desk, cast, NEW_WORDS)
    write(replies, "de/thanks.private", "Guten Tag{{ customer_name }}, danke.")
    later = Shelf(Library.load(replies))
    with desk.database.transaction() as session:
        texts.confirm(session, later, GERMAN, seen=1, by=cast.sofia)
    with desk.database.reading() as session:
        library = later.now(session)
    assert library.sources[GERMAN] == NEW_WORDS
    assert parity.problems(library) == []


def test_what_is_up_to_date_is_not_confirmed(desk: Desk, cast: Cast) -> None:
    with pytest.raises(AlreadyDone), desk.database.transaction() as session:
        texts.confirm(session, desk.shelf, GERMAN, seen=0, by=cast.sofia)


def test_what_was_confirmed_of_a_files_words_ends_with_them(desk: Desk, cast: Cast, replies: Path) -> None:
    save(desk, cast, desk.library.sources[ENGLISH] + " Bye.", key=ENGLISH)
    with desk.database.transaction() as session:
        texts.confirm(session, desk.shelf, GERMAN, seen=0, by=cast.sofia)
    write(replies, "de/thanks.private", "Guten Tag{{ customer_name }}, danke.")
    later = Shelf(Library.load(replies))
    with desk.database.reading() as session:
        assert "de" in older(later.now(session))


def test_an_edit_of_a_text_that_the_catalog_knows_no_more_is_left_alone(
    desk: Desk, cast: Cast, replies: Path
) -> None:
    save(desk, cast, NEW_WORDS)
    catalog = replies / "catalog.toml"
    catalog.write_text(catalog.read_text(encoding="utf-8").replace('"de", ', ""), encoding="utf-8")
    with desk.database.reading() as session:
        assert GERMAN not in Shelf(Library.load(replies)).now(session).sources


def test_reading_an_unchanged_library_is_one_statement(desk: Desk, cast: Cast) -> None:
    save(desk, cast, NEW_WORDS)
    first, said = now(desk), []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    assert now(desk) is first
    assert [each.split()[0] for each in said if each != "BEGIN"] == ["SELECT"]
