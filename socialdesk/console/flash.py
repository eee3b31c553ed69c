"""What has just been done, told once on the page that follows: a word and a case in its address.

What became of an approved reply is told as long as the page is open: it waits, it is sent, X refused it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from socialdesk import clock, replies
from socialdesk.casework.corrections import CHOICES
from socialdesk.console.health import AccountHealth
from socialdesk.console.ways_back import way_back
from socialdesk.languages import LANGUAGES, OTHER, name_of
from socialdesk.messages import Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import bare, mark
from socialdesk.phrases import gettext as _
from socialdesk.phrases.stored import retold
from socialdesk.replies import Reply, State
from socialdesk.replying import forecasts
from socialdesk.settings import Sending
from socialdesk.topics import TOPICS


def language_told(language: str, *, changed: bool = True) -> str:
    """The word for a corrected language, or for a guess that was confirmed."""
    return f"language_{language}" if changed else f"confirmed_{language}"


def topic_told(topic: str) -> str:
    """The word for a corrected topic."""
    return f"topic_{topic}"


SENTENCES = {
    "public": mark("Approved: the public reply goes out now."),
    "private": mark("Approved: the direct message goes out now."),
    "submitted": mark("A second person has to approve it: it waits for that now."),
    "sent_back": mark("Sent back: its author reads why on the case."),
    "drafted": mark("Draft saved. Your colleagues see it too."),
    "renewed": mark("Read, and the draft is up to date. Nothing has gone out yet."),
    "moved": mark("The words are in a draft of the other kind now. Nothing has gone out yet."),
    "unsaid": mark("The personal data are taken out: read what is left. Nothing has gone out yet."),
    "stripped": mark("What nobody could see is taken out. Nothing has gone out yet."),
    "discarded": mark("The draft is gone."),
    "left_incident": mark("Taken out of the incident."),
    "forgotten": mark("What you had typed and not saved is gone."),
    "cancelled": mark("The reply was taken back."),
    "cancelled_kept": mark(
        "The reply was taken back. The case has another draft by now: these words are kept for their author."
    ),
    "unapproved": mark("The approval is taken back: the reply waits for a second person again."),
    "redrafted": mark("The approval is taken back: the reply is a draft again."),
    "on_x": mark("Noted: the reply is on X."),
    "missing": mark("Noted: the reply was not on X. It is sent again."),
    "undone": mark("Undone: everything is as it was before."),
    "resolved": mark("The case is resolved."),
    "transcript": mark("The transcript is on its way."),
    "reopened": mark("The case is open again."),
    "snoozed": mark("The case is snoozed: it comes back by itself, and at once when the customer writes."),
    "woken": mark("The case is awake."),
    "noted": mark("Noted. Only colleagues can read it."),
    "noted_nobody": mark("Noted. A name after an @ is nobody's here, so nobody was called by it."),
    "noted_some": mark(
        "Noted. Colleagues who were named are called; another name after an @ is nobody's here."
    ),
    "note_edited": mark("The note is changed; what it said before is kept."),
    "note_deleted": mark("The note is deleted."),
    "taken": mark("The case is yours."),
    "released": mark("The case is nobody's now."),
    "blocked": mark("Blocked: what this customer writes opens nothing any more."),
    "unblocked": mark("The customer is heard again, with what was written meanwhile."),
    "muted": mark("Muted: nothing in this conversation opens anything any more."),
    "merged": mark("Merged: everything of that case is in this one now."),
    "unmerged": mark("The merge is undone: this case has its own again."),
    "split": mark("Split: this is a case of its own now."),
    "rejoined": mark("The split is undone: everything is in this case again."),
    "priority_normal": mark("The priority is normal now."),
    "priority_high": mark("The priority is high now."),
    "priority_urgent": mark("The priority is urgent now."),
    "tagged": mark("The case has the tag now."),
    "untagged": mark("The tag is off the case."),
    "opted_out": mark("Noted: this customer wants to hear nothing more from us."),
    "opted_in": mark("Noted: this customer may be written to again."),
    "unmuted": mark("The conversation is heard again, with what was written in it meanwhile."),
}
_SET = {language_told(code): code for code in CHOICES}
_CONFIRMED = {language_told(code, changed=False): code for code in (*LANGUAGES, OTHER)}
_SORTED = {topic_told(code): code for code in TOPICS}
_OUT: dict[str, dict[str, str]] = {
    "public": {
        "soon": mark("Approved: the public reply goes out %(time)s."),
        "later": mark("Approved: the public reply goes out at %(time)s."),
        State.SENT: mark("Approved and sent: the public reply is on X."),
        State.HELD: mark("Approved, but the public reply has not gone out: %(why)s"),
        State.UNKNOWN: mark("Approved, but X gave no answer: the desk looks for the public reply there."),
        State.CANCELLED: SENTENCES["cancelled"],
    },
    "private": {
        "soon": mark("Approved: the direct message goes out %(time)s."),
        "later": mark("Approved: the direct message goes out at %(time)s."),
        State.SENT: mark("Approved and sent: the direct message is on X."),
        State.HELD: mark("Approved, but the direct message has not gone out: %(why)s"),
        State.UNKNOWN: mark("Approved, but X gave no answer: the desk looks for the direct message there."),
        State.CANCELLED: SENTENCES["cancelled"],
    },
}

SOON = timedelta(minutes=1)  # what leaves within that is counted down


@dataclass(frozen=True, slots=True)
class Flash:
    """`done` is what the address says; `leaves_at` is set when the sentence has a place for a time to come,
    or of how long it is until then when that is `soon`; `undo` when one click takes it back: where that goes
    to."""

    done: str
    sentence: str
    case_id: int
    bad: bool = False
    leaves_at: datetime | None = None
    undo: str | None = None
    soon: bool = False


def told(what: str, case_id: int | None) -> str:
    """The value of `done` in the address that follows."""
    return f"{what}-{case_id}"


def flash(
    session: Session,
    done: str,
    accounts: Sequence[AccountHealth],
    sending: Sending | None = None,
    *,
    by: Agent,
) -> Flash | None:
    """Only sentences of ours can be shown, whoever made the address; `sending` says at which pace replies
    leave, and `by` reads it: what he has done himself he can undo."""
    what, _dash, number = done.partition("-")
    sentence = _sentence(what)
    if sentence is None or not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    case_id = int(number)
    reply = replies.newest_out(session, case_id, Visibility(what)) if what in _OUT else None
    account = next((each for each in accounts if reply and each.account_id == reply.account_id), None)
    if reply is None or account is None:
        return Flash(done, sentence, case_id, undo=way_back(session, what, case_id, by=by))
    approved = reply.state == State.APPROVED
    leaves_at = _leaves_at(session, reply, sending) if approved else None
    soon = bool(leaves_at and leaves_at - clock.now() < SOON)
    return Flash(
        done,
        _outcome(reply, leaves_at, soon=soon),
        case_id,
        reply.state in _BAD,
        leaves_at,
        f"/replies/{reply.id}/cancellation" if approved else None,
        soon,
    )


def _leaves_at(session: Session, reply: Reply, sending: Sending | None) -> datetime | None:
    """None when that is at once."""
    moment = forecasts.leaves_at(session, reply.account_id, sending).get(reply.id or 0)
    return moment if moment and moment - clock.now() > timedelta(seconds=1) else None


_BAD = (State.HELD, State.UNKNOWN)


def _sentence(what: str) -> str | None:
    """In the reader's language; None for a word that no address of ours has."""
    if what in _SET:
        return _("Language set to %(language)s.", language=name_of(_SET[what]))
    if what in _CONFIRMED:
        return _("%(language)s is confirmed.", language=name_of(_CONFIRMED[what]))
    if what in _SORTED:
        return _("Topic set to %(topic)s.", topic=bare(TOPICS[_SORTED[what]]))
    return bare(SENTENCES[what]) if what in SENTENCES else None


def _outcome(reply: Reply, leaves_at: datetime | None, *, soon: bool) -> str:
    told = _OUT[reply.visibility]
    if leaves_at:
        return bare(told["soon" if soon else "later"])
    sentence = told.get(reply.state, SENTENCES[reply.visibility])
    return _(sentence, why=retold(reply.trouble or "")) if reply.state == State.HELD else bare(sentence)
