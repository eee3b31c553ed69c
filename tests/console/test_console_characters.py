"""Characters that no text has, in every field of every form and every part of an address, as an admin sends
them and as anybody does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from socialdesk.cases import Case
from socialdesk.console.app import RESOURCES
from socialdesk.database import Database
from socialdesk.worklists.queues import Cases
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import Visitor
from tests.people import hire

Schema = dict[str, Any]
NUL = "a\0b"
HALF = "a\\ud83db"  # as unicode_escape has it
# Which takes nothing; after which nobody is signed in; which never ends.
NOT_THESE = ("/healthz", "/sign-out", "/live")
ENCODINGS = ["unicode_escape", "utf-7", "punycode", "UTF-16", '"latin-1"', "utf-8; charset=utf-7"]


@cache
def described() -> Schema:
    """The console's routes as OpenAPI tells them."""
    found = [each for module in RESOURCES for each in module.router.routes if isinstance(each, APIRoute)]
    routes = [each for each in found if each.path not in NOT_THESE]
    return get_openapi(title="console", version="1", routes=routes)


def operations() -> Iterator[tuple[str, str, Schema, list[Schema]]]:
    """Each method and path, the fields of its form and what its address may hold."""
    told = described()
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, _fields(told, operation), operation.get("parameters", [])


def forms(text: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each form, filled in with the text in one field after the other, and nothing or plain words in the
    rest: what is looked at first must not hide what is looked at later."""
    for method, path, fields, _ in operations():
        plain = {name: value(field, "es") for name, field in fields.items()}
        proof = {name: PASSWORD for name in ("password", "current") if name in fields}
        for name, field in fields.items():
            yield method, path, proof | {name: value(field, text)}
            yield method, path, plain | proof | {name: value(field, text)}


def _fields(told: Schema, operation: Schema) -> Schema:
    content = operation.get("requestBody", {}).get("content", {})
    schema: Schema = next((each["schema"] for each in content.values()), {})
    fields: Schema = _resolved(told, schema).get("properties", {})
    return {name: _resolved(told, field) for name, field in fields.items()}


def _resolved(told: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def value(field: Schema, text: str) -> str:
    """The text where any may stand, else something that fits."""
    for choice in field.get("anyOf", []):
        if choice.get("type") != "null":
            return value(choice, text)
    if field.get("type") == "array":
        return value(field["items"], text)
    if "pattern" in field:
        return next(iter(re.findall(r"\w+", field["pattern"])), text)
    known = field.get("enum") or [field["const"]] if "enum" in field or "const" in field else []
    return str(known[0]) if known else "1" if field.get("type") in ("integer", "number") else text


def address(path: str, text: str) -> str:
    """Row 1 of whatever is named by a number, and the text for the other parts."""
    named = re.sub(r"{\w+_id}", "1", path)
    return re.sub(r"{\w+}", quote(text), named)


@pytest.fixture(params=["anybody", "an admin"])
def browser(
    request: pytest.FixtureRequest,
    visitor: Callable[[], TestClient],
    signed_in: Visitor,
    database: Database,
    password_hash: str,
) -> TestClient:
    if request.param == "anybody":
        return visitor()
    hire(database, "olga", "admin", password_hash)
    return signed_in("olga")


def multipart(fields: dict[str, str], charset: str) -> dict[str, Any]:
    parts = "".join(
        f'--part\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    kind = f"multipart/form-data; boundary=part; charset={charset}"
    return {"content": f"{parts}--part--\r\n".encode(), "headers": {"Content-Type": kind}}


def test_nul_is_no_failure_in_any_form(browser: TestClient, maria: Case) -> None:
    failed = set()
    for method, path, form in forms(NUL):
        if browser.request(method, address(path, "es"), data=form).status_code >= 500:
            failed.add(path)
    assert failed == set()


def test_nul_is_no_failure_in_any_address(browser: TestClient, maria: Case) -> None:
    failed = set()
    for method, path, _, parameters in operations():
        asked = [each for each in parameters if each["in"] == "query"]
        each_alone = [{one["name"]: value(one["schema"], NUL)} for one in asked]
        for there in (address(path, "es"), address(path, NUL)):
            for query in (*each_alone, {}):
                if browser.request(method, there, params=query).status_code >= 500:
                    failed.add(path)
    assert failed == set()


def test_half_a_character_is_no_failure_in_any_form(browser: TestClient, maria: Case) -> None:
    failed = set()
    for method, path, form in forms(HALF):
        told = multipart(form, "unicode_escape")
        if browser.request(method, address(path, "es"), **told).status_code >= 500:
            failed.add(path)
    assert failed == set()


@pytest.mark.parametrize("charset", ENCODINGS)
def test_a_form_in_another_encoding_is_refused_before_it_is_read(
    visitor: Callable[[], TestClient], cast: Cast, charset: str
) -> None:
    form = {"username": "ana", "password": PASSWORD}
    answer = visitor().post("/sign-in", **multipart(form, charset))
    assert (answer.status_code, "wrong" in answer.text) == (415, True)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
def test_a_form_that_says_it_is_utf_8_is_read(
    visitor: Callable[[], TestClient], cast: Cast, charset: str
) -> None:
    form = {"username": "ana", "password": PASSWORD}
    assert visitor().post("/sign-in", **multipart(form, charset)).status_code == 303


def test_what_else_was_typed_is_kept(ana: TestClient, maria: Case) -> None:
    """Also where the character comes in two pieces."""
    typed = iter([b"note=Paket%0", b"0 gefunden%", b"0%000", b"!"])
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "32"}
    assert ana.post(f"/cases/{maria.id}/notes", content=typed, headers=headers).status_code == 303
    assert "Paket� gefunden%0�0!" in ana.get(f"/cases/{maria.id}").text


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "1969-12-31", "9999-12-30", "9999-12-31"])
@pytest.mark.parametrize("more", [{}, {"compare": "1"}, {"channel": "public"}])
def test_a_day_at_either_end_of_time_is_no_failure(
    sofia: TestClient, maria: Case, day: str, more: dict[str, str]
) -> None:
    failed, asked = set(), 0
    for method, path, _, parameters in operations():
        days = [each["name"] for each in parameters if each["in"] == "query" and _is_day(each["schema"])]
        asked += len(days)
        for names in (days, *([each] for each in days)) if method == "GET" else ():
            query = dict.fromkeys(names, day) | more
            if sofia.get(address(path, "es"), params=query).status_code >= 500:
                failed.add((path, *names))
    assert failed == set()
    assert asked


def _is_day(schema: Schema) -> bool:
    return schema.get("format") == "date" or any(map(_is_day, schema.get("anyOf", [])))


@pytest.mark.parametrize(
    "after",
    [
        "0001-01-01T00:00:00+14:00~1",
        "9999-12-31T23:59:59-14:00~1",
        "0001-01-01T00:00:00+00:00~1~exposed~9999-12-31T23:59:59+00:00",
        "2026-01-01T00:00:00+00:00~1",
        "2026-01-01T00:00:00+00:00~1~exposed",
        "2026-01-01T00:00:00+00:00~-99999999999999999999",
        "2026-01-01T00:00:00+00:00~99999999999999999999",
        "2026-01-01T00:00:00+00:00~١~~2026-01-01T00:00:00+00:00",
        "2026-01-01~1",
        "~1",
        "\0~\0",
    ],
)
def test_a_place_in_the_queue_of_whatever_it_is_made_is_read_or_refused(
    ana: TestClient, maria: Case, after: str
) -> None:
    for status in Cases:
        answer = ana.get("/queue", params={"status": status, "after": after})
        assert answer.status_code in (200, 422), status
    timeless = after.startswith("2026-01-01T") and after.count("~") < 3
    assert answer.status_code == 200 or not timeless
    due = ana.get("/queue", params={"status": "due", "after": after})
    assert not timeless or (due.status_code, "begin at its top" in due.text) == (422, True)
