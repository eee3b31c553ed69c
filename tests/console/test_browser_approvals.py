"""Approvals in a real browser: with keys alone, without scripts, many at once, on any screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from socialdesk import cases
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, drafts
from socialdesk.settings import Settings
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town, every_light, every_width, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER
CROWD = {
    "301": ("layla_q", "ليلى القحطاني", "السلام عليكم، طلبي تأخر أسبوعا كاملا، متى يصل؟"),
    "302": (
        "annalena_von_und",
        "Annalena Freifrau von und zu Hohenlohe-Langenburg-Schillingsfürst",
        "Wo bleibt mein Paket? Es sollte gestern kommen",
    ),
    "303": ("emma", "Emma", "Where is my order? This is the third time this month"),
}


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings]) -> Iterator[Desk]:
    """Whatever an agent writes is for a colleague; in public and freely written, for a supervisor."""
    free = {"role": "agent", "channel": "public", "words": "free", "needs": "supervisor"}
    all_else = {"role": "agent", "needs": "colleague"}
    desk = assemble(make_settings(approvals={"rules": [free, all_else]}))
    yield desk
    desk.database.close()


def write(
    desk: Desk,
    case: Case,
    by: Agent,
    text: str = "",
    *,
    template: str | None = None,
    more: str = "",
    waits: bool = True,
) -> Reply:
    """A draft in these words or a template's with `more` behind them, handed to a second person."""
    with desk.database.transaction() as session:
        held = cases.hold(session, case.id or 0)
        if template:
            text = drafts.from_template(
                desk.library,
                template,
                language=held.language,
                visibility=held.visibility,
                customer=session.get_one(Customer, held.customer_id),
            )
        reply = drafts.write(session, held, text=text + more, by=by, template_id=template)
        if waits:
            approvals.submit(
                session,
                reply,
                by=by,
                library=desk.library,
                settings=desk.settings,
            )
        return reply


@pytest.fixture
def waiting(desk: Desk, cast: Cast, town: Town, maria: Case, kenji: Case) -> list[Reply]:
    """One of everything, of Ana's and Ben's; Ana's own is the fourth."""
    people = []
    for x_id, (handle, name, text) in CROWD.items():
        town.meet(x_id, handle, name)
        people.append(town.writes(x_id, text, minutes_ago=9))
    layla, annalena, emma = people
    long = "We are sorry for the wait, and we are looking into where your parcel is at this moment. "
    return [
        write(desk, maria, cast.ben, template="please_send_dm"),
        write(desk, kenji, cast.ben, template="account_locked", more="よろしくお願いいたします。"),
        write(desk, layla, cast.ben, template="please_send_dm", more=" شكرا جزيلا لصبرك الطويل معنا"),
        write(
            desk, annalena, cast.ana, "Wir rufen Sie heute noch an: 0151 23456789. Bitte entschuldigen Sie."
        ),
        write(desk, emma, cast.ben, long * 4),
    ]


def looks_well(page: Page) -> None:
    shuts_nobody_out(page)
    scrolls_not_sideways(page)


def looks_well_anywhere(page: Page) -> None:
    for _ in every_width(page, 320, 760, 1200):
        for _ in every_light(page):
            looks_well(page)


def approved(desk: Desk) -> list[int]:
    with desk.database.reading() as session:
        found = session.exec(select(Reply).where(Reply.state == State.APPROVED).order_by(col(Reply.id)))
        return [reply.id or 0 for reply in found]


def test_the_approvals_shut_nobody_out(open_page: Open, waiting: list[Reply]) -> None:
    page = open_page("/approvals")
    for summary in page.locator(".entry summary").all():
        summary.click()
    looks_well_anywhere(page)
    page.goto("/approvals/preview?" + "&".join(f"choice={each.id}.{each.revision}" for each in waiting))
    looks_well_anywhere(page)
    page.get_by_role("button", name="Approve 1 reply").click()
    expect(page.get_by_role("status").first).to_have_text("1 of 1 reply done")
    looks_well_anywhere(page)


def test_the_empty_page_shuts_nobody_out(open_page: Open, maria: Case) -> None:
    page = open_page("/approvals", viewport={"width": 320, "height": 640})
    expect(page.locator(".empty")).to_contain_text("Nothing waits for a second person.")
    looks_well(page)


def test_drafts_are_worked_through_with_keys_alone(open_page: Open, desk: Desk, waiting: list[Reply]) -> None:
    page = open_page("/approvals")
    press(page, "j")
    expect(page.get_by_role("link", name="@maria", exact=True)).to_be_focused()
    press(page, "Control+Enter")
    expect(page.locator("#flash")).to_contain_text("Approved: the public reply goes out")
    expect(page.get_by_role("link", name="@kenji", exact=True)).to_be_focused()
    assert approved(desk) == [waiting[0].id]
    press(page, "b")
    expect(page.get_by_label("What Ben Okoro is to change").filter(visible=True)).to_be_focused()
    page.keyboard.type("Bitte kürzer")
    press(page, "Tab")
    press(page, "Enter")
    expect(page.locator("#flash")).to_contain_text("Sent back")
    expect(page.get_by_role("link", name="@layla_q", exact=True)).to_be_focused()
    expect(page.locator("#main-nav")).to_contain_text("Approvals 3")
    press(page, "r")
    page.wait_for_url(re.compile(r"/cases/\d+#composer"))
    expect(page.locator("#text")).to_have_value(re.compile("شكرا جزيلا"))


def test_control_enter_in_the_reason_sends_back_and_approves_nothing(
    open_page: Open, desk: Desk, waiting: list[Reply]
) -> None:
    page = open_page("/approvals")
    press(page, "j")
    press(page, "b")
    page.keyboard.type("Not like that")
    press(page, "Control+Enter")
    expect(page.locator("#flash")).to_contain_text("Sent back")
    assert approved(desk) == []


def test_a_template_is_approved_and_a_draft_sent_back_without_scripts(
    open_page: Open, desk: Desk, waiting: list[Reply]
) -> None:
    page = open_page("/approvals", java_script_enabled=False)
    expect(page.locator(".many")).to_be_hidden()
    page.get_by_label("Choose the reply to @maria").check()
    page.get_by_role("button", name="Look at what will happen").click()
    page.get_by_role("button", name="Approve 1 reply").click()
    expect(page.locator(".became")).to_contain_text("Approved: the public reply goes out now.")
    entry = page.locator(".entry.private")
    entry.get_by_text("Send back", exact=False).first.click()
    entry.get_by_label("What Ben Okoro is to change").fill("短く。")
    entry.get_by_role("button", name="Send back").click()
    expect(page.locator(".flash")).to_contain_text("Sent back")
    assert approved(desk) == [waiting[0].id]


def test_what_takes_a_supervisor_takes_his_word_too(
    open_page: Open, desk: Desk, waiting: list[Reply]
) -> None:
    page = open_page("/approvals")
    entry = page.locator(f"#entry-{waiting[3].id}")
    entry.get_by_role("button", name="Approve & send publicly").click()
    assert approved(desk) == []  # the browser asks for the tick first
    entry.get_by_role("checkbox", name="All the same").check()
    entry.get_by_label("Why it may go out all the same").fill("Our own number.")
    entry.get_by_role("button", name="Approve & send publicly").click()
    expect(page.locator("#flash")).to_contain_text("Approved")
    assert approved(desk) == [waiting[3].id]


def test_new_ones_wait_until_they_are_wanted_and_nothing_typed_is_lost(
    open_page: Open, desk: Desk, cast: Cast, waiting: list[Reply], town: Town
) -> None:
    page = open_page("/approvals")
    page.get_by_label("Choose the reply to @maria").check()
    entry = page.locator(f"#entry-{waiting[1].id}")
    entry.locator(".send-back summary").click()
    entry.get_by_role("textbox").fill("Half a reason")
    town.meet("401", "nora", "Nora")
    late = town.writes("401", "Where is my parcel? It should have come on Monday.", minutes_ago=2)
    write(desk, late, cast.ben, "We are sorry, and we are looking into this right now.")
    expect(page.locator("#main-nav")).to_contain_text("Approvals 6")
    expect(page.locator("#show-new")).to_have_text("1 new — show")
    expect(entry.get_by_role("textbox")).to_have_value("Half a reason")
    page.locator("#show-new").click()
    expect(page.get_by_role("link", name="@nora", exact=True)).to_be_visible()
    expect(entry.get_by_role("textbox")).to_have_value("Half a reason")
    expect(page.get_by_label("Choose the reply to @maria")).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_stretch_of_the_queue_is_chosen_with_keys_and_approved(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, kenji: Case, town: Town, scheme: str
) -> None:
    for number, (x_id, (handle, name, text)) in enumerate(CROWD.items()):
        town.meet(x_id, handle, name)
        write(
            desk,
            town.writes(x_id, text, minutes_ago=9 - number),
            cast.ben,
            template="please_send_dm",
            waits=number == 0,
        )
    page = open_page("/queue", color_scheme=scheme, viewport={"width": 1200, "height": 800})
    expect(page.locator("#together")).to_be_hidden()
    for key in ("j", "j", "j", "x", "j", "j", "Shift+x"):
        press(page, key)
    expect(page.locator("[data-picked]")).to_have_text("3 chosen:")
    page.locator("#together [name=act]").select_option("approve")
    looks_well(page)
    page.set_viewport_size({"width": 320, "height": 640})
    looks_well(page)
    page.get_by_role("button", name="Look at what will happen").click()
    expect(page.get_by_role("heading", name="Approve 3 replies at once?")).to_be_visible()
    press(page, "Control+Enter")
    expect(page.locator(".became li")).to_have_count(3)
    assert len(approved(desk)) == 3
    press(page, "Escape")
    page.wait_for_url("**/queue?status=waiting")
