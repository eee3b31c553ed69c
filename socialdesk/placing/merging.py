"""Two cases made one, and one made two: an agent knows a customer's matters better than the placement does.

Merging moves everything of the newer case into the older one, and leaves a sign there that leads to it;
splitting moves a customer's message and all after it into a new case. Either undoes the other, and nothing is
lost on the way: what is known of the cases is told anew from their messages (retelling.py).

Both stay so when words come late: each writes down what an agent did in both cases, and placement leaves such
cases' words where they are. Later words of a merged case's conversation go where it went; after a split they
go to the part in which something was said last, which at first is the later one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from socialdesk import cases, customers, history, messages
from socialdesk.cases import Case, Status
from socialdesk.casework import notes, tagging
from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.errors import AlreadyDone, BadInput, Conflict
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.placing import stances
from socialdesk.placing.retelling import retell
from socialdesk.placing.standings import key, standings
from socialdesk.replies import UNDER_WAY, Reply, State

IN_DOUBT = (State.SENDING, State.UNKNOWN)


def candidates(session: Session, case: Case, *, most: int = 20) -> Sequence[Case]:
    """The customer's other open cases with the same account, oldest first."""
    query = select(Case).where(
        Case.customer_id == case.customer_id,
        Case.account_id == case.account_id,
        Case.id != case.id,
        Case.status != Status.RESOLVED,
        col(Case.merged_into_id).is_(None),
    )
    return session.exec(query.order_by(col(Case.opened_at), col(Case.id)).limit(most)).all()


def may_be_undone(case: Case, events: Iterable[CaseEvent]) -> bool:
    """Whether an agent merged it, and not the placement, whose words have gone where they belong."""
    return case.merged_into_id is not None and _last_merge(events) is not None


def merge(session: Session, case_id: int, other_id: int, *, by: Agent) -> tuple[Case, Case]:
    """Everything of the newer case goes to the older one; returns the older and the newer.

    Only what is one customer's with one account: with a bystander's case merged in, nobody could say whose
    answer a reply would be. Nor while a reply is under way, which was written before its author had the
    other case before him, nor when both have a draft: a case has one.
    Raises NotFound, BadInput, Conflict, AlreadyDone.
    """
    if case_id == other_id:
        raise BadInput(_("A case can't be merged with itself."))
    found = _hold(session, case_id, other_id)
    older, newer = sorted(found.values(), key=lambda case: (case.opened_at, case.id or 0))
    _refuse_strangers(older, newer)
    _refuse_signs(older, newer)
    replies = _replies(session, found)
    _refuse_unfinished(replies)
    moved = [each.id or 0 for each in messages.of_case(session, newer.id or 0)]
    told: dict[str, Any] = {"messages": moved, "was": stances.of(newer), "other_was": stances.of(older)}
    _move(session, older, moved, [each.id or 0 for each in replies if each.case_id == newer.id])
    told["notes"] = notes.move(session, older, newer.id or 0)
    told["tags"] = tagging.take_over(session, older, newer)
    history.record(newer, "merged", by=by.id, into=older.id, **told)
    history.record(older, "took_in", by=by.id, other=newer.id)
    stances.join(older, newer, by=by)
    newer.merge_into(older)
    retell(session, older)
    return older, newer


def unmerge(session: Session, case_id: int, *, by: Agent) -> Case:
    """The newer case has its own again: what came from it, and what came in its own conversation since.

    Returns the case that it had been merged into. Raises NotFound, Conflict, AlreadyDone.
    """
    event = _last_merge(cases.events(session, case_id))
    into_id = cases.find(session, case_id).merged_into_id
    if event is None or into_id is None:
        raise AlreadyDone(_("This case is not merged into another, or not by an agent."))
    found = _hold(session, case_id, into_id)
    case, older = found[case_id], found[into_id]
    if case.merged_into_id != into_id:
        raise AlreadyDone(_("A colleague has undone this merge already."))
    if older.merged_into_id:
        told = {"number": older.id, "into": older.merged_into_id}
        raise Conflict(_("Case %(number)s was itself merged into case %(into)s: undo that first.", **told))
    case.merged_into_id, reminds = None, _reminds(older)
    theirs = cases.of_customers(session, case.account_id, [case.customer_id])
    moved = _own(session, case, older, theirs, event)
    _part(session, older, case, moved)
    notes.give_back(session, case, event.details.get("notes", ()))
    tagging.give_back(session, case, older, event.details.get("tags", ()))
    stances.part(case, older, event, cases.events(session, into_id))
    history.record(case, "unmerged", by=by.id, other=older.id)
    history.record(older, "gave_back", by=by.id, other=case.id)
    retell(session, older)
    _wake_who_waits(older, case, reminds, by)
    retell(session, case)
    return older


def split(session: Session, case_id: int, message_id: int, *, by: Agent) -> Case:
    """That message of the customer's and all after it become a new case, with the replies to them.

    Raises NotFound, BadInput when nothing of his would be left, Conflict while X has a reply that is neither
    sent nor refused.
    """
    case = _hold(session, case_id)[case_id]
    first = messages.of_customer(session, case_id, message_id)
    thread = messages.of_case(session, case_id)
    moved = [each for each in thread if key(each) >= key(first)]
    if all(each.ours for each in thread if key(each) < key(first)):
        raise BadInput(_("The case begins with this message: there is nothing to split it from."))
    new = _new_beside(session, case, first)
    _part(session, case, new, [each.id or 0 for each in moved])
    history.record(case, "split", by=by.id, into=new.id, message=first.x_id)
    history.record(new, "split_off", by=by.id, other=case.id, message=first.x_id)
    reminds = _reminds(case)
    retell(session, case)
    _wake_who_waits(case, new, reminds, by)
    retell(session, new)
    return new


def rejoin(session: Session, case_id: int, *, by: Agent) -> tuple[Case, Case]:
    """Undo the split that this case came from. Raises AlreadyDone, and whatever merging does."""
    from_id = split_from(cases.events(session, case_id))
    if from_id is None:
        raise AlreadyDone(_("This case was not split from another."))
    return merge(session, case_id, from_id, by=by)


def split_from(events: Iterable[CaseEvent]) -> int | None:
    """Which case an agent split this one from."""
    return next((each.details["other"] for each in events if each.kind == "split_off"), None)


def _hold(session: Session, *case_ids: int) -> dict[int, Case]:
    """The cases, as intake holds them: the customer first, then by their ids."""
    for customer_id in sorted({cases.find(session, case_id).customer_id for case_id in case_ids}):
        customers.hold(session, customer_id)
    return {case_id: cases.hold(session, case_id) for case_id in sorted(set(case_ids))}


def _refuse_strangers(older: Case, newer: Case) -> None:
    if (older.customer_id, older.account_id) != (newer.customer_id, newer.account_id):
        raise BadInput(_("Only cases of one customer with one account can be merged."))


def _refuse_signs(*both: Case) -> None:
    for case in both:
        if case.merged_into_id:
            told = {"number": case.id, "into": case.merged_into_id}
            raise AlreadyDone(_("Case %(number)s was merged into case %(into)s already.", **told))


def _refuse_unfinished(replies: Sequence[Reply]) -> None:
    if any(reply.state in UNDER_WAY for reply in replies):
        raise Conflict(_("A reply is on its way to X: merge when it is there, or take it back first."))
    if sum(reply.state == State.DRAFT for reply in replies) > 1:
        raise Conflict(_("Both cases have a draft: send or discard one of them first."))


def _replies(session: Session, case_ids: Collection[int]) -> Sequence[Reply]:
    """The cases' replies, held as well: the sender claims them without their case."""
    query = select(Reply).where(col(Reply.case_id).in_(case_ids)).order_by(col(Reply.id)).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).all()


def _part(session: Session, case: Case, other: Case, message_ids: Collection[int]) -> None:
    """Those messages of the case go to the other one, and with them the replies that belong to them: ours
    that X has beside their own message, all others beside what they answer."""
    replies = _replies(session, [case.id or 0])
    if any(reply.state in IN_DOUBT for reply in replies):
        raise Conflict(_("A reply is on its way to X: wait until it is there."))
    on_x = {each.x_id for each in messages.of_case(session, case.id or 0) if each.id in set(message_ids)}
    theirs = [
        reply.id or 0
        for reply in replies
        if (reply.x_id in on_x if reply.x_id else reply.answers_id in set(message_ids))
    ]
    _move(session, other, message_ids, theirs)


def _move(session: Session, to: Case, message_ids: Collection[int], reply_ids: Collection[int]) -> None:
    session.flush()
    moves: tuple[tuple[Any, Any, Collection[int]], ...] = (
        (Message, Message.id, message_ids),
        (LanguageCorrection, LanguageCorrection.message_id, message_ids),
        (Reply, Reply.id, reply_ids),
    )
    for table, column, ids in moves:
        statement = update(table).where(col(column).in_(list(ids))).values(case_id=to.id)
        session.connection().execute(statement)


def _reminds(case: Case) -> bool:
    return case.status == Status.ANSWERED and case.snoozed_until is not None


def _wake_who_waits(case: Case, other: Case, reminded: bool, by: Agent) -> None:
    """Our answer has left with the other case: what was a reminder would hide a customer who waits."""
    if reminded and case.status == Status.WAITING and case.snoozed_until:
        case.snoozed_until = None
        history.record(case, "woken", by=by.id, parted=other.id)


def _new_beside(session: Session, case: Case, first: Message) -> Case:
    """Its conversation is that of its first words; what begins in private goes on in the old one's."""
    new = cases.open_new(
        session,
        account_id=case.account_id,
        customer_id=case.customer_id,
        conversation_id=case.conversation_id if first.private else first.conversation_id,
        visibility=first.visibility,
        at=first.sent_at,
        follows=case,
    )
    new.status, new.resolved_at, new.assignee_id = case.status, case.resolved_at, case.assignee_id
    session.flush()
    return new


def _own(
    session: Session, case: Case, older: Case, theirs: Sequence[Case], event: CaseEvent
) -> Collection[int]:
    """Of the older case's messages those that came from this one, or belong to its conversations alone."""
    of = {each.case.id: each.conversations for each in standings(theirs) if each.case}
    alone = of[case.id] - of[older.id]
    came = set(event.details["messages"])
    return [
        each.id or 0
        for each in messages.of_case(session, older.id or 0)
        if each.id in came or (not each.private and each.conversation_id in alone)
    ]


def _last_merge(events: Iterable[CaseEvent]) -> CaseEvent | None:
    """The merge that has not been undone."""
    last = [each for each in events if each.kind in ("merged", "unmerged")][-1:]
    return next((each for each in last if each.kind == "merged"), None)
