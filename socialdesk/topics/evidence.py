"""The one question asked of a text, and the record that answers it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from socialdesk.topics.names import FIRST_AT_A_TIE, OTHER
from socialdesk.topics.words import lexicon_for

_RANK = {topic: rank for rank, topic in enumerate(FIRST_AT_A_TIE)}


@dataclass(frozen=True, slots=True)
class TopicEvidence:
    """`words` are those that decided, as they stand in the text; `score` counts what they weigh.

    `runner_up` is the topic with the next best score, None when no other has any.
    """

    topic: str
    words: tuple[str, ...]
    runner_up: str | None
    score: int


NOTHING_TO_GO_BY = TopicEvidence(OTHER, (), None, 0)


def tell(text: str, language: str) -> TopicEvidence:
    """The topic of any text whatever; never raises. Without a telling word it is `other`.

    A hint weighs 1, a word 2, and a phrase 2 for each of its words; saying the same again adds nothing.
    A language that is none of the thirteen is read with the words that mean one thing in all of them.
    """
    scores: dict[str, int] = defaultdict(int)
    words: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for start, end, entry in lexicon_for(language).find(text):
        if entry.text in seen:
            continue
        seen.add(entry.text)
        scores[entry.topic] += entry.weight
        words[entry.topic].append(text[start:end])
    if not scores:
        return NOTHING_TO_GO_BY
    ranked = sorted(scores, key=lambda topic: (-scores[topic], _RANK[topic]))
    first = ranked[0]
    return TopicEvidence(first, tuple(words[first]), ranked[1] if len(ranked) > 1 else None, scores[first])
