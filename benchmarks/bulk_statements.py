"""The plain SQL that fills a database with a year of a desk's work; bulk_filling.py runs it.

Everything about case number `n` follows from `n`, so that both databases hold the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

DAYS = 365
A_CASE = 5  # messages
LONG, LONG_CASES = 300, 20  # messages of the longest cases, and how many of those there are
AGENTS, ACCOUNTS, SUBMITTED = 80, 2, 200
CUSTOMERS = 0.77  # of the cases
FRESH = 0.04  # of the cases: half of them wait, half are answered; all others are resolved
BOTH = "the kettle I ordered arrived without its lid and for one pair of boots I was charged twice"
BOTH_EVERY = 30_000  # messages
OLD_WORD, OLD_SHARE, OLD_EVERY = "advent", 0.3, 3  # in a third of the messages, long ago
_MINUTES = 10  # between two messages of a case


@dataclass(frozen=True, slots=True)
class Year:
    """How many cases, up to which second of the epoch, and how the database writes such seconds."""

    cases: int
    until: int
    moment: Callable[[str], str]

    @property
    def messages(self) -> int:
        return self.cases * A_CASE

    @property
    def customers(self) -> int:
        return max(1, int(self.cases * CUSTOMERS))

    @property
    def statements(self) -> Iterator[str]:
        yield _numbers(self)
        yield _customers(self)
        yield _cases(self)
        yield _messages(
            self, f"SELECT n, n % {A_CASE} AS turn, (n - 1) / {A_CASE} + 1 AS number FROM numbers"
        )
        yield _messages(self, _long(self))
        yield from _replies(self)
        yield from _events()
        yield from _entries()


def chance(number: str, salt: int, most: int) -> str:
    """A number from 0 up to, not including, `most`, the same on every database."""
    return f"((CAST({number} AS bigint) + {salt * 7907}) * 48271 % 2147483647 / 97 % {most})"


def _numbers(year: Year) -> str:
    return (
        "INSERT INTO numbers WITH RECURSIVE up(n) AS (SELECT CAST(1 AS bigint)"
        f" UNION ALL SELECT n + 1 FROM up WHERE n < {year.messages}) SELECT n FROM up"
    )


def _at(year: Year, number: str, minutes: str = "0") -> str:
    """When the case began, or something so many minutes later."""
    begun = f"{year.until} - {DAYS * 86_400} + CAST({number} AS bigint) * {DAYS * 86_400} / {year.cases}"
    return year.moment(f"{begun} + ({minutes}) * 60")


def _customers(year: Year) -> str:
    return (
        "INSERT INTO customers (id, x_id, handle, name, first_seen_at, business)"
        " SELECT n, CAST(1000000000000 + n AS varchar), 'customer' || CAST(n AS varchar),"
        f" 'Customer ' || CAST(n AS varchar), {_at(year, '1')}, false FROM numbers"
        f" WHERE n <= {year.customers}"
    )


def _cases(year: Year) -> str:
    fresh = f"n > {int(year.cases * (1 - FRESH))}"
    waits = f"({fresh} AND {chance('n', 1, 2)} = 0)"
    last = str((A_CASE - 1) * _MINUTES)
    unanswered = f"({waits} AND {chance('n', 2, 5)} < 3)"
    status = f"CASE WHEN {waits} THEN 'waiting' WHEN {fresh} THEN 'answered' ELSE 'resolved' END"
    since = f"CASE WHEN {unanswered} THEN {_at(year, 'n')} WHEN {waits} THEN {_at(year, 'n', last)} END"
    columns = {
        "id": "n",
        "account_id": f"CASE WHEN {chance('n', 4, 10)} < 3 THEN 2 ELSE 1 END",
        "customer_id": f"1 + {chance('n', 5, year.customers)}",
        "conversation_id": "CAST(1000000000000000000 + n * 5 AS varchar)",
        "status": status,
        "language": "shares.language",
        "visibility": f"CASE WHEN {chance('n', 3, 10)} < 2 THEN 'private' ELSE 'public' END",
        "topic": "themes.topic",
        "assignee_id": f"CASE WHEN {chance('n', 6, 3)} > 0 THEN 1 + {chance('n', 7, AGENTS)} END",
        "opened_at": _at(year, "n"),
        "last_message_at": _at(year, "n", last),
        "customer_wrote_at": _at(year, "n", last),
        "waiting_since": since,
        "first_response_at": f"CASE WHEN NOT {unanswered} THEN {_at(year, 'n', str(_MINUTES))} END",
        "resolved_at": f"CASE WHEN NOT {fresh} THEN {_at(year, 'n', last)} END",
        "due_at": f"CASE WHEN {waits} THEN {_at(year, 'n', '1440')} END",
        "snoozed_until": f"CASE WHEN {waits} AND n % 200 = 0 THEN {year.moment(f'{year.until} + 86400')} END",
        "failed_since": f"CASE WHEN {waits} AND n % 199 = 0 THEN {_at(year, 'n', last)} END",
        "exposed": f"({waits} AND n % 100 = 1)",
        "excerpt": "phrases.told",
        **dict.fromkeys(("language_sure", "responded"), "true"),
        **dict.fromkeys(("topic_by_agent", "paused"), "false"),
        **dict.fromkeys(("waited_seconds", "next_in_target", "next_late"), "0"),
        "priority": "'normal'",
    }
    return (
        f"INSERT INTO cases ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM numbers"
        f" JOIN shares ON shares.slot = {chance('n', 8, 100)}"
        f" JOIN themes ON themes.slot = {chance('n', 9, 10)}"
        f" JOIN phrases ON phrases.language = shares.language AND phrases.slot = {chance('n', 10, 100)}"
        f" WHERE n <= {year.cases} ORDER BY n"
    )


def _long(year: Year) -> str:
    """More messages for some of the newest cases."""
    more, every = LONG - A_CASE, max(1, int(year.cases * FRESH) // LONG_CASES)
    return (
        f"SELECT {year.messages} + n AS n, {A_CASE} + (n - 1) % {more} AS turn,"
        f" {year.cases} - (n - 1) / {more} * {every} AS number FROM numbers WHERE n <= {more * LONG_CASES}"
    )


def _messages(year: Year, told: str) -> str:
    """`told` gives their ids, the case and the place in it; what is said most is the customer's own."""
    ours = "(cases.first_response_at IS NOT NULL AND (turn IN (2, 4) OR turn = 0 AND status <> 'waiting'))"
    # The turns of a case run 1, 2, 3, 4, 0: so that its ids do.
    place = f"(turn + {A_CASE - 1}) % {A_CASE} * {_MINUTES}"
    minutes = f"CASE WHEN turn < {A_CASE} THEN {place} ELSE turn * {(A_CASE - 1) * _MINUTES} / {LONG} END"
    columns = {
        "id": "told.n",
        "account_id": "account_id",
        "case_id": "cases.id",
        "customer_id": "customer_id",
        "x_id": "CAST(1000000000000000000 + told.n AS varchar)",
        "visibility": "visibility",
        "direction": f"CASE WHEN {ours} THEN 'outbound' ELSE 'inbound' END",
        "conversation_id": "conversation_id",
        "text": f"phrases.told || {_ending(year, 'told.n')}",
        "sent_at": _at(year, "cases.id", minutes),
        "taken_in_at": _at(year, "cases.id", minutes),
        "language": "cases.language",
        "confidence": "1",
        "language_source": f"CASE WHEN {ours} AND turn = 2 THEN 'reply' ELSE 'detector' END",
        "mixed": "false",
    }
    return (
        f"INSERT INTO messages ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM ({told}) AS told JOIN cases ON cases.id = told.number"
        f" JOIN phrases ON phrases.language = cases.language AND phrases.slot = {chance('told.n', 11, 100)}"
        " ORDER BY told.n"
    )


def _ending(year: Year, number: str) -> str:
    old = f"{number} < {int(year.messages * OLD_SHARE)} AND {number} % {OLD_EVERY} = 0"
    order = f"' #' || CAST(100000 + {chance(number, 12, 900_000)} AS varchar)"
    both = f"{number} % {BOTH_EVERY} = {BOTH_EVERY // 2}"
    return f"CASE WHEN {both} THEN '. {BOTH}' WHEN {old} THEN ' {OLD_WORD}' ELSE {order} END"


def _replies(year: Year) -> Iterator[str]:
    """The second message of a case was sent from here; some drafts wait for a second person."""
    first = f"(cases.id - 1) * {A_CASE} + 1"
    columns = {
        "account_id": "account_id",
        "case_id": "cases.id",
        "answers_id": first,
        "answers_visibility": "visibility",
        "visibility": "visibility",
        "seen_message_id": f"cases.id * {A_CASE} + {LONG * year.cases}",
        **dict.fromkeys(("seen_reply_id", "attempts"), "0"),
        "revision": "1",
        "automated": "false",
        "settles": "true",
        "text": "excerpt",
        "text_hash": "'h' || CAST(cases.id AS varchar)",
        **dict.fromkeys(("drafted_by_id", "submitted_by_id"), f"1 + {chance('cases.id', 7, AGENTS)}"),
        **dict.fromkeys(("drafted_at", "submitted_at"), "opened_at"),
    }
    sent = columns | {
        "id": "cases.id",
        "state": "'sent'",
        "sent_at": "first_response_at",
        "x_id": f"CAST(1000000000000000000 + {first} + 1 AS varchar)",
    }
    into = "INSERT INTO replies ({}) SELECT {} FROM cases WHERE {}"
    yield into.format(", ".join(sent), ", ".join(sent.values()), "first_response_at IS NOT NULL ORDER BY id")
    drafts = columns | {"id": f"{year.cases} + cases.id", "state": "'draft'"}
    wanted = f"status = 'waiting' AND merged_into_id IS NULL ORDER BY cases.id DESC LIMIT {SUBMITTED}"
    yield into.format(", ".join(drafts), ", ".join(drafts.values()), wanted)
    yield (
        "INSERT INTO reply_parts (id, reply_id, number, text, x_id, sent_at, misses, duplicate)"
        " SELECT id, id, 1, text, x_id, sent_at, 0, false FROM replies WHERE state = 'sent' ORDER BY id"
    )


def _events() -> Iterator[str]:
    """As much of the history as the kept figures are counted from, and the ends of it."""
    opening = f"CAST(1000000000000000000 + (CAST(id AS bigint) - 1) * {A_CASE} + 1 AS varchar)"
    told = {
        "opened": ("opened_at", f"'{{\"message\": \"' || {opening} || '\"}}'"),
        "reply_sent": ("first_response_at", "'{\"reply\": ' || CAST(id AS varchar) || '}'"),
        "resolved": ("resolved_at", "'{}'"),
    }
    for kind, (at, what) in told.items():
        yield (
            "INSERT INTO case_events (case_id, kind, at, told)"
            f" SELECT id, '{kind}', {at}, {what} FROM cases WHERE {at} IS NOT NULL ORDER BY id"
        )


def _entries() -> Iterator[str]:
    """In the order in which they were written: the messages of a long case come between others."""
    yield (
        "INSERT INTO search_entries (source, source_id, words)"
        " SELECT 'customer', id, ' customer' || CAST(id AS varchar) || ' customer ' || CAST(id AS varchar)"
        " || ' '"
        " FROM customers ORDER BY id"
    )
    yield (
        "INSERT INTO search_entries (source, source_id, words) SELECT 'message', messages.id, phrases.words"
        " || ltrim(replace(substr(messages.text, length(phrases.told) + 2), '#', '')) || ' '"
        " FROM messages JOIN phrases ON phrases.language = messages.language"
        f" AND phrases.slot = {chance('messages.id', 11, 100)} ORDER BY messages.taken_in_at, messages.id"
    )
