"""What is wrong with X or with the workers is said in words, with since when and until when."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from socialdesk import clock, replies
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.polling import cursors, gaps
from socialdesk.polling.cursors import Channel
from socialdesk.replies import Reply
from socialdesk.replying import drafts, outbox
from tests.conftest import Cast

SOON = timedelta(minutes=12)


def region(page: str, name: str) -> str:
    """The words of that part of the page."""
    found = re.search(rf'id="{name}"[^>]*>(.*?)</(?:section|div)>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split())


def told_at(moment: datetime) -> str:
    return f"{moment:%-d %b %H:%M}"


def pause(desk: Desk, *visibilities: str) -> datetime:
    until = clock.now() + SOON
    with desk.database.transaction() as session:
        session.get_one(Account, 1).pause(visibilities, until=until, why="X asks to wait.")
    return until


def approved(desk: Desk, cast: Cast, case: Case) -> Reply:
    with desk.database.transaction() as session:
        reply = drafts.write(session, session.get_one(Case, case.id), text="Lo sentimos.", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
        return reply


def test_a_quiet_desk_has_no_troubles(ana: TestClient, desk: Desk) -> None:
    with desk.database.transaction() as session:
        for channel in Channel:
            cursors.find(session, 1, channel).read()
    page = ana.get("/queue").text
    assert region(page, "troubles") == ""
    assert "mentions 0 s behind" in region(page, "health")


def test_a_channel_that_cannot_be_read_says_since_when_and_when_it_is_tried_again(
    ana: TestClient, desk: Desk
) -> None:
    with desk.database.transaction() as session:
        cursor = cursors.find(session, 1, Channel.MENTIONS)
        cursor.read()
        read_at = cursor.read_at
        cursor.failed("X is limiting us.", not_before=clock.now() + SOON)
    assert read_at
    told = region(ana.get("/queue").text, "troubles")
    assert "No mentions for @NorthwindHelp since" in told
    assert told_at(read_at) in told
    assert "X is limiting us. Next look in 11 min" in told


def test_what_may_be_missing_is_said_until_somebody_has_seen_it(ana: TestClient, desk: Desk) -> None:
    now = clock.now()
    with desk.database.transaction() as session:
        cursors.find(session, 1, Channel.DIRECT_MESSAGES).read()
        gaps.record(
            session,
            1,
            Channel.DIRECT_MESSAGES,
            from_x_id="1000",
            to_x_id="2000",
            from_at=now - timedelta(minutes=90),
            to_at=now,
        )
    told = region(ana.get("/queue").text, "troubles")
    assert "Some direct messages to @NorthwindHelp may be missing: 1 h 30 min, from" in told
    (account,) = ana.get("/health.json").json()
    (gap,) = account["channels"]["direct_messages"]["gaps"]
    assert (gap["minutes"], gap["state"]) == (90, "open")

    assert ana.post("/gaps/1/acknowledgement").status_code == 303
    assert region(ana.get("/queue").text, "troubles") == ""
    assert ana.post("/gaps/1/acknowledgement").status_code == 409
    assert ana.post("/gaps/99/acknowledgement").status_code == 404


def test_workers_that_do_not_run_are_noticed(ana: TestClient, desk: Desk) -> None:
    with desk.database.transaction() as session:
        cursors.find(session, 1, Channel.MENTIONS).read_at = clock.now() - timedelta(hours=1)
    assert "The workers do not seem to run." in region(ana.get("/queue").text, "troubles")


@pytest.mark.parametrize(
    ("paused", "sentence"),
    [
        (("public",), "No public replies go out from @NorthwindHelp before"),
        (("private",), "No direct messages go out from @NorthwindHelp before"),
        (("public", "private"), "Nothing goes out from @NorthwindHelp before"),
    ],
)
def test_a_pause_says_what_does_not_go_out_until_when_and_why(
    ana: TestClient, desk: Desk, paused: tuple[str, ...], sentence: str
) -> None:
    until = pause(desk, *paused)
    told = region(ana.get("/queue").text, "troubles")
    assert sentence in told
    assert told_at(until) in told
    assert "X asks to wait." in told


def test_an_approved_reply_that_waits_for_a_pause_says_when_it_goes_out(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    approved(desk, cast, maria)
    until = pause(desk, "public")
    page = ana.get(f"/cases/{maria.id}?done=public-{maria.id}").text
    thread = page[page.index('id="thread"') : page.index('id="composer"')]
    assert re.search(rf"Goes out at <time[^>]*>{told_at(until)}</time>, <time[^>]*>in 11 min</time>", thread)
    assert "X asks to wait." in thread
    assert f"Approved: the public reply goes out at {told_at(until)}" in region(page, "flash")


def test_a_pause_of_the_other_kind_keeps_nothing_back(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    approved(desk, cast, maria)
    pause(desk, "private")
    page = ana.get(f"/cases/{maria.id}?done=public-{maria.id}").text
    assert "Leaves within seconds." in page
    assert "Approved: the public reply goes out now." in page


def test_what_is_told_after_approving_follows_the_reply(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    approved(desk, cast, maria)
    address = f"/queue?done=public-{maria.id}"
    assert "Approved: the public reply goes out now." in region(ana.get(address).text, "flash")
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, maria.account_id)
        assert outgoing
        outbox.unknown(session, outgoing, why="X gave no answer.")
    assert "X gave no answer" in region(ana.get(address).text, "flash")
    with desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id="1999000000000000001", at=clock.now())
    page = ana.get(address).text
    assert "Approved and sent: the public reply is on X." in region(page, "flash")
    assert f'<a href="/cases/{maria.id}">Case {maria.id}</a>' in page


def test_a_refusal_is_told_where_the_agent_is_by_now(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    approved(desk, cast, maria)
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, maria.account_id)
        assert outgoing
        outbox.held(session, outgoing, why="The customer limits who may reply.")
    told = region(ana.get(f"/queue?done=public-{maria.id}").text, "flash")
    assert "Approved, but the public reply has not gone out: The customer limits who may reply." in told
