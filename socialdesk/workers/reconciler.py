"""Finds out what became of replies whose sending got no clear answer, by looking at what X shows of us.

Measured: waiting until the timeline can be believed (`settle_seconds`) before deciding that a reply is not
there is what makes it 0 sent twice and 0 lost; looking at once sends some twice.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

import structlog

from socialdesk import clock, outbox
from socialdesk.messages import Incoming
from socialdesk.outbox import Outgoing
from socialdesk.workers.line import Line

log = structlog.get_logger()

MOST_PAGES = 10


def reconcile(line: Line) -> int:
    """Settle the replies that have been in doubt for long enough; returns how many those were."""
    settle = timedelta(seconds=line.desk.settings.sending.settle_seconds)
    with line.desk.database.reading() as session:
        in_doubt = outbox.unsettled(session, line.account_id, attempted_before=clock.now() - settle)
    for outgoing in in_doubt:
        _settle(line, outgoing, _found(line, outgoing))
    return len(in_doubt)


def _found(line: Line, outgoing: Outgoing) -> Incoming | None:
    """The post or direct message on X that can only be this reply; None when there is none."""
    candidates = [shown for shown in _shown(line, outgoing) if _is_it(shown, outgoing)]
    with line.desk.database.reading() as session:
        taken = outbox.linked(session, line.account_id, [shown.x_id for shown in candidates])
    return next((shown for shown in candidates if shown.x_id not in taken), None)


def _shown(line: Line, outgoing: Outgoing) -> Iterable[Incoming]:
    our_x_id = line.our_x_id()
    if outgoing.private:
        yield from line.x.direct_messages_with(our_x_id, outgoing.customer_x_id).items
        return
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = line.x.own_posts(our_x_id, since_id=outgoing.baseline_x_id, token=token)
        yield from page.items
        token = page.next_token
        if token is None:
            return


def _is_it(shown: Incoming, outgoing: Outgoing) -> bool:
    return (
        shown.ours
        and int(shown.x_id) > int(outgoing.baseline_x_id)
        and (outgoing.private or shown.in_reply_to_x_id == outgoing.answers_x_id)
        and _canonical(shown.text) == _canonical(outgoing.text)
    )


def _canonical(text: str) -> str:
    """The same for a text and for what X makes of it: it puts names in front, and a scheme before links."""
    words = [word.removeprefix("https://").removeprefix("http://") for word in _normal(text).split()]
    while words and words[0].startswith("@"):
        words.pop(0)
    return " ".join(words)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", html.unescape(text))


def _settle(line: Line, outgoing: Outgoing, found: Incoming | None) -> None:
    log.info("settled", account=line.handle, reply=outgoing.reply_id, on_x=found is not None)
    with line.desk.database.transaction() as session:
        if found:
            outbox.sent(session, outgoing.reply_id, x_id=found.x_id, at=found.sent_at)
        else:
            outbox.put_back(
                session, outgoing.reply_id, due_at=clock.now(), why="It was not on X: sent again."
            )
