"""What the composer shows before anything is approved: parts, price, objections and a proposal."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import cases, clock, fitting, replies
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.errors import Remedy
from socialdesk.placing import merging
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, drafts, jottings, outbox
from socialdesk.settings import ApprovalRule, Approvals
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.console.forms import composer
from tests.stories import arrive, post

LONG = "Lo sentimos mucho y lo estamos mirando ahora mismo con el equipo de envíos. " * 5
PHONE = "+34 612 345 678"


def written(desk: Desk) -> list[Reply]:
    with desk.database.reading() as session:
        return list(session.exec(select(Reply).order_by(Reply.id)).all())  # type: ignore[arg-type]


def region(page: str, name: str, end: str = "</div>") -> str:
    """What stands in the page from that id on."""
    start = page.index(f'id="{name}"')
    return unescape(page[start : page.index(end, start)])


def posts(page: str) -> list[str]:
    """The parts that the composer shows, in order, without the marks around handles."""
    shown = re.findall(r'<p class="text" dir="auto">(.*?)</p>', region(page, "preview"), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", each) for each in shown]


def set_rules(desk: Desk, *rules: ApprovalRule) -> None:
    changed = desk.settings.model_copy(update={"approvals": Approvals(rules=rules)})
    object.__setattr__(desk, "settings", changed)


def typed(agent: TestClient, case: Case, text: str, visibility: str = "public") -> str:
    """What the composer shows while that is typed."""
    answer = agent.post("/fit", json={"case": case.id, "text": text, "as": visibility})
    assert answer.status_code == 200
    return answer.text


def test_the_parts_are_shown_as_they_will_be_posted(ana: TestClient, desk: Desk, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": LONG}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    page = ana.get(f"/cases/{maria.id}").text
    expected = fitting.fit(LONG.strip(), sign_off="^AH").parts
    assert len(expected) == 2
    assert posts(page) == expected
    assert "<strong>2 posts</strong>" in region(page, "figures")
    assert "Costs $0.025" in region(page, "figures")

    ana.post(f"/cases/{maria.id}/replies", data=composer(ana.get(f"/cases/{maria.id}")) | {"approve": "true"})
    thread = ana.get(f"/cases/{maria.id}").text
    assert "Part 1 of 2 not sent yet" in thread
    assert expected[1] in thread


def test_what_is_typed_is_shown_as_the_saved_draft_will_be(ana: TestClient, maria: Case) -> None:
    live = typed(ana, maria, LONG)
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": LONG}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    saved = ana.get(f"/cases/{maria.id}").text
    assert region(live, "figures", "</p>") == region(saved, "figures", "</p>")
    assert posts(live) == posts(saved)


def test_lengths_and_prices_are_those_of_x(ana: TestClient, maria: Case, kenji: Case) -> None:
    page = typed(ana, maria, "注文 https://example.com/a/long/path")
    assert '<output id="length">32</output> of <span id="limit">280</span>' in page
    assert "Costs $0.20" in page
    private = typed(ana, kenji, "x" * 300, "private")
    assert '<output id="length">300</output> of <span id="limit">10,000</span>' in private
    assert "Costs $0.015" in private
    assert posts(private) == []


def test_a_colleagues_unchanged_draft_keeps_his_sign_off(signed_in: Visitor, desk: Desk, maria: Case) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    ben.post(f"/cases/{maria.id}/replies", data=composer(ben.get(f"/cases/{maria.id}")) | {"text": "Hola."})
    assert posts(ana.get(f"/cases/{maria.id}").text) == ["Hola. ^BO"]
    assert posts(typed(ana, maria, "Hola.")) == ["Hola. ^BO"]
    assert posts(typed(ana, maria, "Hola, María.")) == ["Hola, María. ^AH"]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (f"Llámenos al {PHONE}", 'name="move" value="private"'),
        (f"Llámenos al {PHONE}", 'name="ask" value="true"'),
        ("Llega el ⟦delivery date⟧", 'href="#text"'),
        ("Mire https://example.com", 'name="confirm" value="link"'),
        ("x" * 2000, 'name="move" value="private"'),
        ("We are very sorry, and we are looking into this right now.", 'name="confirm" value="language"'),
    ],
)
def test_an_objection_comes_with_what_helps(ana: TestClient, maria: Case, text: str, remedy: str) -> None:
    assert remedy in region(typed(ana, maria, text), "against", "</ul>")


def test_only_who_may_set_an_objection_aside_is_offered_it(
    signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    text = f"Llámenos al {PHONE}"
    hers, supervisors = typed(signed_in("ana"), maria, text), typed(signed_in("sofia"), maria, text)
    assert 'name="override"' not in hers
    assert 'name="reason"' not in hers
    assert 'name="override" value="personal_data"' in supervisors
    assert 'name="reason"' in supervisors
    assert 'name="ask"' not in supervisors


def test_a_supervisor_says_why_and_loses_no_word_when_she_forgets(
    sofia: TestClient, desk: Desk, maria: Case
) -> None:
    text = f"Llámenos al {PHONE}"
    form = composer(sofia.get(f"/cases/{maria.id}")) | {"text": text, "approve": "true"}
    ticked = form | {"override": ["personal_data"]}
    refused = sofia.post(f"/cases/{maria.id}/replies", data=ticked)
    assert refused.status_code == 422
    assert "Say why" in refused.text
    again = composer(refused)
    assert (again["text"], again["override"]) == (text, "personal_data")
    answer = sofia.post(
        f"/cases/{maria.id}/replies", data=again | {"approve": "true", "reason": "She asked for it."}
    )
    assert answer.status_code == 303
    assert "She asked for it." in sofia.get(f"/cases/{maria.id}").text


def test_one_press_confirms_and_approves(ana: TestClient, desk: Desk, maria: Case) -> None:
    words = "We are very sorry, and we are looking into this right now."
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": words, "confirm": "language"}
    assert ana.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    assert [reply.state for reply in written(desk)] == [State.APPROVED]


def test_one_press_moves_the_words_to_a_direct_message(ana: TestClient, desk: Desk, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": f"Llámenos al {PHONE}", "move": "private"}
    answer = ana.post(f"/cases/{maria.id}/replies", data=form, follow_redirects=True)
    (draft,) = written(desk)
    assert (draft.state, draft.visibility, draft.text) == (State.DRAFT, "private", f"Llámenos al {PHONE}")
    assert composer(answer)["as"] == "private"
    assert "Nothing has gone out yet." in answer.text


def test_an_agent_asks_a_supervisor_and_everybody_sees_that_it_waits(
    signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    ana, sofia = signed_in("ana"), signed_in("sofia")
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": f"Llámenos al {PHONE}", "ask": "true"}
    assert ana.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    (draft,) = written(desk)
    assert draft.submitted_at is not None
    page = sofia.get(f"/cases/{maria.id}").text
    assert "Waits for a second person since" in page
    assert "<bdi>Ana Horvat</bdi> asked for one" in page


def test_what_was_sent_back_says_by_whom_and_why(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    set_rules(desk, ApprovalRule(needs="supervisor"))
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo sentimos mucho.", "approve": "true"}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    with desk.database.transaction() as session:
        (reply,) = session.exec(select(Reply)).all()
        approvals.send_back(session, reply, by=cast.sofia, why="Say when it will come.")
    page = ana.get(f"/cases/{maria.id}").text
    assert "Sent back by <bdi>Sofia Lindgren</bdi>" in page
    assert "Say when it will come." in page


def test_a_reply_that_needs_a_second_person_says_so_before_it_is_pressed(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    set_rules(desk, ApprovalRule(needs="supervisor"))
    assert "A supervisor has to approve this reply." in typed(ana, maria, "Lo sentimos mucho.")


def test_a_waiting_case_comes_with_a_proposal_that_one_press_takes(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    page = ana.get(f"/cases/{maria.id}").text
    proposal = page[page.index('class="proposal for-public"') :]
    assert "The case is about: Orders and delivery" in proposal
    address = re.search(r'href="([^"#]+)#approve" data-key="y"', proposal)
    assert address
    taken = ana.get(unescape(address[1]))
    assert composer(taken)["text"]
    assert "proposal for-" not in taken.text
    ana.post(f"/cases/{maria.id}/replies", data=composer(taken) | {"approve": "true"})
    assert [reply.state for reply in written(desk)] == [State.APPROVED]


def test_templates_are_a_list_that_opens_without_scripts(ana: TestClient, maria: Case) -> None:
    page = ana.get(f"/cases/{maria.id}").text
    assert '<details class="picker">' in page
    assert len(re.findall(r'<a class="template"', page)) > 20


def test_a_stale_draft_shows_what_is_new_until_it_is_renewed(
    signed_in: Visitor, desk: Desk, town: Town, maria: Case
) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Ya está en camino."}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    town.writes("101", "Olvídenlo, ya llegó el paquete", minutes_ago=1)
    page = ben.get(f"/cases/{maria.id}")
    assert "Olvídenlo" in region(page.text, "news", "</ul>")
    refused = ben.post(f"/cases/{maria.id}/replies", data=composer(page) | {"approve": "true"})
    assert refused.status_code == 409
    renewed = ben.post(f"/cases/{maria.id}/replies", data=composer(page) | {"renew": "true"})
    assert renewed.headers["location"].endswith("#composer")
    again = composer(ben.get(f"/cases/{maria.id}")) | {"approve": "true"}
    assert ben.post(f"/cases/{maria.id}/replies", data=again).status_code == 303


def test_an_edited_post_is_read_again_before_its_answer_goes(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    ana.post(f"/cases/{maria.id}/replies", data=composer(ana.get(f"/cases/{maria.id}")) | {"text": "Hola."})
    with desk.database.reading() as session:
        (draft,) = session.exec(select(Reply)).all()
        was = draft.seen_x_id or ""
    later = str(int(was) + 5)
    edited = post("101", "Ya llegó, gracias", x_id=later, conversation="conversation-of-101")
    arrive(desk, replace(edited, versions=(was, later)))
    page = ana.get(f"/cases/{maria.id}")
    assert 'data-guard="edited"' in page.text
    form = composer(page)
    assert ana.post(f"/cases/{maria.id}/replies", data=form | {"approve": "true"}).status_code == 422
    assert ana.post(f"/cases/{maria.id}/replies", data=form | {"confirm": "edited"}).status_code == 303


def test_taking_back_what_was_about_to_leave_brings_its_words_back(
    ana: TestClient, desk: Desk, maria: Case, kenji: Case
) -> None:
    form = composer(ana.get(f"/cases/{maria.id}?from=waiting")) | {"text": "Lo miramos.", "approve": "true"}
    following = ana.post(f"/cases/{maria.id}/replies", data=form).headers["location"]
    assert following.startswith(f"/cases/{kenji.id}")
    (reply,) = written(desk)
    told = ana.get(following).text
    assert f'action="/replies/{reply.id}/cancellation"' in region(told, "flash")
    assert 'data-key="u"' in region(told, "flash")
    back = ana.post(f"/replies/{reply.id}/cancellation").headers["location"]
    assert composer(ana.get(back))["text"] == "Lo miramos."


def test_an_approved_reply_counts_down_while_it_can_be_taken_back(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    slow = desk.settings.sending.model_copy(update={"undo_seconds": 30.0})
    object.__setattr__(desk, "settings", desk.settings.model_copy(update={"sending": slow}))
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo miramos.", "approve": "true"}
    page = ana.post(f"/cases/{maria.id}/replies", data=form, follow_redirects=True).text
    assert re.search(r"goes out <span[^>]*><time[^>]*data-until>in \d\d s</time>", region(page, "flash"))
    assert re.search(r"Goes out at <time[^>]*>[^<]+</time>, <time[^>]*>in \d\d s</time>", page)


def held(desk: Desk, cast: Cast, case: Case, remedy: Remedy, text: str = "Lo sentimos.") -> Reply:
    with desk.database.transaction() as session:
        reply = drafts.write(session, cases.hold(session, case.id or 0), text=text, by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
        outgoing = outbox.claim(session, case.account_id)
        assert outgoing
        outbox.held(session, outgoing, why="X said no.", remedy=remedy)
        return reply


@pytest.mark.parametrize(
    ("remedy", "button"),
    [
        (Remedy.DM, r'<a class="button best" href="[^"]*as=private'),
        (Remedy.EDIT, r'<a class="button best" href="[^"]*again='),
        (Remedy.OPEN_ON_X, r'<a class="button best" href="https://x\.com/maria/status/'),
        (Remedy.RETRY, r'<button class="best">Send again'),
    ],
)
def test_what_was_refused_offers_first_what_helps(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, remedy: Remedy, button: str
) -> None:
    held(desk, cast, maria, remedy)
    assert re.search(button, ana.get(f"/cases/{maria.id}").text)


def test_a_held_reply_is_sent_again_as_it_is(ana: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    reply = held(desk, cast, maria, Remedy.RETRY)
    seen = composer(ana.get(f"/cases/{maria.id}"))["newest"]
    assert ana.post(f"/replies/{reply.id}/retry", data={"seen": seen}).status_code == 303
    assert [each.state for each in written(desk)] == [State.APPROVED]
    assert ana.post(f"/replies/{reply.id}/retry", data={"seen": seen}).status_code == 409


def test_of_a_reply_that_left_in_part_only_the_rest_is_written_anew(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    expected = fitting.fit(LONG.strip(), sign_off="^AH").parts
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": LONG, "approve": "true"}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    with desk.database.transaction() as session:
        first = outbox.claim(session, maria.account_id)
        assert first
        outbox.sent(session, first, x_id="1999000000000000001", at=clock.now())
    with desk.database.transaction() as session:
        second = outbox.claim(session, maria.account_id)
        assert second
        outbox.held(session, second, why="X said no.", remedy=Remedy.RETRY)
    page = ana.get(f"/cases/{maria.id}").text
    assert "Part 1 of 2 is on X." in page
    assert "Part 1 of 2 sent" in page
    (reply,) = written(desk)
    again = composer(ana.get(f"/cases/{maria.id}?again={reply.id}"))["text"]
    assert again == expected[1].removesuffix(" (2/2)").removesuffix(" ^AH")


def test_every_part_of_a_thread_has_its_author(ana: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": LONG, "approve": "true"}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    for x_id in ("1999000000000000001", "1999000000000000002"):
        with desk.database.transaction() as session:
            part = outbox.claim(session, maria.account_id)
            assert part
            outbox.sent(session, part, x_id=x_id, at=clock.now())
    page = ana.get(f"/cases/{maria.id}").text
    assert "not from this desk" not in page
    assert page.count("(2/2)") == 1


def test_a_customer_who_wants_to_hear_nothing_more_is_noted_on_top(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    answer = ana.post(f"/cases/{maria.id}/opting-out", follow_redirects=True)
    assert "Wants to hear nothing more, " in region(answer.text, "case-head", "</header>")
    assert f'action="/cases/{maria.id}/opting-in"' in region(answer.text, "flash")
    assert ana.post(f"/cases/{maria.id}/opting-out").status_code == 409
    assert "has asked to hear nothing more" in typed(ana, maria, "Lo sentimos mucho.")
    assert ana.post(f"/cases/{maria.id}/opting-in").status_code == 303
    assert "Wants to hear nothing more, " not in ana.get(f"/cases/{maria.id}").text


@pytest.mark.parametrize("case", [0, 999, 2**31])
def test_the_counter_knows_only_cases_there_are(ana: TestClient, case: int) -> None:
    answer = ana.post("/fit", json={"case": case, "text": "x", "as": "public"})
    assert answer.status_code in (404, 422)


def kept(agent: TestClient, case: Case, text: str, **more: str) -> dict[str, str | int]:
    """What the desk answers when that is in the composer for a moment."""
    form = composer(agent.get(f"/cases/{case.id}")) | {"text": text, "keep": "true"} | more
    answer = agent.post(f"/cases/{case.id}/replies", data=form)
    assert answer.status_code == 200
    return dict(answer.json())


def test_what_is_typed_is_kept_for_its_author_alone(signed_in: Visitor, desk: Desk, maria: Case) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    assert kept(ana, maria, "Lo miramos") == {"kept": 1, "kept_as": "public"}
    assert kept(ana, maria, "Lo miramos ahora") == {"kept": 2, "kept_as": "public"}
    elsewhere = signed_in("ana").get(f"/cases/{maria.id}")
    assert composer(elsewhere)["text"] == "Lo miramos ahora"
    assert composer(ben.get(f"/cases/{maria.id}"))["text"] == ""
    assert written(desk) == []
    with desk.database.reading() as session:
        assert [each.username for each in drafts.writing(session, maria.id or 0)] == ["ana"]


def test_words_that_move_to_the_other_door_are_kept_there(ana: TestClient, maria: Case) -> None:
    kept(ana, maria, "Lo miramos")
    assert kept(ana, maria, "Lo miramos", **{"as": "private"})["kept_as"] == "private"
    form = composer(ana.get(f"/cases/{maria.id}"))
    assert (form["as"], form["text"]) == ("private", "Lo miramos")
    assert composer(ana.get(f"/cases/{maria.id}?as=public"))["text"] == ""


@pytest.mark.parametrize("press", [{}, {"approve": "true"}])
def test_words_that_were_saved_or_sent_are_kept_no_more(
    ana: TestClient, maria: Case, press: dict[str, str]
) -> None:
    kept(ana, maria, "Lo miramos ahora.")
    form = composer(ana.get(f"/cases/{maria.id}"))
    assert ana.post(f"/cases/{maria.id}/replies", data=form | press).status_code == 303
    page = composer(ana.get(f"/cases/{maria.id}"))
    assert (page["kept"], page["text"]) == ("0", "" if press else "Lo miramos ahora.")


def test_two_windows_with_different_words_lose_neither(ana: TestClient, maria: Case) -> None:
    here = composer(ana.get(f"/cases/{maria.id}")) | {"keep": "true", "page": "here"}
    there = here | {"page": "there"}
    address = f"/cases/{maria.id}/replies"
    assert ana.post(address, data=here | {"text": "Lo miramos"}).json()["kept"] == 1
    conflict = ana.post(address, data=there | {"text": "Ya llegó"})
    assert conflict.status_code == 409
    assert conflict.json() == {"kept": 1, "kept_as": "public", "text": "Lo miramos", "template": ""}
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == "Lo miramos"
    assert ana.post(address, data=there | {"text": "Ya llegó", "kept": "1"}).status_code == 200


def test_a_window_that_missed_an_answer_has_no_quarrel_with_itself(ana: TestClient, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"keep": "true", "page": "here"}
    for text in ("Lo", "Lo miramos"):
        assert ana.post(f"/cases/{maria.id}/replies", data=form | {"text": text}).status_code == 200


def test_kept_words_are_discarded_with_one_press(ana: TestClient, maria: Case) -> None:
    kept(ana, maria, "Lo miramos")
    page = ana.get(f"/cases/{maria.id}")
    assert 'name="forget"' in page.text
    ana.post(f"/cases/{maria.id}/replies", data=composer(page) | {"forget": "true"})
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == ""


@pytest.mark.parametrize("press", [{"forget": "true"}, {"save": "true"}], ids=["discarded", "saved"])
def test_words_that_came_once_more_after_the_page_was_made_are_gone_too(
    ana: TestClient, maria: Case, press: dict[str, str]
) -> None:
    """As a page sends them while it is left, behind those that it had on their way."""
    form = composer(ana.get(f"/cases/{maria.id}")) | {"keep": "true", "page": "here", "text": "Lo miramos"}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    page = composer(ana.get(f"/cases/{maria.id}"))
    ana.post(f"/cases/{maria.id}/replies", data=form)
    ana.post(f"/cases/{maria.id}/replies", data=page | press)
    form = composer(ana.get(f"/cases/{maria.id}"))
    assert (form["kept"], form["text"]) == ("0", "Lo miramos" if "save" in press else "")


def test_words_taken_back_are_there_on_another_machine_too(
    signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    ana = signed_in("ana")
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo miramos.", "approve": "true"}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    (reply,) = written(desk)
    ana.post(f"/replies/{reply.id}/cancellation")
    assert composer(signed_in("ana").get(f"/cases/{maria.id}"))["text"] == "Lo miramos."


def test_what_was_read_stays_read_after_a_reload(ana: TestClient, town: Town, maria: Case) -> None:
    ana.post(f"/cases/{maria.id}/replies", data=composer(ana.get(f"/cases/{maria.id}")) | {"text": "Hola."})
    town.writes("101", "Olvídenlo, ya llegó el paquete", minutes_ago=1)
    assert "Olvídenlo" in region(ana.get(f"/cases/{maria.id}").text, "news", "</ul>")
    kept(ana, maria, "Hola.", renew="true")
    page = ana.get(f"/cases/{maria.id}")
    assert 'role="status" hidden' in page.text[page.text.index('id="news"') :][:60]
    assert (
        ana.post(f"/cases/{maria.id}/replies", data=composer(page) | {"approve": "true"}).status_code == 303
    )


def test_without_scripts_a_template_does_not_cost_what_was_typed(ana: TestClient, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Mis palabras", "take": "true"}
    answer = ana.post(f"/cases/{maria.id}/replies", data=form | {"pick": "public.please_send_dm"})
    page = ana.get(answer.headers["location"])
    assert composer(page)["template"] == "please_send_dm"
    assert "Mis palabras" in page.text
    assert composer(ana.get(f"/cases/{maria.id}?as=public"))["text"] == "Mis palabras"


TWO = f"@otra_persona https://example.com {PHONE}"


def test_what_has_to_be_mended_is_first_and_nothing_is_confirmed_beside_it(
    ana: TestClient, maria: Case
) -> None:
    against = region(typed(ana, maria, "Mire https://example.com el ⟦delivery date⟧"), "against", "</ul>")
    assert re.findall(r'data-guard="(\w+)" class="(\w+)"', against) == [
        ("unfilled", "blocks"),
        ("link", "confirm"),
    ]
    assert "Has to be mended first:" in against
    assert 'name="confirm"' not in against
    assert 'name="override"' not in against


def test_a_supervisor_has_one_control_for_each_objection(sofia: TestClient, maria: Case) -> None:
    against = region(typed(sofia, maria, TWO), "against", "</ul>")
    for kind in ("mention", "link", "personal_data"):
        assert against.count(f'value="{kind}"') == 1
    assert 'name="ask"' not in against


def test_a_supervisor_may_be_asked_though_nothing_is_ticked(ana: TestClient, desk: Desk, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": TWO, "ask": "true"}
    assert ana.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    (draft,) = written(desk)
    assert draft.submitted_at
    assert "let a reply go" not in ana.get(f"/cases/{maria.id}").text


def test_what_nobody_sees_is_taken_out_with_one_press(ana: TestClient, desk: Desk, maria: Case) -> None:
    text = "Lo sentimos\u202e mucho"
    against = region(typed(ana, maria, text), "against", "</ul>")
    assert "U+202E" in against
    assert 'name="strip"' in against
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": text}
    assert ana.post(f"/cases/{maria.id}/replies", data=form | {"approve": "true"}).status_code == 422
    ana.post(f"/cases/{maria.id}/replies", data=form | {"strip": "true"})
    assert [reply.text for reply in written(desk)] == ["Lo sentimos mucho"]


def test_personal_data_are_taken_out_with_one_press(ana: TestClient, desk: Desk, maria: Case) -> None:
    text = "Escríbenos a ayuda@northwind.example, o llama al +34 612 345 678 hoy."
    against = region(typed(ana, maria, text), "against", "</ul>")
    assert 'name="unsay"' in against
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": text}
    kept = ana.post(f"/cases/{maria.id}/replies", data=form | {"unsay": "true"})
    assert "done=unsaid" in kept.headers["location"]
    (draft,) = written(desk)
    assert draft.text == "Escríbenos a, o llama al hoy."
    assert draft.state == State.DRAFT
    assert 'name="unsay"' not in region(ana.get(f"/cases/{maria.id}").text, "fit", 'class="acts"')


def test_the_wrong_language_may_be_the_case_s(ana: TestClient, maria: Case) -> None:
    against = region(
        typed(ana, maria, "We are very sorry that your parcel has not arrived yet."), "against", "</ul>"
    )
    assert 'popovertarget="languages"' in against
    assert 'id="languages"' in ana.get(f"/cases/{maria.id}").text


def test_the_way_to_a_direct_message_is_offered_once(ana: TestClient, maria: Case) -> None:
    against = region(
        typed(ana, maria, "Llama al +34 612 345 678 o mira https://t.co/abc"), "against", "</ul>"
    )
    assert against.count("<li") > 1
    assert against.count('name="move"') == 1


def test_the_toast_knows_the_pace_of_the_settings(
    ana: TestClient, desk: Desk, maria: Case, town: Town
) -> None:
    slow = desk.settings.sending.model_copy(update={"every_seconds": 1800.0})
    object.__setattr__(desk, "settings", desk.settings.model_copy(update={"sending": slow}))
    town.meet("142", "lola", "Lola")
    lola = town.writes("142", "¿Dónde está mi pedido? Lo espero desde ayer", minutes_ago=5)
    for case in (maria, lola):
        form = composer(ana.get(f"/cases/{case.id}")) | {"text": "Lo miramos ahora.", "approve": "true"}
        page = ana.post(f"/cases/{case.id}/replies", data=form, follow_redirects=True).text
    assert "goes out at" in region(page, "flash")


def test_unsaved_words_go_where_the_message_goes_that_they_answer(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    arrive(desk, post("101", "Otra cosa: necesito una factura.", minutes=-5))
    with desk.database.reading() as session:
        (other,) = merging.candidates(session, maria)
    kept(ana, maria, "Lo miramos", page="here")
    kept(ana, other, "Se la mandamos", page="there")
    with desk.database.transaction() as session:
        merging.merge(session, maria.id or 0, other.id or 0, by=cast.ben)
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == "Lo miramos\n\nSe la mandamos"

    with desk.database.transaction() as session:
        jottings.forget(session, maria.id or 0, by=cast.ana)
    kept(ana, maria, "Ya está la factura")
    with desk.database.transaction() as session:
        merging.unmerge(session, other.id or 0, by=cast.ben)
    assert composer(ana.get(f"/cases/{other.id}"))["text"] == "Ya está la factura"
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == ""


def test_a_window_open_while_its_case_is_merged_keeps_on_keeping(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    arrive(desk, post("101", "Otra cosa: necesito una factura.", minutes=-5))
    with desk.database.reading() as session:
        (other,) = merging.candidates(session, maria)
    open_form = composer(ana.get(f"/cases/{other.id}")) | {"keep": "true", "page": "here"}
    ana.post(f"/cases/{other.id}/replies", data=open_form | {"text": "Se la"})
    with desk.database.transaction() as session:
        merging.merge(session, maria.id or 0, other.id or 0, by=cast.ben)
    answer = ana.post(f"/cases/{other.id}/replies", data=open_form | {"text": "Se la mandamos"})
    assert answer.status_code == 200
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == "Se la mandamos"
