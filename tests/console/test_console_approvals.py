"""Approvals: what waits for a second person is approved, sent back or changed; many at once, if unedited."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from socialdesk import cases, replies
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.desk import Desk, assemble
from socialdesk.messages import Gone, Message
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, drafts
from socialdesk.settings import Settings
from socialdesk.templating import texts
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor

WORDS = "Lo sentimos mucho, lo miramos ahora mismo y te contamos."
PHONE = "612 34 56 78"


@pytest.fixture
def desk(database: Database, make_settings: Callable[..., Settings]) -> Iterator[Desk]:
    """What an agent writes freely in public is for a supervisor, and every direct message for a colleague."""
    free = {"role": "agent", "channel": "public", "words": "free", "needs": "supervisor"}
    private = {"role": "agent", "channel": "private", "needs": "colleague"}
    desk = assemble(make_settings(approvals={"rules": [free, private]}))
    yield desk
    desk.database.close()


def submitted(desk: Desk, case: Case, by: Agent, text: str = WORDS, template: str | None = None) -> Reply:
    with desk.database.transaction() as session:
        held = cases.hold(session, case.id or 0)
        reply = drafts.write(session, held, text=text, by=by, template_id=template)
        library, settings = desk.library, desk.settings
        approvals.submit(session, reply, by=by, library=library, settings=settings)
        return reply


def of_template(desk: Desk, case: Case, template: str, *, edited: Callable[[str], str] = str) -> str:
    with desk.database.reading() as session:
        text = drafts.from_template(
            desk.library,
            template,
            language=case.language,
            visibility=case.visibility,
            customer=session.get_one(Customer, case.customer_id),
        )
    return edited(text)


def drafted(desk: Desk, case: Case, by: Agent, text: str, template: str | None) -> Reply:
    with desk.database.transaction() as session:
        held = cases.hold(session, case.id or 0)
        return drafts.write(session, held, text=text, by=by, template_id=template)


def state(desk: Desk, reply: Reply) -> Reply:
    with desk.database.reading() as session:
        return replies.find(session, reply.id or 0)


def words(page: str) -> str:
    """What the page says, without its marks."""
    main = page.partition("<main")[2] or page
    return " ".join(unescape(re.sub(r"<[^>]*>", "", main.partition(">")[2])).split())


def entries(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li id="entry-(\d+)"', page)]


def choices(page: str) -> list[str]:
    return re.findall(r'<input type="(?:checkbox|hidden)" name="choice" value="([\d.]+)"', page)


def test_nothing_that_waits_is_said_and_not_counted(ana: TestClient) -> None:
    page = ana.get("/approvals").text
    assert "Nothing waits for a second person." in page
    assert re.search(r'aria-current="page">Approvals</a>', page)


def test_every_page_tells_how_many_wait(ana: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    submitted(desk, maria, cast.ana)
    for address in ("/queue", "/replies", f"/cases/{maria.id}"):
        page = ana.get(address).text
        assert '>Approvals <span class="number">1</span><span class="unseen"> waiting</span></a>' in page
    fragment = ana.get("/queue", headers={"X-Fragment": "live"}).text
    assert 'id="main-nav"' in fragment


def test_the_longest_waiting_comes_first(
    sofia: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    second = submitted(desk, kenji, cast.ana, "確認いたしますので、少々お待ちください。")
    first = submitted(desk, maria, cast.ana)
    with desk.database.transaction() as session:
        replies.find(session, first.id or 0).submitted_at = maria.opened_at
    page = sofia.get("/approvals").text
    assert entries(page) == [first.id, second.id]
    assert "2 replies, longest waiting first" in page


def test_an_entry_shows_what_its_author_saw(sofia: TestClient, desk: Desk, cast: Cast, town: Town) -> None:
    town.meet("140", "lola_m", "Lola Martín")
    lola = town.writes("140", f"@NorthwindHelp Mi móvil es {PHONE}, ¿dónde está mi paquete?")
    submitted(desk, lola, cast.ana)
    page = sofia.get("/approvals").text
    said = words(page)
    assert PHONE not in page
    assert "•••• 78" in said
    assert "Public reply by Ana Horvat Written freely" in said
    assert f"{WORDS} ^AH" in said
    assert "13 of 13 checks passed" in said
    assert "Costs $0.01" in said
    assert 'lang="es"' in page


def test_a_long_reply_is_shown_in_its_parts(sofia: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    submitted(desk, maria, cast.ana, "Lo sentimos mucho, de verdad. " * 12)
    said = words(sofia.get("/approvals").text)
    assert "Post 1 of 2" in said
    assert "Post 2 of 2" in said
    assert "Costs $0.025 for 2 posts" in said


def test_an_edited_template_is_told_by_its_changes(
    sofia: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    text = of_template(desk, maria, "please_send_dm", edited=lambda own: f"{own} Un saludo")
    submitted(desk, maria, cast.ana, text, "please_send_dm")
    page = sofia.get("/approvals").text
    assert "Template, edited" in page
    assert '<ins><span class="unseen">[new: </span> Un saludo<span class="unseen">]</span></ins>' in page
    assert 'name="choice"' not in page


def test_the_changes_are_against_the_language_that_was_chosen(
    sofia: TestClient, desk: Desk, cast: Cast, kenji: Case
) -> None:
    with desk.database.reading() as session:
        customer = session.get_one(Customer, kenji.customer_id)
        in_english = drafts.from_template(
            desk.library, "account_locked", language="en", visibility="private", customer=customer
        )
    submitted(desk, kenji, cast.ana, f"{in_english} Thanks", "account_locked")
    page = sofia.get("/approvals").text
    assert "[new: </span> Thanks<" in page
    assert "<del>" not in page


def test_a_supervisor_approves_and_the_next_one_is_in_focus(
    sofia: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    first = submitted(desk, maria, cast.ana)
    second = submitted(desk, kenji, cast.ana, "確認いたしますので、少々お待ちください。")
    answer = sofia.post(f"/approvals/{first.id}/approval", data={"revision": first.revision})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/approvals?done=public-{maria.id}#reply-{second.id}"
    assert (state(desk, first).state, state(desk, first).approved_by_id) == (State.APPROVED, cast.sofia.id)
    page = sofia.get(answer.headers["location"]).text
    assert "Approved: the public reply goes out" in page
    assert entries(page) == [second.id]
    last = sofia.post(f"/approvals/{second.id}/approval", data={"revision": second.revision})
    assert last.headers["location"] == f"/approvals?done=private-{kenji.id}"


def test_ones_own_draft_says_why_it_waits(ana: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    reply = submitted(desk, maria, cast.ana)
    page = ana.get("/approvals").text
    assert "This is yours. A supervisor has to approve this reply." in page
    assert f"/approvals/{reply.id}/approval" not in page
    assert f"/approvals/{reply.id}/return" not in page
    refused = ana.post(f"/approvals/{reply.id}/approval", data={"revision": reply.revision})
    assert refused.status_code == 409
    assert "It waits for that already." in refused.text


def test_a_colleague_who_may_not_approve_reads_who_may(
    signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    submitted(desk, maria, cast.ana)
    said = words(signed_in("ben").get("/approvals").text)
    assert "A supervisor has to approve this reply." in said
    assert "This is yours" not in said


def test_a_reply_is_sent_back_with_a_reason(sofia: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    reply = submitted(desk, maria, cast.ana)
    answer = sofia.post(
        f"/approvals/{reply.id}/return", data={"revision": reply.revision, "why": "Más corto, por favor."}
    )
    assert answer.headers["location"] == f"/approvals?done=sent_back-{maria.id}"
    found = state(desk, reply)
    assert (found.state, found.submitted_at, found.sent_back_why) == (
        State.DRAFT,
        None,
        "Más corto, por favor.",
    )
    assert "Sent back" in sofia.get(answer.headers["location"]).text


def test_without_a_reason_nothing_is_sent_back(
    sofia: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = submitted(desk, maria, cast.ana)
    answer = sofia.post(f"/approvals/{reply.id}/return", data={"revision": reply.revision, "why": " "})
    assert answer.status_code == 422
    assert "Say what is to be changed" in answer.text
    assert state(desk, reply).submitted_at


def test_a_reason_is_kept_when_the_draft_has_changed(
    sofia: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = submitted(desk, maria, cast.ana)
    answer = sofia.post(f"/approvals/{reply.id}/return", data={"revision": 99, "why": "Más corto."})
    assert answer.status_code == 409
    assert re.search(r'<details class="send-back" open>', answer.text)
    assert ">Más corto.</textarea>" in answer.text


def test_what_the_customer_wrote_since_stops_the_approval(
    sofia: TestClient, desk: Desk, cast: Cast, town: Town, maria: Case
) -> None:
    reply = submitted(desk, maria, cast.ana)
    town.writes("101", "Ya llegó, gracias.", minutes_ago=1)
    page = sofia.get("/approvals").text
    assert "The customer has written again" in page
    assert f"/approvals/{reply.id}/approval" not in page
    answer = sofia.post(f"/approvals/{reply.id}/approval", data={"revision": reply.revision})
    assert answer.status_code == 409
    assert state(desk, reply).state == State.DRAFT


def test_a_supervisor_sets_aside_what_only_he_may_and_says_why(
    sofia: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = submitted(desk, maria, cast.ana, f"Llámanos mañana al +34 {PHONE}, por favor, lo miramos.")
    page = sofia.get("/approvals").text
    assert 'name="override" value="personal_data" required' in page
    assert 'name="reason" required' in page
    bare = sofia.post(f"/approvals/{reply.id}/approval", data={"revision": reply.revision})
    assert bare.status_code == 422
    told = {"revision": reply.revision, "override": "personal_data", "reason": "Our own number."}
    assert sofia.post(f"/approvals/{reply.id}/approval", data=told).status_code == 303
    assert state(desk, reply).state == State.APPROVED


def test_many_are_previewed_then_approved_each_with_its_outcome(
    sofia: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    one = of_template(desk, maria, "please_send_dm")
    two = of_template(desk, kenji, "account_locked")
    first = submitted(desk, maria, cast.ana, one, "please_send_dm")
    second = submitted(desk, kenji, cast.ana, two, "account_locked")
    page = sofia.get("/approvals").text
    assert choices(page) == [f"{each.id}.{each.revision}" for each in (first, second)]

    preview = sofia.get("/approvals/preview", params={"choice": choices(page)}).text
    assert "Approve 2 replies at once?" in preview
    assert "1 in public, 1 as direct messages; $0.025 together" in preview
    assert state(desk, first).state == State.DRAFT

    drafted(desk, maria, cast.ana, f"{one} Un saludo", "please_send_dm")
    after = words(sofia.post("/approvals/many", data={"choice": choices(preview)}).text)
    assert "1 of 2 replies done" in after
    assert "Not approved: " in after
    assert "Approved: the direct message goes out now." in after
    assert (state(desk, first).state, state(desk, second).state) == (State.DRAFT, State.APPROVED)


def test_the_preview_says_what_would_stay_and_why(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    free = drafted(desk, maria, cast.ana, WORDS, None)
    two = of_template(desk, kenji, "account_locked")
    private = drafted(desk, kenji, cast.ana, two, "account_locked")
    chosen = [f"{each.id}.{each.revision}" for each in (free, private)]
    page = ana.get("/approvals/preview", params={"choice": chosen}).text
    said = words(page)
    assert "Approve this reply?" in said
    assert "Stays as it is. Not a template's own words any more" in said
    assert "Begins to wait for a second person: A colleague has to approve this reply." in said
    assert choices(page) == [chosen[1]]
    assert "Waits for a second person now." in ana.post("/approvals/many", data={"choice": chosen[1:]}).text
    again = words(ana.get("/approvals/preview", params={"choice": chosen[1:]}).text)
    assert "It waits for that already." in again


@pytest.mark.parametrize("choice", ["1", "x.1", "1.1.1", "0.1", "9999999999.1"])
def test_a_choice_that_makes_no_sense_is_refused(ana: TestClient, choice: str) -> None:
    assert ana.get("/approvals/preview", params={"choice": choice}).status_code == 422
    assert ana.post("/approvals/many", data={"choice": choice}).status_code == 422


def test_nothing_chosen_and_nothing_there_are_told(ana: TestClient) -> None:
    assert "Nothing was chosen." in ana.get("/approvals/preview").text
    assert "Nothing was chosen." in ana.get("/approvals/preview?choice=77.1").text
    assert "There is no reply 77." in ana.post("/approvals/many", data={"choice": "77.1"}).text


def test_the_queue_offers_templates_own_words_to_be_approved_together(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    text = of_template(desk, maria, "please_send_dm")
    reply = drafted(desk, maria, cast.ben, text, "please_send_dm")
    drafted(desk, kenji, cast.ben, "確認いたします。", None)
    wanted = {"act": "approve", "case": [maria.id, kenji.id], "from": "waiting.es"}
    page = ana.get(ana.get("/queue/together", params=wanted).headers["location"])
    assert choices(page.text) == [f"{reply.id}.{reply.revision}"]
    assert ana.get("/queue/together", params=wanted | {"case": kenji.id}).status_code == 422
    preview = page.text
    assert "Goes out in public." in preview
    assert 'href="/queue?status=waiting&amp;language=es"' in preview
    after = ana.post("/approvals/many", data={"choice": choices(preview), "from": "waiting.es"}).text
    assert "Approved: the public reply goes out now." in after
    assert "Back to the queue" in after
    assert state(desk, reply).state == State.APPROVED


def asked_by(desk: Desk, client: TestClient, address: str) -> list[str]:
    """The statements of a page of which nothing is kept from an earlier one."""
    app: Any = client.app
    app.state.colleagues.forget()
    app.state.health.forget()
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert client.get(address).status_code == 200
    return [each for each in asked if each.startswith("SELECT")]


def test_thirty_replies_are_looked_at_in_as_few_statements_as_one(
    sofia: TestClient, desk: Desk, cast: Cast, town: Town, maria: Case
) -> None:
    text = "Lo sentimos, @maria: escríbele a @otraempresa."
    submitted(desk, maria, cast.ana, text)
    alone = asked_by(desk, sofia, "/approvals")
    for number in range(30):
        case = town.writes(str(700 + number), "Mi paquete no ha llegado todavía, ¿dónde está?")
        template = "please_send_dm" if number % 2 else None
        submitted(desk, case, cast.ana, of_template(desk, case, template) if template else text, template)
    many = asked_by(desk, sofia, "/approvals")
    assert len(alone) <= 8, alone
    assert len(many) <= 8, many
    assert len(entries(sofia.get("/approvals").text)) == 25


def test_only_who_takes_part_may_be_called_however_many_are_looked_at(
    sofia: TestClient, desk: Desk, cast: Cast, town: Town, maria: Case, kenji: Case
) -> None:
    town.meet("103", "Lola_M", "Lola")
    town.writes("103", "A mí tampoco me ha llegado nada, ¿qué pasa?", conversation="conversation-of-101")
    town.meet("104", "pedro", "Pedro")
    pedro = town.writes("104", "Mi paquete no ha llegado todavía, ¿dónde está?")
    for case in (maria, pedro):
        submitted(desk, case, cast.ana, "Lo sentimos, @lola_m: lo miramos y os contamos.")
    said = sofia.get("/approvals").text
    of_maria, of_pedro = said.split('<li id="entry-')[1:]
    assert "would be called into the conversation" not in of_maria
    assert "@lola_m would be called into the conversation" in unescape(re.sub(r"<[^>]*>", "", of_pedro))


def test_choosing_costs_the_queue_two_statements_and_only_where_there_are_drafts(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def statements() -> int:
        asked.clear()
        ana.get("/queue")
        return len([each for each in asked if each.startswith("SELECT")])

    ana.get("/queue")
    before = statements()
    drafted(desk, maria, cast.ana, of_template(desk, maria, "please_send_dm"), "please_send_dm")
    drafted(desk, kenji, cast.ana, of_template(desk, kenji, "account_locked"), "account_locked")
    assert statements() - before <= 2 + 1  # and what is kept for a moment may be read in one of them


def test_what_was_shown_before_is_not_shown_again_when_it_has_changed(
    sofia: TestClient, desk: Desk, cast: Cast, town: Town, maria: Case
) -> None:
    text = of_template(desk, maria, "please_send_dm")
    first = submitted(desk, maria, cast.ana, text, "please_send_dm")
    shown = [words(sofia.get("/approvals").text) for _ in range(2)]
    assert shown[0] == shown[1]
    assert "@maria María García" in shown[0]
    assert "The template's own words" in shown[0]
    assert "13 of 13 checks passed" in shown[0]

    town.meet("101", "maria_g", "María G.")
    with desk.database.transaction() as session:
        session.get_one(Message, first.answers_id).text = "Ya no me hace falta, gracias."
        session.get_one(Agent, cast.ana.id).name = "Ana Kovač"
    renamed = words(sofia.get("/approvals").text)
    assert "@maria_g María G." in renamed
    assert "@maria " not in renamed
    assert "Ya no me hace falta" in renamed
    assert "^AK" in renamed

    with desk.database.transaction() as session:
        session.get_one(Message, first.answers_id).gone = Gone.DELETED
    gone = sofia.get("/approvals").text
    assert "Ya no me hace falta" not in gone
    assert "It can't be answered in public any more" in words(gone)
    assert f"/approvals/{first.id}/approval" not in gone
    with desk.database.transaction() as session:
        session.get_one(Message, first.answers_id).gone = None
    assert f"/approvals/{first.id}/approval" in sofia.get("/approvals").text

    submitted(desk, maria, cast.ana, f"{text} Un saludo", "please_send_dm")
    edited = words(sofia.get("/approvals").text)
    assert "Template, edited" in edited
    assert "The template's own words" not in edited
    town.writes("101", "Ya llegó, gracias.", minutes_ago=1)
    assert "The customer has written again" in words(sofia.get("/approvals").text)


def test_everybody_reads_the_same_entry_in_his_own_language_and_place(
    signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    submitted(desk, maria, cast.ana, f"Llámanos mañana al +34 {PHONE}, por favor, lo miramos.")
    ana, ben, sofia = (signed_in(each) for each in ("ana", "ben", "sofia"))
    assert "This is yours." in words(ana.get("/approvals").text)
    assert "This is yours." not in words(ben.get("/approvals").text)
    assert 'name="override"' in sofia.get("/approvals").text
    in_german = ben.get("/approvals", headers={"Accept-Language": "de"}).text
    assert 'lang="de"' in in_german
    assert "Everybody would read" not in in_german
    assert "Public reply" not in in_german
    assert "Everybody would read" in ana.get("/approvals").text


def test_words_of_the_desk_that_are_edited_are_the_templates_own_at_once(
    sofia: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    text = of_template(desk, maria, "please_send_dm")
    submitted(desk, maria, cast.ana, text, "please_send_dm")
    assert "The template's own words" in words(sofia.get("/approvals").text)
    with desk.database.transaction() as session:
        key = desk.library.key("please_send_dm", "es", "public")
        now = desk.library.sources[key].replace("Queremos", "Querríamos")
        assert now != desk.library.sources[key]
        texts.save(session, desk.shelf, key, now, seen=0, by=cast.sofia)
    after = words(sofia.get("/approvals").text)
    assert "Template, edited" in after
    assert "[gone: Querríamos][new: Queremos]" in after


def test_somebody_who_is_not_signed_in_learns_nothing(visitor: Callable[[], TestClient]) -> None:
    browser = visitor()
    for address in ("/approvals", "/approvals/preview?choice=1.1"):
        assert browser.get(address).headers["location"].startswith("/sign-in")
    assert browser.post("/approvals/1/approval", data={"revision": 1}).status_code == 303
