"""The pane beside the queue: the case that the agent is at is there to read, and nothing moves for it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlmodel import col, select, update

from socialdesk import cases, clock
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.worklists.presence import Presence
from tests.conftest import Cast
from tests.console.conftest import Open, Town, every_light, every_width, press
from tests.console.looking import scrolls_not_sideways, shuts_nobody_out

pytestmark = pytest.mark.browser
WIDE = {"width": 1440, "height": 900}
# How far what is on the page has moved, once it is asked for.
_WATCH = """() => {
  window.moved = 0;
  new PerformanceObserver((list) => { for (const each of list.getEntries()) window.moved += each.value; })
    .observe({ type: "layout-shift", buffered: true });
}"""


# Of the rows: what is cut off or stands over something else, where the door begins, how wide the words are.
_ROWS = """(rows) => rows.map((row) => {
  const box = (name) => row.querySelector(name)?.getBoundingClientRect();
  const within = (one, other) => !one || (one.left >= other.left - .5 && one.right <= other.right + .5);
  const meet = (one, other) => one && other && one.right > other.left + .5 && other.right > one.left + .5
    && one.bottom > other.top + .5 && other.bottom > one.top + .5;
  const cut = (name) => {
    const each = row.querySelector(name);
    return each && (each.scrollWidth > each.clientWidth + 1 || !within(box(name), box(".topic")));
  };
  const names = [".open", ".chip", ".door", ".since", ".topic", ".excerpt", ".how"];
  const over = names.flatMap((one, at) => names.slice(at + 1).filter((other) => meet(box(one), box(other)))
    .map((other) => `${one} over ${other}`));
  const out = names.filter((name) => !within(box(name), row.getBoundingClientRect()));
  const told = [...over, ...[".badge", ".about"].filter(cut), ...out.map((name) => `${name} outside`)];
  return { told, door: box(".door").left, words: box(".excerpt").width, shown: row.innerText };
})"""


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The browser sees no difference between the engines: one is enough here."""
    file = tmp_path / "desk.db"
    file.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture(autouse=True)
def two(maria: Case, kenji: Case) -> None:
    """@maria is the first of the list, @kenji the second."""


def pane(page: Page) -> str:
    return page.locator("#glance-case").inner_text()


def glances(page: Page) -> list[str]:
    """The addresses of the cases that are asked for from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/glance" in request.url:
            asked.append(request.url.partition("/cases/")[2].partition("?")[0])

    page.on("request", note)
    return asked


def test_the_case_of_the_row_is_shown_and_enter_opens_it(open_page: Open, maria: Case, kenji: Case) -> None:
    page = open_page("/queue?status=unassigned", username="ana", viewport=WIDE)
    shown = page.locator("#glance-case")
    expect(shown).to_contain_text("is shown here")
    press(page, "j")
    expect(shown).to_contain_text("Mi paquete no ha llegado")
    expect(shown).to_contain_text("María García @maria")
    expect(shown).to_contain_text("Nobody")
    expect(page.locator("#glance-told")).to_have_text("Beside the list: @maria, Spanish")
    press(page, "j")
    expect(shown).to_contain_text("アカウントにログインできません")
    expect(shown).not_to_contain_text("Mi paquete")
    expect(page.locator(f"#case-{kenji.id} .open")).to_be_focused()
    expect(shown.get_by_role("link", name="健二")).to_have_attribute(
        "href", f"/cases/{kenji.id}?from=unassigned"
    )
    press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/cases/{kenji.id}"))


def test_a_mouse_that_rests_on_a_row_shows_it_and_one_that_passes_does_not(
    open_page: Open, maria: Case, kenji: Case
) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)
    page.wait_for_load_state()
    asked = glances(page)
    box = page.locator("#rows").bounding_box()
    assert box
    page.mouse.move(box["x"] + 300, box["y"] + 20)
    page.mouse.move(box["x"] + 320, box["y"] + box["height"] - 15, steps=2)
    expect(page.locator("#glance-case")).to_contain_text("アカウント")
    assert asked == [f"{kenji.id}/glance"]


def test_who_goes_on_quickly_asks_for_the_last_one_alone(open_page: Open, town: Town) -> None:
    for number in range(12):
        town.meet(str(700 + number), f"customer_{number}", "Somebody")
        town.writes(str(700 + number), f"Where is my parcel {number}?", minutes_ago=200 - number)
    page = open_page("/queue", username="ana", viewport=WIDE)
    page.wait_for_load_state()
    asked = glances(page)
    page.evaluate("""() => { for (let step = 0; step < 9; step++) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true })); } }""")
    expect(page.locator("#glance-case")).to_contain_text("Where is my parcel 8?")
    assert len(asked) == 1


def test_an_answer_that_comes_late_takes_nobodys_place(open_page: Open, maria: Case, kenji: Case) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)

    def late(route: Route) -> None:
        page.wait_for_timeout(600)
        route.continue_()

    page.route(f"**/cases/{maria.id}/glance*", late)
    press(page, "j")
    page.wait_for_timeout(250)  # it is asked for
    press(page, "j")
    expect(page.locator("#glance-case")).to_contain_text("アカウント")
    page.wait_for_timeout(900)
    assert "アカウント" in pane(page)


def test_nothing_moves_when_a_case_comes_and_when_it_changes(
    open_page: Open, town: Town, desk: Desk, cast: Cast, maria: Case
) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)
    page.evaluate(_WATCH)
    press(page, "j")
    expect(page.locator("#glance-case")).to_contain_text("Mi paquete")
    page.wait_for_timeout(600)
    town.writes("101", "¿Hola? ¿Hay alguien?", minutes_ago=1)
    expect(page.locator("#glance-case")).to_contain_text("¿Hay alguien?")
    with desk.database.transaction() as session:
        cases.hold(session, maria.id or 0).assign(cast.ben, by=cast.ben)
    expect(page.locator("#glance-case")).to_contain_text(cast.ben.name)
    assert page.evaluate("moved") == 0


def test_the_newest_of_a_long_thread_is_in_sight_and_who_reads_further_up_stays_there(
    open_page: Open, town: Town
) -> None:
    for number in range(40):
        town.writes("101", f"Palabra {number} " + "x" * 200, minutes_ago=25 - number / 2)
    town.writes("101", "Largo " + "y" * 25_000, minutes_ago=2)
    page = open_page("/queue", username="ana", viewport=WIDE)
    press(page, "j")
    thread = page.locator(".glance-thread")
    expect(thread.get_by_role("link", name="The rest of it is in the case")).to_be_in_viewport()
    expect(thread.get_by_role("link", name="What was said before is in the case")).to_have_count(1)
    assert thread.locator("li").count() == 20
    thread.evaluate("(all) => { all.scrollTop = 100; }")
    town.writes("101", "Otra vez", minutes_ago=1)
    expect(thread).to_contain_text("Otra vez")
    assert thread.evaluate("(all) => all.scrollTop") == 100
    scrolls_not_sideways(page)


def test_keys_go_on_from_the_case_that_is_read(open_page: Open, maria: Case, kenji: Case) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)
    press(page, "j")
    expect(page.locator("#glance-case")).to_contain_text("Mi paquete")
    page.locator(".glance-thread").focus()
    press(page, "j")
    expect(page.locator(f"#case-{kenji.id} .open")).to_be_focused()


def test_it_can_be_switched_off_and_stays_so(open_page: Open, maria: Case) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)
    press(page, "v")
    expect(page.locator("#glance")).to_be_hidden()
    page.reload()
    asked = glances(page)
    expect(page.locator("#glance")).to_be_hidden()
    press(page, "j")
    page.wait_for_timeout(500)
    assert asked == []
    page.get_by_role("button", name="Reading pane").click()
    expect(page.locator("#glance-case")).to_contain_text("Mi paquete")
    page.reload()
    expect(page.locator("#glance")).to_be_visible()


def test_what_is_gone_to_while_it_is_off_is_marked_when_it_is_there_again(
    open_page: Open, maria: Case, kenji: Case
) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)
    press(page, "j")
    expect(page.locator("#glance-case")).to_contain_text("Mi paquete")
    for key in ("v", "j", "v"):
        press(page, key)
    expect(page.locator("#glance-case")).to_contain_text("アカウント")
    assert marked(page) == [f"case-{kenji.id}"]
    page.set_viewport_size({"width": 1366, "height": 768})
    press(page, "k")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    expect(page.locator("#glance-case")).to_contain_text("Mi paquete")
    assert marked(page) == [f"case-{maria.id}"]


def marked(page: Page) -> list[str]:
    """The rows of whose cases the list says that they are read."""
    found: list[str] = page.locator("#rows > .row").evaluate_all(
        "(all) => all.filter((row) => getComputedStyle(row).getPropertyValue('--read')).map((row) => row.id)"
    )
    return found


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "nl", "ja", "ar"])
def test_beside_it_a_row_still_says_all_that_it_said(
    open_page: Open, desk: Desk, cast: Cast, town: Town, maria: Case, kenji: Case, language: str
) -> None:
    """However long it takes to say by how much something is overdue."""
    town.meet("103", "mrs_t_abernathy", "Theresa Abernathy")
    late = town.writes("103", "Where is my parcel? I have waited for so long by now", minutes_ago=1_571)
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ana.id).language = language
        for case, exposed, topic in ((maria, True, None), (late, True, "returns_and_refunds")):
            held = cases.hold(session, case.id or 0)
            held.exposed, held.topic = exposed, topic
            held.assign(cast.ben, by=cast.ben)
        cases.hold(session, kenji.id or 0).topic = "returns_and_refunds"
        for case, minutes in ((maria, -17), (late, -1_544)):
            due = update(Case).where(col(Case.id) == case.id)
            session.execute(due.values(due_at=clock.now() + timedelta(minutes=minutes)))
    page = open_page("/queue", username="ana", viewport=WIDE)
    expect(page.locator("#rows .badge")).to_have_count(2)
    for width in every_width(page, 1400, 1440, 1500, 1600, 1920):
        rows = page.locator("#rows > .row").evaluate_all(_ROWS)
        assert [row["told"] for row in rows] == [[], [], []], (width, rows)
        assert len({row["door"] for row in rows}) == 1, width
        assert all(row["words"] > 90 for row in rows), (width, rows)
        line = page.locator(f"#case-{kenji.id} .door").bounding_box()
        short = page.locator(f"#case-{kenji.id}").bounding_box()
        assert line and short and short["height"] < 3.4 * line["height"], width
        scrolls_not_sideways(page)


def test_it_is_there_in_wide_windows_alone(open_page: Open) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)
    asked = glances(page)
    for width in every_width(page, 320, 900, 1366, 1399, 1400, 1920):
        expect(page.locator("#glance")).to_be_visible(visible=width >= 1400)
        expect(page.locator("#pane-switch")).to_be_visible(visible=width >= 1400)
        scrolls_not_sideways(page)
    page.set_viewport_size({"width": 1366, "height": 768})
    press(page, "j")
    page.wait_for_timeout(500)
    assert asked == []
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    expect(page.locator("#glance-case")).to_contain_text("Mi paquete")


@pytest.mark.parametrize("width", [1440, 1920, 2560])
def test_the_case_that_is_opened_stands_between_the_same_edges(open_page: Open, width: int) -> None:
    page = open_page("/queue", username="ana", viewport={"width": width, "height": 900})
    before = edges(page, ".queue")
    press(page, "j")
    press(page, "Enter")
    expect(page.locator(".beside li").first).to_be_visible()
    assert edges(page, ".case") == before


def edges(page: Page, what: str) -> dict[str, float]:
    told: dict[str, float] = page.locator(what).first.evaluate(
        "(it) => (({ left, right }) => ({ left, right }))(it.getBoundingClientRect())"
    )
    return told


def test_without_scripts_there_is_none(open_page: Open) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE, java_script_enabled=False)
    expect(page.locator("#rows")).to_be_visible()
    expect(page.locator("#glance")).to_be_hidden()
    expect(page.locator("#pane-switch")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_shuts_nobody_out(open_page: Open, desk: Desk, cast: Cast, language: str) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ana.id).language = language
    page = open_page("/queue", username="ana", viewport=WIDE)
    press(page, "j")
    expect(page.locator("#glance-case")).to_contain_text("Mi paquete")
    for _ in every_light(page):
        shuts_nobody_out(page)
    side = page.locator("#glance").bounding_box()
    assert side
    assert (side["x"] < 700) == (language == "ar")


def test_whoever_reads_there_is_not_at_the_case(open_page: Open, desk: Desk, maria: Case) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)
    press(page, "j")
    expect(page.locator("#glance-case")).to_contain_text("Mi paquete")
    page.wait_for_timeout(300)
    with desk.database.reading() as session:
        assert session.exec(select(Presence)).all() == []


def test_a_case_that_is_gone_is_told(open_page: Open, complaints: list[str], maria: Case) -> None:
    page = open_page("/queue", username="ana", viewport=WIDE)
    page.route("**/glance*", lambda route: route.fulfill(status=404, body=""))
    press(page, "j")
    expect(page.locator("#glance-case")).to_have_text("This case is not there any more.")
    assert len(complaints) == 1
    complaints.clear()
