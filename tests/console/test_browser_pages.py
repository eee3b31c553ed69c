"""The pages in a real browser: anybody can use them, on any screen, with keys alone and without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from socialdesk import cases, clock, replies
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.polling import cursors
from socialdesk.polling.cursors import Channel
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, outbox
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, Town, every_light, every_width, press, sign_in
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER

PAGES = (
    "/sign-in",
    "/queue",
    "/queue?language=sv",
    "/cases/1",
    "/cases/2?template=account_locked&as=private",
    "/languages?days=all",
)


@pytest.fixture
def busy(desk: Desk, cast: Cast, town: Town, maria: Case, kenji: Case) -> None:
    """A desk with something of everything to look at."""
    assert kenji
    crowd = {
        "ar": ("layla_q", "ليلى القحطاني", "السلام عليكم، طلبي تأخر أسبوعا كاملا، متى يصل؟"),
        "pl": ("pwojcik", "Piotr Wójcik", "Gdzie jest moja przesyłka? Od tygodnia nic się nie dzieje"),
        "de": (
            "annalena",
            "Annalena Freifrau von und zu Hohenlohe-Langenburg",
            "Wo bleibt mein Paket? Es sollte gestern kommen",
        ),
        "tr": ("ozgur", "Özgür", "Kargom nerede? Üç gündür bekliyorum, kimse cevap vermiyor"),
        "fr": ("camille", "Camille", "Bonjour, ma carte cadeau ne fonctionne pas, que faire ?"),
        "en": ("emma", "Emma", "Where is my order? This is the third time this month"),
    }
    for number, (handle, name, text) in enumerate(crowd.values()):
        town.meet(str(300 + number), handle, name)
        town.writes(str(300 + number), text, minutes_ago=19 - number)
    with desk.database.transaction() as session:
        for channel in Channel:
            cursors.find(session, maria.account_id, channel).read()
        case = cases.hold(session, maria.id or 0)
        case.assign(cast.ana, by=cast.ana)
        first = drafts.write(
            session, case, text="Sentimos la espera. ¿Nos envías un mensaje directo? ^AH", by=cast.ana
        )
        replies.approve(session, first, by=cast.ana)
        outgoing = outbox.claim(session, maria.account_id)
        assert outgoing
        outbox.sent(session, outgoing, x_id="1999000000000000001", at=clock.now())
    town.writes("101", "Ya les escribí. El número de pedido es 402-998", minutes_ago=-1, private=True)


def test_no_page_shuts_anybody_out_or_scrolls_sideways(open_page: Open, busy: None) -> None:
    """320 CSS pixels are also what 400 % of a 1280 pixel wide window leaves, 600 what 200 % of 1200 does."""
    page = open_page(PAGES[0], username=None)
    for path in PAGES:
        page.goto(path)
        for _ in every_light(page):
            shuts_nobody_out(page)
        for _ in every_width(page, 320, 380, 600, 760, 1200):
            scrolls_not_sideways(page)
        page.set_viewport_size({"width": 1280, "height": 720})
        if path == PAGES[0]:
            sign_in(page, "sofia")


def test_troubles_shut_nobody_out_either(open_page: Open, desk: Desk, cast: Cast, busy: None) -> None:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, 3), text="@layla_q نعتذر", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
        outgoing = outbox.claim(session, 1)
        assert outgoing
        outbox.held(session, outgoing, why="The customer limits who may reply.")
        session.get_one(Account, 1).pause(
            ["public"], until=clock.now() + timedelta(minutes=9), why="Too many."
        )
        cursors.find(session, 1, Channel.MENTIONS).failed("X is down.")
    page = open_page("/queue", viewport={"width": 320, "height": 640})
    for path in ("/queue?done=public-3", "/cases/3?done=public-3", f"/cases/3?again={reply.id}"):
        page.goto(path)
        scrolls_not_sideways(page)
        for _ in every_light(page):
            shuts_nobody_out(page)


def test_a_case_is_answered_with_keys_alone(open_page: Open, desk: Desk, busy: None) -> None:
    page = open_page("/queue", username="ana")
    press(page, "j")
    press(page, "j")
    press(page, "k")
    expect(page.get_by_role("link", name="@kenji")).to_be_focused()
    press(page, "Enter")
    page.wait_for_url("**/cases/2?**")
    press(page, "r")
    page.keyboard.type("確認いたします。")
    expect(page.locator("#length")).to_have_text("8")
    press(page, "Control+Enter")
    page.wait_for_url(re.compile(r"/cases/3\?from=waiting"))
    expect(page.locator(".flash")).to_contain_text("Approved: the direct message goes out now.")
    with desk.database.reading() as session:
        reply = session.exec(select(Reply).where(Reply.state == State.APPROVED)).one()
    assert (reply.text, reply.visibility) == ("確認いたします。", "private")


def test_a_case_is_answered_without_scripts(open_page: Open, busy: None) -> None:
    page = open_page("/queue", username="ana", java_script_enabled=False)
    page.get_by_role("link", name="@emma").click()
    page.get_by_text("Choose a template").click()
    page.get_by_role("link", name="Where is my order?").filter(visible=True).click()
    expect(page.locator("#text")).not_to_be_empty()
    expect(page.get_by_role("button", name="Approve & send publicly")).to_be_visible()
    page.get_by_text("Direct message", exact=True).click()
    expect(page.get_by_role("button", name="Approve & send publicly")).to_be_hidden()
    page.get_by_role("button", name="Approve & send as direct message").click()
    expect(page.locator(".flash")).to_contain_text("direct message")


def test_a_template_fills_the_composer_and_gives_back_what_stood_there(open_page: Open, busy: None) -> None:
    page = open_page("/cases/3", username="ana")
    text = page.locator("#text")
    text.fill("mine")
    page.get_by_text("Choose a template").click()
    page.get_by_role("link", name="Gift card does not work").filter(visible=True).click()
    expect(text).to_have_value(re.compile(r"^[^^]+$"))
    page.get_by_role("button", name="Put mine back").click()
    expect(text).to_have_value("mine")
    page.on("dialog", lambda dialog: dialog.accept())


def test_what_happens_is_seen_without_loading_the_page_again(
    open_page: Open, town: Town, busy: None, maria: Case
) -> None:
    queue = open_page("/queue", username="ana")
    case = open_page("/cases/1", username="ana")
    expect(case.locator("#thread .theirs")).to_have_count(2)
    case.locator("#text").fill("half a sen")
    town.meet("400", "novak", "Jana Nováková")
    town.writes("400", "Kde je moje zásilka? Čekám už týden", minutes_ago=1)
    town.writes("101", "¿Siguen ahí?", minutes_ago=-2, private=True)
    expect(queue.locator("#rows")).to_contain_text("@novak")
    expect(case.locator("#thread .theirs")).to_have_count(3)
    expect(case.locator("#news")).to_be_visible()
    expect(case.locator("#text")).to_have_value("half a sen")
    case.get_by_role("button", name="I have read it").click()
    expect(case.locator("#news")).to_be_hidden()
    case.on("dialog", lambda dialog: dialog.accept())
    assert maria


def test_taking_a_case_keeps_what_was_half_written(open_page: Open, busy: None) -> None:
    page = open_page("/cases/4", username="ana")
    page.locator("#text").fill("half a sen")
    page.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_role("button", name="Leave to others")).to_be_visible()
    expect(page.locator("#text")).to_have_value("half a sen")
    page.on("dialog", lambda dialog: dialog.accept())


def test_new_cases_wait_until_the_agent_wants_to_see_them(open_page: Open, town: Town, busy: None) -> None:
    page = open_page("/queue", username="ana")
    press(page, "j")
    town.meet("400", "novak", "Jana Nováková")
    town.writes("400", "Kde je moje zásilka? Čekám už týden", minutes_ago=1)
    button = page.get_by_role("button", name="1 new — show")
    expect(button).to_be_visible()
    expect(page.get_by_role("link", name="@kenji")).to_be_focused()
    expect(page.locator("#rows")).not_to_contain_text("@novak")
    button.click()
    expect(page.locator("#rows")).to_contain_text("@novak")


def test_the_help_lists_the_keys_and_can_switch_them_off(open_page: Open, busy: None) -> None:
    page = open_page("/queue", username="ana")
    press(page, "?")
    page.get_by_label("Single-letter keys are on").uncheck()
    page.get_by_role("button", name="Close").click()
    press(page, "j")
    expect(page.get_by_role("link", name="@kenji")).not_to_be_focused()


def test_the_queue_stands_in_columns_one_line_to_a_case(
    open_page: Open, desk: Desk, cast: Cast, town: Town, busy: None
) -> None:
    town.meet("500", "W" * 15, "Somebody with the widest handle there is")
    town.writes("500", "Where is my parcel? " + "I have waited for so long and " * 5, minutes_ago=3)
    with desk.database.transaction() as session:
        case = cases.hold(session, 3)
        case.assign(cast.sofia, by=cast.sofia)
        drafts.write(session, case, text="نعتذر عن التأخير", by=cast.ben)
    page = open_page("/queue")
    for width in every_width(page, 1000, 1200, 1399, 1440):
        for mark in (".open", ".chip", ".door", ".excerpt"):
            assert len(set(boxes(page, f".row {mark}", "x"))) == 1, mark
        ends = boxes(page, ".row .since", "right")
        assert max(ends) - min(ends) < 1
        lines = 2 if width == 1440 else 1  # beside the case that is read
        assert max(boxes(page, ".row", "height")) < 10 + 35 * lines
        expect(page.get_by_title("Somebody with the widest handle there is")).to_be_visible()
        expect(page.locator("#case-3")).to_contain_text("Draft")


def boxes(page: Page, selector: str, side: str) -> list[float]:
    """Where that side is of everything so selected."""
    found: list[float] = page.locator(selector).evaluate_all(
        f"all => all.map(one => one.getBoundingClientRect().{side})"
    )
    return found


def test_a_long_case_opens_at_its_newest_words_with_the_composer_in_sight(
    open_page: Open, town: Town, busy: None
) -> None:
    for number in range(20):
        town.writes(
            "304", f"Toujours rien, jour {number} " + "et personne ne répond " * 8, minutes_ago=-number
        )
    page = open_page("/cases/7", username="ana", viewport={"width": 1200, "height": 900})
    expect(page.locator("#thread .theirs").last).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Approve & send publicly")).to_be_in_viewport(ratio=1)


def test_times_are_the_agents_own_with_24_hours_and_the_zone_once(open_page: Open, busy: None) -> None:
    page = open_page("/cases/1", username="ana", locale="en-US", timezone_id="America/New_York")
    expect(page.locator("#thread .theirs time").first).to_have_text("20 Nov 06:30")
    expect(page.locator("footer")).to_contain_text("Times in America/New_York")


def test_what_was_approved_is_told_when_it_is_sent_without_loading_the_page_again(
    open_page: Open, desk: Desk, busy: None
) -> None:
    page = open_page("/cases/2?from=waiting", username="ana")
    page.locator("#text").fill("確認いたします。")
    page.get_by_role("button", name="Approve & send as direct message").click()
    page.wait_for_url("**/cases/3?from=waiting")
    told = page.get_by_role("status").filter(has_text="Case 2")
    expect(told).to_contain_text("Approved: the direct message goes out now.")
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, 1)
        assert outgoing
        outbox.sent(session, outgoing, x_id="1999000000000000002", at=clock.now())
    expect(told).to_contain_text("Approved and sent: the direct message is on X.")
    expect(told.get_by_role("link", name="Case 2")).to_have_attribute("href", "/cases/2")


def test_the_tab_counts_along(open_page: Open, town: Town, busy: None) -> None:
    page = open_page("/queue", username="ana")
    expect(page).to_have_title("(8) Waiting for us · socialdesk")
    town.writes("400", "Kde je moje zásilka? Čekám už týden", minutes_ago=1)
    expect(page).to_have_title("(9) Waiting for us · socialdesk")


def test_a_refused_form_goes_on_following_its_case(
    open_page: Open, town: Town, busy: None, complaints: list[str]
) -> None:
    page = open_page("/cases/3", username="ana")
    page.route("**/live", lambda route: route.abort())  # so that it does not notice before it sends
    page.reload()
    page.locator("#text").fill("نعتذر عن التأخير")
    town.writes("300", "هل من أحد هنا؟", minutes_ago=-1)
    page.unroute("**/live")
    page.get_by_role("button", name="Approve & send publicly").click()
    expect(page.get_by_role("alert")).to_contain_text("The customer has written again")
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    expect(page.locator("#text")).to_have_value("نعتذر عن التأخير")
    town.writes("300", "أرجو الرد", minutes_ago=-2)
    expect(page.locator("#thread .theirs")).to_have_count(3)
    complaints[:] = [each for each in complaints if "409" not in each and "ERR_FAILED" not in each]
