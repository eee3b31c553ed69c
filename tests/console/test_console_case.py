"""A case's page, and answering from it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from socialdesk import messages, replies
from socialdesk.cases import Case, Status
from socialdesk.desk import Desk
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, outbox
from socialdesk.settings import ApprovalRule, Approvals
from tests.conftest import Cast
from tests.console.conftest import Town, Visitor
from tests.console.forms import composer

CORPUS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><script>alert(1)</script>",
    "{{ 7 * 7 }} ${7*7} {% raw %}",
    "javascript:alert(1)",
    "<!--<b>",
    "\u202e<b>",
)


def found(desk: Desk, case: Case) -> Case:
    with desk.database.reading() as session:
        return session.get_one(Case, case.id)


def written(desk: Desk) -> list[Reply]:
    with desk.database.reading() as session:
        return list(session.exec(select(Reply).order_by(Reply.id)).all())  # type: ignore[arg-type]


def under_way(desk: Desk, case: Case, cast: Cast, *, becoming: Callable[..., None], why: str) -> Reply:
    """Ana's reply to the case, claimed and then settled as `becoming` says."""
    with desk.database.transaction() as session:
        reply = drafts.write(session, session.get_one(Case, case.id), text="Lo sentimos.", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
        outgoing = outbox.claim(session, case.account_id)
        assert outgoing
        becoming(session, outgoing, why=why)
        return reply


def test_the_thread_is_told_in_order_each_text_in_its_language(
    ana: TestClient, town: Town, maria: Case
) -> None:
    town.writes("101", "¿Hola? ¿Hay alguien que pueda ayudarme?", minutes_ago=5)
    page = ana.get(f"/cases/{maria.id}").text
    assert page.index("Mi paquete") < page.index("¿Hola?")
    assert 'dir="auto" lang="es"' in page
    assert re.search(r'href="https://x\.com/maria/status/\d+"', page)


def test_a_private_message_is_marked_and_has_no_address_on_x(ana: TestClient, kenji: Case) -> None:
    page = ana.get(f"/cases/{kenji.id}").text
    thread = page[page.index('id="thread"') : page.index('id="composer"')]
    assert "words theirs private" in thread
    assert "Private" in thread
    assert "/status/" not in thread


def test_two_agents_who_answer_the_same_case_at_once_do_not_both(
    signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    """Both have the empty page open; the second is shown the answer of the first, and may add to it."""
    ana, ben = signed_in("ana"), signed_in("ben")
    hers = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo miramos.", "approve": "true"}
    his = composer(ben.get(f"/cases/{maria.id}")) | {"text": "Un momento, por favor.", "approve": "true"}
    assert ana.post(f"/cases/{maria.id}/replies", data=hers).status_code == 303

    late = ben.post(f"/cases/{maria.id}/replies", data=his)
    assert late.status_code == 409
    assert "This case has been answered since" in late.text
    assert "Un momento, por favor." in late.text
    assert [reply.state for reply in written(desk)] == [State.APPROVED]

    having_read = composer(late) | {"renew": "true", "approve": "true"}
    assert ben.post(f"/cases/{maria.id}/replies", data=having_read).status_code == 303


@pytest.mark.parametrize("wrong", ["99999999999999999999", "2147483648", "-1", "x"])
def test_what_no_page_of_ours_would_send_is_refused(ana: TestClient, maria: Case, wrong: str) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo miramos."}
    for field in ("seen", "given", "revision", "again"):
        assert ana.post(f"/cases/{maria.id}/replies", data=form | {field: wrong}).status_code == 422
    for place in (f"2026-01-01T00:00:00%2B00:00~{wrong}0", "0001-01-01T00:00:00%2B23:59~1", wrong):
        assert ana.get(f"/queue?after={place}").status_code in (200, 422)


def test_a_private_message_cannot_be_answered_in_public(ana: TestClient, desk: Desk, kenji: Case) -> None:
    page = ana.get(f"/cases/{kenji.id}")
    assert 'value="public"' not in page.text
    form = composer(page) | {"text": "確認いたします。", "as": "public", "approve": "true"}
    answer = ana.post(f"/cases/{kenji.id}/replies", data=form)
    assert answer.status_code == 422
    assert "private" in answer.text
    assert "確認いたします。" in answer.text
    assert written(desk) == []


def test_arabic_stands_from_right_to_left(ana: TestClient, town: Town) -> None:
    case = town.writes("103", "السلام عليكم، طلبي تأخر أسبوعا كاملا، متى يصل؟")
    page = ana.get(f"/cases/{case.id}?template=where_is_my_order&as=public")
    assert 'lang="ar"' in page.text
    assert 'dir="auto"' in page.text
    text = composer(page)["text"]
    assert "^" not in text
    assert "\u0600" < text[0] < "\u06ff"


def test_a_saved_draft_is_seen_by_every_colleague(signed_in: Visitor, desk: Desk, maria: Case) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo sentimos mucho."}
    assert ana.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    page = ben.get(f"/cases/{maria.id}")
    assert composer(page)["text"] == "Lo sentimos mucho."
    assert "Ana Horvat" in page.text
    assert [reply.state for reply in written(desk)] == [State.DRAFT]


def test_approving_sends_it_on_its_way_and_leads_to_the_next_case(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case, kenji: Case
) -> None:
    form = composer(ana.get(f"/cases/{maria.id}?from=waiting"))
    answer = ana.post(f"/cases/{maria.id}/replies", data=form | {"text": "Lo sentimos.", "approve": "true"})
    assert answer.headers["location"] == f"/cases/{kenji.id}?from=waiting&done=public-{maria.id}"
    (reply,) = written(desk)
    assert (reply.state, reply.visibility, reply.approved_by_id) == (State.APPROVED, "public", cast.ana.id)
    following = ana.get(answer.headers["location"]).text
    assert "Approved: the public reply goes out now." in following
    assert f'href="/cases/{maria.id}"' in following


def test_after_the_last_case_comes_the_queue(ana: TestClient, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}?from=waiting.es"))
    answer = ana.post(f"/cases/{maria.id}/replies", data=form | {"text": "Lo sentimos.", "approve": "true"})
    assert answer.headers["location"] == f"/queue?status=waiting&language=es&done=public-{maria.id}"


def test_whoever_did_not_come_from_the_queue_stays(ana: TestClient, maria: Case, kenji: Case) -> None:
    assert kenji
    form = composer(ana.get(f"/cases/{maria.id}"))
    answer = ana.post(f"/cases/{maria.id}/replies", data=form | {"text": "Lo sentimos.", "approve": "true"})
    assert answer.headers["location"] == f"/cases/{maria.id}?done=public-{maria.id}"
    assert "Approved" in ana.get(answer.headers["location"]).text


def test_public_words_can_be_answered_in_private(ana: TestClient, desk: Desk, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}?as=private"))
    assert form["as"] == "private"
    ana.post(f"/cases/{maria.id}/replies", data=form | {"text": "Le escribimos aquí.", "approve": "true"})
    assert written(desk)[0].visibility == "private"


def test_when_the_customer_has_written_meanwhile_nothing_goes_out_and_no_word_is_lost(
    ana: TestClient, desk: Desk, town: Town, maria: Case
) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Ya está en camino.", "approve": "true"}
    town.writes("101", "Olvídenlo, ya llegó el paquete", minutes_ago=1)
    answer = ana.post(f"/cases/{maria.id}/replies", data=form)
    assert answer.status_code == 409
    assert "The customer has written again" in answer.text
    assert "Olvídenlo" in answer.text
    again = composer(answer)
    assert again["text"] == "Ya está en camino."
    assert written(desk) == []
    assert ana.post(f"/cases/{maria.id}/replies", data=again | {"approve": "true"}).status_code == 409

    assert ana.post(f"/cases/{maria.id}/replies", data=again | {"renew": "true"}).status_code == 303
    renewed = composer(ana.get(f"/cases/{maria.id}")) | {"approve": "true"}
    assert ana.post(f"/cases/{maria.id}/replies", data=renewed).status_code == 303


def test_a_colleagues_draft_is_never_written_over_unseen(signed_in: Visitor, desk: Desk, maria: Case) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    hers, his = (composer(each.get(f"/cases/{maria.id}")) for each in (ana, ben))
    ben.post(f"/cases/{maria.id}/replies", data=his | {"text": "Respuesta de Ben."})
    answer = ana.post(
        f"/cases/{maria.id}/replies", data=hers | {"text": "Respuesta de Ana.", "approve": "true"}
    )
    assert answer.status_code == 409
    assert composer(answer)["text"] == "Respuesta de Ana."
    assert "Respuesta de Ben." in answer.text
    assert [reply.text for reply in written(desk)] == ["Respuesta de Ben."]


def test_of_two_who_approve_the_same_draft_one_is_told(signed_in: Visitor, desk: Desk, maria: Case) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    draft = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo sentimos."}
    ana.post(f"/cases/{maria.id}/replies", data=draft)
    (reply,) = written(desk)
    approval = {"revision": str(reply.revision)}
    assert ana.post(f"/replies/{reply.id}/approval", data=approval).status_code == 303
    late = ben.post(f"/replies/{reply.id}/approval", data=approval)
    assert late.status_code == 409
    assert "Already approved by Ana Horvat." in late.text


def test_approving_a_colleagues_draft_leaves_it_his(
    signed_in: Visitor, desk: Desk, cast: Cast, maria: Case
) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    ben.post(
        f"/cases/{maria.id}/replies", data=composer(ben.get(f"/cases/{maria.id}")) | {"text": "Lo sentimos."}
    )
    form = composer(ana.get(f"/cases/{maria.id}")) | {"approve": "true"}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    (reply,) = written(desk)
    assert (reply.drafted_by_id, reply.approved_by_id) == (cast.ben.id, cast.ana.id)


def test_what_may_not_go_out_says_why_and_is_kept(ana: TestClient, desk: Desk, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "x" * 2000, "approve": "true"}
    answer = ana.post(f"/cases/{maria.id}/replies", data=form)
    assert answer.status_code == 422
    assert "at most 4 posts, and this one takes 8" in answer.text
    assert composer(answer)["text"] == "x" * 2000
    assert written(desk) == []


def test_a_reply_that_x_refused_is_shown_with_its_reason_and_can_be_tried_again(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = under_way(desk, maria, cast, becoming=outbox.held, why="The customer limits who may reply.")
    page = ana.get(f"/cases/{maria.id}")
    assert "The customer limits who may reply." in page.text
    again = ana.get(f"/cases/{maria.id}?again={reply.id}")
    assert composer(again)["text"] == "Lo sentimos."
    assert ana.post(f"/replies/{reply.id}/cancellation").status_code == 303
    assert written(desk)[0].state == State.CANCELLED


def refused(desk: Desk, cast: Cast, case: Case) -> Reply:
    with desk.database.transaction() as session:
        reply = drafts.write(session, session.get_one(Case, case.id), text="Lo sentimos. ^AH", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
        outgoing = outbox.claim(session, case.account_id)
        assert outgoing
        outbox.held(session, outgoing, why="The customer limits who may reply.")
        return reply


def test_a_refused_reply_edited_as_a_new_draft_is_done_with(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    held = refused(desk, cast, maria)
    assert "Edit as a new draft" in ana.get(f"/cases/{maria.id}").text
    form = composer(ana.get(f"/cases/{maria.id}?again={held.id}")) | {"text": "Lo sentimos mucho. ^AH"}
    assert ana.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    assert [reply.state for reply in written(desk)] == [State.CANCELLED, State.DRAFT]
    assert "limits who may reply" not in ana.get(f"/cases/{maria.id}").text


def test_a_refused_public_reply_can_go_out_as_a_direct_message(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    held = refused(desk, cast, maria)
    page = ana.get(f"/cases/{maria.id}?from=waiting")
    address = re.search(r'href="([^"]*again=\d+[^"]*as=private[^"]*)#composer"', page.text)
    assert address
    form = composer(ana.get(address[1].replace("&amp;", "&")))
    assert (form["text"], form["as"], form["from"]) == ("Lo sentimos. ^AH", "private", "waiting")
    ana.post(f"/cases/{maria.id}/replies", data=form | {"approve": "true"})
    assert [(reply.id, reply.state, reply.visibility) for reply in written(desk)] == [
        (held.id, State.CANCELLED, "public"),
        ((held.id or 0) + 1, State.APPROVED, "private"),
    ]


def test_words_that_still_may_not_go_out_keep_the_refused_reply(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    held = refused(desk, cast, maria)
    form = composer(ana.get(f"/cases/{maria.id}?again={held.id}")) | {"text": "x" * 2000, "approve": "true"}
    answer = ana.post(f"/cases/{maria.id}/replies", data=form)
    assert answer.status_code == 422
    assert composer(answer)["again"] == str(held.id)
    assert [reply.state for reply in written(desk)] == [State.HELD]


def test_a_reply_whose_fate_is_unknown_says_what_happens_next_and_is_not_written_again(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    reply = under_way(desk, maria, cast, becoming=outbox.unknown, why="No answer within 25 seconds.")
    page = ana.get(f"/cases/{maria.id}?again={reply.id}")
    assert "Not known whether sent" in page.text
    assert "No answer within 25 seconds." in page.text
    assert "Whoever has looked there can say so" in page.text
    assert "The thread on X" in page.text
    assert composer(page)["text"] == ""


def test_a_reply_behind_another_says_that_it_waits_for_it(
    ana: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    for text in ("Lo sentimos.", "Ya lo buscamos."):
        form = composer(ana.get(f"/cases/{maria.id}")) | {"text": text, "approve": "true"}
        assert ana.post(f"/cases/{maria.id}/replies", data=form).status_code == 303
    page = ana.get(f"/cases/{maria.id}").text
    assert page.count("Leaves within seconds.") == 1
    assert page.count("Leaves when the reply before it is settled.") == 1


def test_a_draft_can_be_discarded(ana: TestClient, desk: Desk, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo sentimos."}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    (draft,) = written(desk)
    page = ana.get(f"/cases/{maria.id}")
    assert f'formaction="/replies/{draft.id}/cancellation"' in page.text
    answer = ana.post(f"/replies/{draft.id}/cancellation", data=composer(page))
    assert answer.headers["location"] == f"/cases/{maria.id}?done=discarded-{maria.id}"
    after = ana.get(answer.headers["location"])
    assert "The draft is gone." in after.text
    assert composer(after)["text"] == ""


def test_a_draft_that_a_colleague_has_changed_is_not_discarded_unread(
    signed_in: Visitor, desk: Desk, maria: Case
) -> None:
    ana, ben = signed_in("ana"), signed_in("ben")
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo sentimos."}
    ana.post(f"/cases/{maria.id}/replies", data=form)
    hers = composer(ana.get(f"/cases/{maria.id}"))
    his = composer(ben.get(f"/cases/{maria.id}")) | {"text": "Lo sentimos mucho."}
    ben.post(f"/cases/{maria.id}/replies", data=his)
    (draft,) = written(desk)
    answer = ana.post(f"/replies/{draft.id}/cancellation", data=hers)
    assert answer.status_code == 409
    assert "Lo sentimos mucho." in answer.text
    assert [reply.state for reply in written(desk)] == [State.DRAFT]


def test_handles_are_set_apart_from_the_words(ana: TestClient, town: Town) -> None:
    case = town.writes("103", "@NorthwindHelp السلام عليكم، متى يصل طلبي؟ شكرا @carrier لكم a@b")
    page = ana.get(f"/cases/{case.id}").text
    assert '<bdi class="carried">@NorthwindHelp </bdi>السلام' in page
    assert "<bdi>@carrier</bdi>" in page
    assert "a@b" in page


def test_the_zone_of_the_times_is_named_once(ana: TestClient, maria: Case) -> None:
    page = ana.get(f"/cases/{maria.id}").text
    assert page.count("UTC") == 1
    assert "<span data-zone>UTC</span>" in page
    assert re.search(r"data-clock>20 Nov 11:30</time>", page)


def test_a_case_is_taken_resolved_and_reopened(ana: TestClient, desk: Desk, cast: Cast, maria: Case) -> None:
    ana.post(f"/cases/{maria.id}/assignment", data={"to": "me"})
    assert found(desk, maria).assignee_id == cast.ana.id
    ana.post(f"/cases/{maria.id}/assignment", data={"to": "nobody"})
    assert found(desk, maria).assignee_id is None
    ana.post(f"/cases/{maria.id}/resolution")
    assert found(desk, maria).status == Status.RESOLVED
    assert ana.post(f"/cases/{maria.id}/resolution").status_code == 409
    ana.post(f"/cases/{maria.id}/reopening")
    page = ana.get(f"/cases/{maria.id}").text
    assert found(desk, maria).status == Status.WAITING
    for sentence in ("took the case", "left the case to others", "resolved the case", "reopened the case"):
        assert f"Ana Horvat {sentence}" in page


def test_others_in_the_conversation_are_linked(ana: TestClient, town: Town, maria: Case) -> None:
    town.meet("104", "bystander", "By Stander")
    other = town.writes("104", "Same here, my order is two weeks late", conversation="conversation-of-101")
    page = ana.get(f"/cases/{maria.id}").text
    assert f'href="/cases/{other.id}"' in page
    assert "@bystander" in page


def test_where_the_language_is_none_of_ours_templates_come_in_english(ana: TestClient, town: Town) -> None:
    case = town.writes("105", "👀")
    page = ana.get(f"/cases/{case.id}?template=where_is_my_order&as=public")
    assert "Reply templates in" in page.text
    assert composer(page)["text"].startswith("We")
    german = composer(ana.get(f"/cases/{case.id}?template=where_is_my_order&as=public&in=de"))
    assert german["text"] != composer(page)["text"]


@pytest.mark.parametrize("words", CORPUS)
def test_hostile_words_stay_words(ana: TestClient, town: Town, words: str) -> None:
    town.meet("106", "hostile", words)
    case = town.writes("106", f"Where is my parcel? {words}")
    form = composer(ana.get(f"/cases/{case.id}"))
    ana.post(f"/cases/{case.id}/replies", data=form | {"text": f"Sorry. {words}"})
    for path in ("/queue", f"/cases/{case.id}"):
        page = ana.get(path).text
        for dangerous in ("<script>alert", "<img src=x", "<svg onload", "' onmouseover='", "<!--<b>", "<b>"):
            assert dangerous not in page
    assert composer(ana.get(f"/cases/{case.id}"))["text"] == messages.clean(f"Sorry. {words}")


@pytest.mark.parametrize("path", ["/cases/999", "/cases/99999999999999999999", "/cases/x", "/nowhere"])
def test_what_does_not_exist_is_said_in_one_sentence_with_the_way_back(ana: TestClient, path: str) -> None:
    answer = ana.get(path)
    assert answer.status_code in (404, 422)
    assert 'href="/queue"' in answer.text


def test_a_flash_can_only_say_sentences_of_ours(ana: TestClient) -> None:
    for done in ("public-1<b>", "Your account was hacked-1", "public", "public-", "public-²"):
        assert 'class="flash"' not in ana.get("/queue", params={"done": done}).text


def test_a_warning_is_told_and_who_confirms_it_lets_the_reply_go(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    words = "We are very sorry, and we are looking into this right now."
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": words, "approve": "true"}
    answer = ana.post(f"/cases/{maria.id}/replies", data=form)
    assert answer.status_code == 422
    assert "The customer writes Spanish" in answer.text
    assert composer(answer)["text"] == words

    confirmed = composer(answer) | {"approve": "true", "override": ["language"]}
    assert ana.post(f"/cases/{maria.id}/replies", data=confirmed).status_code == 303
    assert [reply.state for reply in written(desk)] == [State.APPROVED]
    assert "let a reply go in spite of this: another language" in ana.get(f"/cases/{maria.id}").text


def test_a_reply_that_needs_a_second_person_waits_and_says_so(
    ana: TestClient, desk: Desk, maria: Case
) -> None:
    rules = Approvals(rules=(ApprovalRule(needs="supervisor"),))
    object.__setattr__(desk, "settings", desk.settings.model_copy(update={"approvals": rules}))
    form = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo sentimos mucho.", "approve": "true"}
    answer = ana.post(f"/cases/{maria.id}/replies", data=form, follow_redirects=True)
    assert "A second person has to approve it" in answer.text
    (reply,) = written(desk)
    assert (reply.state, reply.submitted_at is not None) == (State.DRAFT, True)
