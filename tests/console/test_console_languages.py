"""The supervisors' page."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from socialdesk.cases import Case


def test_each_language_has_its_line_and_its_bar(sofia: TestClient, maria: Case, kenji: Case) -> None:
    assert maria
    assert kenji
    page = sofia.get("/languages?days=all").text
    assert re.findall(r'<th scope="row">(\w+)</th>', page) == ["Spanish", "Japanese", "All"]
    assert page.count('class="bar-name"') == 2
    assert "First response" in page


def test_a_number_leads_to_the_cases_it_counts(sofia: TestClient, maria: Case) -> None:
    page = sofia.get("/languages?days=all").text
    address = re.search(r'href="(/queue\?status=waiting&amp;language=es)"', page)
    assert address
    assert f'id="case-{maria.id}"' in sofia.get(address[1].replace("&amp;", "&")).text


@pytest.mark.parametrize("days", ["7", "30", "all"])
def test_a_period_without_messages_says_so(sofia: TestClient, days: str) -> None:
    answer = sofia.get(f"/languages?days={days}")
    assert answer.status_code == 200
    assert "Nothing was written in this period." in answer.text


def test_a_period_that_is_none_is_refused(sofia: TestClient) -> None:
    assert sofia.get("/languages?days=-1").status_code == 422
