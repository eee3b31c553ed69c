"""What was meant to be a variable and is none: {customer_name}, [name], %(customer_name)s, ⟦date⟧."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import SequenceMatcher

_WORDS = r"[^\W\d_][\w .\-]{0,39}?"
_IN_BRACES = re.compile(rf"[{{｛]\s*(?P<word>{_WORDS})\s*[}}｝]")
_HALF_OPEN = re.compile(r"[{｛]\s*(?P<word>\w+)")
_HALF_CLOSED = re.compile(r"(?P<word>\b\w+)\s*[}｝]")
_IN_BRACKETS = re.compile(rf"[\[［<＜【]\s*(?P<word>{_WORDS})\s*[\]］>＞】]")
_PERCENT = re.compile(r"%\(\s*(?P<word>\w+)\s*\)|%(?P<between>\w+)%")
_SHAPE = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)+")  # which the catalog asks of every variable's name
_WORD_ENDS = re.compile(r"[\s_.\-]+|(?<=[a-z])(?=[A-Z])")
# What the desk itself leaves open for an agent, or a template would; and the words that most often stand for
# something else.
_OPEN = re.compile(r"⟦[^⟧]{0,80}⟧?|\{\{.{0,80}?\}\}|\{%|[\[<](?:name|order|date|link)[\]>]", re.IGNORECASE)
# As the shipped catalog has them; all others are known by their shape, whoever has written the text.
_USUAL = ("customer_name", "order_number", "delivery_date", "answer_by", "dm_link", "closing_link")
_SHORTEST_PART = 4  # "by" and "dm" are parts of names, and words as well
_ALIKE = 0.8


def find(text: str, names: Collection[str]) -> re.Match[str] | None:
    """The first, in braces, brackets or after a percent sign; `names` are the variables that there are.

    Braces are enough round anything that resembles a name: nobody writes them to a customer. Square and
    pointed brackets have uses of their own: they are wrong round a name alone.
    """
    found = [
        *(each for each in _IN_BRACES.finditer(text) if _resembles(each["word"], names)),
        *(
            each
            for pattern in (_HALF_OPEN, _HALF_CLOSED, _IN_BRACKETS)
            for each in pattern.finditer(text)
            if _is_name(each["word"], names)
        ),
        *(each for each in _PERCENT.finditer(text) if _is_name(each["word"] or each["between"], names)),
    ]
    return min(found, key=lambda each: (each.start(), -each.end()), default=None)


def gap(text: str) -> str | None:
    """The first that keeps a finished text from going out, without what sets it apart, if anything else is
    in it."""
    found = _OPEN.search(text) or find(text, _USUAL)
    return found.group().strip("⟦⟧") or found.group() if found else None


def _is_name(words: str, names: Collection[str]) -> bool:
    return bool(_SHAPE.fullmatch(words)) or "_".join(_parts(words)) in names


def _resembles(words: str, names: Collection[str]) -> bool:
    if _is_name(words, names):
        return True
    parts, known = _parts(words), {part for name in names for part in name.split("_")}
    if any(len(part) >= _SHORTEST_PART and part in known for part in parts):
        return True
    joined = "".join(parts)
    return any(SequenceMatcher(None, joined, name.replace("_", "")).ratio() >= _ALIKE for name in names)


def _parts(words: str) -> list[str]:
    return [part.lower() for part in _WORD_ENDS.split(words.strip()) if part]
