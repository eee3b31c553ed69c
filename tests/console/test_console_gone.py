"""What an agent sees of posts that were edited, or that X shows no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.desk import Desk
from socialdesk.messages import Gone, Message
from socialdesk.placing import vanishing
from tests.console.conftest import Town
from tests.stories import arrive, post

OLD = "Mi paquete no ha llegado, llamadme al +34 612 345 678"
NEW = "Mi paquete no ha llegado todavía, ¿dónde está mi pedido?"


def take_out(desk: Desk, case: Case, why: Gone) -> None:
    with desk.database.transaction() as session:
        newest = select(Message.id).where(Message.case_id == case.id).order_by(col(Message.id).desc())
        vanishing.take_out(session, session.exec(newest).first() or 0, why)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (Gone.DELETED, "The customer deleted this post on"),
        (Gone.PROTECTED, "The customer has shown this post to followers only since"),
        (Gone.SUSPENDED, "X has suspended the customer"),
    ],
)
def test_the_thread_tells_what_became_of_a_post_in_place_of_its_text(
    desk: Desk, maria: Case, ana: TestClient, why: Gone, words: str
) -> None:
    assert "Mi paquete no ha llegado" in ana.get(f"/cases/{maria.id}").text
    take_out(desk, maria, why)

    page = ana.get(f"/cases/{maria.id}").text
    assert words in page
    assert "Mi paquete" not in page + ana.get("/queue").text + ana.get("/search?q=paquete").text


def test_a_draft_to_a_deleted_post_is_marked_and_goes_out_in_private_only(
    desk: Desk, maria: Case, ana: TestClient
) -> None:
    seen = {"seen": "1", "text": "Lo miramos. ^AH"}
    ana.post(f"/cases/{maria.id}/replies", data=seen | {"as": "public"})
    take_out(desk, maria, Gone.DELETED)

    assert "nor can this draft be sent there" in ana.get(f"/cases/{maria.id}").text
    public = ana.post(
        f"/cases/{maria.id}/replies", data=seen | {"as": "public", "revision": "1", "approve": "true"}
    )
    assert public.status_code == 422
    assert "write a direct message instead" in public.text
    private = ana.post(
        f"/cases/{maria.id}/replies", data=seen | {"as": "private", "revision": "1", "approve": "true"}
    )
    assert private.status_code == 303


def test_an_edited_post_shows_what_it_said_before_with_personal_data_masked(
    desk: Desk, town: Town, ana: TestClient
) -> None:
    first = post("101", OLD, minutes=-30)
    second = replace(first, x_id=str(int(first.x_id) + 7), text=NEW)
    arrive(desk, first)
    arrive(desk, replace(second, versions=(first.x_id, second.x_id)))

    page = ana.get("/cases/1").text
    assert "Edited: what it said before" in page
    assert "llamadme al" in page
    assert "612 345 678" not in page
    assert f"/status/{second.x_id}" in page
