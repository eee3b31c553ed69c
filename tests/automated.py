"""Short ways to have rules run at the desk, and to see what they did."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from socialdesk.automation import book, releases, running, switches
from socialdesk.automation.book import RuleBook
from socialdesk.automation.runs import RuleRun
from socialdesk.desk import Desk
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply
from socialdesk.templating.catalog import Key

ACKNOWLEDGE = """
[[rules]]
id = "first_word"
title = "Say that it was read"
when = "new_case"
do = "send"
template = "acknowledge"
"""


def understood(desk: Desk, source: str) -> RuleBook:
    """These rules, which are all sound."""
    found = book.understand(source.encode(), desk.settings, desk.library)
    assert found.flaws == ()
    return found


def switch_on(desk: Desk, rules: RuleBook, by: Agent) -> None:
    """All of them, and every text that they send is released."""
    library = desk.library
    with desk.database.transaction() as session:
        for rule in rules.rules:
            switches.switch_on(session, rule, by=by)
            if rule.do == "send":
                entry = library.find(rule.template or "")
                keys = [
                    Key(entry.id, language, channel)
                    for language in library.catalog.languages
                    for channel in entry.channels
                ]
                releases.release(session, library, keys, by=by)


def run(desk: Desk, rules: RuleBook) -> int:
    return running.run(desk.database, rules, desk.library, desk.settings)


def runs_of(desk: Desk) -> Sequence[RuleRun]:
    with desk.database.reading() as session:
        return session.exec(select(RuleRun).order_by(col(RuleRun.id))).all()


def replies_of(desk: Desk) -> Sequence[Reply]:
    with desk.database.reading() as session:
        return session.exec(select(Reply).order_by(col(Reply.id))).all()
