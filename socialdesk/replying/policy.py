"""Whether somebody may approve a reply himself, or a second person must: what the settings say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from socialdesk.languages import name_of
from socialdesk.people import skills
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.phrases import mark
from socialdesk.settings import ApprovalRule, Approvals
from socialdesk.templating.catalog import TemplateEntry


@dataclass(frozen=True, slots=True)
class Written:
    """A reply as far as the rules ask: `template` is the one whose words it has, None when they were
    written or edited by hand; `readers` are the ids of the agents who are known to read its language, None
    when nothing is known of anybody."""

    author: Agent
    visibility: str
    language: str
    template: TemplateEntry | None
    readers: frozenset[int] | None = None


def readers(session: Session, approvals: Approvals, languages: Collection[str]) -> dict[str, frozenset[int]]:
    """By language who is known to read it, for `Written`; nobody is asked for while no rule wants to know."""
    return skills.readers_of(session, languages) if any(rule.unread for rule in approvals.rules) else {}


def reads(approvals: Approvals, agent: Agent, language: str, known: frozenset[int] | None = None) -> bool:
    """Whether the agent reads that language: as the people's page says, where it says so of anybody, else as
    the settings do; where they name nobody for it, everybody does."""
    if known is not None:
        return agent.id in known
    readers = approvals.readers.get(language)
    return readers is None or agent.username in readers


def second_person(approvals: Approvals, written: Written, by: Agent) -> str | None:
    """Why `by` may not approve it, naming who may; None when he may."""
    is_reader = reads(approvals, by, written.language, written.readers)
    for rule in approvals.rules:
        if _concerns(rule, written, is_reader) and not _satisfied(rule, written, by):
            return _needed(rule, written)
    return None


def _concerns(rule: ApprovalRule, written: Written, is_reader: bool) -> bool:
    template = written.template
    return (
        rule.role in (None, written.author.role)
        and rule.channel in (None, written.visibility)
        and (not rule.languages or written.language in rule.languages)
        and (not rule.templates or (template is not None and template.id in rule.templates))
        and not (rule.words == "free" and template)
        and not (rule.words == "not_alone" and template and template.alone)
        and not (rule.unread and is_reader)
    )


def _satisfied(rule: ApprovalRule, written: Written, by: Agent) -> bool:
    if rule.unread or by.id == written.author.id:
        return False
    return by.supervises or rule.needs == "colleague"


def _needed(rule: ApprovalRule, written: Written) -> str:
    return _(_NEEDED[rule.needs, rule.unread], language=name_of(written.language))


# By whom it takes, and whether it has to be somebody who reads the language.
_NEEDED = {
    ("supervisor", False): mark("A supervisor has to approve this reply."),
    ("supervisor", True): mark("A supervisor who reads %(language)s has to approve this reply."),
    ("colleague", False): mark("A colleague has to approve this reply."),
    ("colleague", True): mark("A colleague who reads %(language)s has to approve this reply."),
}
