"""Merging and splitting by a program, with what undoes them, on both databases."""

from __future__ import annotations

import pytest
from sqlmodel import select

from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from tests.console.conftest import Call, Town
from tests.stories import arrive, post


@pytest.fixture
def two(desk: Desk, maria: Case) -> tuple[int, int]:
    """@maria's case, and a newer one of hers, of another conversation."""
    arrive(desk, post("101", "Otra cosa: necesito una factura de mi último pedido.", minutes=-5))
    with desk.database.reading() as session:
        hers = select(Case.id).join(Customer).where(Customer.x_id == "101").order_by(Case.id)  # type: ignore[arg-type]
        first, second = (each or 0 for each in session.exec(hers))
    return first, second


def words(call: Call, case_id: int) -> list[str]:
    return [each["text"][:8] for each in call("GET", f"/cases/{case_id}/messages").json()["items"]]


@pytest.mark.parametrize("turned", [False, True])
def test_cases_of_one_customer_are_merged_and_parted_again(
    call: Call, two: tuple[int, int], turned: bool
) -> None:
    older, newer = two
    asked, other = (newer, older) if turned else (older, newer)
    merged = call("POST", f"/cases/{asked}/merging", json={"other": other})
    assert (merged.status_code, merged.json()["id"]) == (200, older)
    assert words(call, older) == ["Mi paque", "Otra cos"]
    assert call("GET", f"/cases/{newer}").json()["merged_into_id"] == older
    again = call("POST", f"/cases/{asked}/merging", json={"other": other})
    assert (again.status_code, again.json()["type"]) == (409, "urn:socialdesk:already-done")
    assert call("POST", f"/cases/{older}/unmerging").status_code == 409
    parted = call("POST", f"/cases/{newer}/unmerging")
    assert (parted.json()["id"], parted.json()["merged_into_id"]) == (newer, None)
    assert (words(call, older), words(call, newer)) == (["Mi paque"], ["Otra cos"])
    assert call("POST", f"/cases/{newer}/unmerging").status_code == 409


def test_only_what_is_one_customers_is_merged(call: Call, maria: Case, kenji: Case) -> None:
    at = f"/cases/{maria.id}/merging"
    for other, status in ((kenji.id, 422), (maria.id, 422), (999, 404), (0, 422), ("x", 422)):
        assert call("POST", at, json={"other": other}).status_code == status
    assert call("POST", at).status_code == 422
    assert call("GET", f"/cases/{kenji.id}").json()["merged_into_id"] is None


def test_two_drafts_keep_cases_apart(call: Call, two: tuple[int, int]) -> None:
    for case_id in two:
        (message,) = call("GET", f"/cases/{case_id}/messages").json()["items"]
        draft = {"text": "Lo sentimos.", "seen_message_id": message["id"]}
        assert call("POST", f"/cases/{case_id}/replies", json=draft).status_code == 201
    refused = call("POST", f"/cases/{two[0]}/merging", json={"other": two[1]})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:socialdesk:conflict")


def test_a_case_is_split_at_a_message_and_joined_again(call: Call, town: Town, maria: Case) -> None:
    town.writes("101", "Otra cosa: necesito una factura.", minutes_ago=3)
    first, second = (each["id"] for each in call("GET", f"/cases/{maria.id}/messages").json()["items"])
    at = f"/cases/{maria.id}/splitting"
    assert call("POST", at, json={"message": first}).status_code == 422
    assert call("POST", at, json={"message": 999}).status_code == 404
    split = call("POST", at, json={"message": second})
    assert split.status_code == 201
    new = split.json()["id"]
    assert (words(call, maria.id or 0), words(call, new)) == (["Mi paque"], ["Otra cos"])
    assert call("POST", f"/cases/{maria.id}/rejoining").status_code == 409
    joined = call("POST", f"/cases/{new}/rejoining")
    assert (joined.status_code, joined.json()["id"]) == (200, maria.id)
    assert words(call, maria.id or 0) == ["Mi paque", "Otra cos"]
    assert call("POST", f"/cases/{new}/rejoining").status_code == 409


def test_a_split_takes_no_message_of_another_case(call: Call, town: Town, maria: Case, kenji: Case) -> None:
    town.writes("102", "まだですか", minutes_ago=2, private=True)
    (*_, theirs) = call("GET", f"/cases/{kenji.id}/messages").json()["items"]
    answer = call("POST", f"/cases/{maria.id}/splitting", json={"message": theirs["id"]})
    assert answer.status_code == 404
    assert len(words(call, kenji.id or 0)) == 2
