"""The words of a language, laid out so that a text is read through once, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from socialdesk.topics.folding import fold_run, fold_word, places, tokens

_LONGEST_WORD = 60  # letters; nobody writes a longer one in earnest
_KNOWN_WORDS = 20_000
_SHORTEST_ARABIC_REST = 3
_ARABIC_ARTICLES = ("ال", "لل")
_ARABIC_PREFIXES = ("و", "ف", "ب", "ل", "ك")

Token = tuple[int, int, bool]
Found = tuple[int, int, "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """`text` as it stands in the file: words, each perhaps with `*` for what may precede or follow it."""

    text: str
    topic: str
    weight: int


@dataclass
class _Node:
    """A place in the tree of phrases, reached by the patterns of the words so far."""

    entry: Entry | None = None
    following: dict[str, _Node] = field(default_factory=dict)


class Lexicon:
    """Finds entries in texts. Of several that begin at the same word the longest counts."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._root = _Node()
        self._parts: dict[str, Entry] = {}
        self._patterns: set[str] = set()
        for entry in entries:
            self._add(entry)
        self.patterns_of = lru_cache(maxsize=_KNOWN_WORDS)(self._patterns_of)
        self._beginning_with = lru_cache(maxsize=_KNOWN_WORDS)(self._nodes_of)

    def find(self, text: str) -> Iterator[Found]:
        """In the order of the text, none overlapping another."""
        read = tokens(text)
        place = 0
        while place < len(read):
            start, end, unspaced = read[place]
            place += 1
            if unspaced:
                yield from self._find_parts(text, start, end)
            elif nodes := self._beginning_with(text[start:end]):
                count, entry = self._longest(nodes, text, read, place)
                place += max(count - 1, 0)
                if entry:
                    yield start, read[place - 1][1], entry

    def _add(self, entry: Entry) -> None:
        first = tokens(entry.text)
        if first and first[0][2]:
            self._parts[fold_run(entry.text)] = entry
            return
        node = self._root
        for pattern in patterns(entry.text):
            self._patterns.add(pattern)
            node = node.following.setdefault(pattern, _Node())
        node.entry = entry

    def _longest(
        self, nodes: Iterable[_Node], text: str, read: list[Token], place: int
    ) -> tuple[int, Entry | None]:
        """Of the entries whose last word so far led to the nodes, the one with most words, and how many."""
        best: tuple[int, Entry | None] = 0, None
        for node in nodes:
            found: tuple[int, Entry | None] = int(node.entry is not None), node.entry
            if node.following and place < len(read) and not read[place][2]:
                word = text[read[place][0] : read[place][1]]
                further = [node.following[each] for each in self.patterns_of(word) if each in node.following]
                count, entry = self._longest(further, text, read, place + 1)
                found = (count + 1, entry) if entry else found
            if found[0] > best[0]:
                best = found
        return best

    def _nodes_of(self, word: str) -> tuple[_Node, ...]:
        """Where in the tree phrases are that begin with the word."""
        return tuple(
            node for pattern in self.patterns_of(word) if (node := self._root.following.get(pattern))
        )

    def _patterns_of(self, word: str) -> tuple[str, ...]:
        """Those the word answers to, with or without its Arabic prefixes; the closest first."""
        if len(word) > _LONGEST_WORD:
            return ()
        found: dict[str, None] = {}
        for form in _forms(fold_word(word)):
            found |= dict.fromkeys(each for each in _wildcards(form, self._inner) if each in self._patterns)
        return tuple(found)

    @cached_property
    def _inner(self) -> bool:
        return any(pattern.startswith("*") for pattern in self._patterns)

    def _find_parts(self, text: str, start: int, end: int) -> Iterator[Found]:
        run = text[start:end]
        folded = fold_run(run)
        origin = range(len(run) + 1) if folded == run else places(run)
        place = 0
        while place < len(folded):
            part = next(
                (p for n in self._part_lengths if (p := folded[place : place + n]) in self._parts), ""
            )
            if part:
                yield start + origin[place], start + origin[place + len(part)], self._parts[part]
            place += len(part) or 1

    @cached_property
    def _part_lengths(self) -> list[int]:
        return sorted({len(part) for part in self._parts}, reverse=True)


def patterns(text: str) -> list[str]:
    """The entry's words, folded, with their stars."""
    found = []
    for start, end, unspaced in tokens(text):
        if unspaced:
            found.append(fold_run(text[start:end]))
            continue
        before = "*" if text[:start].endswith("*") else ""
        after = "*" if text.startswith("*", end) else ""
        found.append(before + fold_word(text[start:end]) + after)
    return found


def _wildcards(word: str, inner: bool) -> Iterator[str]:
    yield word
    for end in range(len(word), 1, -1):
        yield f"{word[:end]}*"
    if not inner:
        return
    for start in range(len(word) - 2):
        yield f"*{word[start:]}"
        for end in range(len(word), start + 2, -1):
            yield f"*{word[start:end]}*"


def _forms(word: str) -> Iterator[str]:
    """The word, and an Arabic one without its conjunction, preposition and article."""
    yield word
    if not "\u0620" <= word[:1] <= "\u06ff":
        return
    rests = {word, *(word[1:] for _ in "." if word.startswith(_ARABIC_PREFIXES))}
    rests |= {rest[1:] for rest in rests if rest.startswith(_ARABIC_PREFIXES)}
    rests |= {rest[2:] for rest in rests if rest.startswith(_ARABIC_ARTICLES)}
    yield from sorted((rest for rest in rests if len(rest) >= _SHORTEST_ARABIC_REST), key=len, reverse=True)
