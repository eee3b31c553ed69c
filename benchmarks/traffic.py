"""Imaginary messages to the desk, the same ones for the same seed."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from benchmarks.phrases import PHRASES, WORDLESS
from socialdesk.customers import Profile
from socialdesk.messages import Incoming, Visibility

OUR_X_ID = "1500000000000000001"
HANDLE = "NorthwindHelp"
# Of a hundred messages: 60 begin a conversation, 30 follow up in one (10 of them by somebody who had not
# written before), 10 are direct messages (7 of them by new people): 77 customers, 1.3 messages for each.
NEW, FOLLOW_UP, BY_ANOTHER, DIRECT, DIRECT_BY_NEW = 60, 20, 10, 3, 7
_KINDS = ("new", "follow-up", "another", "direct", "new direct")
_SHARES = (NEW, FOLLOW_UP, BY_ANOTHER, DIRECT, DIRECT_BY_NEW)
_REMEMBERED = 2_000  # conversations that are recent enough to be followed up
_X_EPOCH = 1288834974.657  # X's ids count milliseconds from here, above 22 other bits


@dataclass(frozen=True, slots=True)
class _Person:
    x_id: str
    language: str


@dataclass(frozen=True, slots=True)
class _Conversation:
    x_id: str
    began_by: _Person


class Traffic:
    """What customers write from `since` on, evenly spread over `lasting` if `messages` are taken."""

    def __init__(self, seed: int, since: datetime, lasting: timedelta, messages: int) -> None:
        self._random = random.Random(seed)
        self._at = since
        self._step = lasting / messages
        self._numbers = count(seed * 1_000_000)
        self._conversations: deque[_Conversation] = deque(maxlen=_REMEMBERED)

    def take(self, messages: int) -> list[Incoming]:
        """The next ones, oldest first; X's guess of the language is right in each."""
        return [self._message() for _ in range(messages)]

    def answer(self, to: Incoming) -> Incoming:
        """What we wrote back, some minutes to some hours later; it has not taken X's time to arrive."""
        at = to.sent_at + timedelta(minutes=self._random.lognormvariate(3.5, 1.0))
        return Incoming(
            x_id=self._x_id(at),
            visibility=to.visibility,
            author_x_id=OUR_X_ID,
            customer_x_id=to.customer_x_id,
            conversation_id=to.conversation_id,
            in_reply_to_x_id=to.x_id if to.visibility == Visibility.PUBLIC else None,
            text=self._text(to.x_language or "en"),
            sent_at=at,
            x_language=to.x_language,
        )

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _message(self) -> Incoming:
        self._at += self._step
        kind = self._random.choices(_KINDS, _SHARES)[0]
        if kind == "new" or not self._conversations:
            return self._begun()
        conversation = self._random.choice(self._conversations)
        if kind == "follow-up":
            return self._public(conversation.began_by, conversation)
        if kind == "another":
            return self._public(self._somebody(), conversation)
        return self._direct(conversation.began_by if kind == "direct" else self._somebody())

    def _begun(self) -> Incoming:
        person = self._somebody()
        x_id = self._x_id(self._at)
        conversation = _Conversation(x_id, person)
        self._conversations.append(conversation)
        return self._public(person, conversation, x_id)

    def _public(self, person: _Person, conversation: _Conversation, x_id: str | None = None) -> Incoming:
        return Incoming(
            x_id=x_id or self._x_id(self._at),
            visibility=Visibility.PUBLIC,
            author_x_id=person.x_id,
            customer_x_id=person.x_id,
            conversation_id=conversation.x_id,
            in_reply_to_x_id=None if x_id else conversation.x_id,
            text=f"@{HANDLE} {self._text(person.language)}",
            sent_at=self._at,
            x_language=person.language,
        )

    def _direct(self, person: _Person) -> Incoming:
        return Incoming(
            x_id=self._x_id(self._at),
            visibility=Visibility.PRIVATE,
            author_x_id=person.x_id,
            customer_x_id=person.x_id,
            conversation_id=f"{person.x_id}-{OUR_X_ID}",
            in_reply_to_x_id=None,
            text=self._text(person.language),
            sent_at=self._at,
            x_language=person.language,
        )

    def _somebody(self) -> _Person:
        language = self._random.choices(list(PHRASES), [each.share for each in PHRASES.values()])[0]
        return _Person(str(10**12 + next(self._numbers)), language)

    def _text(self, language: str) -> str:
        if self._random.random() < 1 / 30:
            return self._random.choice(WORDLESS)
        phrases, choose = PHRASES[language], self._random.choice
        order = self._random.randrange(10**5, 10**6)
        ending = self._random.choice(("", "", f" #{order}", f" https://example.com/o/{order}", " 😕"))
        return f"{choose(phrases.openings)} {choose(phrases.troubles)}. {choose(phrases.wishes)}{ending}"

    def _x_id(self, at: datetime) -> str:
        milliseconds = int((at.timestamp() - _X_EPOCH) * 1000)
        return str(milliseconds << 22 | next(self._numbers) % 2**22)


def profile(x_id: str) -> Profile:
    """What X would tell of that person."""
    return Profile(x_id, f"customer{x_id[-9:]}"[:15], f"Customer {x_id[-6:]}")
