"""Answering: the door that the composer opens with, and who has the case afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from starlette.testclient import TestClient

from socialdesk import cases, clock
from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.replying import outbox
from tests.conftest import Cast
from tests.console.conftest import Town
from tests.console.forms import composer
from tests.stories import NOON

FOLLOWS = "Our last message was a direct message, so this one is."


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


def answer(browser: TestClient, case: Case, door: str, text: str = "Lo miramos ahora.") -> None:
    form = composer(browser.get(f"/cases/{case.id}"))
    words = {"text": text, "as": door, "approve": "true"}
    sent = browser.post(f"/cases/{case.id}/replies", data=form | words)
    assert sent.status_code == 303, sent.text


def leaves(desk: Desk, case: Case) -> None:
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, case.account_id)
        assert outgoing
        outbox.sent(session, outgoing, x_id="1999000000000000017", at=clock.now())


def on_it(desk: Desk, case: Case) -> int | None:
    with desk.database.reading() as session:
        return cases.find(session, case.id or 0).assignee_id


def test_after_our_direct_message_the_next_words_are_one_too(
    ana: TestClient, desk: Desk, town: Town, maria: Case
) -> None:
    assert composer(ana.get(f"/cases/{maria.id}"))["as"] == "public"
    answer(ana, maria, "private")
    page = ana.get(f"/cases/{maria.id}")
    assert (composer(page)["as"], FOLLOWS in page.text) == ("private", True)
    leaves(desk, maria)
    page = ana.get(f"/cases/{maria.id}")
    assert (composer(page)["as"], FOLLOWS in page.text) == ("private", True)
    assert 'value="public"' in page.text  # one click away
    town.writes("101", "Gracias, ¿y cuándo llega?", minutes_ago=-60)
    page = ana.get(f"/cases/{maria.id}")
    assert (composer(page)["as"], FOLLOWS in page.text) == ("public", False)


def test_whoever_answers_a_case_that_nobody_has_is_on_it(
    ana: TestClient, sofia: TestClient, desk: Desk, cast: Cast, maria: Case
) -> None:
    answer(ana, maria, "public")
    assert on_it(desk, maria) == cast.ana.id
    assert "Ana Horvat took the case" in ana.get(f"/cases/{maria.id}").text
    answer(sofia, maria, "public", "Y ya está en camino.")
    assert on_it(desk, maria) == cast.ana.id


def test_what_is_refused_or_only_saved_puts_nobody_on_it(ana: TestClient, desk: Desk, maria: Case) -> None:
    form = composer(ana.get(f"/cases/{maria.id}"))
    ana.post(f"/cases/{maria.id}/replies", data=form | {"text": "", "approve": "true"})
    ana.post(f"/cases/{maria.id}/replies", data=form | {"text": "Lo miramos."})
    assert on_it(desk, maria) is None
