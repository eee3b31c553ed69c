"""Whether a text may go out as it stands: what the counter below the composer shows."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import BaseModel, Field

from socialdesk import fitting, guards
from socialdesk.console.access import Admitted
from socialdesk.messages import Visibility, clean

router = APIRouter()


class Wording(BaseModel):
    text: str = Field(max_length=20_000)
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class Fit:
    """`weighted_length` is in X's weighted characters for a post, in plain ones for a direct message."""

    weighted_length: int
    limit: int
    fits: bool
    objections: list[str]


def judge(text: str, visibility: str) -> Fit:
    text = clean(text).strip()
    private = visibility == Visibility.PRIVATE
    length = len(text) if private else fitting.weighted_length(text)
    limit = guards.LONGEST_PRIVATE if private else fitting.LIMIT
    return Fit(length, limit, length <= limit, guards.objections(text, visibility) if text else [])


@router.post("/fit")
def answer(_: Admitted, wording: Wording) -> Fit:
    return judge(wording.text, wording.visibility)
