"""Tags in the console: on a page of a case, in the queue, and in the list that supervisors have."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.console.filters import Filter
from socialdesk.worklists.queues import Cases
from tests.console.conftest import Town
from tests.console.test_console_queue import rows


def add(browser: TestClient, case: Case, tag: str) -> str:
    """The page that follows."""
    answer = browser.post(f"/cases/{case.id}/tags", data={"tag": tag, "from": "waiting.es"})
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def test_a_tag_is_added_shown_suggested_and_removed(ana: TestClient, maria: Case) -> None:
    page = add(ana, maria, "late & <lost>")
    assert "The case has the tag now." in page
    assert "Ana Horvat added the tag “late &amp; &lt;lost&gt;”" in page
    assert '<a class="tag" href="/queue?tag=1"><bdi>late &amp; &lt;lost&gt;</bdi></a>' in page
    assert '<option value="late &amp; &lt;lost&gt;"></option>' in page
    again = ana.post(f"/cases/{maria.id}/tags", data={"tag": "LATE lost"})
    assert (again.status_code, "already." in again.text) == (409, True)
    assert ana.post(f"/cases/{maria.id}/tags", data={"tag": "!"}).status_code == 422
    answer = ana.post(f"/cases/{maria.id}/tags/1/removal")
    page = ana.get(answer.headers["location"]).text
    assert "Ana Horvat removed the tag" in page
    assert 'class="tag" href' not in page
    assert ana.post(f"/cases/{maria.id}/tags/1/removal").status_code == 404


def test_the_queue_shows_tags_and_is_narrowed_to_one(ana: TestClient, maria: Case, town: Town) -> None:
    other = town.writes("102", "Mi paquete no ha llegado todavía", minutes_ago=3)
    add(ana, maria, "VIP")
    whole = ana.get("/queue").text
    assert len(rows(whole)) == 2
    assert '<bdi class="tag" lang="">VIP</bdi>' in whole
    page = ana.get("/queue", params={"tag": 1}).text
    assert re.findall(r'id="case-(\d+)"', page) == [str(maria.id)]
    assert "Waiting for us · VIP" in page
    assert f"/cases/{maria.id}?from=waiting....1" in page
    assert str(other.id) not in re.findall(r'id="case-(\d+)"', page)
    assert ana.get("/queue", params={"tag": 99}).status_code == 404
    saved = ana.post("/views", data={"name": "Important", "filter": "waiting.es...1"})
    assert saved.headers["location"] == "/queue?status=waiting&language=es&tag=1"


def test_an_address_keeps_the_tag_of_its_list() -> None:
    wanted = Filter(Cases.MINE, "es", "payment", 2, 17)
    assert (str(wanted), Filter.parse("mine.es.payment.2.17")) == ("mine.es.payment.2.17", wanted)
    assert Filter.parse("mine....x") is None
    assert str(Filter(Cases.WAITING)) == "waiting"


def test_supervisors_rename_tags_and_remove_them(ana: TestClient, sofia: TestClient, maria: Case) -> None:
    add(ana, maria, "harbor")
    assert ana.get("/tags").status_code == 403
    page = sofia.get("/tags").text
    assert "One case" in page
    assert sofia.post("/tags/1/name", data={"name": "Harbour"}).status_code == 303
    assert "<bdi>Harbour</bdi>" in ana.get(f"/cases/{maria.id}").text
    assert sofia.post("/tags/1/removal").status_code == 303
    assert "There are no tags." in sofia.get("/tags").text
    assert "Harbour" not in ana.get("/queue").text
