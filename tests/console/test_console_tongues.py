"""The console in the agent's language: chosen and kept, else what the browser asks for, else English."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from socialdesk import phrases
from tests.console.conftest import Visitor

GERMAN, ARABIC = '<html lang="de" dir="ltr"', '<html lang="ar" dir="rtl"'


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("xx, pl;q=0.3, sv;q=0.8", "sv"),
        ("en-GB", "en"),
        ("*", "en"),
        ("", "en"),
        ("pl;q=nonsense", "en"),
        ("ja;q=0", "en"),
        ("," * 5000, "en"),
    ],
)
def test_a_page_is_in_the_language_the_browser_asks_for(
    visitor: Callable[[], TestClient], asked: str, spoken: str
) -> None:
    page = visitor().get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{spoken}"' in page.text


def test_an_agents_choice_is_kept_in_every_browser(signed_in: Visitor) -> None:
    ana = signed_in("ana")
    assert ana.post("/account/language", data={"language": "ar"}).status_code == 303
    assert ARABIC in ana.get("/queue").text
    assert ARABIC in signed_in("ana").get("/queue", headers={"Accept-Language": "de"}).text
    assert '<html lang="en"' in signed_in("ben").get("/queue").text


def test_a_language_the_desk_does_not_speak_is_refused(signed_in: Visitor) -> None:
    assert signed_in("ana").post("/account/language", data={"language": "tlh"}).status_code == 422


def test_a_cookie_of_nonsense_does_no_harm(visitor: Callable[[], TestClient]) -> None:
    for nonsense in ("desk-language=tlh", "desk-language=\x01", "=;;=", "desk-language"):
        assert visitor().get("/sign-in", headers={"Cookie": nonsense}).status_code == 200


@pytest.mark.parametrize("language", phrases.offered())
def test_every_language_has_its_pages(signed_in: Visitor, language: str) -> None:
    sofia = signed_in("sofia")
    sofia.post("/account/language", data={"language": language})
    for path in ("/queue", "/approvals", "/replies", "/languages", "/search?q=paquete", "/account", "/muted"):
        assert sofia.get(path).status_code == 200, path
