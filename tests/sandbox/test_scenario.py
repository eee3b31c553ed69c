"""The day that the sandbox plays: who writes what, who answers, and that it ends when told to."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError

from socialdesk.sandbox.direct_messages import DirectMessage
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.scenario import (
    MOST_ANSWERS,
    MOST_MESSAGES,
    SHOP,
    Scenario,
    Scene,
    Script,
    Step,
    read_scripts,
)
from socialdesk.sandbox.weights import LONGEST_POST, weighted_length
from socialdesk.sandbox.world import World

LANGUAGES = ["it", "en", "de", "es", "pt", "fr", "ja", "tr", "nl", "pl", "cs", "sv", "ar"]
VISITORS = {"da", "uk", "ko", "fi", "hu"}
CROWD_KINDS = {
    "bystanders",
    "campaign",
    "spam",
    "wordless",
    "order number",
    "public then private",
    "language switch",
    "elsewhere",
}
HURRIED = 0.000005

SCRIPTS = {script.language: script for script in read_scripts()}
STEPS = [step for script in SCRIPTS.values() for scene in script.scenes for step in scene.steps]


@contextmanager
def running(scenario: Scenario) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=scenario.run, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(5)


def eventually(happens: Callable[[], bool], within: float = 10) -> bool:
    deadline = time.monotonic() + within
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.005)
    return happens()


def written(world: World) -> int:
    """How many messages customers wrote, answers to the desk included."""
    shop = world.user(SHOP).id
    posts = [post for post in world.posts() if post.author_id != shop]
    return len(posts) + len([message for message in world.direct_messages() if message.sender_id != shop])


def texts(world: World) -> list[str]:
    return [post.text for post in world.posts()] + [message.text for message in world.direct_messages()]


def play_out(seed: int) -> World:
    world = World()
    scenario = Scenario(world, seed=seed, pace=HURRIED)
    scenario.open()
    with running(scenario):
        assert eventually(lambda: written(world) >= MOST_MESSAGES)
    return world


played_out = cache(play_out)
"""For tests that only look at the world afterwards."""


def scenes_of_kind(script: Script, kind: str) -> list[Scene]:
    return [scene for scene in script.scenes if scene.kind == kind]


def under_the_shops_replies(world: World, replies: list[Post]) -> list[Post]:
    ids = {reply.id for reply in replies}
    return [post for post in world.posts() if post.in_reply_to in ids]


def answer_everybody(world: World) -> list[Post]:
    """The shop replies to every customer's post there is."""
    shop = world.user(SHOP)
    asked = [post for post in world.posts() if post.author_id != shop.id]
    return [world.post(SHOP, "We are looking into it.", in_reply_to=post.id) for post in asked]


# What is written down


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["late parcel", "return", "direct message", "follow-up"])
def test_every_language_has_every_kind_of_scene(language: str, kind: str) -> None:
    scenes = scenes_of_kind(SCRIPTS[language], kind)
    assert scenes
    if kind == "direct message":
        assert all(step.dm for scene in scenes for step in scene.steps)
    if kind == "follow-up":
        assert all(len(scene.steps) > 1 for scene in scenes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_five_customers_who_write_and_answer(language: str) -> None:
    script = SCRIPTS[language]
    writing = {step.by for scene in script.scenes for step in scene.steps}
    assert len(writing & script.customers.keys()) >= 5
    assert len(script.answers) >= 3
    assert len(script.thanks) > MOST_ANSWERS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_opening_scene_speaks_every_language_in_public_and_in_private(language: str) -> None:
    opening = [step for scene in SCRIPTS[language].scenes if scene.opening for step in scene.steps]
    assert any(step.post for step in opening)
    assert any(step.dm for step in opening)


def test_the_crowd_brings_what_belongs_to_no_single_language() -> None:
    crowd = SCRIPTS["und"]
    assert {scene.kind for scene in crowd.scenes} == CROWD_KINDS
    assert {step.lang for scene in scenes_of_kind(crowd, "elsewhere") for step in scene.steps} == VISITORS


def test_a_campaign_of_the_shop_is_answered_by_several_customers() -> None:
    (campaign,) = scenes_of_kind(SCRIPTS["und"], "campaign")
    assert campaign.steps[0].by == SHOP
    assert len({step.by for step in campaign.steps[1:]}) >= 4


def test_bystanders_take_part_in_a_customers_thread() -> None:
    for scene in scenes_of_kind(SCRIPTS["und"], "bystanders"):
        assert len({step.by for step in scene.steps}) > 1


def test_somebody_writes_an_order_number_in_public() -> None:
    assert any(re.search(r"\b\d{3}-\d{7}-\d{7}\b", step.post) for step in STEPS)


def test_somebody_mixes_arabic_with_latin_product_codes() -> None:
    arabic = [step.post for scene in SCRIPTS["ar"].scenes for step in scene.steps]
    assert any(re.search(r"[\u0600-\u06ff].*\b[A-Z]{2}-\d+", text) for text in arabic)


def test_somebody_writes_japanese_up_to_the_limit() -> None:
    japanese = [step.post for scene in SCRIPTS["ja"].scenes for step in scene.steps]
    assert max(map(weighted_length, japanese)) > LONGEST_POST - 20


def test_somebody_has_the_longest_name_x_allows() -> None:
    assert max(len(name) for script in SCRIPTS.values() for name in script.customers.values()) == 50


def test_what_opens_a_thread_mentions_the_shop() -> None:
    for step in STEPS:
        if step.post and step.under is None and step.by != SHOP:
            assert f"@{SHOP}" in step.post


def test_no_customer_belongs_to_two_languages() -> None:
    handles = Counter(handle.lower() for script in SCRIPTS.values() for handle in script.customers)
    assert set(handles.values()) == {1}


@pytest.mark.parametrize(
    "scene",
    [
        'kind = "both"\nsteps = [{ by = "a", post = "x", dm = "y" }]',
        'kind = "neither"\nsteps = [{ by = "a" }]',
        'kind = "forward"\nsteps = [{ by = "a", post = "x", under = 1 }]',
        'kind = "unknown key"\nsteps = [{ by = "a", post = "x", mood = "sour" }]',
        'kind = "long handle"\nsteps = [{ by = "abcdefghijklmnop", post = "x" }]',
        'kind = "empty"\nsteps = []',
    ],
)
def test_a_script_that_makes_no_sense_is_refused(tmp_path: Path, scene: str) -> None:
    script = f'language = "en"\n[customers]\na = "A"\n[[scenes]]\n{scene}\n'
    (tmp_path / "en.toml").write_text(script, "utf-8")
    with pytest.raises(ValidationError):
        read_scripts(tmp_path)


def test_a_script_with_a_stranger_in_it_is_refused(tmp_path: Path) -> None:
    script = 'language = "en"\ncustomers = {}\n[[scenes]]\nkind = "x"\nsteps = [{ by = "who", post = "x" }]\n'
    (tmp_path / "en.toml").write_text(script, "utf-8")
    with pytest.raises(ValueError, match="nobody introduced who"):
        read_scripts(tmp_path)


def test_a_step_replies_to_posts_alone() -> None:
    with pytest.raises(ValidationError):
        Scene(kind="x", steps=(Step(by="a", dm="psst"), Step(by="a", post="loud", under=1)))


# What is played


def test_the_opening_scene_fills_the_queue_at_once() -> None:
    world = World()
    Scenario(world).open()
    expected = [
        step
        for script in SCRIPTS.values()
        for scene in script.scenes
        if scene.opening
        for step in scene.steps
    ]
    assert len(texts(world)) == len(expected)
    assert 40 <= written(world) <= 50


def test_replies_in_a_scene_stay_in_its_thread() -> None:
    world = World()
    Scenario(world).open()
    campaign = next(post for post in world.posts() if post.author_id == world.user(SHOP).id)
    assert len(list(world.in_conversation(campaign.id))) == 6


def test_the_shop_hears_of_everything_that_is_written_to_it() -> None:
    world = played_out(7)
    shop = world.user(SHOP).id
    public = [post for post in world.posts() if post.author_id != shop]
    assert {post.id for post in world.mentioning(shop)} == {post.id for post in public}
    assert all(message.recipient_id == shop for message in world.direct_messages())


def test_another_account_is_mentioned_by_its_own_name() -> None:
    world = World()
    Scenario(world, account_handle="OtherShop").open()
    assert not any(SHOP in text for text in texts(world))
    assert any("@OtherShop" in text for text in texts(world))


def test_customers_stop_writing_at_the_limit_and_still_answer() -> None:
    world = World()
    scenario = Scenario(world, pace=HURRIED)
    scenario.open()
    with running(scenario):
        assert eventually(lambda: written(world) >= MOST_MESSAGES)
        time.sleep(0.05)
        assert written(world) == MOST_MESSAGES
        replies = answer_everybody(world)
        assert eventually(lambda: bool(under_the_shops_replies(world, replies)))


def test_the_languages_all_keep_coming_after_the_scenes() -> None:
    world = played_out(7)
    guesses = Counter(post.lang for post in world.posts())
    assert set(LANGUAGES) <= guesses.keys()
    assert min(guesses[language] for language in LANGUAGES) >= 10


@pytest.mark.parametrize("seed", [1, 7])
def test_every_post_fits(seed: int) -> None:
    for post in played_out(seed).posts():
        assert weighted_length(post.given_text) <= LONGEST_POST, post.given_text
        assert "{" not in post.text


def test_the_same_seed_plays_the_same_day() -> None:
    assert texts(play_out(7)) == texts(played_out(7))


def test_another_seed_plays_another_day() -> None:
    assert texts(played_out(1)) != texts(played_out(7))


# What customers answer


def test_a_public_reply_is_answered_in_its_thread_in_the_customers_language() -> None:
    world = World()
    scenario = Scenario(world, pace=0.001)
    scenario.open()
    replies = {reply.id: reply for reply in answer_everybody(world)}
    with running(scenario):
        assert eventually(lambda: len(under_the_shops_replies(world, list(replies.values()))) > 10)
    for answer in under_the_shops_replies(world, list(replies.values())):
        reply = replies[answer.in_reply_to or ""]
        assert answer.author_id == reply.in_reply_to_user_id
        assert answer.conversation_id == reply.conversation_id
        script = SCRIPTS[answer.lang]
        assert answer.given_text in script.answers + script.public_answers + script.thanks


def test_a_private_reply_is_answered_in_private() -> None:
    world = World()
    scenario = Scenario(world, pace=0.001)
    scenario.open()
    received = world.direct_messages()
    for message in received:
        customer = world.user_by_id(message.sender_id)
        assert customer
        world.direct_message(SHOP, customer.handle, "We are looking into it.")
    before = {message.id for message in world.direct_messages()}

    def answers() -> list[DirectMessage]:
        return [message for message in world.direct_messages() if message.id not in before]

    with running(scenario):
        assert eventually(lambda: bool({m.sender_id for m in answers()} & {m.sender_id for m in received}))


def test_most_customers_answer_but_never_more_than_twice() -> None:
    world = World()
    scenario = Scenario(world, pace=0.0001)
    scenario.open()
    asked = [post for post in world.posts() if post.author_id != world.user(SHOP).id]
    replies = [
        world.post(SHOP, f"Hello, {number}", in_reply_to=post.id) for post in asked for number in range(9)
    ]
    with running(scenario):
        assert eventually(lambda: written(world) >= MOST_MESSAGES + len(asked))
    answers = Counter(post.author_id for post in under_the_shops_replies(world, replies))
    assert max(answers.values()) == MOST_ANSWERS
    assert len(answers) > len({post.author_id for post in asked}) / 2


def test_the_shop_continuing_its_own_reply_is_not_answered_twice() -> None:
    world = World()
    scenario = Scenario(world, pace=HURRIED)
    scenario.open()
    replies = answer_everybody(world)
    second_parts = [world.post(SHOP, "(2/2)", in_reply_to=reply.id) for reply in replies]
    with running(scenario):
        assert eventually(lambda: written(world) >= MOST_MESSAGES)
    assert not under_the_shops_replies(world, second_parts)


def test_a_reply_deleted_before_its_answer_harms_nothing() -> None:
    world = World()
    scenario = Scenario(world, pace=HURRIED)
    scenario.open()
    for reply in answer_everybody(world):
        world.delete_post(reply.id)
    with running(scenario) as thread:
        assert eventually(lambda: written(world) >= MOST_MESSAGES)
        assert thread.is_alive()


# How it ends


@pytest.mark.parametrize("pace", [HURRIED, 1.0])
def test_it_stops_promptly(pace: float) -> None:
    scenario = Scenario(World(), pace=pace)
    stop = threading.Event()
    thread = threading.Thread(target=scenario.run, args=(stop,))
    thread.start()
    stop.set()
    thread.join(0.2)
    assert not thread.is_alive()


def test_it_goes_on_where_it_was_stopped() -> None:
    world = World()
    scenario = Scenario(world, pace=HURRIED)
    scenario.open()
    opened = written(world)
    with running(scenario):
        assert eventually(lambda: written(world) > opened)
    before = written(world)
    with running(scenario):
        assert eventually(lambda: written(world) > before)
