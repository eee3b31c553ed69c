"""Working habits on the pages: notes, snoozing, views, several cases at once, a customer's history."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from socialdesk import cases, clock
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.console import views
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.console.test_console_undoing import undone
from tests.stories import arrive, post

ROW = re.compile(r'<li id="case-(\d+)"')


def rows(page: str) -> list[int]:
    return [int(found) for found in ROW.findall(page)]


def test_a_note_stands_in_the_thread_and_says_what_it_is(ana: TestClient, maria: Case) -> None:
    answer = ana.post(f"/cases/{maria.id}/notes", data={"note": "The <b>carrier</b> says Thursday."})
    assert answer.status_code == 303
    page = ana.get(f"/cases/{maria.id}").text
    assert "Internal note</span>" in page
    assert "The &lt;b&gt;carrier&lt;/b&gt; says Thursday." in page


def test_a_note_marks_whom_it_called_and_nobody_else(
    ana: TestClient, signed_in: Visitor, maria: Case
) -> None:
    words = "@ben, <i>@Sofia</i>: @nobody knows, and @ana (myself) asks a@ben.org."
    ana.post(f"/cases/{maria.id}/notes", data={"note": words})
    page = ana.get(f"/cases/{maria.id}").text
    sofia = '&lt;i&gt;<strong class="called"><bdi>@Sofia</bdi></strong>&lt;/i&gt;'
    rest = ": @nobody knows, and @ana (myself) asks a@ben.org.</p>"
    assert f'<strong class="called"><bdi>@ben</bdi></strong>, {sofia}{rest}' in page
    own = '<mark class="called" dir="ltr"><bdi>@ben</bdi> (you)</mark>'
    assert f"{own}, {sofia}{rest}" in signed_in("ben").get(f"/cases/{maria.id}").text


def test_a_colleague_who_may_not_see_the_case_is_not_marked(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        session.get_one(Agent, cast.ben.id).disabled_at = clock.now()
    ana.post(f"/cases/{maria.id}/notes", data={"note": "Ask @ben."})
    assert ">Ask @ben.</p>" in ana.get(f"/cases/{maria.id}").text


def test_an_edited_note_marks_whom_it_calls_now(ana: TestClient, maria: Case) -> None:
    ana.post(f"/cases/{maria.id}/notes", data={"note": "Ask @ben."})
    ana.post(f"/cases/{maria.id}/notes/1/editing", data={"note": "Ask @sofia. @ben. too"})
    called = '<strong class="called"><bdi>@{}</bdi></strong>'
    told = f">Ask {called.format('sofia')}. {called.format('ben')}. too</p>"
    assert told in ana.get(f"/cases/{maria.id}").text


def test_a_note_marks_whom_it_called_when_it_has_come_from_another_case(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    arrive(desk, post("101", "Otro paquete", minutes=-5, conversation="another-one"))
    other = (maria.id or 0) + 1
    ana.post(f"/cases/{other}/notes", data={"note": "@ben knows"})
    assert ana.post(f"/cases/{other}/merging", data={"other": maria.id}).status_code == 303
    page = ana.get(f"/cases/{maria.id}").text
    assert '<strong class="called"><bdi>@ben</bdi></strong> knows' in page


def test_what_is_too_long_for_a_note_comes_back_with_its_words(ana: TestClient, maria: Case) -> None:
    answer = ana.post(f"/cases/{maria.id}/notes", data={"note": "y" * 10_001})
    assert answer.status_code == 422
    assert "at most 10,000 characters" in answer.text
    assert "y" * 10_001 in answer.text


def test_what_is_too_long_for_a_changed_note_comes_back_in_its_box(ana: TestClient, maria: Case) -> None:
    ana.post(f"/cases/{maria.id}/notes", data={"note": "Thursday"})
    answer = ana.post(f"/cases/{maria.id}/notes/1/editing", data={"note": "y" * 41_000})
    assert answer.status_code == 422
    assert "at most 10,000 characters; this one has 41,000" in answer.text
    box = re.search(r'<details class="change-note" open>.*?<textarea[^>]*>(y*)</textarea>', answer.text, re.S)
    assert box
    assert len(box[1]) == 41_000
    assert answer.text.count("y" * 41_000) == 1


def test_a_note_that_was_deleted_meanwhile_does_not_take_new_words_with_it(
    ana: TestClient, maria: Case
) -> None:
    ana.post(f"/cases/{maria.id}/notes", data={"note": "Thursday"})
    ana.post(f"/cases/{maria.id}/notes/1/deletion")
    answer = ana.post(f"/cases/{maria.id}/notes/1/editing", data={"note": "No, Friday"})
    assert answer.status_code == 409
    assert "This note is deleted already." in answer.text
    assert re.search(r'<textarea id="note"[^>]*>No, Friday</textarea>', answer.text)


def test_a_note_is_changed_and_deleted_by_its_author_alone(
    ana: TestClient, signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    with desk.database.transaction() as session:
        written = notes.write(session, cases.hold(session, maria.id or 0), "Thursday", by=cast.ana).id
    place = f"/cases/{maria.id}/notes/{written}"
    assert signed_in("ben").post(f"{place}/editing", data={"note": "Never"}).status_code == 403
    assert f"{place}/editing" not in signed_in("ben").get(f"/cases/{maria.id}").text
    assert ana.post(f"{place}/editing", data={"note": "Friday"}).status_code == 303
    page = ana.get(f"/cases/{maria.id}").text
    assert "Friday" in page
    assert "What it said before" in page
    assert ana.post(f"{place}/deletion").status_code == 303
    page = ana.get(f"/cases/{maria.id}").text
    assert "This note was deleted by its author." in page
    assert "Friday" not in page
    assert ana.post(f"/cases/{maria.id}/notes/{written}9/deletion").status_code == 404


def test_opening_the_case_ends_a_mention(ana: TestClient, signed_in: Visitor, maria: Case) -> None:
    ana.post(f"/cases/{maria.id}/notes", data={"note": "@ben please"})
    ben = signed_in("ben")
    assert rows(ben.get("/queue?status=mentions").text) == [maria.id]
    assert rows(ana.get("/queue?status=mentions").text) == []
    ben.get(f"/cases/{maria.id}")
    assert rows(ben.get("/queue?status=mentions").text) == []


def test_snoozing_goes_on_to_the_next_case_and_is_undone(ana: TestClient, maria: Case, kenji: Case) -> None:
    answer = ana.post(
        f"/cases/{maria.id}/snoozing",
        data={"until": "tomorrow", "zone": "Europe/Rome", "from": "waiting"},
    )
    assert answer.headers["location"] == f"/cases/{kenji.id}?from=waiting&done=snoozed-{maria.id}"
    assert rows(ana.get("/queue").text) == [kenji.id]
    assert rows(ana.get("/queue?status=snoozed").text) == [maria.id]
    page = ana.get(answer.headers["location"]).text
    assert "snoozed by" in ana.get(f"/cases/{maria.id}").text
    undone(ana, page)
    assert rows(ana.get("/queue").text) == [maria.id, kenji.id]


@pytest.mark.parametrize("zone", ["Europe/Rome", "Nowhere/At_All", "../etc/passwd", ""])
def test_any_zone_will_do(ana: TestClient, maria: Case, zone: str) -> None:
    answer = ana.post(f"/cases/{maria.id}/snoozing", data={"until": "hour", "zone": zone})
    assert answer.status_code == 303


def test_a_moment_that_has_passed_is_refused_on_the_case(ana: TestClient, maria: Case) -> None:
    answer = ana.post(f"/cases/{maria.id}/snoozing", data={"until": "own", "at": "2020-01-01T10:00"})
    assert answer.status_code == 422
    assert "That moment has passed already." in answer.text


def test_taking_a_case_may_go_on_to_the_next_of_the_same_list(
    ana: TestClient, maria: Case, kenji: Case
) -> None:
    page = ana.get(f"/cases/{maria.id}?from=unassigned").text
    assert "Assign to me and next" in page
    answer = ana.post(
        f"/cases/{maria.id}/assignment", data={"to": "me", "next": "true", "from": "unassigned"}
    )
    assert answer.headers["location"] == f"/cases/{kenji.id}?from=unassigned&done=taken-{maria.id}"
    assert rows(ana.get("/queue?status=mine").text) == [maria.id]
    assert rows(ana.get("/queue?status=unassigned").text) == [kenji.id]
    assert "<title>(1) Mine" in ana.get("/queue?status=mine").text


def test_a_saved_view_has_an_address_and_a_name(ana: TestClient, signed_in: Visitor, maria: Case) -> None:
    ana.post("/views", data={"name": "Spanish <parcels>", "filter": "waiting.es"})
    page = ana.get("/queue?status=waiting&language=es").text
    assert "Spanish &lt;parcels&gt;" in page
    view = re.search(r'href="(/views/\d+)"', page)
    assert view
    assert ana.get(view[1]).headers["location"] == "/queue?status=waiting&language=es"
    assert signed_in("ben").get(view[1]).status_code == 404
    assert ana.post(f"{view[1]}/removal").status_code == 303
    assert "Spanish &lt;parcels&gt;" not in ana.get("/queue").text


def test_beside_a_saved_view_stands_how_many_cases_it_has(
    ana: TestClient, signed_in: Visitor, town: Town, maria: Case, kenji: Case
) -> None:
    for wanted in ("waiting.es", "waiting", "waiting..payment", "mine", "resolved.es.payment"):
        ana.post("/views", data={"name": wanted, "filter": wanted})
    for number in range(views.MOST_COUNTED + 1):
        town.writes(f"9{number}", "¿Dónde está mi pedido?")
    ana.post("/views", data={"name": "of late parcels", "filter": "waiting.es.orders_and_delivery"})
    told = ana.get("/views/counts").json()
    some, all_of_them = {"cases": 22, "more": False}, {"cases": 23, "more": False}
    none = {"cases": 0, "more": False}
    assert [told.get(str(each)) for each in range(1, 6)] == [some, all_of_them, none, none, None]
    assert told["6"] == {"cases": views.MOST_COUNTED, "more": True}
    assert signed_in("ben").get("/views/counts").json() == {}


def test_only_supervisors_share_views(ana: TestClient, sofia: TestClient) -> None:
    told = {"name": "Lost", "filter": "waiting", "shared": "true"}
    assert ana.post("/views", data=told).status_code == 403
    assert sofia.post("/views", data=told).status_code == 303
    assert "Lost" in ana.get("/queue").text


def test_a_page_says_what_will_happen_then_does_it_and_takes_it_back(
    ana: TestClient, maria: Case, kenji: Case
) -> None:
    ana.post(f"/cases/{kenji.id}/resolution")
    page = ana.get(f"/queue/together?act=resolve&case={maria.id}&case={kenji.id}&from=waiting").text
    assert "One case will be resolved." in page
    assert "One case stays as it is" in page
    assert "It is resolved already." in page
    chosen = re.findall(r'name="case" value="([^"]+)"', page)
    done = followed(ana, "/queue/together", {"act": "resolve", "case": chosen, "from": "waiting"})
    assert "One case is resolved." in done
    assert rows(ana.get("/queue").text) == []
    undoing = re.search(r'action="(/queue/together/\d+/undoing)"', done)
    assert undoing
    assert "One case is as it was." in followed(ana, undoing[1])
    assert rows(ana.get("/queue").text) == [maria.id]
    assert ana.post(undoing[1]).status_code == 409


def test_before_resolving_one_reads_what_was_never_answered_or_shows_personal_data(
    ana: TestClient, desk: Desk, cast: Cast, town: Town, maria: Case, kenji: Case
) -> None:
    town.meet("103", "omar", "Omar")
    omar = town.writes("103", "Mi número de teléfono es 612 345 678, llámenme por favor")
    assert omar.exposed
    with desk.database.transaction() as session:
        answered = cases.hold(session, kenji.id or 0)
        answered.first_response_at = clock.now()
    some = f"case={maria.id}&case={kenji.id}"
    page = ana.get(f"/queue/together?act=resolve&{some}&case={omar.id}").text
    assert "2 cases were never answered." in page
    assert "One case shows personal data in public." in page
    page = ana.get(f"/queue/together?act=resolve&{some}").text
    assert "One case was never answered." in page
    assert "personal data in public." not in page
    assert "never answered" not in ana.get(f"/queue/together?act=resolve&case={kenji.id}").text
    assert "never answered" not in ana.get(f"/queue/together?act=assign&{some}").text


@pytest.mark.parametrize("act", ["assign", "tag&tag=vip", "topic&topic=other"])
def test_before_changing_several_one_reads_which_are_resolved_already(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case, act: str
) -> None:
    both = f"act={act}&case={maria.id}&case={kenji.id}"
    told = "One case is resolved already."
    assert told not in ana.get(f"/queue/together?{both}").text
    with desk.database.transaction() as session:
        cases.hold(session, maria.id or 0).resolve(by=cast.ben)
    assert told in ana.get(f"/queue/together?{both}&from=waiting").text
    assert told not in ana.get(f"/queue/together?{both}&from=resolved").text  # that list says so itself


def followed(browser: TestClient, path: str, form: dict[str, object] | None = None) -> str:
    """The page to which a form leads."""
    answer = browser.post(path, data=form)
    assert answer.status_code == 303
    return browser.get(answer.headers["location"]).text


def together_done(browser: TestClient, query: str, act: str, value: str) -> str:
    """The preview looked at and done."""
    page = browser.get(f"/queue/together?act={act}&{query}").text
    chosen = re.findall(r'name="case" value="([^"]+)"', page)
    assert f'name="value" value="{value}"' in page
    return followed(browser, "/queue/together", {"act": act, "case": chosen, "value": value})


def test_a_tag_is_put_on_several_cases_and_taken_off_again(ana: TestClient, maria: Case, kenji: Case) -> None:
    both = f"case={maria.id}&case={kenji.id}"
    ana.post(f"/cases/{kenji.id}/tags", data={"tag": "Press"})
    page = ana.get(f"/queue/together?act=tag&tag=press&{both}").text
    assert "One case will be tagged." in page
    assert "It has that tag already." in page
    done = together_done(ana, f"tag=press&{both}", "tag", "press")
    assert "One case is tagged." in done
    tagged = '<bdi class="tag" lang="">Press</bdi>'
    assert ana.get("/queue").text.count(tagged) == 2
    undoing = re.search(r'action="(/queue/together/\d+/undoing)"', done)
    assert undoing
    assert "One case is as it was." in followed(ana, undoing[1])
    assert ana.get("/queue").text.count(tagged) == 1
    assert "It does not have that tag." in ana.get(f"/queue/together?act=untag&tag=PRESS&{both}").text
    done = together_done(ana, f"tag=PRESS&{both}", "untag", "PRESS")
    assert "One case has lost a tag." in done
    assert tagged not in ana.get("/queue").text
    undoing = re.search(r'action="(/queue/together/\d+/undoing)"', done)
    assert undoing
    ana.post(undoing[1])
    assert ana.get("/queue").text.count(tagged) == 1


def test_what_a_colleague_changed_after_the_preview_is_named(
    ana: TestClient, signed_in: Visitor, maria: Case, kenji: Case
) -> None:
    page = ana.get(f"/queue/together?act=assign&case={maria.id}&case={kenji.id}").text
    chosen = re.findall(r'name="case" value="([^"]+)"', page)
    signed_in("ben").post(f"/cases/{maria.id}/assignment", data={"to": "me"})
    done = ana.post("/queue/together", data={"act": "assign", "case": chosen}).text
    assert "One case is yours." in done
    assert f'<a href="/cases/{maria.id}">Case {maria.id}</a> <strong>It has changed meanwhile.' in done


def test_what_was_done_together_is_told_on_the_list_it_was_done_from(
    ana: TestClient, signed_in: Visitor, maria: Case, kenji: Case
) -> None:
    page = ana.get(f"/queue/together?act=assign&case={maria.id}&from=waiting.es").text
    chosen = re.findall(r'name="case" value="([^"]+)"', page)
    form = {"act": "assign", "case": chosen, "from": "waiting.es"}
    there = ana.post("/queue/together", data=form).headers["location"]
    assert there == "/queue?status=waiting&language=es&done=changed-1"
    assert "One case is yours." in ana.get(there).text
    assert "is yours." not in signed_in("ben").get(there).text
    back = ana.post("/queue/together/1/undoing", data={"from": "waiting.es"}).headers["location"]
    assert back == "/queue?status=waiting&language=es&done=unchanged-1"
    page = ana.get(back).text
    assert "One case is as it was." in page
    assert "/undoing" not in page
    for made_up in ("changed-2", "changed-x", "unchanged-", "changed-9999999999"):
        assert 'id="changed"' not in ana.get(f"/queue?done={made_up}").text


def test_no_change_is_told_as_taken_back_that_was_not(ana: TestClient, maria: Case) -> None:
    page = ana.get(f"/queue/together?act=language&language=fr&case={maria.id}").text
    chosen = re.findall(r'name="case" value="([^"]+)"', page)
    done = followed(ana, "/queue/together", {"act": "language", "case": chosen, "value": "fr"})
    assert "The language of one case is set." in done
    assert 'id="changed"' not in ana.get("/queue?done=unchanged-1").text


@pytest.mark.parametrize(
    "query",
    [
        "act=resolve",
        "act=burn&case=1",
        "act=topic&topic=no&case=1",
        "act=resolve&case=-1",
        "act=tag&tag=%20&case=1",
    ],
)
def test_an_address_that_makes_no_sense_changes_nothing(ana: TestClient, maria: Case, query: str) -> None:
    assert ana.get(f"/queue/together?{query}").status_code == 422


def test_a_customers_page_has_every_case(ana: TestClient, desk: Desk, maria: Case, town: Town) -> None:
    ana.post(f"/cases/{maria.id}/notes", data={"note": "Calls every week"})
    page = ana.get(f"/cases/{maria.id}").text
    assert f'href="/customers/{maria.customer_id}"' in page
    page = ana.get(f"/customers/{maria.customer_id}").text
    assert "María García" in page
    assert f'href="/cases/{maria.id}"' in page
    assert "One internal note" in page
    assert "First contact" in page
    assert ana.get("/customers/999").status_code == 404
    assert ana.get(f"/customers/{maria.customer_id}?after=never").status_code == 422


def test_notes_are_found_in_the_search(ana: TestClient, maria: Case) -> None:
    ana.post(f"/cases/{maria.id}/notes", data={"note": "The hippopotamus crate"})
    assert "Internal note: " in ana.get("/search?q=hippopotamus").text


def test_a_case_with_notes_asks_the_database_eight_times_at_most(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    ana.post(f"/cases/{maria.id}/notes", data={"note": "Thursday"})
    ana.get("/queue")
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    ana.get(f"/cases/{maria.id}")
    kept = "replies.submitted_at IS NOT NULL"  # the number beside Approvals, for a moment
    selects = [each for each in asked if each.startswith("SELECT") and kept not in each]
    assert len(selects) <= 8, selects


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("Rang the carrier.", "Only colleagues can read it."),
        ("@ben rang the carrier.", "Only colleagues can read it."),
        ("@nobodyhere rang the carrier.", "so nobody was called by it."),
        ("@ben and @nobodyhere rang.", "Colleagues who were named are called; another name"),
    ],
)
def test_a_note_says_who_is_called_by_it(ana: TestClient, maria: Case, note: str, told: str) -> None:
    answer = ana.post(f"/cases/{maria.id}/notes", data={"note": note})
    assert told in unescape(ana.get(answer.headers["location"]).text)
