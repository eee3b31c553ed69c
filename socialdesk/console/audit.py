"""The audit log for supervisors, newest first, a page at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from socialdesk import audit
from socialdesk.console import health
from socialdesk.console.access import LARGEST_ID, Admitted

router = APIRouter()
ON_A_PAGE = 50
DEEDS = {
    "signed_in": "Signed in",
    "sign_in_failed": "Failed to sign in",
    "signed_out": "Signed out",
    "refused": "Was refused a page",
    "password_changed": "Changed the password",
    "agent_added": "Let somebody in",
    "agent_disabled": "Disabled somebody",
    "agent_enabled": "Let somebody in again",
    "codes_on": "Turned one-time codes on",
    "codes_off": "Turned one-time codes off",
    "recovery_codes_renewed": "Made new recovery codes",
    "sessions_ended": "Ended sessions",
    "template_edited": "Edited a reply text",
    "template_restored": "Restored a reply text",
    "guard_overridden": "Set a guard aside",
    "reply_approved": "Approved a reply",
    "reply_submitted": "Asked for a second person",
    "reply_sent_back": "Sent a reply back",
    "personal_shown": "Looked at hidden personal data",
    "opted_out": "Noted that the customer opted out",
    "opted_in": "Noted that the customer opted in",
    "merged": "Merged a case",
    "unmerged": "Undid a merge",
    "split": "Split a case",
    "blocked": "Blocked a customer",
    "unblocked": "Unblocked a customer",
    "muted": "Muted a conversation",
    "unmuted": "Unmuted a conversation",
}


@router.get("/audit")
def show(visit: Admitted, before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None) -> Response:
    with visit.database.reading() as session:
        entries = audit.newest(session, before=before, most=ON_A_PAGE + 1)
        accounts = health.of(visit, session)
    older = entries[ON_A_PAGE - 1].id if len(entries) > ON_A_PAGE else None
    return visit.page(
        "audit.html",
        entries=entries[:ON_A_PAGE],
        deeds=DEEDS,
        older=older,
        newest=before is None,
        accounts=accounts,
    )
