"""`replies/rules.toml`: the rules there are, and what is wrong with it, each with the rule and the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from socialdesk.automation.rules import Rule
from socialdesk.errors import NotFound, TemplateError
from socialdesk.messages import Visibility
from socialdesk.phrases import gettext as _
from socialdesk.settings import Settings
from socialdesk.templating.library import Library

NAME = "rules.toml"
_HEAD = re.compile(r"^\s*\[\[\s*rules\s*\]\]")
_TOML_PLACE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Flaw:
    """`line` counts from 1; `rule` is empty where it is about the whole file."""

    line: int
    rule: str
    words: str

    def __str__(self) -> str:
        told: dict[str, object] = {"file": NAME, "line": self.line, "words": self.words}
        if self.rule:
            return _("%(file)s, line %(line)s, rule %(rule)s: %(words)s", rule=self.rule, **told)
        return _("%(file)s, line %(line)s: %(words)s", **told)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules without a flaw, in the order of the file, and the flaws of the others."""

    rules: tuple[Rule, ...] = ()
    flaws: tuple[Flaw, ...] = ()

    def find(self, rule_id: str) -> Rule:
        """Raises NotFound."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise NotFound(
            _(
                "There is no rule %(rule)s that could be used: see `socialdesk rules check`.",
                rule=repr(rule_id),
            )
        )


def read(settings: Settings, library: Library) -> RuleBook:
    """A library without that file has no rules."""
    path = settings.paths.replies / NAME
    if not path.is_file():
        return RuleBook()
    return understand(path.read_bytes(), settings, library)


def understand(source: bytes, settings: Settings, library: Library) -> RuleBook:
    """The same of the file's content; nothing in it makes this raise."""
    try:
        text = source.decode()
        content = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        return RuleBook(flaws=(Flaw(line, "", _("this is not UTF-8: save it so.")),))
    except tomllib.TOMLDecodeError as error:
        return RuleBook(flaws=(_unreadable(error, last=source.count(b"\n") + 1),))
    found = content.pop("rules", [])
    lines = text.splitlines()
    flaws = [
        Flaw(_line_of(lines, 0, key), "", _("“%(key)s” is not known here: take it out.", key=key))
        for key in content
    ]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        return RuleBook(flaws=(*flaws, Flaw(1, "", _("each rule begins with a line [[rules]]."))))
    return _sorted_out(found, lines, flaws, settings, library)


def _sorted_out(
    found: Sequence[dict[str, Any]],
    lines: Sequence[str],
    flaws: list[Flaw],
    settings: Settings,
    library: Library,
) -> RuleBook:
    heads = [number for number, line in enumerate(lines) if _HEAD.match(line)]
    rules: list[Rule] = []
    for number, raw in enumerate(found):
        head = heads[number] if number < len(heads) else 0
        rule, wrong = _understood(raw)
        if rule:
            taken = any(each.id == rule.id for each in rules)
            again = _("there is a rule %(rule)s already: give this one another id.", rule=rule.id)
            wrong += [("id", again)] if taken else []
            wrong += list(_amiss(rule, settings, library))
        name = str(raw.get("id", f"number {number + 1}"))
        flaws += [Flaw(_line_of(lines, head, key), name, words) for key, words in wrong]
        rules += [rule] if rule and not wrong else []
    return RuleBook(tuple(rules), tuple(flaws))


def _understood(
    raw: dict[str, Any],
) -> tuple[Rule | None, list[tuple[str, str]]]:
    try:
        return Rule.model_validate(raw), []
    except ValidationError as error:
        told = error.errors(include_url=False)
        return None, [(str(each["loc"][0]) if each["loc"] else "", _sentence(each)) for each in told]


def _sentence(told: Any) -> str:
    """What is wrong and what to write instead."""
    key = str(told["loc"][0]) if told["loc"] else ""
    match told["type"]:
        case "extra_forbidden":
            near = get_close_matches(key, Rule.model_fields, n=1)
            if near:
                return _("“%(key)s” is nothing a rule has; write “%(near)s”.", key=key, near=near[0])
            return _("“%(key)s” is nothing a rule has; take it out.", key=key)
        case "missing":
            return _("“%(key)s” is missing: add it.", key=key)
        case "literal_error" | "enum":
            return _(
                "“%(value)s” is no “%(key)s”; write %(expected)s.",
                value=told["input"],
                key=key,
                expected=told["ctx"]["expected"],
            )
        case "string_pattern_mismatch":
            return _(
                "“%(value)s” is no id; write small letters and digits, joined by _.", value=told["input"]
            )
        case "value_error":
            return str(told["msg"]).removeprefix("Value error, ")
    why = str(told["msg"])  # the words of who checks the types, in English
    return _("“%(key)s” is wrong: %(why)s.", key=key, why=why[0].lower() + why[1:])


def _amiss(rule: Rule, settings: Settings, library: Library) -> Iterator[tuple[str, str]]:
    """What the rule names and the desk does not have."""
    handles = [account.handle for account in settings.accounts]
    if rule.account and rule.account.removeprefix("@").lower() not in map(str.lower, handles):
        yield (
            "account",
            _(
                "“%(account)s” is no account of the settings; write one of %(names)s.",
                account=rule.account,
                names=", ".join(handles),
            ),
        )
    if rule.calendar and rule.calendar not in settings.targets.calendars:
        yield "calendar", _no_calendar(rule.calendar, ", ".join(settings.targets.calendars))
    if rule.template:
        yield from _unfit(rule, rule.template, library)


def _no_calendar(calendar: str, names: str) -> str:
    if names:
        return _("“%(calendar)s” is no calendar of the settings: %(names)s.", calendar=calendar, names=names)
    return _(
        "“%(calendar)s” is no calendar of the settings: there is none yet, add one under targets.calendars.",
        calendar=calendar,
    )


def _unfit(rule: Rule, template: str, library: Library) -> Iterator[tuple[str, str]]:
    try:
        entry = library.find(template)
    except (NotFound, TemplateError):
        near = get_close_matches(template, [each.id for each in library.templates], n=1)
        yield "template", _no_template(template, near)
        return
    if rule.channel and rule.channel not in entry.channels:
        yield "template", _no_text(template, rule.channel)


def _no_template(template: str, near: Sequence[str]) -> str:
    if near:
        return _("“%(template)s” is no template; write “%(near)s”.", template=template, near=near[0])
    return _("“%(template)s” is no template; see catalog.toml.", template=template)


def _no_text(template: str, channel: str) -> str:
    if channel == Visibility.PUBLIC:
        return _("%(template)s has no public text; write another template or channel.", template=template)
    return _("%(template)s has no private text; write another template or channel.", template=template)


def _line_of(lines: Sequence[str], head: int, key: str) -> int:
    """Where the key stands below that head; the head itself where it does not."""
    wanted = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*[.=]") if key else None
    for number in range(head, len(lines)):
        if number > head and _HEAD.match(lines[number]):
            break
        if wanted and wanted.match(lines[number]):
            return number + 1
    return head + 1


def _unreadable(error: tomllib.TOMLDecodeError, *, last: int) -> Flaw:
    said = str(error)
    place = _TOML_PLACE.search(said)
    words = _TOML_PLACE.sub("", said)
    return Flaw(
        int(place[1]) if place else last, "", _("%(words)s: mend this line or the one before.", words=words)
    )
