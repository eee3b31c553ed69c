"""X lets us answer in public only who mentions us himself: each post knows, and so does the guard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from socialdesk import cases, intake, replies, unplaced
from socialdesk.desk import Desk
from socialdesk.errors import BadInput, Guarded
from socialdesk.messages import Gone, Message, Unrepliable, Visibility
from socialdesk.replying import approvals, drafts
from socialdesk.replying.approvals import Outcome
from socialdesk.x import payloads
from tests.conftest import Cast
from tests.stories import MARIA, all_cases, arrive, post

OURS = "1000"
US = {"start": 0, "end": 14, "username": "NorthwindHelp", "id": OURS}
LATER = US | {"start": 20, "end": 34}
SOMEBODY = {"start": 0, "end": 5, "username": "kenji", "id": "2002"}


def seen(**fields: Any) -> str | None:
    told = {
        "id": "5001",
        "author_id": MARIA,
        "text": "@NorthwindHelp hola @NorthwindHelp",
        "created_at": "2026-11-20T12:00:00.000Z",
    }
    return payloads.post(told | fields, our_x_id=OURS).not_repliable


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"entities": {"mentions": [US]}, "display_text_range": [0, 34]}, None),
        ({"entities": {"mentions": [US]}, "display_text_range": [15, 34]}, Unrepliable.CARRIED_OVER),
        ({"entities": {"mentions": [US, LATER]}, "display_text_range": [15, 34]}, None),
        ({"entities": {"mentions": [SOMEBODY]}, "display_text_range": [0, 34]}, Unrepliable.NOT_MENTIONED),
        ({"display_text_range": [0, 34]}, Unrepliable.NOT_MENTIONED),
        ({"entities": {"mentions": [US]}}, None),
        ({}, None),
        (
            {
                "entities": {"mentions": [SOMEBODY]},
                "display_text_range": [0, 34],
                "referenced_tweets": [{"type": "quoted", "id": "4000"}],
            },
            None,
        ),
        (
            {
                "entities": {"mentions": [US]},
                "display_text_range": [15, 34],
                "note_tweet": {"text": "long", "entities": {"mentions": [US, LATER]}},
            },
            None,
        ),
    ],
    ids=[
        "mentioned",
        "only carried over",
        "carried over and mentioned",
        "somebody else mentioned",
        "nobody mentioned",
        "X does not say what is shown",
        "X tells nothing",
        "a quotation",
        "mentioned in the rest of a long post",
    ],
)
def test_a_post_knows_whether_its_author_summoned_us(fields: dict[str, Any], why: str | None) -> None:
    assert seen(**fields) == why


def test_a_public_answer_goes_to_the_newest_post_that_x_lets_us_answer(desk: Desk, cast: Cast) -> None:
    first = post(MARIA)
    second = post(MARIA, "Y nadie contesta.", conversation=first.x_id, minutes=2)
    arrive(desk, first, replace(second, not_repliable=Unrepliable.CARRIED_OVER))

    with desk.database.transaction() as session:
        (case,) = all_cases(session)
        reply = drafts.write(session, case, text="Lo miramos.", by=cast.ana, visibility=Visibility.PUBLIC)
        replies.approve(session, reply, by=cast.ana)
        assert session.get_one(Message, reply.answers_id).x_id == first.x_id


def test_where_x_lets_us_answer_nothing_only_a_direct_message_is_left(desk: Desk, cast: Cast) -> None:
    arrive(desk, replace(post(MARIA), not_repliable=Unrepliable.NOT_MENTIONED))

    with desk.database.transaction() as session:
        (case,) = all_cases(session)
        with pytest.raises(BadInput, match=r"did not mention us in it\. Write a direct message"):
            drafts.write(session, case, text="Lo miramos.", by=cast.ana, visibility=Visibility.PUBLIC)
        reply = drafts.write(session, case, text="Lo miramos.", by=cast.ana, visibility=Visibility.PRIVATE)
        replies.approve(session, reply, by=cast.ana)


def test_what_is_gone_is_not_to_be_tried(desk: Desk, cast: Cast) -> None:
    arrive(desk, replace(post(MARIA), not_repliable=Unrepliable.CARRIED_OVER))

    with desk.database.transaction() as session:
        (case,) = all_cases(session)
        session.exec(select(Message)).one().gone = Gone.DELETED
        with pytest.raises(BadInput) as refused:
            drafts.write(session, case, text="Lo miramos.", by=cast.ana, visibility=Visibility.PUBLIC)
    assert "to try it" not in str(refused.value)


def test_where_nobody_knows_whether_x_lets_us_answer_it_may_be_tried(desk: Desk, cast: Cast) -> None:
    arrive(desk, replace(post(MARIA), not_repliable=Unrepliable.CARRIED_OVER))

    with desk.database.transaction() as session:
        (case,) = all_cases(session)
        reply = drafts.write(session, case, text="Lo miramos.", by=cast.ana, visibility=Visibility.PUBLIC)
        with pytest.raises(Guarded, match="X may refuse a public answer") as refused:
            approvals.approve(session, reply, by=cast.ana, library=desk.library, settings=desk.settings)
        assert refused.value.may_override == ["not_repliable"]
        knowing = {"overrides": ["not_repliable"], "library": desk.library, "settings": desk.settings}
        assert approvals.approve(session, reply, by=cast.ana, **knowing) == Outcome.APPROVED  # type: ignore[arg-type]
    with desk.database.reading() as session:
        assert "guard_overridden" in [event.kind for event in cases.events(session, 1)]


def test_a_draft_that_answers_what_x_would_refuse_is_stopped_and_told_the_way(desk: Desk, cast: Cast) -> None:
    first = post(MARIA)
    second = post(MARIA, "Y nadie contesta.", conversation=first.x_id, minutes=2)
    arrive(desk, first, second)

    with desk.database.transaction() as session:
        (case,) = all_cases(session)
        reply = drafts.write(session, case, text="Lo miramos.", by=cast.ana)
        stored = session.exec(select(Message).where(Message.x_id == second.x_id)).one()
        stored.not_repliable = Unrepliable.CARRIED_OVER
        session.flush()
        with pytest.raises(BadInput, match=r"Answer the post of 20 November, 12:00 UTC"):
            approvals.approve(session, reply, by=cast.ana, library=desk.library, settings=desk.settings)


def test_retweets_and_people_to_be_ignored_open_nothing_and_are_kept(desk: Desk) -> None:
    retweet = replace(post(MARIA), retweet=True)
    ignored = post("2009")
    read = intake.read(desk.database, 1, [retweet, ignored])
    with desk.database.transaction() as session:
        assert intake.take_in(session, 1, read, reopen_days=14, ignore={"2009"}) == []
    with desk.database.reading() as session:
        assert all_cases(session) == []
        assert unplaced.stored(session, 1, [retweet.x_id, ignored.x_id]) == {retweet.x_id, ignored.x_id}
