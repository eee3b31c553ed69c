"""How the desk fares: for every page's header, as JSON for whoever is signed in, in one word for monitors."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, RedirectResponse
from sqlmodel import Session

from socialdesk import health
from socialdesk.console.access import LARGEST_ID, Admitted, Visit
from socialdesk.console.kept import Kept
from socialdesk.errors import DatabaseUnusable
from socialdesk.health import AccountHealth, ChannelHealth
from socialdesk.polling import gaps
from socialdesk.polling.gaps import Gap
from socialdesk.polling.rates import Rate
from socialdesk.settings import Polling

__all__ = ["KEPT_SECONDS", "AccountHealth", "ChannelHealth", "keep", "of", "router"]

router = APIRouter()
KEPT_SECONDS = 1.0

Status = Literal["ok", "degraded", "failed"]


def keep(polling: Polling) -> Kept[list[AccountHealth]]:
    """Everybody's view of the health, read once a second at most."""
    return Kept(partial(health.read, polling=polling), seconds=KEPT_SECONDS)


def of(visit: Visit, session: Session) -> list[AccountHealth]:
    """The same for his accounts, at most a second old."""
    found = _kept(visit.request, session)
    if visit.accounts is None:
        return found
    return [account for account in found if account.account_id in visit.accounts]


def _kept(request: Request, session: Session) -> list[AccountHealth]:
    found: list[AccountHealth] = request.app.state.health.of(session)
    return found


@router.get("/health.json")
def show(visit: Admitted) -> list[dict[str, Any]]:
    with visit.database.reading() as session:
        accounts = of(visit, session)
    return [_account(account) for account in accounts]


@router.api_route("/healthz", methods=["GET", "HEAD"])
def tell(visit: Admitted) -> JSONResponse:
    """For monitors, which are not signed in: one word. `failed` is no answer at all of use to anybody."""
    try:
        with visit.database.reading() as session:
            status = _status(of(visit, session))
    except DatabaseUnusable:
        status = "failed"
    return JSONResponse({"status": status}, 503 if status == "failed" else 200)


@router.post("/gaps/{gap_id}/acknowledgement")
def acknowledge(visit: Admitted, gap_id: Annotated[int, Path(ge=1, le=LARGEST_ID)]) -> RedirectResponse:
    with visit.database.transaction() as session:
        gaps.hold(session, gap_id).acknowledge(by=visit.agent)
    visit.request.app.state.health.forget()
    return RedirectResponse("/queue", 303)


def _status(accounts: list[AccountHealth]) -> Status:
    if accounts and all(account.deaf for account in accounts):
        return "failed"
    return "degraded" if any(account.worried for account in accounts) else "ok"


def _account(account: AccountHealth) -> dict[str, Any]:
    return {
        "account": account.handle,
        "trouble": account.trouble,
        "stopped_rules": [each.rule_id for each in account.stopped],
        "channels": {each.channel: _channel(each) for each in account.all_channels},
    }


def _channel(channel: ChannelHealth) -> dict[str, Any]:
    return {
        "seconds_behind": int(channel.behind.total_seconds()) if channel.behind else None,
        "next_look_at": channel.next_at.isoformat() if channel.next_at else None,
        "requests_left": channel.requests_left,
        "trouble": channel.trouble,
        "workers_silent": channel.silent,
        "gaps": [_gap(gap) for gap in channel.gaps],
        "rate": _rate(channel.rate) if channel.rate else None,
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "from": gap.from_at.isoformat() if gap.from_at else None,
        "to": gap.to_at.isoformat(),
        "minutes": int(gap.length.total_seconds() // 60) if gap.length else None,
        "found_at": gap.found_at.isoformat(),
        "state": gap.state,
        "filled_with": gap.found,
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "hours": int(rate.window.total_seconds() // 3600),
        "came": rate.came,
        "usual": round(rate.usual, 1),
        "weeks": rate.weeks,
        "too_few": rate.too_few,
    }
