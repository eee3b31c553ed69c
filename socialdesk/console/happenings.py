"""What happened to a case, in one sentence each: the small print of its thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from babel.lists import format_list

from socialdesk import exposure, guards
from socialdesk.console import given
from socialdesk.history import CaseEvent
from socialdesk.languages import OTHER, name_of
from socialdesk.phrases import SOURCE, bare, locale, mark, reader
from socialdesk.phrases import gettext as _
from socialdesk.phrases.stored import retold
from socialdesk.placing.muting import BLOCKED, MUTED
from socialdesk.satisfaction.asking import ASKED
from socialdesk.satisfaction.telling import HELPED, NOT_HELPED
from socialdesk.topics import TOPICS
from socialdesk.transcripts import SENT


def listed(kinds: str | None) -> str:
    """The kinds of personal data; English has them apart by commas alone."""
    told = [bare(each) for each in exposure.names(kinds)]
    return ", ".join(told) if reader() == SOURCE else format_list(told, locale=locale())


def sentence(event: CaseEvent, names: Mapping[int, str]) -> str | None:
    """None for what the thread shows anyway."""
    by, told = names.get(event.agent_id or 0, _("Somebody")), event.details | {"at": event.at}
    if event.kind in _TOLD:
        return _TOLD[event.kind](by, told)
    if "unanswered" in told:
        return _("Back from being snoozed: the customer has not written since")
    if event.agent_id is None and event.kind in _BY_ITSELF:
        return bare(_BY_ITSELF[event.kind])
    if event.kind in _ACTED:
        values = {"number": told.get("into") or told.get("other"), "why": told.get("why")}
        return _(_ACTED[event.kind], name=by, **values)
    return None


_BY_RULE = {
    "sent": mark("Answered by the rule “%(rule)s”. %(because)s"),
    "proposed": mark("Drafted by the rule “%(rule)s”. %(because)s"),
    "assigned": mark("Assigned by the rule “%(rule)s”. %(because)s"),
    "priority": mark("Given its priority by the rule “%(rule)s”. %(because)s"),
    "tagged": mark("Tagged by the rule “%(rule)s”. %(because)s"),
    "snoozed": mark("Snoozed by the rule “%(rule)s”. %(because)s"),
    "silenced": mark("Closed as noise by the rule “%(rule)s”. %(because)s"),
    "left": mark("Left to people by the rule “%(rule)s”. %(because)s"),
}
_SILENCED = {
    BLOCKED: mark("Closed: the customer was blocked"),
    MUTED: mark("Closed: the conversation was muted"),
}
_BY_ITSELF = {
    "reopened": mark("Reopened: the customer wrote again"),
    "edited": mark("The customer edited a post"),
    "woken": mark("Back from being snoozed"),
    "message_gone": mark("A post of the customer's is gone from X"),
    "message_back": mark("A post of the customer's is on X again"),
    BLOCKED: mark("Kept, and waits for nobody: the customer is blocked"),
    MUTED: mark("Kept, and waits for nobody: the conversation is muted"),
}
_ACTED = {
    "resolved": mark("%(name)s resolved the case"),
    "snoozed": mark("%(name)s snoozed the case"),
    "woken": mark("%(name)s woke the case"),
    "reopened": mark("%(name)s reopened the case"),
    "reply_cancelled": mark("%(name)s took a reply back"),
    "reply_submitted": mark("%(name)s asked for a second person to approve a reply"),
    "reply_sent_back": mark("%(name)s sent a reply back: %(why)s"),
    "person_erased": mark("%(name)s erased this person's data"),
    "opted_out": mark("%(name)s noted that the customer wants to hear nothing more"),
    "opted_in": mark("%(name)s noted that the customer may be written to again"),
    BLOCKED: mark("%(name)s blocked the customer"),
    "unblocked": mark("%(name)s unblocked the customer"),
    MUTED: mark("%(name)s muted the conversation"),
    "unmuted": mark("%(name)s lifted the conversation's mute"),
    "split": mark("%(name)s split this case: the rest is in case %(number)s"),
    "split_off": mark("%(name)s split this case from case %(number)s"),
    "merged": mark("%(name)s merged this case into case %(number)s"),
    "took_in": mark("%(name)s merged case %(number)s into this one"),
    "unmerged": mark("%(name)s took this case out of case %(number)s again"),
    "gave_back": mark("%(name)s took case %(number)s out of this one again"),
}
_HOLDING = {
    "sent": mark("Given the holding reply of the incident “%(incident)s”"),
    "proposed": mark("Drafted the holding reply of the incident “%(incident)s”: %(because)s"),
    "left": mark("Left out by the holding reply of the incident “%(incident)s”: %(because)s"),
}
_CLOSING = {
    "sent": mark("Told by the closing reply of the incident “%(incident)s”"),
    "proposed": mark("Drafted the closing reply of the incident “%(incident)s”: %(because)s"),
    "left": mark("Left out by the closing reply of the incident “%(incident)s”: %(because)s"),
}
_ANSWERED = {
    HELPED: mark("The customer says that we were able to help"),
    NOT_HELPED: mark("The customer says that we were not able to help"),
}
_IN_WORDS = {
    HELPED: mark("The customer says that we were able to help: “%(why)s”"),
    NOT_HELPED: mark("The customer says that we were not able to help: “%(why)s”"),
}
_PRIORITIES = {
    "normal": mark("%(name)s set the priority to normal"),
    "high": mark("%(name)s set the priority to high"),
    "urgent": mark("%(name)s set the priority to urgent"),
}


def _by_rule(_by: str, told: Mapping[str, Any]) -> str:
    sentence, rule, why = _BY_RULE[told["did"]], bare(told["rule"]), retold(told["because"])
    return _(sentence, rule=rule, because=why)


def _held(_by: str, told: Mapping[str, Any]) -> str:
    sentence = _HOLDING[told["did"]]
    return _(sentence, incident=told["name"], because=retold(told.get("because", "")))


def _told(_by: str, told: Mapping[str, Any]) -> str:
    sentence = _CLOSING[told["did"]]
    return _(sentence, incident=told["name"], because=retold(told.get("because", "")))


def _joined(by: str, told: Mapping[str, Any]) -> str:
    if told.get("how") == "rule":
        return _("Joined the incident “%(incident)s”, which is about the same", incident=told["name"])
    return _("%(name)s put this case into the incident “%(incident)s”", name=by, incident=told["name"])


def _left(by: str, told: Mapping[str, Any]) -> str:
    return _("%(name)s took this case out of the incident “%(incident)s”", name=by, incident=told["name"])


def _in_wave(_by: str, told: Mapping[str, Any]) -> str:
    return _("Far more cases than usual are about this: %(topic)s", topic=bare(TOPICS[told["topic"]]))


def _in_spite_of(by: str, told: Mapping[str, Any]) -> str:
    what = bare(guards.IN_SPITE_OF.get(guards.Kind(told["guard"]), "")) if told.get("guard") else ""
    if "why" not in told:
        return _("%(name)s let a reply go in spite of this: %(what)s", name=by, what=what)
    why = retold(told["why"])
    return _("%(name)s let a reply go in spite of this: %(what)s (%(why)s)", name=by, what=what, why=why)


def _language_confirmation(by: str, told: Mapping[str, Any]) -> str:
    if "undone" in told:
        return _("%(name)s took back that the language is confirmed", name=by)
    if told["language"] == OTHER:
        return _("%(name)s confirmed that it is another language", name=by)
    return _("%(name)s confirmed that it is %(language)s", name=by, language=name_of(told["language"]))


def _language_correction(by: str, told: Mapping[str, Any]) -> str:
    was, now = name_of(told["from"]), name_of(told["to"])
    if "undone" in told:
        return _(
            "%(name)s took the correction back: the language is %(language)s again", name=by, language=now
        )
    return _("%(name)s corrected the language from %(was)s to %(now)s", name=by, was=was, now=now)


def _topic_correction(by: str, told: Mapping[str, Any]) -> str:
    if "to" not in told:
        return _("%(name)s took the topic back: none is told", name=by)
    was, now = told.get("from"), bare(TOPICS[told["to"]])
    if "undone" in told:
        return _("%(name)s took the correction back: the topic is %(topic)s again", name=by, topic=now)
    if was is None:
        return _("%(name)s set the topic to %(now)s", name=by, now=now)
    return _("%(name)s corrected the topic from %(was)s to %(now)s", name=by, was=bare(TOPICS[was]), now=now)


def _drafted(by: str, told: Mapping[str, Any]) -> str | None:
    """That somebody writes is not worth a line."""
    if "unapproved" in told:
        return _("%(name)s took a reply's approval back", name=by)
    return _("%(name)s brought a discarded draft back", name=by) if "restored" in told else None


def _settled(by: str, told: Mapping[str, Any]) -> str:
    if "on_x" in told:
        return _("%(name)s looked on X: the reply had been posted", name=by)
    return _("%(name)s looked on X: the reply had not been posted, and is sent again", name=by)


def _assignment(by: str, told: Mapping[str, Any]) -> str:
    to = told.get("to")
    if "because" in told:
        return given.given(told)
    if to is None:
        return _("%(name)s left the case to others", name=by)
    if to == by:
        return _("%(name)s took the case", name=by)
    return _("%(name)s gave the case to %(colleague)s", name=by, colleague=to)


def _tagged(by: str, told: Mapping[str, Any]) -> str:
    return _("%(name)s added the tag “%(tag)s”", name=by, tag=told["tag"])


def _untagged(by: str, told: Mapping[str, Any]) -> str:
    return _("%(name)s removed the tag “%(tag)s”", name=by, tag=told["tag"])


def _prioritized(by: str, told: Mapping[str, Any]) -> str | None:
    sentence = _PRIORITIES.get(told.get("to", ""))
    return _(sentence, name=by) if sentence else None


def _closing_answer(kind: str) -> Callable[[str, Mapping[str, Any]], str]:
    """The comment is the customer's own."""
    return lambda _by, told: _(_IN_WORDS[kind], why=told["why"]) if told.get("why") else bare(_ANSWERED[kind])


def _transcript(by: str, told: Mapping[str, Any]) -> str:
    if told["way"] == "mail":
        return _("%(name)s sent the customer the transcript by e-mail", name=by)
    return _("%(name)s sent the customer the transcript by direct message", name=by)


def _personal_shown(by: str, told: Mapping[str, Any]) -> str:
    return _("%(name)s looked at what is hidden: %(kinds)s", name=by, kinds=listed(told["kinds"]))


# What takes more than a sentence with names and numbers put in.
_TOLD: dict[str, Callable[[str, Mapping[str, Any]], str | None]] = {
    "assigned": _assignment,
    "reply_draft": _drafted,
    "reply_settled": _settled,
    "language_corrected": _language_correction,
    "language_confirmed": _language_confirmation,
    "topic_corrected": _topic_correction,
    "prioritized": _prioritized,
    "tagged": _tagged,
    "untagged": _untagged,
    "personal_shown": _personal_shown,
    "silenced": lambda _by, told: bare(_SILENCED[told["why"]]) if told["why"] in _SILENCED else None,
    "rule_fired": _by_rule,
    ASKED: lambda _by, _told: _("The customer is asked whether we were able to help"),
    HELPED: _closing_answer(HELPED),
    NOT_HELPED: _closing_answer(NOT_HELPED),
    SENT: _transcript,
    "not_routed": lambda _by, told: given.not_given(told),
    "guard_overridden": _in_spite_of,
    "incident_held": _held,
    "incident_told": _told,
    "wave_found": _in_wave,
    "incident_joined": _joined,
    "incident_left": _left,
}
