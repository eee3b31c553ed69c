"""What has just been done, told once on the page that follows: a word and a case in its address."""

from __future__ import annotations

from dataclasses import dataclass

SENTENCES = {
    "public": "Approved: the public reply goes out now.",
    "private": "Approved: the direct message goes out now.",
    "drafted": "Draft saved. Your colleagues see it too.",
    "cancelled": "The reply was taken back.",
    "resolved": "The case is resolved.",
    "reopened": "The case is open again.",
    "taken": "The case is yours.",
    "released": "The case is nobody's now.",
}


@dataclass(frozen=True, slots=True)
class Flash:
    sentence: str
    case_id: int


def told(what: str, case_id: int | None) -> str:
    """The value of `done` in the address that follows."""
    return f"{what}-{case_id}"


def flash(done: str) -> Flash | None:
    """Only sentences of ours can be shown, whoever made the address."""
    what, _, case_id = done.partition("-")
    if what not in SENTENCES or not (case_id.isascii() and case_id.isdigit()):
        return None
    return Flash(SENTENCES[what], int(case_id))
