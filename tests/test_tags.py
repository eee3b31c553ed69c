"""Tags: short words on cases, kept once, counted, found again, and carried along when cases are merged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import col, select

from socialdesk import cases, counts
from socialdesk.audit import AuditEntry
from socialdesk.cases import Case
from socialdesk.casework import tagging
from socialdesk.casework.tagging import CaseTag, Tag
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, NotFound
from socialdesk.placing import merging
from socialdesk.tagged import TagOn, read, written
from socialdesk.worklists import queues
from tests.conftest import Cast
from tests.stories import MARIA, arrive, post


@pytest.fixture
def maria(desk: Desk) -> int:
    arrive(desk, post(MARIA))
    return 1


def tag(desk: Desk, cast: Cast, case_id: int, *names: str) -> list[int]:
    with desk.database.transaction() as session:
        case = cases.hold(session, case_id)
        return [tagging.add(session, case, name, by=cast.ana).id for name in names]


def tags_of(desk: Desk, case_id: int) -> list[str]:
    """As the case says, which is what its rows say."""
    with desk.database.reading() as session:
        case = cases.find(session, case_id)
        rows = session.exec(select(CaseTag.tag_id).where(CaseTag.case_id == case_id)).all()
        assert sorted(rows) == sorted(each.id for each in case.tags)
        return [each.name for each in case.tags]


def numbers(desk: Desk) -> dict[str, int]:
    """The kept counts, which are those of a recount."""
    with desk.database.transaction() as session:
        assert counts.rebuild(session)
        return {each.name: number for each, number in tagging.known(session)}


def several(desk: Desk, *, number: int, first: int = 3000) -> list[int]:
    arrive(desk, *(post(str(first + each), minutes=each) for each in range(number)))
    with desk.database.reading() as session:
        return [each for each in session.exec(select(Case.id).order_by(col(Case.id))).all() if each]


def test_a_tag_is_on_the_case_in_its_history_and_among_the_known_ones(
    desk: Desk, cast: Cast, maria: int
) -> None:
    tag(desk, cast, maria, "VIP", "late  parcel")
    assert tags_of(desk, maria) == ["late parcel", "VIP"]
    assert numbers(desk) == {"late parcel": 1, "VIP": 1}
    with desk.database.transaction() as session:
        tagging.remove(session, cases.hold(session, maria), 1, by=cast.ben)
    assert tags_of(desk, maria) == ["late parcel"]
    assert numbers(desk) == {"late parcel": 1, "VIP": 0}
    with desk.database.reading() as session:
        told = [(each.kind, each.agent_id, each.details.get("tag")) for each in cases.events(session, maria)]
    assert told[1:] == [
        ("tagged", cast.ana.id, "VIP"),
        ("tagged", cast.ana.id, "late parcel"),
        ("untagged", cast.ben.id, "VIP"),
    ]


@pytest.mark.parametrize("again", ["vip", "Vip ", "VÍP", "ＶＩＰ"])
def test_the_same_word_written_otherwise_is_the_same_tag(
    desk: Desk, cast: Cast, maria: int, again: str
) -> None:
    tag(desk, cast, maria, "VIP")
    with pytest.raises(AlreadyDone, match="has the tag “"):
        tag(desk, cast, maria, again)
    (other,) = several(desk, number=1)[1:]
    tag(desk, cast, other, again)
    assert tags_of(desk, other) == ["VIP"]
    assert numbers(desk) == {"VIP": 2}


@pytest.mark.parametrize("told", ["", "   ", "!!!", "x" * 31, "\n\u202e"])
def test_what_is_no_short_word_is_no_tag(desk: Desk, cast: Cast, maria: int, told: str) -> None:
    with pytest.raises(BadInput, match="at most 30 characters"):
        tag(desk, cast, maria, told)


def test_a_case_has_ten_tags_at_most(desk: Desk, cast: Cast, maria: int) -> None:
    tag(desk, cast, maria, *(f"tag {number}" for number in range(tagging.MOST)))
    with pytest.raises(BadInput, match="10 tags at most"):
        tag(desk, cast, maria, "one more")
    with desk.database.transaction() as session, pytest.raises(NotFound):
        tagging.remove(session, cases.hold(session, maria), 99, by=cast.ana)


def test_two_agents_who_add_the_same_new_word_at_once_make_one_tag(
    desk: Desk, cast: Cast, maria: int
) -> None:
    ids = several(desk, number=3)
    barrier = Barrier(len(ids))

    def add(case_id: int) -> None:
        barrier.wait(10)
        tag(desk, cast, case_id, "refund")

    with ThreadPoolExecutor(len(ids)) as pool:
        list(pool.map(add, ids))
    assert numbers(desk) == {"refund": len(ids)}


def test_a_list_is_narrowed_to_a_tag_page_by_page(desk: Desk, cast: Cast, maria: int) -> None:
    ids = several(desk, number=12)
    chosen = ids[1::2]
    for case_id in chosen:
        (found,) = tag(desk, cast, case_id, "harbour")
    seen: list[int | None] = []
    with desk.database.reading() as session:
        after = None
        while True:
            page = queues.page(session, "waiting", tag=found, after=after, size=2)
            seen += [case.id for case, _ in page.rows]
            if (after := page.next) is None:
                break
        whole = [case.id for case, _ in queues.page(session, "waiting").rows if case.id in chosen]
        assert queues.page(session, "resolved", tag=found).rows == []
        following = queues.next_free(session, cases.find(session, chosen[0]), "waiting", tag=found)
    assert seen == whole
    assert following is not None
    assert following.id == chosen[1]


def test_merged_cases_have_the_tags_of_both_and_get_their_own_back(
    desk: Desk, cast: Cast, maria: int
) -> None:
    arrive(desk, post(MARIA, minutes=30))
    tag(desk, cast, 1, "VIP", "refund")
    tag(desk, cast, 2, "vip", "harbour")
    with desk.database.transaction() as session:
        merging.merge(session, 2, 1, by=cast.ana)
    assert tags_of(desk, 1) == ["harbour", "refund", "VIP"]
    assert numbers(desk) == {"harbour": 1, "refund": 1, "VIP": 1}
    with desk.database.transaction() as session, pytest.raises(AlreadyDone, match="was merged into case 1"):
        tagging.add(session, cases.hold(session, 2), "late", by=cast.ana)
    with desk.database.transaction() as session:
        merging.unmerge(session, 2, by=cast.ana)
    assert (tags_of(desk, 1), tags_of(desk, 2)) == (["refund", "VIP"], ["harbour", "VIP"])
    assert numbers(desk) == {"harbour": 1, "refund": 1, "VIP": 2}


def test_a_tag_gets_another_name_on_every_case_and_is_removed_from_every_one(
    desk: Desk, cast: Cast, maria: int
) -> None:
    ids = several(desk, number=2)
    for case_id in ids:
        tag(desk, cast, case_id, "harbor", "VIP")
    with desk.database.transaction() as session:
        tagging.rename(session, 1, "Harbour", by=cast.sofia)
    assert all(tags_of(desk, case_id) == ["Harbour", "VIP"] for case_id in ids)
    with desk.database.transaction() as session, pytest.raises(AlreadyDone, match="a tag “VIP” already"):
        tagging.rename(session, 1, "vip", by=cast.sofia)
    with desk.database.transaction() as session:
        tagging.forget(session, 1, by=cast.sofia)
    assert all(tags_of(desk, case_id) == ["VIP"] for case_id in ids)
    assert numbers(desk) == {"VIP": len(ids)}
    with desk.database.reading() as session:
        assert session.exec(select(Tag.name)).all() == ["VIP"]
        audited = session.exec(select(AuditEntry.kind, AuditEntry.subject)).all()
    assert [tuple(each) for each in audited] == [("tag_renamed", "harbor"), ("tag_removed", "Harbour")]


def test_what_a_case_keeps_of_its_tags_reads_as_it_was_written() -> None:
    tags = [TagOn(7, "late parcel 2"), TagOn(12, "VIP")]
    assert read(written(reversed(tags))) == tags
    assert (read(None), written([])) == ([], None)
