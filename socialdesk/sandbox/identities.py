"""Who is calling: the keys that developer apps were given, and the account each of them speaks for."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Identity:
    """One set of credentials. Without a user it is the app alone, which may only read what is public."""

    app: str
    user_id: str | None
    owns_app: bool = True
    """Reading one's own timeline is cheap only for the account that owns the developer app."""

    @property
    def key(self) -> str:
        return f"user {self.user_id}" if self.user_id else f"app {self.app}"


@dataclass(frozen=True)
class SigningKeys:
    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str


@dataclass
class Identities:
    _signing: dict[tuple[str, str], tuple[SigningKeys, Identity]] = field(default_factory=dict)
    _bearers: dict[str, Identity] = field(default_factory=dict)

    def add_signing(self, keys: SigningKeys, identity: Identity) -> None:
        self._signing[keys.consumer_key, keys.access_token] = keys, identity

    def add_bearer(self, token: str, identity: Identity) -> None:
        self._bearers[token] = identity

    def signing(self, consumer_key: str, access_token: str) -> tuple[SigningKeys, Identity] | None:
        return self._signing.get((consumer_key, access_token))

    def bearer(self, token: str) -> Identity | None:
        return self._bearers.get(token)
