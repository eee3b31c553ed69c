"""The sandbox's answers against X's own OpenAPI documents, in both vocabularies."""

from __future__ import annotations

import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import tweepy
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource

from socialdesk.sandbox import World
from socialdesk.sandbox.app import ENDPOINTS

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("SOCIALDESK_X_OPENAPI") or CHECKOUT.parent / "shared" / "x-api")
FIELDS = {
    "2.166": {
        "tweet.fields": "author_id,conversation_id,created_at,display_text_range,edit_controls,entities,"
        "in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,reply_settings",
        "expansions": "author_id,referenced_tweets.id,entities.mentions.username",
    },
    "2.167": {
        "post.fields": "conversation_id,created_at,display_text_range,edit_controls,entities,lang,note_post,"
        "possibly_sensitive,public_metrics,reply_settings",
        "expansions": "author_id,referenced_posts,in_reply_to_user_id,edit_history_post_ids",
    },
}
USER_FIELDS = {
    "user.fields": "created_at,description,protected,public_metrics,receives_your_dm,verified,verified_type"
}
MESSAGE_FIELDS = {
    "dm_event.fields": "created_at,dm_conversation_id,entities,event_type,id,text",
    "expansions": "sender_id",
}


@pytest.fixture(params=sorted(FIELDS))
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def document(version: str) -> Any:
    path = FOLDER / f"openapi-{version}.json"
    if not path.is_file():
        pytest.skip(
            f"not run: X's document {path.name} is not in {FOLDER}; save it there, then "
            "SOCIALDESK_X_OPENAPI=FOLDER .venv/bin/python -m pytest tests/sandbox/test_sandbox_documents.py"
        )
    return json.loads(path.read_text())


def check(document: Any, method: str, path: str, status: int, body: Any) -> None:
    operation = document["paths"][documented(document, path)][method.lower()]
    schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        registry = Registry().with_resource("", Resource.opaque(document))
        validator = OAS30Validator({**schema, "components": document["components"]}, registry=registry)
        errors = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body)]
    assert not errors, errors


def documented(document: Any, path: str) -> str:
    """The documents' name of an endpoint; parameters are named differently there."""

    def shape(name: str) -> str:
        return re.sub(r"{\w+}", "{}", name)

    return next(name for name in map(str, document["paths"]) if shape(name) == shape(path))


def test_every_endpoint_is_one_of_xs(document: Any) -> None:
    for endpoint in ENDPOINTS:
        assert endpoint.method.lower() in document["paths"][documented(document, endpoint.path)], (
            endpoint.name
        )


@pytest.fixture
def seeded(world: World) -> dict[str, str]:
    asked = world.post("maria", "@ParcelHelp <b> https://example.com #late " + "palabra " * 50, lang="es")
    world.post("ParcelHelp", "Hola", in_reply_to=asked.id)
    again = world.post("maria", "sigue sin llegar", in_reply_to=world.posts()[-1].id)
    message = world.direct_message("kenji", "ParcelHelp", "荷物 example.com")
    ids = {"id": again.id, "participant_id": world.user("kenji").id, "user": world.user("ParcelHelp").id}
    return ids | {"conversation": message.conversation_id, "event": message.id, "asked": asked.id}


def reads(ids: dict[str, str], version: str) -> list[tuple[str, str, dict[str, str]]]:
    posts = FIELDS[version]
    users = USER_FIELDS | ({"post.fields": "lang"} if version == "2.167" else {})
    return [
        ("/2/users/me", "/2/users/me", users),
        ("/2/users", "/2/users", {**users, "ids": f"{ids['user']},17"}),
        ("/2/users/{id}", f"/2/users/{ids['user']}", users),
        ("/2/users/by/username/{username}", "/2/users/by/username/maria", users),
        ("/2/users/{id}/mentions", f"/2/users/{ids['user']}/mentions", posts),
        ("/2/users/{id}/mentions", f"/2/users/{ids['user']}/mentions", {"since_id": ids["id"]}),
        ("/2/users/{id}/tweets", f"/2/users/{ids['user']}/tweets", posts),
        ("/2/tweets", "/2/tweets", {**posts, "ids": f"{ids['id']},17"}),
        ("/2/tweets/{id}", f"/2/tweets/{ids['id']}", posts),
        (
            "/2/tweets/search/recent",
            "/2/tweets/search/recent",
            {**posts, "query": f"conversation_id:{ids['asked']}"},
        ),
        ("/2/dm_events", "/2/dm_events", MESSAGE_FIELDS),
        ("/2/dm_events/{event_id}", f"/2/dm_events/{ids['event']}", MESSAGE_FIELDS),
        (
            "/2/dm_conversations/{id}/dm_events",
            f"/2/dm_conversations/{ids['conversation']}/dm_events",
            MESSAGE_FIELDS,
        ),
        (
            "/2/dm_conversations/with/{participant_id}/dm_events",
            f"/2/dm_conversations/with/{ids['participant_id']}/dm_events",
            MESSAGE_FIELDS,
        ),
    ]


def test_what_is_read_fits_the_document(
    desk: tweepy.Client, document: Any, version: str, seeded: dict[str, str]
) -> None:
    for path, url, params in reads(seeded, version):
        body = desk.request("GET", url, params=params, user_auth=True).json()
        if "since_id" not in params:
            assert body["data"], url
        check(document, "GET", path, 200, body)


def test_what_is_written_is_answered_as_the_document_says(
    desk: tweepy.Client, document: Any, seeded: dict[str, str]
) -> None:
    body = {"text": "Hola", "reply": {"in_reply_to_tweet_id": seeded["id"]}}
    posted = desk.request("POST", "/2/tweets", json=body, user_auth=True)
    check(document, "POST", "/2/tweets", posted.status_code, posted.json())
    deleted = desk.request("DELETE", f"/2/tweets/{posted.json()['data']['id']}", user_auth=True)
    check(document, "DELETE", "/2/tweets/{id}", deleted.status_code, deleted.json())
    path = "/2/dm_conversations/with/{participant_id}/messages"
    url = f"/2/dm_conversations/with/{seeded['participant_id']}/messages"
    sent = desk.request("POST", url, json={"text": "はい"}, user_auth=True)
    check(document, "POST", path, sent.status_code, sent.json())
