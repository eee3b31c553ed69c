"""One key undoes what was just done: on the next case's page, beside half a reply, in Approvals."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from socialdesk import cases, replies
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.replies import State
from socialdesk.replying import approvals, drafts
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, press
from tests.console.looking import shuts_nobody_out

pytestmark = IN_A_BROWSER


def told(page: Page, sentence: str) -> None:
    expect(page.locator("#flash")).to_contain_text(sentence)


def test_a_resolved_case_comes_back_with_one_key(open_page: Open, maria: Case, kenji: Case) -> None:
    page = open_page(f"/cases/{maria.id}?from=waiting", username="ana")
    press(page, "e")
    page.wait_for_url(re.compile(rf"/cases/{kenji.id}\?"))
    told(page, "The case is resolved.")
    press(page, "u")
    page.wait_for_url(re.compile(rf"/cases/{maria.id}\?"))
    told(page, "Undone: everything is as it was before.")
    expect(page.locator("#case-head")).to_contain_text("Waiting for us")
    shuts_nobody_out(page)


def test_what_is_undone_beside_half_a_reply_leaves_the_words(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.locator("#text").fill("Lo mir")
    page.locator("#text").blur()
    press(page, "a")
    told(page, "The case is yours.")
    expect(page.locator("#case-head")).to_contain_text("Leave to others")
    press(page, "u")
    told(page, "Undone: everything is as it was before.")
    expect(page.locator("#case-head")).to_contain_text("Assign to me")
    expect(page.locator("#text")).to_have_value("Lo mir")


def test_who_takes_an_approval_back_is_at_the_reply_again(
    open_page: Open, desk: Desk, cast: Cast, maria: Case
) -> None:
    slow = desk.settings.sending.model_copy(update={"undo_seconds": 60.0})
    object.__setattr__(desk, "settings", desk.settings.model_copy(update={"sending": slow}))
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, maria.id or 0), text="Lo miramos.", by=cast.ana)
        approvals.submit(session, reply, by=cast.ana, library=desk.library, settings=desk.settings)
    page = open_page("/approvals", username="ben")
    page.locator(f"#entry-{reply.id} .open").focus()
    press(page, "Control+Enter")
    told(page, "Approved: the public reply goes out in")
    press(page, "u")
    told(page, "The approval is taken back: the reply waits for a second person again.")
    expect(page).to_have_url(re.compile(rf"/approvals#reply-{reply.id}$"))
    expect(page.locator(f"#entry-{reply.id}")).to_contain_text("Lo miramos.")
    with desk.database.reading() as session:
        assert replies.find(session, reply.id or 0).state == State.DRAFT
