"""How far replies by rules may go, as settings.toml gives it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Automation(BaseModel):
    """`never` are handles that no rule writes to; `privacy_link` stands under its direct messages.

    A rule goes off by itself when of its last `misfire_last` replies a share of `misfire_share` went wrong;
    a template in `apologies` that an agent sends afterwards says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    never: frozenset[str] = frozenset()
    privacy_link: str = Field(default="", pattern=r"^(https://\S+)?$")
    reach_hours: float = Field(default=12, gt=0, le=72)
    misfire_last: int = Field(default=50, ge=5, le=1000)
    misfire_share: float = Field(default=0.2, gt=0, le=1)
    apologies: frozenset[str] = frozenset({"apology_and_follow_up"})

    @field_validator("never")
    @classmethod
    def _as_compared(cls, never: frozenset[str]) -> frozenset[str]:
        return frozenset(each.removeprefix("@").lower() for each in never)
