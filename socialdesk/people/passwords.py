"""Passwords: which are good enough, how they are kept, and how many are looked at at the same time."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache

import regex
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from socialdesk.errors import BadInput, Busy
from socialdesk.phrases import gettext as _

SHORTEST = 8  # ASVS 5.0, 6.2.1
LONGEST = 256
FEWEST_SIGNS = 4  # "aaaaaaaa" and "12121212" are nobody's secret
# So many guesses, in the order in which people think of passwords, take no patience: the 30,000 most used
# ones are among them (ASVS 5.0, 6.2.4), rows of keys, years, and any of those with a sign behind it.
FEWEST_GUESSES = 1_000_000
_LOOKED_AT = 72  # characters: what comes behind them can only make it better, and takes long to look at
_OUR_WORDS = ("socialdesk", "social desk")  # ASVS 5.0, 6.1.2
# What people put before a year when they are told to have a new one.
_WORN_WORDS = ("spring", "summer", "autumn", "winter", "welcome", "password")
_SHORTEST_WORD = 3
_DISGUISES = (str.maketrans("013457@$!|", "oieastasil"), str.maketrans("013457@$!|", "oleastasil"))

# argon2id with 19 MiB and two passes: OWASP's first choice, 45 ms here. Two at a time bound the memory and
# the CPU that a flood of sign-ins can take from everybody else, and so few may wait for their turn that
# most of the threads which answer requests are always free for the others.
AT_ONCE = 2
MOST_WAITING = 14
_passwords = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))
_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


def hashed(password: str, *, of: str = "", near: Collection[str] = ()) -> str:
    """What is kept of the password of the agent with that user name. What is `near` him, such as the desk's
    handles, makes it no better. Raises BadInput, Busy."""
    _refuse_weak(password, of)
    with _turn():
        _refuse_guessed(password, [*_OUR_WORDS, of, *near])
        left = _without(password, [*_OUR_WORDS, *_WORN_WORDS, *regex.split("[._-]", of), of, *near])
        if left != password:
            _refuse_guessed(left if len(left) >= SHORTEST else "a")
        return _passwords.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether that was kept of the password; takes as long when nothing was. Raises Busy."""
    with _turn():
        right = _passwords.verify(password[:LONGEST], kept or _nobodys())
        return right and kept is not None and len(password) <= LONGEST


def _refuse_weak(password: str, username: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(_("A password has %(fewest)s to %(most)s characters.", fewest=SHORTEST, most=LONGEST))
    if not password.isprintable():
        raise BadInput(_("A password is made of letters, digits, signs and spaces (in UTF-8)."))
    if len(set(password)) < FEWEST_SIGNS:
        raise BadInput(_("A password has at least %(fewest)s different characters.", fewest=FEWEST_SIGNS))
    if username and password.lower().replace(username, "").strip("0123456789.-_!") == "":
        raise BadInput(_("The user name is no password, nor is it with a number behind it."))


def _refuse_guessed(password: str, near: Collection[str] = ()) -> None:
    from zxcvbn import zxcvbn  # its lists take half a second to read, and most commands need none of them

    inputs = [each.lower() for each in near if each]
    if (
        len(password) < SHORTEST
        or zxcvbn(password[:_LOOKED_AT], user_inputs=inputs)["guesses"] < FEWEST_GUESSES
    ):
        raise BadInput(_("That password would soon be guessed: take some words that do not belong together."))


def _without(password: str, words: Collection[str]) -> str:
    """What is left of it beside these words, which may be disguised as in "s0c1aldesk": it has to be good by
    itself (ASVS 5.0, 6.2.11)."""
    plain, cut = "".join(each.lower()[:1] for each in password), set[int]()
    for read in (plain, *(plain.translate(disguise) for disguise in _DISGUISES)):
        for word in {each.lower() for each in words if len(each) >= _SHORTEST_WORD}:
            for found in regex.finditer(regex.escape(word), read):
                cut.update(range(*found.span()))
    return "".join(each for at, each in enumerate(password) if at not in cut)


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Busy(_("Too many people are signing in at this moment: try again in some seconds."))
    try:
        with _turns:
            yield
    finally:
        _places.release()


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has."""
    return _passwords.hash(secrets.token_urlsafe(16))
