"""Where X sees a link in a text: with a protocol, or bare when the name ends in a known top-level domain.

The rules are those of twitter-text 3.1, the library X publishes for counting (extractUrlsWithIndices), bare
names under a country's domain included. https://github.com/twitter/twitter-text
"""

import re

import regex

from .hosts import INVALID, LATIN, RUN, DottedRun, Span, ascii_hosts, host_run, is_registrable

_LONGEST_URL = 4096
_LONGEST_TCO_NAME = 40

_MAYBE_LINK = re.compile(r"\.[^\s.,!?]")
# A character of two UTF-16 units may always begin a host: its first half is the character before it.
_START = re.compile(rf"(?<![A-Za-z0-9@＠$#＃{INVALID}])[^_-]|[\U00010000-\U0010ffff]")
_PROTOCOL = re.compile(rf"(?<![A-Za-z0-9@＠$#＃{INVALID}])https?://\Z", re.IGNORECASE | re.ASCII)

_PORT = re.compile(r":[0-9]+")
_ENDS_PATH = rf"-A-Za-z0-9\u0400-\u04ff=+/#_{LATIN}"
_INSIDE_PATH = r"!*';:,.$%\[\]\u2013~@|&"
_IN_PATH = f"[{_ENDS_PATH}{_INSIDE_PATH}]"
_BRACKETED = rf"\((?:{_IN_PATH}++|{_IN_PATH}*+\({_IN_PATH}++\){_IN_PATH}*+)\)"
# Not the standard library's re: up to Python 3.11.4 its possessive groups match wrongly.
_PATH = regex.compile(f"/(?:(?:[{_INSIDE_PATH}]|{_BRACKETED})*+[{_ENDS_PATH}]++)*+(?:{_BRACKETED})*+")
_IN_QUERY = r"[-A-Za-z0-9!?*'@();:&=+$/%#\[\]_.,~|]"
_QUERY = re.compile(rf"\?{_IN_QUERY}*")
_NEVER_ENDS_QUERY = "!?*'@();:+$%[].,~|"
_TCO = re.compile(r"https?://t\.co/([A-Za-z0-9]+)", re.IGNORECASE | re.ASCII)


def find_links(text: str) -> list[Span]:
    """Start and end of everything in the text that X shortens, in order and apart. Text in NFC."""
    if not _MAYBE_LINK.search(text):
        return []
    links: list[Span] = []
    consumed = 0
    for run in RUN.finditer(text):
        if run.end() > consumed and "." in run[0]:
            consumed = _links_of_run(host_run(text, run.span()), consumed, links)
    return links


def _links_of_run(run: DottedRun, consumed: int, links: list[Span]) -> int:
    """Add the links whose host lies in this run; returns up to where the text is used up, links or not:
    the next link needs a character before it that no earlier one has taken."""
    if not run.has_names:
        return consumed
    start = run.labels[0][0]
    protocol = _protocol_before(run.text, start, consumed)
    host_end = run.name_end(0, start) if protocol is not None else None
    if protocol is not None and host_end:
        consumed = _full_link(run.text, protocol, (start, host_end), links)
    for label in range(len(run.labels) - 1):
        host = _bare_host(run, label, consumed)
        if host:
            consumed = _bare_link(run.text, host, consumed, links)
    return consumed


def _protocol_before(text: str, host: int, consumed: int) -> int | None:
    found = _PROTOCOL.search(text, max(0, host - len("https://")), host)
    is_free = found and (found.start() > consumed or consumed == 0)
    return found.start() if found and is_free else None


def _bare_host(run: DottedRun, label: int, consumed: int) -> Span | None:
    start, end = run.labels[label]
    if start <= consumed > 0:
        start = consumed + (run.text[consumed : consumed + 1] <= "\uffff")
    # A first character that may stand before a link is tried as that before it is tried as part of one.
    second = 1 if start == 0 and _START.match(run.text, 1, end) else start
    for earliest in (second, start, run.text.rfind("_", start, end) + 1):
        first = _START.search(run.text, max(earliest, start), end)
        name_end = first and run.name_end(label, first.start())
        if first and name_end:
            return first.start(), name_end
    return None


def _full_link(text: str, start: int, host: Span, links: list[Span]) -> int:
    _, end = _tail(text, host[1])
    if not _is_valid(text, start, host, end, protocol_length=host[0] - start):
        return end
    tco = _TCO.match(text, start, end)
    if not tco:
        links.append((start, end))
    elif len(tco[1]) <= _LONGEST_TCO_NAME:
        links.append((start, _query_end(text, tco.end())))
    return end


def _bare_link(text: str, host: Span, consumed: int, links: list[Span]) -> int:
    has_path, end = _tail(text, host[1])
    start = host[0]
    if start > consumed and text[start - 1] in "-_./":
        return end
    if not _is_valid(text, start, host, end, protocol_length=len("https://")):
        return end
    found = ascii_hosts(text, host)
    if found and has_path:
        # Letters of other scripts may stand between that name and the path: X counts as many apart.
        last_start, last_end = found[-1]
        found[-1] = last_start, _further(text, last_end, end - host[1])
    links.extend(found)
    return end


def _further(text: str, position: int, units: int) -> int:
    """So many UTF-16 code units on. A character of two of which only the first is reached is left out: X
    counts its second half, which weighs as much as the whole."""
    while units > 0 and position < len(text):
        units -= 1 + (text[position] > "\uffff")
        if units >= 0:
            position += 1
    return position


def _is_valid(text: str, start: int, host: Span, end: int, *, protocol_length: int) -> bool:
    # The protocol counts twice where it is written, as it does in X's own library.
    return end - start + protocol_length <= _LONGEST_URL and is_registrable(text[slice(*host)])


def _tail(text: str, position: int) -> tuple[bool, int]:
    """Whether a path follows the host, and where port, path and query end."""
    port = _PORT.match(text, position)
    path_start = port.end() if port else position
    path = _PATH.match(text, path_start)
    return bool(path), _query_end(text, path.end() if path else path_start)


def _query_end(text: str, position: int) -> int:
    query = _QUERY.match(text, position)
    length = len(query[0].rstrip(_NEVER_ENDS_QUERY)) if query else 0
    return position + length
