"""The audit log for admins, newest first, a page at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from socialdesk import audit
from socialdesk.console import details, health
from socialdesk.console.access import LARGEST_ID, Admitted
from socialdesk.phrases import mark

router = APIRouter()
ON_A_PAGE = 50
DEEDS = {
    "signed_in": mark("Signed in"),
    "sign_in_failed": mark("Failed to sign in"),
    "signed_out": mark("Signed out"),
    "refused": mark("Was refused a page"),
    "anothers_row": mark("Asked for what is another account’s"),
    "token_refused": mark("Gave a token that is not good"),
    "password_changed": mark("Changed the password"),
    "agent_added": mark("Let somebody in"),
    "agent_invited": mark("Invited somebody again"),
    "invitation_accepted": mark("Took up the invitation"),
    "person_exported": mark("Handed out a person's data"),
    "transcript_sent": mark("Sent a customer the transcript"),
    "person_erased": mark("Erased a person's data"),
    "role_changed": mark("Changed somebody's role"),
    "languages_changed": mark("Changed somebody's languages"),
    "shifts_changed": mark("Changed somebody's shifts"),
    "agent_disabled": mark("Disabled somebody"),
    "agent_enabled": mark("Let somebody in again"),
    "codes_on": mark("Turned one-time codes on"),
    "codes_off": mark("Turned one-time codes off"),
    "recovery_codes_renewed": mark("Made new recovery codes"),
    "sessions_ended": mark("Ended sessions"),
    "template_edited": mark("Edited a reply text"),
    "template_restored": mark("Restored a reply text"),
    "guard_overridden": mark("Set a guard aside"),
    "reply_approved": mark("Approved a reply"),
    "reply_edited": mark("Changed a reply’s words"),
    "reply_submitted": mark("Asked for a second person"),
    "reply_sent_back": mark("Sent a reply back"),
    "reply_settled": mark("Said whether a reply is on X"),
    "personal_shown": mark("Looked at hidden personal data"),
    "opted_out": mark("Noted that the customer opted out"),
    "opted_in": mark("Noted that the customer opted in"),
    "merged": mark("Merged a case"),
    "unmerged": mark("Undid a merge"),
    "split": mark("Split a case"),
    "blocked": mark("Blocked a customer"),
    "unblocked": mark("Unblocked a customer"),
    "muted": mark("Muted a conversation"),
    "tag_renamed": mark("Renamed a tag"),
    "tag_removed": mark("Removed a tag from every case"),
    "rule_switched_on": mark("Switched a rule on"),
    "rule_switched_off": mark("Switched a rule off"),
    "rule_stopped": mark("A rule stopped itself"),
    "template_released": mark("Released a reply text for rules"),
    "template_withdrawn": mark("Withdrew a reply text from rules"),
    "incident_opened": mark("Opened an incident"),
    "incident_approved": mark("Approved an incident’s holding reply"),
    "incident_stopped": mark("Stopped an incident’s holding reply"),
    "incident_closed": mark("Closed an incident"),
    "wave_dismissed": mark("Said that a wave is no incident"),
    "summary_subscribed": mark("Asked for the weekly summary by mail"),
    "summary_ended": mark("Ended a weekly summary"),
    "unmuted": mark("Unmuted a conversation"),
    "token_issued": mark("Made a token for a program"),
    "token_revoked": mark("Revoked a program’s token"),
    "webhook_added": mark("Added a webhook"),
    "webhook_ended": mark("Ended a webhook"),
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
        detail_name=details.name_of,
        in_words=details.in_words,
        older=older,
        newest=before is None,
        accounts=accounts,
    )
