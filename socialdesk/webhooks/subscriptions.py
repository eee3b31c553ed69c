"""Who is told of what: begun by an admin, with a secret for the receiver, and ended."""

import base64
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import update
from sqlmodel import Session, col, select

from socialdesk import audit, clock, feed
from socialdesk.errors import BadInput, NotFound, SettingsError
from socialdesk.people import keys
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.webhooks import addresses, rows
from socialdesk.webhooks.rows import KINDS, Webhook

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A webhook's row id, and its secret, which is told this once."""

    id: int
    secret: str


def subscribe(
    session: Session,
    *,
    name: str,
    url: str,
    kinds: Collection[str],
    hosts: Collection[str],
    by: Agent | None = None,
) -> Subscribed:
    """A webhook for what happens from now on; `hosts` are those the settings allow. Raises BadInput, and
    SettingsError when there is no key to keep its secret with."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(_("Say what the webhook is for, in at most %(most)s characters.", most=LONGEST_NAME))
    if not kinds or not set(kinds) <= set(KINDS):
        raise BadInput(_("Choose at least one kind of event."))
    addresses.refuse(url, hosts)
    now, newest = clock.now(), feed.newest(session)
    made = Webhook(
        name=name.strip(),
        url=url,
        secret="",
        kinds=" ".join(kind for kind in KINDS if kind in kinds),
        made_at=now,
        begins_after=newest,
        seen_event_id=newest,
    )
    session.add(made)
    session.flush()
    assert made.id is not None
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    made.secret = keys.seal(session, secret, of=_whose(made.id))
    # The host alone: what stands behind it in an address often lets whoever knows it in.
    host = urlsplit(url).hostname
    audit.record(session, "webhook_added", by=by.id if by else None, subject=made.name, host=host)
    return Subscribed(made.id, secret)


def all_of(session: Session) -> Sequence[Webhook]:
    """Those that have not ended or ended by themselves, the newest first."""
    kept = col(Webhook.ended_at).is_(None) | col(Webhook.trouble).is_not(None)
    return session.exec(select(Webhook).where(kept).order_by(col(Webhook.id).desc())).all()


def anybody(session: Session) -> bool:
    """Whether somebody is told of anything, or was and has left a secret."""
    some = col(Webhook.ended_at).is_(None) | (col(Webhook.secret) != "")
    return session.exec(select(Webhook.id).where(some).limit(1)).first() is not None


def keep_sealed(session: Session) -> None:
    """Secrets of before the desk sealed them are, and those under an earlier key come under today's; what
    has ended needs none. Where there is no key they stay as they are."""
    over = update(Webhook).where(col(Webhook.ended_at).is_not(None), col(Webhook.secret) != "")
    session.exec(over.values(secret=""))
    for webhook in session.exec(select(Webhook).where(col(Webhook.ended_at).is_(None))):
        with suppress(SettingsError):
            if not keys.is_sealed(webhook.secret) or keys.is_stale(session, webhook.secret):
                webhook.secret = keys.seal(session, secret_of(session, webhook), of=_whose(webhook.id))


def end(session: Session, webhook_id: int, *, by: Agent | None = None) -> None:
    """Nothing more is told to it. Raises NotFound."""
    webhook = session.get(Webhook, webhook_id)
    if webhook is None or (webhook.ended_at and not webhook.trouble):
        raise NotFound(_("There is no such webhook any more."))
    webhook.ended_at, webhook.trouble, webhook.secret = webhook.ended_at or clock.now(), None, ""
    rows.drop(session, webhook_id)
    audit.record(session, "webhook_ended", by=by.id if by else None, subject=webhook.name)


def secret_of(session: Session, webhook: Webhook) -> str:
    """What the receiver knows the desk by. Raises SettingsError when the key is not there that it was
    sealed with."""
    return keys.opened(session, webhook.secret, of=_whose(webhook.id))


def _whose(webhook_id: int | None) -> str:
    """A secret that was copied from another one's row opens nothing."""
    return f"webhooks:{webhook_id}"
