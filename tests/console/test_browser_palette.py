"""The palette, the keys and the help: everything without a pointer, and nothing told that is not there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from socialdesk.cases import Case
from tests.conftest import Cast
from tests.console.conftest import IN_A_BROWSER, Open, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = IN_A_BROWSER

PATIENCE = 20_000


def test_the_palette_finds_an_action_by_parts_of_its_words_and_does_it(open_page: Open, maria: Case) -> None:
    page = open_page("/cases/1", username="ana")
    press(page, "Control+k")
    box = page.get_by_role("combobox", name="What to do")
    expect(box).to_be_focused()
    page.keyboard.type("me assi")
    chosen = page.get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Assign to me")
    expect(chosen.locator("kbd")).to_have_text("a")
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
    press(page, "Enter")
    expect(page.get_by_role("button", name="Leave to others")).to_be_visible(timeout=PATIENCE)
    assert maria


def test_escape_closes_the_palette_and_gives_the_focus_back(open_page: Open, maria: Case) -> None:
    page = open_page("/cases/1", username="ana")
    text = page.locator("#text")
    text.focus()
    press(page, "Control+k")
    page.keyboard.type("zzzzqq")
    expect(page.locator("#palette")).to_contain_text("Nothing is called that.")
    press(page, "Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(text).to_be_focused()
    expect(text).to_have_value("")
    assert maria


def test_the_palette_leads_to_pages_and_to_cases_by_number_or_handle(
    open_page: Open, maria: Case, kenji: Case
) -> None:
    page = open_page("/queue", username="ana")
    press(page, "Control+k")
    page.keyboard.type("repl")
    press(page, "Enter")
    page.wait_for_url("**/replies")
    press(page, "Control+k")
    page.keyboard.type("@ken")
    option = page.get_by_role("option").filter(has_text="@kenji")
    expect(option).to_contain_text(f"Case {kenji.id}, waiting for us", timeout=PATIENCE)
    option.click()
    page.wait_for_url(f"**/cases/{kenji.id}")
    press(page, "Control+k")
    page.keyboard.type(f"case {maria.id}")
    expect(page.get_by_role("option").filter(has_text="@maria")).to_be_visible(timeout=PATIENCE)


def test_arrows_move_in_the_palette_and_come_round(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="sofia")
    press(page, "Control+k")
    options = page.get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    press(page, "ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    press(page, "ArrowUp")
    press(page, "ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
    assert maria


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_palette_and_help_shut_nobody_out(open_page: Open, maria: Case, scheme: str) -> None:
    page = open_page("/cases/1", color_scheme=scheme, viewport={"width": 320, "height": 640})
    press(page, "Control+k")
    shuts_nobody_out(page)
    scrolls_not_sideways(page)
    press(page, "Escape")
    page.locator("body").press("?")
    expect(page.locator("#help")).to_be_visible()
    shuts_nobody_out(page)
    scrolls_not_sideways(page)
    assert maria


@pytest.mark.parametrize(
    ("letters", "address"), [("gq", "/queue"), ("ga", "/approvals"), ("gr", "/replies"), ("gl", "/languages")]
)
def test_g_and_a_letter_go_to_a_page(open_page: Open, maria: Case, letters: str, address: str) -> None:
    page = open_page("/cases/1", username="sofia")
    page.locator("#text").press_sequentially(letters)
    page.wait_for_timeout(200)
    assert page.url.endswith("/cases/1")  # it was typed
    page.locator("#text").fill("")
    page.locator("#text").press("Escape")
    for letter in letters:
        press(page, letter)
    page.wait_for_url(re.compile(f"{address}$"))
    assert maria


def test_the_help_tells_of_what_the_page_has_and_of_nothing_else(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana")
    press(page, "?")
    lines = page.locator("#help .keys > div:visible")
    expect(lines.filter(has_text="open the case")).to_have_count(1)
    expect(lines.filter(has_text="resolve the case")).to_have_count(1)  # it is for rows, too
    expect(lines.filter(has_text="take the words that the desk proposes")).to_have_count(0)
    expect(lines.filter(has_text="send back")).to_have_count(0)
    press(page, "Escape")
    page.goto("/cases/1")
    button = "Object.assign(document.createElement('button'), { textContent: 'Feed the cat' })"
    page.evaluate(f"const cat = {button}; cat.dataset.key = 'w'; document.querySelector('main').append(cat)")
    press(page, "?")
    expect(lines.filter(has_text="resolve the case")).to_have_count(1)
    expect(lines.filter(has_text="next and previous")).to_have_count(0)
    expect(lines.filter(has_text="Feed the cat").locator("kbd")).to_have_text("w")
    assert maria


def test_no_key_works_while_letters_are_being_composed(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana")
    told = "new KeyboardEvent('keydown', { key: 'j', isComposing: true, bubbles: true })"
    page.evaluate(f"document.body.dispatchEvent({told})")
    expect(page.get_by_role("link", name="@maria")).not_to_be_focused()
    page.evaluate(f"document.body.dispatchEvent({told.replace('true, b', 'false, b')})")
    expect(page.get_by_role("link", name="@maria")).to_be_focused()
    assert maria


def test_light_or_dark_is_chosen_without_scripts_and_kept(open_page: Open, maria: Case) -> None:
    page = open_page("/account", username="ana", java_script_enabled=False, color_scheme="light")
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("region", name="Light or dark").get_by_role("button", name="Use that").click()
    expect(page.get_by_role("status")).to_contain_text("looks as you want it")
    page.goto("/queue")
    dark = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    assert dark == "rgb(18, 21, 26)"
    assert maria


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_header_stands_on_one_line(open_page: Open, cast: Cast, maria: Case, width: int) -> None:
    page = open_page("/queue", username="sofia", viewport={"width": width, "height": 800})
    assert page.locator("header.top").evaluate("one => one.getBoundingClientRect().height") < 56
    assert maria


def test_what_is_focused_is_never_under_a_bar(open_page: Open, maria: Case) -> None:
    page = open_page("/cases/1?done=taken-1", username="ana", viewport={"width": 900, "height": 500})
    hidden = """
    () => [...document.querySelectorAll("main :is(a, button, summary, textarea)")].filter((each) => {
      if (!each.checkVisibility() || each.closest(".flash, [popover]")) return false;
      each.focus();
      const { top, bottom, left, right } = each.getBoundingClientRect();
      const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      return there?.closest(".top, .flash, .tellings, .many") != null;
    }).map((each) => each.outerHTML)
    """
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.evaluate(hidden) == []
    assert maria
