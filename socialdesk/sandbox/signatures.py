"""OAuth 1.0a as RFC 5849 has it: signed by whom it says, for this address, now, and only once?"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature, utils

from socialdesk.sandbox.identities import Identities, Identity

TIMESTAMP_WINDOW_SECONDS = 300
NONCES_KEPT = 100_000


@dataclass(frozen=True)
class SignedRequest:
    """What a signature covers. `url` is the address as this server was called, with its query."""

    method: str
    url: str
    authorization: str
    form: str = ""


@dataclass
class _Verifiable:
    """As much of oauthlib's request as its verification reads."""

    http_method: str
    uri: str
    params: list[tuple[str, str]]
    signature: str


class Signatures:
    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._nonces: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def identity(self, request: SignedRequest) -> Identity | None:
        """Whoever signed the request; None for every reason not to believe it."""
        said = _said(request.authorization)
        known = self._identities.signing(said.get("oauth_consumer_key", ""), said.get("oauth_token", ""))
        if known is None or said.get("oauth_signature_method") != "HMAC-SHA1" or not _is_timely(said):
            return None
        keys, identity = known
        verifiable = _verifiable(request, said)
        if not signature.verify_hmac_sha1(verifiable, keys.consumer_secret, keys.access_token_secret):
            return None
        return identity if self._is_first_use(said) else None

    def _is_first_use(self, said: Mapping[str, str]) -> bool:
        used = said["oauth_token"], said["oauth_timestamp"], said.get("oauth_nonce", "")
        with self._lock:
            if not used[2] or used in self._nonces:
                return False
            self._nonces[used] = None
            if len(self._nonces) > NONCES_KEPT:
                self._nonces.popitem(last=False)
            return True


def _said(authorization: str) -> dict[str, str]:
    try:
        pairs = utils.parse_authorization_header(authorization)
    except ValueError:
        return {}
    return {name: utils.unescape(value) for name, value in pairs}


def _is_timely(said: Mapping[str, str]) -> bool:
    timestamp = said.get("oauth_timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    return abs(time.time() - int(timestamp)) <= TIMESTAMP_WINDOW_SECONDS


def _verifiable(request: SignedRequest, said: Mapping[str, str]) -> Request:
    address, _, query = request.url.partition("?")
    try:
        params = signature.collect_parameters(
            uri_query=query, body=request.form, headers={"Authorization": request.authorization}
        )
    except ValueError:  # a query with characters that nobody could have signed
        params = []
    verifiable = _Verifiable(request.method, address, params, said.get("oauth_signature", ""))
    return cast(Request, verifiable)
