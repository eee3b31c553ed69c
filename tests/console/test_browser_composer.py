"""The composer in a real browser: what is typed is shown as it will be posted, and keys do the rest."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from socialdesk import cases, replies
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.errors import Remedy
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, drafts, outbox
from socialdesk.replying.jottings import Jotting
from tests.conftest import Cast
from tests.console.at_work import waited_for
from tests.console.conftest import IN_A_BROWSER, Open, Town, press
from tests.console.looking import shuts_nobody_out

pytestmark = IN_A_BROWSER

LOOK = os.environ.get("SOCIALDESK_LOOK")  # a folder for pictures to be looked at
PHONE = "+34 612 345 678"
LONG = {
    "es": "Lo sentimos mucho, María. Lo estamos mirando ahora mismo con el equipo de envíos. " * 8,
    "ja": "ご迷惑をおかけして申し訳ございません。現在、担当部署で状況を確認しております。" * 8,
    "ar": "نعتذر عن التأخير ونتابع الأمر الآن مع فريق الشحن، وسنعود إليكم قريبا. " * 7,
}


@pytest.fixture
def layla(town: Town) -> Case:
    town.meet("140", "layla_q", "ليلى القحطاني")
    return town.writes("140", "السلام عليكم، طلبي تأخر أسبوعا كاملا، متى يصل؟", minutes_ago=12)


@pytest.fixture
def yui(town: Town) -> Case:
    town.meet("141", "yui_s", "結衣")
    return town.writes("141", "注文した商品がまだ届きません。いつ届きますか？", minutes_ago=11)


def looks_well(page: Page, name: str = "") -> None:
    if LOOK and name:
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)
    shuts_nobody_out(page)


def only(desk: Desk) -> Reply:
    with desk.database.reading() as session:
        return session.exec(select(Reply)).one()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_long_reply_is_previewed_part_by_part_while_it_is_typed(
    open_page: Open, maria: Case, layla: Case, yui: Case, scheme: str
) -> None:
    for case, language in ((maria, "es"), (yui, "ja"), (layla, "ar")):
        page = open_page(f"/cases/{case.id}", username="ana", color_scheme=scheme)
        page.locator("#text").fill(LONG[language])
        last = page.locator("#preview li").last
        expect(last).to_contain_text("^AH")
        expect(page.locator("#preview li").first).not_to_contain_text("^AH")
        expect(page.locator("#figures")).to_contain_text("posts")
        expect(page.locator("#figures")).to_contain_text("Costs $0.0")
        looks_well(page, f"long-{language}-{scheme}")
        page.on("dialog", lambda dialog: dialog.accept())


@pytest.mark.parametrize(("width", "height"), [(320, 640), (600, 450)])
def test_the_composer_fits_any_screen(
    open_page: Open, desk: Desk, maria: Case, layla: Case, width: int, height: int
) -> None:
    """320 px is the smallest phone, 600 what 200 % of 1200 does."""
    for case, text in ((maria, f"Llámenos al {PHONE} o mire https://example.com"), (layla, LONG["ar"])):
        page = open_page(f"/cases/{case.id}", viewport={"width": width, "height": height})
        looks_well(page, f"proposal-{case.id}-{width}")
        press(page, "t")
        looks_well(page, f"picker-{case.id}-{width}")
        press(page, "Escape")
        page.locator("#text").fill(text)
        expect(page.locator("#preview li").last).to_contain_text("^SL")
        looks_well(page, f"typed-{case.id}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.on("dialog", lambda dialog: dialog.accept())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_key_takes_what_is_proposed_and_one_more_approves_it(
    open_page: Open, desk: Desk, maria: Case, kenji: Case, scheme: str
) -> None:
    page = open_page(f"/cases/{maria.id}?from=waiting", username="ana", color_scheme=scheme)
    expect(page.get_by_role("region", name="What the desk proposes").first).to_be_visible()
    looks_well(page, f"proposal-{scheme}")
    press(page, "y")
    expect(page.locator("#approve")).to_be_focused()
    expect(page.locator("#preview li")).to_contain_text("^AH")
    press(page, "Control+Enter")
    page.wait_for_url(re.compile(rf"/cases/{kenji.id}\?from=waiting"))
    looks_well(page, f"approved-{scheme}")
    assert only(desk).state == State.APPROVED


def test_a_template_is_found_by_typing_a_part_of_its_name(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    press(page, "t")
    expect(page.get_by_label("Find a template")).to_be_focused()
    page.keyboard.type("gift card do")
    expect(page.locator(".picker a.template:visible")).to_have_count(1)
    press(page, "ArrowDown")
    expect(page.locator(".picker a.template:focus")).to_contain_text("Gift card")
    press(page, "Backspace")
    press(page, "ArrowUp")
    press(page, "Enter")
    expect(page.locator("#text")).to_have_value(re.compile("María|regalo"))
    expect(page.locator(".picker")).not_to_have_attribute("open", "")
    page.on("dialog", lambda dialog: dialog.accept())


def test_whoever_types_at_once_after_the_key_types_into_the_picker(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    focused = page.evaluate(
        """() => {
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "t", bubbles: true }));
          return document.activeElement.className;
        }"""
    )
    assert focused == "filter"


def test_a_gap_in_a_template_is_marked_to_be_filled_in(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.get_by_text("Direct message", exact=True).click()
    press(page, "t")
    page.keyboard.type("The order is late")
    press(page, "Enter")
    expect(page.locator("#against")).to_contain_text("is still to be filled in")
    assert page.evaluate("getSelection().toString()").startswith("⟦")
    page.keyboard.type("el 24 de septiembre")
    expect(page.locator("#against")).not_to_contain_text("is still to be filled in")
    page.on("dialog", lambda dialog: dialog.accept())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_stands_against_a_reply_is_mended_without_leaving_the_page(
    open_page: Open, desk: Desk, maria: Case, scheme: str
) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana", color_scheme=scheme)
    page.locator("#text").fill(f"Llámenos al {PHONE}, por favor, cuando pueda")
    against = page.locator("#against")
    expect(against).to_contain_text("personal data")
    looks_well(page, f"guarded-{scheme}")
    against.get_by_role("button", name="Move to a direct message").click()
    expect(against).not_to_contain_text("personal data")
    expect(page.locator("#text")).to_be_focused()
    press(page, "Control+Enter")
    expect(page.locator("#flash")).to_contain_text("direct message")
    assert only(desk).visibility == "private"


def test_a_supervisors_ticks_and_reason_stay_while_she_goes_on_writing(
    open_page: Open, desk: Desk, maria: Case
) -> None:
    page = open_page(f"/cases/{maria.id}", username="sofia")
    text = page.locator("#text")
    text.fill(f"Llámenos al {PHONE}, por favor, cuando pueda")
    page.locator("[name=override][value=personal_data]").check()
    page.get_by_label("Why it may go out all the same").fill("It is our own number.")
    text.press_sequentially(" mañana, @otra_persona")
    expect(page.locator("#against")).to_contain_text("@otra_persona")
    expect(page.locator("[name=override][value=personal_data]")).to_be_checked()
    expect(page.get_by_label("Why it may go out all the same")).to_have_value("It is our own number.")
    looks_well(page, "override")
    page.locator("[name=override][value=mention]").check()
    page.locator("#approve").click()
    expect(page.locator("#flash")).to_contain_text("Approved")
    expect(page.locator("#thread")).to_contain_text("It is our own number.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_key_takes_back_what_was_approved_and_brings_its_words_back(
    open_page: Open, desk: Desk, maria: Case, kenji: Case, scheme: str
) -> None:
    slow = desk.settings.sending.model_copy(update={"undo_seconds": 40.0})
    object.__setattr__(desk, "settings", desk.settings.model_copy(update={"sending": slow}))
    page = open_page(f"/cases/{maria.id}?from=waiting", username="ana", color_scheme=scheme)
    page.locator("#text").fill("Lo miramos ahora.")
    press(page, "Control+Enter")
    page.wait_for_url(re.compile(rf"/cases/{kenji.id}\?"))
    countdown = page.locator("#flash time")
    expect(countdown).to_have_text(re.compile(r"^in \d+ s$"))
    before = countdown.text_content()
    expect(countdown).not_to_have_text(before or "")
    looks_well(page, f"undo-{scheme}")
    press(page, "u")
    page.wait_for_url(re.compile(rf"/cases/{maria.id}\?"))
    expect(page.locator("#text")).to_have_value("Lo miramos ahora.")
    assert only(desk).state == State.CANCELLED


def test_a_stale_draft_is_renewed_with_one_key(
    open_page: Open, desk: Desk, town: Town, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        drafts.write(session, cases.hold(session, maria.id or 0), text="Ya está en camino.", by=cast.ben)
    town.writes("101", "Olvídenlo, ya llegó el paquete", minutes_ago=-1)
    page = open_page(f"/cases/{maria.id}", username="ana")
    expect(page.locator("#news")).to_contain_text("Olvídenlo")
    looks_well(page, "stale")
    press(page, "y")
    expect(page.locator("#news")).to_be_hidden()
    press(page, "Control+Enter")
    expect(page.locator("#flash")).to_contain_text("Approved")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drafts_that_came_back_and_replies_that_were_refused_shut_nobody_out(
    open_page: Open, desk: Desk, cast: Cast, maria: Case, layla: Case, scheme: str
) -> None:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, maria.id or 0), text=LONG["es"], by=cast.ana)
        replies.approve(session, reply, by=cast.ana, sign_off="^{initials}")
        outgoing = outbox.claim(session, maria.account_id)
        assert outgoing
        outbox.held(session, outgoing, why="The customer limits who may reply.", remedy=Remedy.DM)
    with desk.database.transaction() as session:
        mine = drafts.write(session, cases.hold(session, layla.id or 0), text="نعتذر عن التأخير", by=cast.ana)
        library, settings = desk.library_now(session), desk.settings
        approvals.submit(session, mine, by=cast.ana, library=library, settings=settings)
        approvals.send_back(session, mine, by=cast.sofia, why="اذكري متى يصل الطلب")
    page = open_page(f"/cases/{maria.id}", username="ana", color_scheme=scheme)
    expect(page.get_by_role("link", name="Send as a direct message")).to_be_visible()
    looks_well(page, f"held-{scheme}")
    page.goto(f"/cases/{layla.id}")
    expect(page.locator(".back-again")).to_contain_text("Sent back by Sofia Lindgren")
    looks_well(page, f"sent-back-{scheme}")


def test_escape_leads_out_step_by_step(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}?from=waiting.es", username="ana")
    press(page, "t")
    press(page, "Escape")
    expect(page.get_by_label("Find a template")).to_be_hidden()
    press(page, "r")
    press(page, "Escape")
    press(page, "Escape")
    page.wait_for_url("**/queue?status=waiting&language=es")


def kept(page: Page) -> None:
    expect(page.locator("#kept-note")).to_be_visible()


def test_what_is_typed_is_there_again_when_the_agent_comes_back(
    open_page: Open, desk: Desk, maria: Case
) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.locator("#text").press_sequentially("Lo miramos")
    kept(page)
    looks_well(page, "kept")
    page.locator("#text").press_sequentially(" ahora")
    page.goto("/queue")
    waited_for(page, lambda: _kept_words(desk, maria) == ["Lo miramos ahora"])  # sent as the page was left
    page.goto(f"/cases/{maria.id}")
    expect(page.locator("#text")).to_have_value("Lo miramos ahora")
    page.get_by_role("button", name="Discard these words").click()
    expect(page.locator("#text")).to_have_value("")


def _kept_words(desk: Desk, case: Case) -> list[str]:
    with desk.database.reading() as session:
        return [row.text for row in session.exec(select(Jotting).where(Jotting.case_id == case.id))]


# What is kept comes a second late.
_SLOWLY = """
  const ask = window.fetch;
  window.fetch = async (to, how) => {
    if (String(how?.body).includes("keep=true")) await new Promise((done) => setTimeout(done, 1000));
    return ask(to, how);
  };
"""


def test_what_is_typed_comes_before_anything_else_that_makes_the_page_anew(
    open_page: Open, maria: Case
) -> None:
    page = open_page("/queue", username="ana")
    page.add_init_script(_SLOWLY)
    page.goto(f"/cases/{maria.id}")
    page.locator("#text").press_sequentially("Lo miramos")
    press(page, "Escape")
    press(page, "n")
    page.keyboard.type("The carrier says Thursday.")
    press(page, "Control+Enter")
    expect(page.locator(".words.internal")).to_contain_text("The carrier says Thursday.")
    expect(page.locator("#text")).to_have_value("Lo miramos")


def test_a_template_that_was_edited_is_there_again_after_a_reload(open_page: Open, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}?template=please_send_dm&as=public", username="ana")
    page.locator("#text").press("End")
    page.locator("#text").fill("Otra cosa")
    kept(page)
    page.reload()
    expect(page.locator("#text")).to_have_value("Otra cosa")


def test_two_windows_show_both_sides(open_page: Open, desk: Desk, maria: Case, complaints: list[str]) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    other = page.context.new_page()
    other.goto(f"/cases/{maria.id}")
    page.locator("#text").fill("Lo miramos ahora")
    kept(page)
    other.locator("#text").fill("Ya llegó")
    expect(other.locator("#elsewhere")).to_contain_text("Lo miramos ahora")
    looks_well(other, "elsewhere")
    other.get_by_role("button", name="Take those words").click()
    expect(other.locator("#text")).to_have_value("Lo miramos ahora")
    other.get_by_role("button", name="Put mine back").click()
    expect(other.locator("#text")).to_have_value("Ya llegó")
    complaints[:] = [each for each in complaints if "409" not in each]


def test_what_was_read_stays_read_in_a_browser_too(
    open_page: Open, desk: Desk, town: Town, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        drafts.write(session, cases.hold(session, maria.id or 0), text="Ya está en camino.", by=cast.ben)
    town.writes("101", "Olvídenlo, ya llegó el paquete", minutes_ago=-1)
    page = open_page(f"/cases/{maria.id}", username="ana")
    with page.expect_response(re.compile(r"/replies$")):
        press(page, "y")
    page.reload()
    expect(page.locator("#news")).to_be_hidden()


def test_one_key_approves_from_anywhere_but_another_field(open_page: Open, desk: Desk, maria: Case) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana")
    page.locator("#text").fill("Lo miramos ahora.")
    page.locator("#search").focus()
    page.locator("#search").fill("x")
    page.locator("#search").blur()
    page.locator("body").press("Control+Enter")
    expect(page.locator("#flash")).to_contain_text("Approved")
    assert only(desk).state == State.APPROVED


def test_a_template_does_not_cost_what_was_typed_where_there_are_no_scripts(
    open_page: Open, maria: Case
) -> None:
    page = open_page(f"/cases/{maria.id}", username="ana", java_script_enabled=False)
    page.locator("#text").fill("Mis palabras")
    expect(page.locator(".picker")).to_be_hidden()
    page.locator("[name=pick]").select_option("public.please_send_dm")
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator(".instead")).to_contain_text("Mis palabras")
    page.get_by_role("link", name="Back to that").click()
    expect(page.locator("#text")).to_have_value("Mis palabras")


def test_a_sign_off_and_a_number_are_drawn_apart_from_arabic(open_page: Open, layla: Case) -> None:
    """Read from right to left: the words, the sign-off with its sign in front, the number."""
    page = open_page(f"/cases/{layla.id}", username="ana")
    page.locator("#text").fill(LONG["ar"])
    last = page.locator("#preview li").last.locator(".text")
    expect(last).to_contain_text("^AH")
    looks_well(page, "signed-ar")
    left = last.evaluate(
        """(place) => {
          const all = place.textContent;
          const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
          const node = walker.nextNode();
          const x = (sign) => { const r = document.createRange(); const at = all.lastIndexOf(sign);
            r.setStart(node, at); r.setEnd(node, at + 1); return r.getBoundingClientRect().left; };
          return ["(", "^", "A", "H"].map(x);
        }"""
    )
    number, sign, first, second = left
    assert number < sign < first < second
