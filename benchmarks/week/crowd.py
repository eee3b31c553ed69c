"""The customers: what they write, and whether they answer, say thank you, or want to hear nothing more."""

from __future__ import annotations

import heapq
import random
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from queue import Empty, SimpleQueue

from benchmarks.week.curve import Arrival
from socialdesk.sandbox import World
from socialdesk.sandbox.direct_messages import DirectMessage
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.scripts import SHOP, Script, read_scripts

ANSWERS, THANKS, LEAVES = 0.22, 0.25, 0.004  # of those who got a reply
SPLITS = 0.08  # of those who write in public: their complaint takes two posts
COMES_IN_PRIVATE = 0.2  # of the answers to a public reply
MOST_ANSWERS = 3
NO_MORE = {
    "en": "please stop messaging me",
    "de": "bitte schreiben Sie mir nicht mehr",
    "es": "no me escriban más",
    "fr": "arrêtez de m'écrire",
    "it": "non scrivetemi più",
}
OUTAGE = {
    "en": (
        "the app has been down since this morning",
        "your app says error 503 and nothing loads",
        "app won't open",
    ),
    "de": ("die App geht seit heute früh nicht", "App zeigt nur Fehler 503", "eure App startet nicht mehr"),
    "fr": (
        "l'appli ne marche plus depuis ce matin",
        "votre appli affiche erreur 503",
        "l'application ne s'ouvre pas",
    ),
    "it": ("l'app non funziona da stamattina", "l'app dice errore 503", "la vostra app non si apre più"),
}


@dataclass
class Customer:
    handle: str
    script: Script
    answers: int = 0


class Crowd:
    """Writes to the world at the moments of the plan, and answers what the desk replies."""

    def __init__(self, world: World, plan: list[Arrival], chance: random.Random) -> None:
        self._world, self._chance = world, chance
        self._us = world.user(SHOP).id
        self._plan = iter(plan)
        self._next = next(self._plan, None)
        self._scripts = {script.language: script for script in read_scripts()}
        self._customers: dict[str, Customer] = {}
        self._numbers = count(1)
        self._due: list[tuple[datetime, int, Customer, str, Post | DirectMessage | None]] = []
        self._heard: SimpleQueue[Post | DirectMessage] = SimpleQueue()
        self.written: Counter[str] = Counter()
        world.subscribe(self._hear)

    @property
    def done(self) -> bool:
        return self._next is None and not self._due and self._heard.empty()

    def write(self, now: datetime) -> None:
        """Everything that is due by now, in order."""
        self._consider(now)
        while self._next and self._next.at <= now:
            self._begin(self._next)
            self._next = next(self._plan, None)
        while self._due and self._due[0][0] <= now:
            _, _, customer, text, under = heapq.heappop(self._due)
            self._say(customer, text, under)

    def _begin(self, arrival: Arrival) -> None:
        script = self._scripts[arrival.language]
        newcomers = script.newcomers
        assert newcomers is not None
        handle, name = self._chance.choice(list(newcomers.people.items()))
        user = self._world.add_user(f"{handle[:8]}{next(self._numbers):06}"[:15], name)
        customer = self._customers[user.id] = Customer(user.handle, script)
        text = self._complaint(arrival)
        self.written[script.language] += 1
        if arrival.private:
            self._world.direct_message(user.handle, SHOP, re.sub(rf"\s*@{SHOP}", "", text).strip())
            return
        post = self._world.post(user.handle, text, lang=script.language)
        if self._chance.random() < SPLITS:
            later = arrival.at + timedelta(seconds=self._chance.uniform(30, 300))
            self._plan_answer(later, customer, self._closing(script), post)

    def _complaint(self, arrival: Arrival) -> str:
        script, chance = self._scripts[arrival.language], self._chance
        newcomers = script.newcomers
        assert newcomers is not None
        opening = chance.choice(newcomers.openings)
        if arrival.incident:
            return f"{opening} {chance.choice(OUTAGE[arrival.language])} {self._closing(script)}".strip()
        complaint = chance.choice(newcomers.complaints).format(
            product=chance.choice(newcomers.products), days=chance.randint(5, 9)
        )
        return f"{opening} {complaint} {self._closing(script)}".strip()

    def _closing(self, script: Script) -> str:
        assert script.newcomers is not None
        return self._chance.choice([each for each in script.newcomers.closings if each] or ["?"])

    def _hear(self, stored: Post | DirectMessage) -> None:
        author = stored.author_id if isinstance(stored, Post) else stored.sender_id
        if author == self._us:
            self._heard.put(stored)

    def _consider(self, now: datetime) -> None:
        with suppress(Empty):
            while True:
                self._react(self._heard.get_nowait(), now)

    def _react(self, reply: Post | DirectMessage, now: datetime) -> None:
        to = reply.recipient_id if isinstance(reply, DirectMessage) else reply.in_reply_to_user_id
        customer = self._customers.get(to or "")
        if customer is None or customer.answers >= MOST_ANSWERS:
            return
        in_private = isinstance(reply, DirectMessage) or self._chance.random() < COMES_IN_PRIVATE
        text = self._answer(customer, private=in_private)
        if text is not None:
            customer.answers += 1
            delay = timedelta(minutes=self._chance.lognormvariate(3.0, 1.2))
            at = now + min(delay, timedelta(hours=20))
            self._plan_answer(at, customer, text, None if in_private else reply)

    def _answer(self, customer: Customer, *, private: bool) -> str | None:
        dice, script = self._chance.random(), customer.script
        if dice < LEAVES and script.language in NO_MORE:
            return NO_MORE[script.language]
        answers = script.answers if private else script.answers + script.public_answers
        if dice < ANSWERS and answers:
            return self._chance.choice(answers)
        if dice < ANSWERS + THANKS and script.thanks:
            customer.answers = MOST_ANSWERS
            return self._chance.choice(script.thanks)
        return None

    def _plan_answer(
        self, at: datetime, customer: Customer, text: str, under: Post | DirectMessage | None
    ) -> None:
        heapq.heappush(self._due, (at, next(self._numbers), customer, text, under))

    def _say(self, customer: Customer, text: str, under: Post | DirectMessage | None) -> None:
        self.written[customer.script.language] += 1
        if isinstance(under, Post):
            with suppress(KeyError):  # it is not on X any more
                self._world.post(customer.handle, text, in_reply_to=under.id, lang=customer.script.language)
            return
        self._world.direct_message(customer.handle, SHOP, text)
