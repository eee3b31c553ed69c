"""One API request as an endpoint sees it, and the shape of an endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from socialdesk.sandbox import problems
from socialdesk.sandbox.asking import Asked
from socialdesk.sandbox.identities import Identity
from socialdesk.sandbox.ids import is_id
from socialdesk.sandbox.ledger import Price
from socialdesk.sandbox.users import User
from socialdesk.sandbox.world import World

Body = dict[str, Any]


@dataclass(frozen=True)
class Call:
    world: World
    identity: Identity
    asked: Asked
    path: Mapping[str, str]
    body: Body = field(default_factory=dict)

    @property
    def me(self) -> User:
        """The account that calls. Only for endpoints that an app alone may not use."""
        user = self.world.user_by_id(self.identity.user_id or "")
        if user is None:
            raise problems.user_context_needed()
        return user

    @property
    def account(self) -> str:
        """Under what name the ledger charges this call."""
        return self.me.handle if self.identity.user_id else self.identity.key

    def may_see(self, author: User | None) -> bool:
        if author is None or author.suspended:
            return False
        return not author.protected or author.id == self.identity.user_id

    def id_in_path(self, name: str) -> str:
        value = self.path[name]
        if not is_id(value):
            raise problems.invalid(
                f"The `{name}` path parameter value [{value}] is not valid", **{name: value}
            )
        return value

    def charge_read(self, price: Price, ids: Iterable[str]) -> None:
        self.world.ledger.read(self.account, self.world.now().date(), price, ids)

    def charge_write(self, price: Price) -> None:
        self.world.ledger.wrote(self.account, self.world.now().date(), price)


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    respond: Callable[[Call], Body]
    parameters: frozenset[str] = frozenset()
    needs_user: bool = False
    status: int = 200

    @property
    def name(self) -> str:
        """As X's documents and this sandbox's limits and faults name it: GET /2/users/:id/mentions."""
        return f"{self.method} " + re.sub(r"{(\w+)}", r":\1", self.path)
