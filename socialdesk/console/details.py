"""How the details of the audit log read: what each is called, and the words that stand in it."""

from __future__ import annotations

from typing import Any

from socialdesk import languages
from socialdesk.console.words import comma, role_name
from socialdesk.measures import count
from socialdesk.people.agents import Role
from socialdesk.phrases import bare, mark
from socialdesk.phrases import gettext as _

NAMES = {
    "after": mark("after"),
    "accounts": mark("accounts"),
    "before": mark("before"),
    "by_means_of": mark("by means of"),
    "cases": mark("cases"),
    "days_off": mark("days off"),
    "device": mark("device"),
    "ending": mark("ending"),
    "final": mark("closing reply"),
    "form": mark("form"),
    "guard": mark("guard"),
    "host": mark("address"),
    "incident": mark("incident"),
    "into": mark("into case"),
    "kinds": mark("kinds"),
    "languages": mark("languages"),
    "message": mark("post"),
    "most_waiting": mark("most cases waiting"),
    "name": mark("name"),
    "other": mark("other case"),
    "read": mark("read in"),
    "reply": mark("reply"),
    "role": mark("role"),
    "scopes": mark("may"),
    "sessions": mark("sessions"),
    "template": mark("reply template"),
    "times": mark("how often within the minute"),
    "to": mark("new name"),
    "url": mark("address"),
    "version": mark("version"),
    "way": mark("way"),
    "week": mark("week"),
    "why": mark("why"),
    "wrong": mark("what was wrong"),
    "zone": mark("time zone"),
}
_DIGEST, _SHOWN = 64, 12  # signs: enough to tell two texts apart, and `socialdesk audit show` has all
_COUNTED = ("cases", "days_off", "most_waiting", "sessions", "times")
# What stands in some details is one of a few words of the desk's.
_WORDS = {
    ("by_means_of", "password"): mark("password"),
    ("by_means_of", "code"): mark("one-time code"),
    ("by_means_of", "recovery_code"): mark("recovery code"),
    ("wrong", "password"): mark("password"),
    ("wrong", "code"): mark("one-time code"),
    ("way", "dm"): mark("direct message"),
    ("way", "mail"): mark("mail"),
    ("ending", "queue"): mark("back to the queue"),
    ("ending", "resolve"): mark("resolved"),
    ("levels", "none"): mark("not at all"),
    ("levels", "reads"): mark("reads"),
    ("levels", "writes"): mark("reads and writes"),
}


def name_of(name: str) -> str:
    return bare(NAMES[name]) if name in NAMES else name.replace("_", " ")


def in_words(value: Any, name: str = "") -> str:
    """A detail as a person reads it: the parts of what has several, one after the other."""
    if name == "languages" and isinstance(value, dict):
        told = [f"{languages.name_of(code)} {in_words(level, 'levels')}" for code, level in value.items()]
        return comma().join(told)
    if isinstance(value, dict):
        return comma().join([f"{name_of(part)} {in_words(each, part)}" for part, each in value.items()])
    if isinstance(value, list | tuple):
        return comma().join([in_words(each, name) for each in value])
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _word(value, name)


def _word(value: Any, name: str) -> str:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return _("yes") if value.lower() == "true" else _("no")
    if name in ("role", "before") and value in list(Role):
        return role_name(value)
    if name in _COUNTED and isinstance(value, int):
        return count(value)
    if name in ("before", "after") and isinstance(value, str) and len(value) == _DIGEST:
        return f"{value[:_SHOWN]}…"
    return bare(_WORDS[name, value]) if (name, value) in _WORDS else str(value)
