"""Which passwords are refused, and that good ones are not."""

from __future__ import annotations

import time

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from socialdesk.errors import BadInput
from socialdesk.people import passwords


def test_none_of_the_most_used_passwords_is_taken() -> None:
    """The first 3,000 of them that are long enough (ASVS 5.0, 6.2.4); every hundredth, to be quick."""
    fitting = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= passwords.SHORTEST]
    assert len(fitting) > 3_000
    for each in fitting[:3_000:100]:
        with pytest.raises(BadInput):
            passwords.hashed(each)


@pytest.mark.parametrize(
    "password",
    [
        "Password1!",
        "p4ssw0rd",
        "qwertyuiop",
        "letmein!!",
        "abcabcabc",
        "SocialDesk1",
        "northwindhelp1",
        "NorthwindHelp!",
        "ana.horvat",
    ],
)
def test_what_is_soon_guessed_is_refused(password: str) -> None:
    with pytest.raises(BadInput):
        passwords.hashed(password, of="ana.horvat", near=["NorthwindHelp"])


@pytest.mark.parametrize(
    "password",
    [
        "socialdesk2026!",
        "S0c1alDesk-2026!",
        "anahorvat2026",
        "Horvat!!2026",
        "An4H0rvat#99",
        "Winter2026!",
        "Welcome2026!",
        "N0rthwindHelp2026!",
        "winter-welcome-ana",
    ],
)
def test_the_words_of_the_desk_and_of_its_people_make_a_password_no_better(password: str) -> None:
    with pytest.raises(BadInput, match="soon be guessed"):
        passwords.hashed(password, of="ana.horvat", near=["Ana", "Horvat", "NorthwindHelp"])


@pytest.mark.parametrize(
    "password", ["socialdesk feeds eleven walrus", "banana winter umbrella 12", "Ana x9!kQ2vbR"]
)
def test_they_may_stand_in_one_that_is_good_without_them(password: str) -> None:
    assert passwords.hashed(password, of="ana.horvat", near=["Ana", "Horvat", "NorthwindHelp"])


@pytest.mark.parametrize(
    "password", ["seven otters on bicycles", "blue harbour 12", "пять выдр на велосипеде", "x9!kQ2vbR"]
)
def test_what_nobody_thinks_of_is_taken(password: str) -> None:
    assert passwords.fits(password, passwords.hashed(password, of="ana", near=["NorthwindHelp"]))


def test_the_longest_password_is_looked_at_quickly() -> None:
    begun = time.monotonic()
    with pytest.raises(BadInput):
        passwords.hashed("password" * (passwords.LONGEST // 8))
    assert time.monotonic() - begun < 20  # a quarter of a second; a busy machine gets more
