"""Posts that their authors edited: each is one message, in whatever order its versions come in.

Every version has an id of its own, and names those before it (docs: x-api/fundamentals/edit-posts). The
newest one is the message, which keeps its place, its case and its answers; the others are in versions.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from sqlmodel import Session, col, select

from socialdesk import cases, clock, exposure, history, versions
from socialdesk.cases import Case
from socialdesk.casework import corrections
from socialdesk.languages import Evidence
from socialdesk.messages import Incoming, Message
from socialdesk.personal import Finding
from socialdesk.placing.retelling import retell
from socialdesk.versions import MessageVersion


class Heard(Protocol):
    """One version with what the intake has read in it."""

    @property
    def incoming(self) -> Incoming: ...
    @property
    def evidence(self) -> Evidence: ...
    @property
    def personal(self) -> Sequence[Finding]: ...


Story = Sequence[Heard]  # versions of one post, oldest first


def concerns(words: Iterable[Incoming], known: Collection[str]) -> bool:
    """Whether there is an edited post among them; `known` are ids of which nothing but the id is stored."""
    return any(len(each.versions) > 1 or each.x_id in known for each in words)


def take_in(
    session: Session, account_id: int, words: Sequence[Incoming], read: Mapping[str, Heard]
) -> tuple[list[Incoming], dict[str, Story]]:
    """Bring stored messages up to date; returns the words that are new posts, each in its newest version.

    With them come, by the id of that version, all that came of those posts that were edited: for `keep`,
    once the messages are stored.
    """
    stories = _stories(words, read)
    ids = {x_id for story in stories.values() for x_id in _ids(story)}
    owners = _owners(session, account_id, ids)
    fresh = [each for each in words if each.x_id not in read]
    edited: dict[str, Story] = {}
    for _, story in sorted(stories.items(), key=lambda each: int(each[0])):
        message_id = next((owners[x_id] for x_id in _ids(story) if x_id in owners), None)
        if message_id:
            _bring_up_to_date(session, message_id, story)
            continue
        newest = story[-1].incoming
        fresh.append(replace(newest, sent_at=min(each.incoming.sent_at for each in story)))
        if len(_ids(story)) > 1:
            edited[newest.x_id] = story
    return fresh, edited


def keep(session: Session, account_id: int, edited: Mapping[str, Story]) -> None:
    """Keep the earlier versions of messages that were stored just now."""
    found = session.exec(
        select(Message).where(Message.account_id == account_id, col(Message.x_id).in_(edited))
    )
    for message in found:
        case = session.get_one(Case, message.case_id)
        _keep_earlier(session, message, edited[message.x_id])
        _note(case, message, was=None)


def _stories(words: Iterable[Incoming], read: Mapping[str, Heard]) -> dict[str, Story]:
    """The versions of each post, by the id of its first one."""
    found: dict[str, list[Heard]] = {}
    for each in sorted((each for each in words if each.x_id in read), key=lambda each: int(each.x_id)):
        first = each.versions[0] if each.versions else each.x_id
        found.setdefault(first, []).append(_as_addressed(read[each.x_id], each))
    return dict(found)


def _as_addressed(heard: Heard, incoming: Incoming) -> Heard:
    """What was read in it, with whom it is for as the intake has found out since."""
    return heard if heard.incoming is incoming else replace(heard, incoming=incoming)  # type: ignore[type-var]


def _ids(story: Story) -> list[str]:
    """Of all versions that are known of, oldest first."""
    ids = {x_id for each in story for x_id in (each.incoming.x_id, *each.incoming.versions)}
    return sorted(ids, key=int)


def _owners(session: Session, account_id: int, x_ids: Collection[str]) -> dict[str, int]:
    """The row ids of the messages these are versions of."""
    earlier = versions.among(session, account_id, x_ids)
    newest = session.exec(
        select(Message.x_id, Message.id).where(Message.account_id == account_id, col(Message.x_id).in_(x_ids))
    )
    found = {x_id: message_id for x_id, message_id in newest if message_id}
    return {x_id: version.message_id for x_id, version in earlier.items()} | found


def _bring_up_to_date(session: Session, message_id: int, story: Story) -> None:
    message = session.get_one(Message, message_id)
    case = cases.hold(session, message.case_id)
    session.refresh(message)
    newest, was = story[-1], message.x_id
    message.sent_at = min(message.sent_at, *(each.incoming.sent_at for each in story))
    if int(newest.incoming.x_id) > int(was):
        _renew(session, message, newest)
        _note(case, message, was=was)
    _keep_earlier(session, message, story)
    session.flush()
    retell(session, case)


def _renew(session: Session, message: Message, heard: Heard) -> None:
    """The message says now what its newest version says; of a post that is gone nothing is taken in again."""
    version = _version(session, message, message.x_id)
    version.text, version.language = message.text, message.language
    version.seen_at = message.edited_at or message.taken_in_at
    incoming, evidence = heard.incoming, heard.evidence
    message.x_id, message.x_language = incoming.x_id, incoming.x_language
    message.not_repliable = incoming.not_repliable
    if message.gone:
        version.text, message.looked_at = "", None  # X is asked anew how it stands
        return
    message.text = incoming.text
    message.personal = exposure.kinds(heard.personal)
    if message.language_source == corrections.BY_AGENT:
        return
    message.language, message.confidence = evidence.language, evidence.confidence
    message.runner_up, message.language_found = evidence.runner_up, evidence.code
    message.language_source, message.mixed = evidence.source, evidence.mixed


def _keep_earlier(session: Session, message: Message, story: Story) -> None:
    came = {each.incoming.x_id: each for each in story}
    for x_id in _ids(story):
        if int(x_id) >= int(message.x_id):
            continue
        version = _version(session, message, x_id)
        if version.text is None and message.gone:
            version.text = ""
        if version.text is None and x_id in came:
            version.text = came[x_id].incoming.text
            version.language, version.seen_at = came[x_id].evidence.language, clock.now()


def _version(session: Session, message: Message, x_id: str) -> MessageVersion:
    """The row of that version, new if there is none."""
    version = versions.among(session, message.account_id, [x_id]).get(x_id)
    if version is None:
        version = MessageVersion(account_id=message.account_id, message_id=message.id or 0, x_id=x_id)
        session.add(version)
    return version


def _note(case: Case, message: Message, *, was: str | None) -> None:
    message.edited_at = clock.now()
    history.record(case, "edited", message=message.x_id, was=was)
