"""A lively day at an imaginary shop: customers write to it in thirteen languages, and answer back."""

from __future__ import annotations

import heapq
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from queue import Empty, SimpleQueue

from socialdesk.sandbox.direct_messages import DirectMessage
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.scripts import SHOP, SHOP_NAME, Newcomers, Scene, Script, Step, read_scripts
from socialdesk.sandbox.world import World

MOST_MESSAGES = 400
"""Of customers, their answers to the desk apart: a demo left running over night must not fill up."""
SCENE_GAP = (3.0, 6.0)
STEADY_GAP = (10.0, 20.0)
ANSWER_DELAY = (4.0, 12.0)
ANSWER_CHANCE = 0.6
MOST_ANSWERS = 2
ORDER_CHANCE = 0.1
LONGEST_NAP = 0.1


@dataclass
class Customer:
    handle: str
    script: Script
    seed: str
    said: list[str] = field(default_factory=list)

    @cached_property
    def chance(self) -> random.Random:
        """Their own, so that what one customer says does not depend on when another is answered."""
        return random.Random(self.seed)  # noqa: S311  (chance, not secrecy)

    def next_answer(self, private: bool) -> str | None:
        """What they say to the desk's next reply; None when they leave it at that."""
        willing = self.chance.random() < ANSWER_CHANCE
        if not willing or len(self.said) == MOST_ANSWERS or not self.script.thanks:
            return None
        asks_on = not self.said and self.chance.random() < ANSWER_CHANCE
        answers = self.script.answers if private else self.script.answers + self.script.public_answers
        lines = answers if asks_on else self.script.thanks
        self.said.append(self.chance.choice([line for line in lines if line not in self.said]))
        return self.said[-1]


@dataclass
class Performance:
    """A scene under way."""

    scene: Scene
    script: Script
    played: list[str] = field(default_factory=list)
    """The ids X gave to the steps so far."""


class Scenario:
    """Plays the scripts on a world: `open` first, then `run` in a thread of its own.

    The same seed gives the same messages in the same order; only the moments differ.
    A smaller pace is faster; at 1.0 somebody writes every few seconds.
    """

    def __init__(self, world: World, account_handle: str = SHOP, seed: int = 7, pace: float = 1.0) -> None:
        self._world = world
        self._account = world.add_user(account_handle, SHOP_NAME)
        self._seed, self._pace = seed, pace
        self._chance = random.Random(seed)  # noqa: S311  (chance, not secrecy)
        self._scripts = read_scripts()
        self._customers: dict[str, Customer] = {}
        self._written = 0
        self._heard: SimpleQueue[Post | DirectMessage] = SimpleQueue()
        self._answers: list[tuple[float, int, Customer, str, Post | DirectMessage]] = []
        self._numbers = count()
        self._rest = self._play_the_rest()
        for script in self._scripts:
            for handle, name in script.customers.items():
                self._introduce(handle, name, script)
        world.subscribe(self._hear)

    def open(self) -> None:
        """Everything that has happened before anybody looks, at once."""
        performances = self._performances(opening=True)
        self._chance.shuffle(performances)
        for performance in performances:
            for _ in performance.scene.steps:
                self._play_next_step(performance)

    def run(self, stop: threading.Event) -> None:
        """Returns once `stop` is set, and not before; can be called again to go on."""
        next_at = time.monotonic() + self._pace * SCENE_GAP[0]
        while not stop.is_set():
            self._consider_what_was_heard()
            self._give_due_answers()
            if time.monotonic() >= next_at:
                next_at = time.monotonic() + self._pace * next(self._rest, float("inf"))
            soonest = min(next_at, self._answers[0][0] if self._answers else next_at)
            stop.wait(min(max(soonest - time.monotonic(), 0), LONGEST_NAP))

    # What customers write of themselves

    def _play_the_rest(self) -> Iterator[float]:
        """Writes a message each time it is asked, and says how many seconds to wait before asking again."""
        for performance in self._interleaved(self._performances(opening=False)):
            self._play_next_step(performance)
            yield self._chance.uniform(*SCENE_GAP)
        while self._written < MOST_MESSAGES:
            self._let_a_newcomer_write()
            yield self._chance.uniform(*STEADY_GAP)

    def _performances(self, opening: bool) -> list[Performance]:
        return [
            Performance(scene, script)
            for script in self._scripts
            for scene in script.scenes
            if scene.opening is opening
        ]

    def _interleaved(self, performances: list[Performance]) -> list[Performance]:
        """Each performance once for every step, so that other people write between the steps of a scene."""
        turns: list[tuple[float, int]] = []
        for number, performance in enumerate(performances):
            start = self._chance.random()
            turns += [(start + 0.03 * step, number) for step in range(len(performance.scene.steps))]
        return [performances[number] for _, number in sorted(turns)]

    def _play_next_step(self, performance: Performance) -> None:
        step = performance.scene.steps[len(performance.played)]
        under = performance.played[step.under - 1] if step.under else None
        lang = step.lang or performance.script.language
        performance.played.append(self._write(step.by, step.dm or step.post, bool(step.dm), lang, under))

    def _let_a_newcomer_write(self) -> None:
        chance = self._chance
        pools = [(script, script.newcomers) for script in self._scripts if script.newcomers]
        script, newcomers = chance.choice(pools)
        handle, name = chance.choice(list(newcomers.people.items()))
        handle = f"{handle[:11]}{chance.randint(100, 9999)}"
        self._introduce(handle, name if chance.random() < 0.7 else name.split()[0], script)
        private = chance.random() < 0.2
        lang = script.language if chance.random() < 0.9 else "und"
        self._write(handle, self._complaint(newcomers, private), private, lang)

    def _complaint(self, newcomers: Newcomers, private: bool) -> str:
        chance = self._chance
        opening = chance.choice(newcomers.openings)
        if private:
            opening = re.sub(rf"\s*@{SHOP}", "", opening).strip()
        complaint = chance.choice(newcomers.complaints).format(
            product=chance.choice(newcomers.products), days=chance.randint(5, 9)
        )
        closing = chance.choice(newcomers.closings)
        order = self._order_number() if chance.random() < ORDER_CHANCE else ""
        pause = " " if complaint.endswith(("?", "؟")) else chance.choice(newcomers.pauses)
        return pause.join(filter(None, [f"{opening} {complaint}".strip(), closing, order]))

    def _order_number(self) -> str:
        first, second = self._chance.randrange(10**6, 10**7), self._chance.randrange(10**6, 10**7)
        return f"{self._chance.randrange(100, 1000)}-{first}-{second}"

    def _write(self, by: str, text: str, private: bool, lang: str, under: str | None = None) -> str:
        """The id of what was written. An answer to a post that is gone by now stands on its own."""
        author = self._account.handle if by == SHOP else by
        self._written += author != self._account.handle
        text = text.replace(f"@{SHOP}", f"@{self._account.handle}")
        if private:
            return self._world.direct_message(author, self._account.handle, text).id
        with suppress(KeyError):
            return self._world.post(author, text, in_reply_to=under, lang=lang).id
        return self._world.post(author, text, lang=lang).id

    def _introduce(self, handle: str, name: str, script: Script) -> None:
        user = self._world.add_user(handle, name)
        self._customers.setdefault(user.id, Customer(handle, script, f"{self._seed} {handle}"))

    # What they answer to the desk

    def _hear(self, stored: Post | DirectMessage) -> None:
        """Called in the thread of whoever wrote: takes note, nothing more."""
        author_id = stored.author_id if isinstance(stored, Post) else stored.sender_id
        if author_id == self._account.id:
            self._heard.put(stored)

    def _consider_what_was_heard(self) -> None:
        with suppress(Empty):
            while True:
                self._consider(self._heard.get_nowait())

    def _consider(self, reply: Post | DirectMessage) -> None:
        customer = self._customers.get(_addressed_id(reply) or "")
        text = customer.next_answer(private=isinstance(reply, DirectMessage)) if customer else None
        if not customer or text is None:
            return
        due = time.monotonic() + self._pace * customer.chance.uniform(*ANSWER_DELAY)
        heapq.heappush(self._answers, (due, next(self._numbers), customer, text, reply))

    def _give_due_answers(self) -> None:
        while self._answers and self._answers[0][0] <= time.monotonic():
            _, _, customer, text, reply = heapq.heappop(self._answers)
            if isinstance(reply, DirectMessage):
                self._world.direct_message(customer.handle, self._account.handle, text)
                continue
            with suppress(KeyError):  # the desk may have deleted its reply meanwhile
                self._world.post(customer.handle, text, in_reply_to=reply.id, lang=customer.script.language)


def _addressed_id(reply: Post | DirectMessage) -> str | None:
    """The user a reply is for; None for a post on its own, and for an edit of what was heard already."""
    if isinstance(reply, DirectMessage):
        return reply.recipient_id
    return reply.in_reply_to_user_id if reply.id == reply.first_version else None


__all__ = [
    "MOST_ANSWERS",
    "MOST_MESSAGES",
    "SHOP",
    "SHOP_NAME",
    "Scenario",
    "Scene",
    "Script",
    "Step",
    "read_scripts",
]
