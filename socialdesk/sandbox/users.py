"""The people and companies with an account on the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(eq=False)
class User:
    """Somebody with an account; it may become protected or suspended later, and come back."""

    id: str
    handle: str
    name: str
    created_at: datetime
    description: str = ""
    protected: bool = False
    verified: bool = False
    longer_posts: bool = False
    """May write up to 25,000 characters in one post, as paying accounts may."""
    receives_direct_messages: bool = True
    suspended: bool = False
    """By X: the account and all its posts are there for nobody."""
