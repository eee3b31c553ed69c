"""One-time codes by the clock (RFC 6238), and the recovery codes for when the telephone is lost.

A code has six digits and stands for 30 s; clocks may differ by one step. Each works once. What telephones
know is sealed with a key that is not in the database; recovery codes are kept as hashes.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from socialdesk import clock
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.people import keys
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _

STEP_SECONDS = 30
DIGITS = 6
SKEW = 1  # steps
SECRET_BYTES = 20  # as long as SHA-1's result, RFC 4226 section 4
RECOVERY_CODES = 10
_RECOVERY_BYTES = 15  # 120 bits: too many to be guessed even with the hashes (ASVS 5.0, 6.5.2)


class CodeSecret(SQLModel, table=True):
    """What an agent's telephone and the desk both know; it counts only once `since` is set, and is till then
    behind a mark of the session that began it."""

    __tablename__ = "code_secrets"

    agent_id: int = Field(
        primary_key=True, foreign_key="agents.id", sa_column_kwargs={"autoincrement": False}
    )
    secret: str  # in base32, sealed; plain where nobody has signed in with it since it is
    since: datetime | None = None
    last_step: int = 0  # the newest that was used: neither it nor an older one works again


class RecoveryCode(SQLModel, table=True):
    """One that an agent has written down, and not yet used."""

    __tablename__ = "recovery_codes"

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agents.id", index=True)
    code_hash: str = Field(unique=True)


def grouped(code: str) -> str:
    """So that it can be read and typed."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def address(secret: str, username: str, desk: str) -> str:
    """What the telephone reads, as Google's authenticator wants it."""
    issuer = f"socialdesk {desk}".strip()
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{issuer}:{username}')}?{query}"


def at_step(secret: str, step: int) -> str:
    """The code of that 30 s since 1970."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    begin = digest[-1] & 15
    number = int.from_bytes(digest[begin : begin + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def now_step() -> int:
    return int(clock.now().timestamp()) // STEP_SECONDS


def of(session: Session, agent: Agent) -> CodeSecret | None:
    """The agent's secret, which may not count yet."""
    return session.get(CodeSecret, agent.id)


def secret_of(session: Session, found: CodeSecret) -> str:
    """What the telephone knows. Raises SettingsError when the key is not there that it was sealed with."""
    return keys.opened(session, found.secret, of=_whose(found.agent_id))


def asked_of(session: Session, agent: Agent) -> bool:
    """Whether the agent signs in with a code."""
    found = of(session, agent)
    return found is not None and found.since is not None


def who_use_them(session: Session) -> set[int]:
    return set(session.exec(select(CodeSecret.agent_id).where(col(CodeSecret.since).is_not(None))))


def begin(session: Session, agent: Agent, *, within: str = "") -> str:
    """A new secret that counts from `confirm` on, for the session with the token `within` alone; without one
    for the only session that there is. Raises AlreadyDone when one counts already, SettingsError when there
    is no key to keep it with."""
    if asked_of(session, agent):
        raise AlreadyDone(_("One-time codes are on already: turn them off first."))
    assert agent.id is not None
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    kept = keys.seal(session, f"{_mark(within)}:{secret}", of=_whose(agent.id))
    session.merge(CodeSecret(agent_id=agent.id, secret=kept))
    return secret


def begun(session: Session, agent: Agent, *, within: str = "") -> str | None:
    """The secret that was begun in that session and does not count yet; another session's is none of its
    business, as its reader would know it when it counts. Raises SettingsError as `secret_of` does."""
    found = of(session, agent)
    if found is None or found.since:
        return None
    mark, colon, secret = secret_of(session, found).rpartition(":")
    return secret if colon and hmac.compare_digest(mark, _mark(within)) else None


def confirm(session: Session, agent: Agent, code: str, *, within: str = "") -> list[str]:
    """His telephone has the secret: from now on he signs in with codes. Returns recovery codes, shown once.

    Raises BadInput for a wrong code, AlreadyDone when there is nothing to confirm that this session began.
    """
    found, secret = of(session, agent), begun(session, agent, within=within)
    if found is None or secret is None:
        raise AlreadyDone(_("There is nothing to confirm: one-time codes are on already, or were not begun."))
    if not _use_step(session, found, secret, code):
        raise BadInput(_("That is not the code: look at the clock of your telephone, and try the next one."))
    counts = {"since": clock.now(), "secret": keys.seal(session, secret, of=_whose(found.agent_id))}
    session.exec(update(CodeSecret).where(col(CodeSecret.agent_id) == agent.id).values(**counts))
    return renew_recovery(session, agent)


def renew_recovery(session: Session, agent: Agent) -> list[str]:
    """New recovery codes in place of all earlier ones."""
    assert agent.id is not None
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.agent_id) == agent.id))
    made = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(agent_id=agent.id, code_hash=_hash(code)) for code in made)
    return [grouped(code) for code in made]


def recovery_left(session: Session, agent: Agent) -> int:
    query = select(func.count(col(RecoveryCode.id))).where(RecoveryCode.agent_id == agent.id)
    return session.exec(query).one()


def use(session: Session, agent: Agent, code: str) -> str | None:
    """Spend a one-time or a recovery code: "code" or "recovery_code", None when it is neither or was used."""
    code = "".join(code.split()).replace("-", "").upper()
    found = of(session, agent)
    if found is None or found.since is None:
        return None
    if len(code) == DIGITS:
        return "code" if _use_step(session, found, secret_of(session, found), code) else None
    spent = delete(RecoveryCode).where(
        col(RecoveryCode.agent_id) == agent.id, col(RecoveryCode.code_hash) == _hash(code)
    )
    return "recovery_code" if session.exec(spent).rowcount else None


def turn_off(session: Session, agent: Agent) -> None:
    """Raises AlreadyDone."""
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.agent_id) == agent.id))
    if not session.exec(delete(CodeSecret).where(col(CodeSecret.agent_id) == agent.id)).rowcount:
        raise AlreadyDone(_("One-time codes are off already."))


def _use_step(session: Session, found: CodeSecret, secret: str, code: str) -> bool:
    """One conditional update, so that of two browsers with the same code one is let in."""
    code, now = "".join(code.split()), now_step()
    steps = range(now - SKEW, now + SKEW + 1)
    fitting = [step for step in steps if hmac.compare_digest(at_step(secret, step), _ascii(code))]
    if not fitting:
        return False
    later = update(CodeSecret).where(
        col(CodeSecret.agent_id) == found.agent_id,
        col(CodeSecret.secret) == found.secret,
        col(CodeSecret.last_step) < fitting[0],
    )
    return session.exec(later.values(last_step=fitting[0], **_renewed(session, found, secret))).rowcount == 1


def _renewed(session: Session, found: CodeSecret, secret: str) -> dict[str, str]:
    """The secret under today's key, where it was kept otherwise."""
    if not keys.is_stale(session, found.secret):
        return {}
    return {"secret": keys.seal(session, secret, of=_whose(found.agent_id))}


def _mark(token: str) -> str:
    """By which a session is known again."""
    return _hash(token) if token else ""


def _whose(agent_id: int) -> str:
    """Nobody signs in with a secret that was copied from another one's row."""
    return f"code_secrets:{agent_id}"


def _ascii(code: str) -> str:
    return code if code.isascii() else ""


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode(errors="replace")).hexdigest()
