"""What is known of the customers' languages before a batch of their messages is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from socialdesk import counts, languages
from socialdesk.bulk import among
from socialdesk.cases import Case
from socialdesk.customers import Customer
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED, Context, Evidence
from socialdesk.messages import Incoming

_FEW_CASES = 50  # added evenly to the account's mix, so that its first cases do not make it
_KEPT = 5  # of a customer's languages, newest first


class SoFar:
    """The languages of one batch's customers, kept up to date while it is read."""

    def __init__(
        self, earlier: Mapping[str, list[str]], corrected: Mapping[str, str], usual: Mapping[str, float]
    ) -> None:
        self._earlier = defaultdict(list, earlier)
        self._corrected = corrected
        self._usual = usual

    def read(self, incoming: Incoming) -> Evidence:
        """The language of the next message, oldest first; it counts for the customer's next one."""
        customer = str(incoming.customer_x_id)
        context = Context(
            hint=incoming.x_language,
            earlier=self._earlier.get(customer, ()),
            corrected=self._corrected.get(customer),
            usual=self._usual,
        )
        evidence = languages.detect(incoming.text, context)
        if not incoming.ours and evidence.language != UNDETERMINED:
            self._earlier[customer] = [evidence.language, *self._earlier[customer][: _KEPT - 1]]
        return evidence


def so_far(session: Session, account_id: int, customer_x_ids: Collection[str]) -> SoFar:
    """From the customers' cases with this account, what agents have said of them, and the account's mix."""
    earlier: dict[str, list[str]] = {}
    asked = {"account_id": account_id, "x_ids": list(customer_x_ids)}
    for customer, language in session.connection().execute(_CASES, asked):
        earlier.setdefault(customer, []).append(language)
    said = {customer: str(language) for customer, language in session.connection().execute(_SAID, asked)}
    return SoFar({who: told[:_KEPT] for who, told in earlier.items()}, said, _usual(session, account_id))


def _usual(session: Session, account_id: int) -> dict[str, float]:
    """Each language's share in the account's cases."""
    cases = counts.of_account(session, account_id)
    even = _FEW_CASES / (len(LANGUAGES) + 1)
    total = sum(cases.get(code, 0) for code in (*LANGUAGES, OTHER)) + _FEW_CASES
    return {code: (cases.get(code, 0) + even) / total for code in LANGUAGES}


# Made once: making them takes longer than running them.
_THEIRS = among(Customer.x_id, "x_ids")
_CASES: Any = (  # their languages, the newest first
    select(Customer.x_id, Case.language)
    .join(Case, col(Case.customer_id) == Customer.id)
    .where(_THEIRS, col(Case.account_id) == bindparam("account_id"), Case.language != UNDETERMINED)
    .order_by(col(Case.last_message_at).desc())
)
_SAID: Any = select(Customer.x_id, Customer.language).where(_THEIRS, col(Customer.language).is_not(None))
