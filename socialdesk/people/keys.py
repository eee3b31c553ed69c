"""The key under which secrets are kept, of one-time codes and of webhooks; it is never in the database.

It comes from SOCIALDESK_SECRETS_KEY, or from the file that SOCIALDESK_SECRETS_KEY_FILE names. Several may
stand there with spaces between them: the first seals, the others still open what was sealed before. Without
either, a SQLite database has its key in a file of its own beside it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session

from socialdesk.errors import SettingsError
from socialdesk.phrases import gettext as _

VARIABLE = "SOCIALDESK_SECRETS_KEY"
SHORTEST = 32
_MARK = "k1"  # sealed texts begin with it, and plain ones of earlier versions do not
_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2


def seal(session: Session, secret: str, *, of: str) -> str:
    """The secret for nobody's eyes; it opens only for the same `of`. Makes the key's file when it has none.

    Raises SettingsError when there is no key and no place for one.
    """
    key = _first(session)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, secret.encode(), of.encode())
    return f"{_MARK}.{_name(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def opened(session: Session, kept: str, *, of: str) -> str:
    """What was sealed; a text from before there were keys is told as it is. Raises SettingsError."""
    mark, _dot, rest = kept.partition(".")
    if mark != _MARK:
        return kept
    name, _dot, body = rest.partition(".")
    for key in _all(session):
        if _name(key) == name:
            return _unsealed(key, base64.urlsafe_b64decode(body), of)
    raise _no_fit()


def is_sealed(kept: str) -> bool:
    """Whether it is not plain, as earlier versions kept it."""
    return kept.startswith(f"{_MARK}.")


def is_stale(session: Session, kept: str) -> bool:
    """Whether it would be sealed otherwise today: it is plain, or sealed with an earlier key."""
    found = _all(session)
    return bool(found) and not kept.startswith(f"{_MARK}.{_name(found[0])}.")


def file_of(session: Session) -> Path | None:
    """Where the key of a SQLite database stands that nobody has given another one."""
    url = session.get_bind().engine.url
    beside = url.database if url.get_backend_name() == "sqlite" else None
    return Path(f"{beside}.key") if beside else None


def _unsealed(key: bytes, body: bytes, of: str) -> str:
    try:
        return AESGCM(key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], of.encode()).decode()
    except InvalidTag as error:
        raise _no_fit() from error


def _no_fit() -> SettingsError:
    return SettingsError(
        _(
            "The key for one-time codes is not the one that they were kept with: put %(variable)s or the"
            " key's file back, or use a recovery code.",
            variable=VARIABLE,
        )
    )


def _first(session: Session) -> bytes:
    found = _all(session)
    if found:
        return found[0]
    file = file_of(session)
    if file is None:
        needed = _(
            "Secrets need a key that is not in the database: whoever runs the desk sets %(variable)s.",
            variable=VARIABLE,
        )
        raise SettingsError(needed)
    _make(file)
    return _read(file.read_text(encoding="ascii"))[0]


def _all(session: Session) -> list[bytes]:
    if said := os.environ.get(VARIABLE):
        return _read(said)
    if named := os.environ.get(f"{VARIABLE}_FILE"):
        return _read(_content(Path(named)))
    file = file_of(session)
    return _read(_content(file)) if file and file.exists() else []


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        told = {"file": file, "why": error.strerror}
        raise SettingsError(_("The key's file %(file)s cannot be read: %(why)s.", **told)) from error


def _read(said: str) -> list[bytes]:
    """As long as they have to be, whatever was chosen."""
    written = said.split()
    if not written or any(len(each) < SHORTEST for each in written):
        needed = _("A key for secrets has at least %(fewest)s characters.", fewest=SHORTEST)
        raise SettingsError(needed)
    return [hashlib.sha256(each.encode()).digest() for each in written]


def _make(file: Path) -> None:
    """Whole or not at all, and for its owner only; of two processes that make one at once the first wins."""
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w") as writing:
            writing.write(f"{secrets.token_urlsafe(32)}\n")
            writing.flush()
            os.fsync(writing.fileno())
        with suppress(FileExistsError):
            os.link(beside, file)
        beside.unlink()
    except OSError as error:
        told = {"file": file, "why": error.strerror}
        raise SettingsError(_("The key's file %(file)s cannot be made: %(why)s.", **told)) from error


def _name(key: bytes) -> str:
    """Which key it is, for who has it."""
    return hashlib.sha256(b"name" + key).hexdigest()[:8]
