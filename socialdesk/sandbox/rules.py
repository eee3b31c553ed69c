"""Where X's own behaviour is not known for certain, or differs between its contracts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Rules:
    replies_need_summons: bool = True
    """The reply rule of February 2026; large contracts are exempt."""
    implicit_mentions_summon: bool = True
    """Whether a handle that X carried over counts like one the author typed."""
    quotes_allowed: bool = False
    """Quoting by API needs a large contract."""
    largest_page: int = 100
    """X may give fewer than were asked for; its documents promise no number."""
