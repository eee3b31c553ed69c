"""For admins: each account with what X still grants it, the settings with where they came from, and the ways
to people, tokens, webhooks and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from socialdesk import accounts
from socialdesk.accounts import Account
from socialdesk.console import health
from socialdesk.console.access import Admitted
from socialdesk.health import AccountHealth
from socialdesk.polling import quarantine
from socialdesk.replying import allowances
from socialdesk.replying.allowances import SendBudget
from socialdesk.settings import origins

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Shown:
    """An account as it stands; `granted` is what X said last of sending, by visibility."""

    account: Account
    health: AccountHealth
    granted: Mapping[str, SendBudget]


@router.get("/admin")
def show(visit: Admitted) -> Response:
    with visit.database.reading() as session:
        healths = health.of(visit, session)
        rows = {each.id: each for each in accounts.all_of(session)}
        shown = [
            Shown(rows[each.account_id], each, allowances.of(session, each.account_id)) for each in healths
        ]
        set_aside = quarantine.size(session)
    return visit.page(
        "admin.html",
        shown=shown,
        settings=list(origins.of(visit.desk.settings)),
        set_aside=set_aside,
        accounts=healths,
    )
