"""What cases are about, as agents read it, put it right, and narrow the queue to it."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.desk import Desk
from tests.console.conftest import Town
from tests.console.test_console_queue import rows


def correct(browser: TestClient, case: Case, topic: str) -> str:
    """The page that follows."""
    answer = browser.post(f"/cases/{case.id}/topic", data={"topic": topic})
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def offered(page: str) -> list[str]:
    listed = page[page.index('class="picker"') :]
    return list(dict.fromkeys(re.findall(r"\?template=(\w+)&amp;as=public", listed)))


def test_the_topic_is_shown_with_the_words_that_decided(ana: TestClient, maria: Case) -> None:
    page = ana.get(f"/cases/{maria.id}").text
    assert '<span class="about">Orders and delivery</span>' in page
    assert re.search(r'said by <q dir="auto" lang="es">Mi paquete</q>', page)
    assert "Orders and delivery" in ana.get("/queue").text.partition('id="rows"')[2]


def test_a_corrected_topic_is_told_and_remembered(ana: TestClient, desk: Desk, maria: Case) -> None:
    page = correct(ana, maria, "payment")
    assert "Topic set to Payment." in page
    assert "Ana Horvat corrected the topic from Orders and delivery to Payment" in page
    assert "set by an agent" in page
    assert re.search(r'name="topic" value="payment" disabled', page)
    with desk.database.reading() as session:
        assert session.get_one(Case, maria.id).topic == "payment"


def test_what_is_set_already_is_said_to_be(ana: TestClient, maria: Case) -> None:
    answer = ana.post(f"/cases/{maria.id}/topic", data={"topic": "orders_and_delivery"})
    assert answer.status_code == 409
    assert "The topic is Orders and delivery already." in answer.text


@pytest.mark.parametrize(("topic", "case_id", "status"), [("weather", 1, 422), ("payment", 99, 404)])
def test_what_makes_no_sense_is_refused(
    ana: TestClient, maria: Case, topic: str, case_id: int, status: int
) -> None:
    assert ana.post(f"/cases/{case_id}/topic", data={"topic": topic}).status_code == status


def test_templates_of_the_cases_topic_come_first(ana: TestClient, maria: Case) -> None:
    assert offered(ana.get(f"/cases/{maria.id}").text)[0] == "where_is_my_order"
    page = correct(ana, maria, "gift_cards")
    assert offered(page)[:3] == ["gift_card", "top_up", "where_is_my_order"]


def test_the_queue_can_be_narrowed_to_a_topic(ana: TestClient, maria: Case, kenji: Case) -> None:
    page = ana.get("/queue?topic=account").text
    assert rows(page) == [kenji.id]
    assert "<title>Waiting for us · Account" in page
    assert rows(ana.get("/queue?topic=orders_and_delivery&language=es").text) == [maria.id]
    empty = ana.get("/queue?topic=payment&language=es").text
    assert "Nothing due in Spanish about Payment." in re.sub(r"<[^>]*>", "", empty)
    assert ana.get("/queue?topic=weather").status_code == 422


def test_links_keep_what_the_list_is_narrowed_to(ana: TestClient, maria: Case) -> None:
    page = ana.get("/queue?topic=orders_and_delivery&language=es").text
    assert "/queue?status=resolved&amp;language=es&amp;topic=orders_and_delivery" in page
    assert 'href="/queue?status=waiting&amp;topic=orders_and_delivery"' in page
    assert f'href="/cases/{maria.id}?from=waiting.es.orders_and_delivery"' in page


def test_who_comes_from_a_topics_list_goes_on_in_it(ana: TestClient, town: Town, kenji: Case) -> None:
    first = town.writes("130", "¿Dónde está mi paquete?", minutes_ago=50)
    second = town.writes("131", "¿Dónde está mi paquete?", minutes_ago=5)
    answer = ana.post(f"/cases/{first.id}/resolution", data={"from": "waiting..orders_and_delivery"})
    assert answer.headers["location"].startswith(f"/cases/{second.id}?from=waiting..orders_and_delivery")


def test_supervisors_see_how_often_topics_were_right(
    ana: TestClient, sofia: TestClient, maria: Case, kenji: Case
) -> None:
    correct(ana, maria, "payment")
    ana.post(f"/cases/{kenji.id}/assignment", data={"to": "me"})
    page = sofia.get("/languages?days=all").text
    assert "How often the topic was right" in page
    row = r'<th scope="row">{}</th><td data-name="Seen">1</td><td data-name="Corrected">{}</td>'
    assert re.search(row.format("Orders and delivery", 1), page)
    assert re.search(row.format("Account", 0), page)
    assert re.search(r"corrected to </span>Payment</th>.*>Orders and delivery</th><td>1</td>", page, re.S)
