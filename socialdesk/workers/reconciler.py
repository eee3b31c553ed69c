"""Finds out what became of replies whose sending got no clear answer, by looking at what X shows of us.

Measured: waiting until the timeline can be believed (`settle_seconds`) before deciding that a reply is not
there is what makes it 0 sent twice and 0 lost; looking at once sends some twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import structlog

from socialdesk import clock, parts
from socialdesk.errors import RateLimited, Refused, Remedy, XError, XUnavailable
from socialdesk.messages import Incoming
from socialdesk.phrases import mark
from socialdesk.replying import outbox
from socialdesk.replying.outbox import Outgoing
from socialdesk.workers.line import Line
from socialdesk.x import Page

log = structlog.get_logger()

MOST_PAGES = 10
MOST_ATTEMPTS = 5
_UNSEEN = mark("Whether this was sent cannot be seen: look on X first. %(why)s")
_TOO_MUCH = mark("Whether this was sent cannot be seen: too much was posted since. Look on X.")
_NOT_SHOWN = mark("X says that it has this very text from us already, but does not show it.")
_NOT_TAKEN = mark("X did not take this in %(most)s attempts.")


def reconcile(line: Line) -> int:
    """Settle the replies that have been in doubt for long enough; returns how many those were.

    A reply whose fate X will not tell does not keep the others from theirs. Raises what keeps all of a kind.
    """
    settle = line.desk.settings.sending.settle
    with line.desk.database.reading() as session:
        in_doubt = outbox.unsettled(session, line.account_id, attempted_before=clock.now() - settle)
    unread: dict[str, XError] = {}
    for outgoing in in_doubt:
        if outgoing.visibility not in unread:
            try:
                _settle(line, outgoing)
            except (RateLimited, XUnavailable) as error:
                unread[outgoing.visibility] = error
    for trouble in unread.values():
        raise trouble
    return len(in_doubt)


def _settle(line: Line, outgoing: Outgoing) -> None:
    try:
        found = _found(line, outgoing)
    except Refused as error:
        _hold(line, outgoing, _UNSEEN % {"why": error})
        return
    except _TooFar:
        _hold(line, outgoing, _TOO_MUCH)
        return
    log.info("settled", account=line.handle, reply=outgoing.reply_id, on_x=found is not None)
    if found is None and outgoing.duplicate:
        _hold(line, outgoing, _NOT_SHOWN)
        return
    if found is None and outgoing.misses + 1 >= MOST_ATTEMPTS:
        _hold(line, outgoing, _NOT_TAKEN % {"most": MOST_ATTEMPTS}, Remedy.RETRY)
        return
    with line.desk.database.transaction() as session:
        if found:
            outbox.sent(session, outgoing, x_id=found.x_id, at=found.sent_at)
        else:
            outbox.missed(session, outgoing)


def _hold(line: Line, outgoing: Outgoing, why: str, remedy: Remedy = Remedy.OPEN_ON_X) -> None:
    with line.desk.database.transaction() as session:
        outbox.held(session, outgoing, why=why, remedy=remedy)


class _TooFar(Exception):
    """X shows more of us than we can look through, or something of it cannot be read."""


def _found(line: Line, outgoing: Outgoing) -> Incoming | None:
    """The post or direct message on X that can only be this part; None when it is certainly not there."""
    with line.desk.database.reading() as session:
        answered = outbox.answered_ids(session, outgoing)
    candidates = [shown for shown in _shown(line, outgoing) if _is_it(shown, outgoing, answered)]
    with line.desk.database.reading() as session:
        taken = parts.linked(session, [shown.x_id for shown in candidates])
    return next((shown for shown in candidates if shown.x_id not in taken), None)


def _shown(line: Line, outgoing: Outgoing) -> Iterator[Incoming]:
    """Everything of ours that X shows since the attempt began. Raises _TooFar when that is not everything."""
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = _page(line, outgoing, token)
        yield from page.items
        if page.rejected:
            raise _TooFar
        token = page.next_token
        if token is None or any(int(item.x_id) <= int(outgoing.baseline_x_id) for item in page.items):
            return
    raise _TooFar


def _page(line: Line, outgoing: Outgoing, token: str | None) -> Page:
    if outgoing.private:
        return line.x.direct_messages_with(line.our_x_id(), outgoing.customer_x_id, token=token)
    return line.x.own_posts(line.our_x_id(), since_id=outgoing.baseline_x_id, token=token)


def _is_it(shown: Incoming, outgoing: Outgoing, answered: Collection[str]) -> bool:
    return (
        shown.ours
        and int(shown.x_id) > int(outgoing.baseline_x_id)
        and (outgoing.private or shown.in_reply_to_x_id in answered)
        and parts.canonical(shown.text) == parts.canonical(outgoing.text)
    )
