"""Take in what customers wrote: each message once, in its language, in its case.

Two steps, because reading a language takes longer than storing a message and nobody should wait for it
behind the database's lock: `read` without a transaction, `take_in` inside one.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from socialdesk import (
    accounts,
    addressing,
    clock,
    customers,
    exposure,
    history,
    languages,
    messages,
    personal,
    satisfaction,
    search,
    spoken,
    topics,
    unplaced,
)
from socialdesk.bulk import insert_returning
from socialdesk.cases import Case
from socialdesk.casework import corrections, sorting
from socialdesk.customers import Met
from socialdesk.database import Database
from socialdesk.figures import counting
from socialdesk.languages import Evidence
from socialdesk.messages import Direction, Incoming, Message, Visibility
from socialdesk.personal import Finding
from socialdesk.placing import editing, muting, opening
from socialdesk.placing.placement import Placed, Placement
from socialdesk.placing.retelling import retell
from socialdesk.privacy import tombstones
from socialdesk.satisfaction import Heard
from socialdesk.topics import NOTHING_TO_GO_BY, TopicEvidence
from socialdesk.unplaced import Why


@dataclass(frozen=True, slots=True)
class Read:
    """A message with its text cleaned, its language and topic told, and what should not be public found."""

    incoming: Incoming
    evidence: Evidence
    topic: TopicEvidence = NOTHING_TO_GO_BY
    personal: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is taken in at once by X's id, the customers by theirs, and which are silenced, why."""

    read: Mapping[str, Read]
    people: Mapping[str, Met]
    muted: Collection[str | None]
    answers: Mapping[str, Heard]

    def silenced(self, incoming: Incoming) -> str | None:
        if incoming.ours:
            return None
        if self.people[str(incoming.customer_x_id)].blocked_at:
            return muting.BLOCKED
        if (heard := self.answers.get(incoming.x_id)) and heard.silences:
            return heard.kind
        public = incoming.visibility == Visibility.PUBLIC
        return muting.MUTED if public and incoming.conversation_id in self.muted else None

    def heard(self, incoming: Incoming) -> Evidence:
        """Words of ours that had to wait are read once more."""
        read = self.read.get(incoming.x_id)
        return read.evidence if read else languages.detect(incoming.text)

    def personal(self, incoming: Incoming) -> Sequence[Finding]:
        return self.read[incoming.x_id].personal if incoming.x_id in self.read else ()


def warm_up() -> None:
    """Load what the first message would have to wait for.

    It is never thrown away, so the garbage collector need not go through it again and again: that would
    take a tenth of the intake's time, and a fifth of a second out of the midst of a page.
    """
    languages.warm_up()
    personal.warm_up()
    gc.collect()
    gc.freeze()


def read(database: Database, account_id: int, arrived: Iterable[Incoming]) -> list[Read]:
    """Those of the messages that are not stored yet, oldest first, each with its language.

    What our other accounts write is left out: one of us is nobody's customer. So is what people write who
    were erased, and what we wrote to them.
    """
    with database.reading() as session:
        colleagues = accounts.others(session, account_id)
        once = {each.x_id: each for each in arrived if each.author_x_id not in colleagues}
        refused = tombstones.erased(session, {x_id for each in once.values() for x_id in _people(each)})
        turned_away = [each for each in once.values() if not refused.isdisjoint(_people(each))]
        once = {x_id: each for x_id, each in once.items() if refused.isdisjoint(_people(each))}
        known = messages.stored(session, account_id, once.keys())
        known |= unplaced.stored(session, account_id, once.keys() - known)
        fresh = sorted((once[x_id] for x_id in once.keys() - known), key=lambda each: int(each.x_id))
        so_far = spoken.so_far(session, account_id, {str(each.customer_x_id) for each in fresh})
    if turned_away:
        with database.transaction() as session:
            tombstones.count_refused(session, [x_id for each in turned_away for x_id in _people(each)])
    cleaned = map(_cleaned, fresh)
    return [_read(incoming, so_far.read(incoming)) for incoming in cleaned]


def _people(incoming: Incoming) -> set[str]:
    return {incoming.author_x_id, incoming.customer_x_id or incoming.author_x_id}


def _cleaned(incoming: Incoming) -> Incoming:
    text = messages.clean(incoming.text)
    return incoming if text == incoming.text else replace(incoming, text=text)


def _read(incoming: Incoming, evidence: Evidence) -> Read:
    if incoming.ours:
        return Read(incoming, evidence)
    topic = topics.tell(incoming.text, evidence.language)
    return Read(incoming, evidence, topic, exposure.look(incoming, evidence.language))


def take_in(
    session: Session,
    account_id: int,
    batch: Sequence[Read],
    *,
    reopen_days: int,
    ignore: Collection[str] = (),
) -> list[str]:
    """Store the batch and place each message in its case; returns X's ids of those that are in one now.

    They are not only the batch's: words of ours that had to wait for the customer's come with them. What
    has no case is kept too (unplaced.py): retweets, what people write whose handle or id is in `ignore`,
    and our own words to nobody. Safe to repeat: what is stored already is left alone, and the unique key on
    X's id stands behind that when two processes take in the same page at once.
    """
    arrived = [each.incoming for each in batch]
    words = addressing.addressed(session, account_id, [each for each in arrived if not each.retweet])
    people = customers.meet(session, [each.customer_x_id for each in words if each.customer_x_id])
    # Once they are met: who is being erased at this moment is held until that is done.
    if refused := tombstones.turn_away(session, people.keys() | {each.author_x_id for each in arrived}):
        people = {x_id: met for x_id, met in people.items() if x_id not in refused}
        arrived = [each for each in arrived if each.author_x_id not in refused]
        words = [each for each in words if each.customer_x_id not in refused]
    # Asked once these people are held: another process may have stored a version of the same post meanwhile.
    known = messages.known(session, account_id, [each.x_id for each in arrived])
    retweets = [each for each in arrived if each.retweet and not known.get(each.x_id)]
    words, ignored = _without_ignored([each for each in words if not known.get(each.x_id)], people, ignore)
    read = {each.incoming.x_id: each for each in batch}
    edited: dict[str, editing.Story] = {}
    if editing.concerns(words, known):
        words, edited = editing.take_in(session, account_id, words, read)
    words = _with_waiting(session, account_id, words)
    muted = muting.muted(session, account_id, {each.conversation_id for each in words})
    about = _Batch(read, people, muted, satisfaction.hear(session, account_id, words))
    placement = Placement(session, account_id, people.values(), reopen_days=reopen_days)
    placed = placement.place([each for each in words if each.customer_x_id], people)
    stored = _store(session, account_id, placed, about)
    satisfaction.keep(session, about.answers)
    if edited:
        editing.keep(session, account_id, edited)
    left = [each for each in words if each.x_id not in stored]
    unplaced.put_by(session, account_id, {Why.RETWEET: retweets, Why.IGNORED: ignored, Why.TO_NOBODY: left})
    _retell(session, placed)
    return list(stored)


def _without_ignored(
    words: Sequence[Incoming], people: Mapping[str, Met], ignore: Collection[str]
) -> tuple[list[Incoming], list[Incoming]]:
    ignored = [each for each in words if _is_ignored(each, people, ignore)]
    put_by = {each.x_id for each in ignored}
    return [each for each in words if each.x_id not in put_by], ignored


def _is_ignored(incoming: Incoming, people: Mapping[str, Met], ignore: Collection[str]) -> bool:
    if incoming.ours or not ignore:
        return False
    handle = people[str(incoming.customer_x_id)].handle or ""
    return incoming.author_x_id in ignore or handle.lower() in ignore


def _with_waiting(session: Session, account_id: int, words: list[Incoming]) -> list[Incoming]:
    """The words, and what we had written to their authors before those had written anything."""
    authors = {str(each.customer_x_id) for each in words if not each.ours}
    if not authors:
        return words
    there = {each.conversation_id for each in words if each.visibility == Visibility.PUBLIC}
    known = {each.x_id for each in words}
    return words + [
        each
        for each in unplaced.waiting_for(session, account_id, authors)
        if each.x_id not in known and (each.visibility == Visibility.PRIVATE or each.conversation_id in there)
    ]


def _tell(placed: Placed, about: _Batch) -> None:
    for incoming, case in placed.in_order:
        if incoming.ours:
            unseen_since = case.unseen_at(incoming.sent_at)
            case.we_wrote(at=incoming.sent_at, x_id=incoming.x_id, unseen_since=unseen_since)
        else:
            _hear(case, incoming, about)
    for incoming, case in placed.late:
        kind = "we_wrote" if incoming.ours else about.silenced(incoming) or "customer_wrote"
        history.record(case, kind, message=incoming.x_id)


def _hear(case: Case, incoming: Incoming, about: _Batch) -> None:
    evidence = about.heard(incoming)
    found = about.personal(incoming)
    case.customer_wrote(
        personal.mask(incoming.text, found),
        at=incoming.sent_at,
        visibility=incoming.visibility,
        language=evidence.language,
        x_id=incoming.x_id,
        sure=corrections.is_sure(evidence.language, evidence.confidence),
        silenced=about.silenced(incoming),
        exposed=bool(found),
    )
    sorting.sort(case, about.read[incoming.x_id].topic)


def _retell(session: Session, placed: Placed) -> None:
    """Bring the cases in line into which something came late, or out of which something went."""
    changed = placed.changed | {case.id or 0: case for _, case in placed.late}
    for _, case in sorted(changed.items()):
        retell(session, case)


def _store(session: Session, account_id: int, placed: Placed, about: _Batch) -> dict[str, str]:
    """As plain rows: objects that nobody will change again would cost several times as much."""
    _tell(placed, about)
    session.flush()  # new cases get their ids here, most of them as rows
    opening.store(session, placed.opened)
    now = clock.now()
    rows = [
        _row(incoming, case, account_id, now, about) for incoming, case in (*placed.in_order, *placed.late)
    ]
    texts = {row["x_id"]: row["text"] for row in rows}
    if rows:
        counting.note_messages(session, rows)
        stored = insert_returning(session, Message, rows, ("id", "x_id"))
        search.index(session, search.Source.MESSAGE, {row[0]: texts[row[1]] for row in sorted(stored)})
        unplaced.take_out(session, account_id, texts.keys() - about.read.keys())
    return texts


def _row(incoming: Incoming, case: Case, account_id: int, now: datetime, about: _Batch) -> dict[str, Any]:
    evidence = about.heard(incoming)
    return {
        "account_id": account_id,
        "case_id": case.id,
        "customer_id": case.customer_id,
        "x_id": incoming.x_id,
        "visibility": incoming.visibility,
        "direction": Direction.OUTBOUND if incoming.ours else Direction.INBOUND,
        "conversation_id": incoming.conversation_id,
        "in_reply_to_x_id": incoming.in_reply_to_x_id,
        "text": incoming.text,
        "sent_at": incoming.sent_at,
        "taken_in_at": now,
        "language": evidence.language,
        "confidence": evidence.confidence,
        "runner_up": evidence.runner_up,
        "language_source": evidence.source,
        "x_language": incoming.x_language,
        "language_found": evidence.code,
        "mixed": evidence.mixed,
        "personal": exposure.kinds(about.personal(incoming)),
        "not_repliable": incoming.not_repliable,
        "settled_at": now if about.silenced(incoming) else None,
    }
