"""Passwords: which are good enough, how they are kept, and how many are looked at at the same time."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from socialdesk.errors import BadInput, Busy
from socialdesk.phrases import gettext as _

SHORTEST = 8  # ASVS 5.0, 6.2.1
LONGEST = 256
FEWEST_SIGNS = 4  # "aaaaaaaa" and "12121212" are nobody's secret

# argon2id with 19 MiB and two passes: OWASP's first choice, 45 ms here. Two at a time bound the memory and
# the CPU that a flood of sign-ins can take from everybody else, and so few may wait for their turn that
# most of the threads which answer requests are always free for the others.
AT_ONCE = 2
MOST_WAITING = 14
_passwords = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))
_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


def hashed(password: str, *, of: str = "") -> str:
    """What is kept of the password of the agent with that user name. Raises BadInput, Busy."""
    _refuse_weak(password, of)
    with _turn():
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
