"""The one question the desk asks of a text, and the record that answers it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from socialdesk.languages import cleaning, detectors, mixing, scripts, telling, weighing
from socialdesk.languages.codes import LANGUAGES, OTHER, UNDETERMINED
from socialdesk.languages.context import NOTHING_KNOWN, Context

_SURE = 0.95  # below that, a second opinion is worth its time
# Afrikaans, Galician, Latin and Esperanto look like these, and the first detector does not know them.
_SURE_OF = dict.fromkeys(("nl", "es", "pt", "it"), 0.995)
_LEAST = 0.35  # below that, an answer is no better than none
_NOT_LANGUAGES = {weighing.NOBODY, weighing.UNNAMED, OTHER}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a text's language.

    `language` is one of the thirteen codes, `other` or `und`; `confidence` is the probability that it is
    right, from 0 to 1; `runner_up` is the next likely language by its own code; `source` is `script`,
    `detector`, `detectors` where two were asked, `context` where what stands around the text decided, or
    `none`; `code` is the language found by its own code, for an `other` too; `mixed` says that the text
    is in `language` and `runner_up` both.
    """

    language: str
    confidence: float
    runner_up: str | None
    source: str
    code: str
    mixed: bool = False


NOTHING_TO_GO_BY = Evidence(UNDETERMINED, 0.0, None, "none", UNDETERMINED)
JAPANESE = Evidence("ja", 1.0, None, "script", "ja")


def detect(text: str, context: Context = NOTHING_KNOWN) -> Evidence:
    """The language of any text whatever, in the light of what stands around it; never raises.

    Scripts settle the matter where they can; words that people say in any language leave it open; the
    rest is the detectors' to tell.
    """
    cleaned = cleaning.clean(text)
    if not cleaning.has_words(cleaned):
        return NOTHING_TO_GO_BY
    if scripts.is_japanese(cleaned):
        return _beside_japanese(cleaned, JAPANESE)
    if foreign := scripts.foreign(cleaned):
        return _foreign(cleaned, foreign)
    return _heard(cleaned, context.points())


def warm_up() -> None:
    """Load the detectors now instead of at the first message (about a second)."""
    detectors.first()
    detectors.second()


def _beside_japanese(cleaned: str, evidence: Evidence) -> Evidence:
    """With both languages of a text in which Japanese is one."""
    if evidence.language != "ja":
        return replace(evidence, runner_up="ja", mixed=True)
    beside = mixing.beside_japanese(cleaned, detectors.first())
    return replace(evidence, runner_up=beside, mixed=True) if beside else evidence


def _foreign(cleaned: str, code: str) -> Evidence:
    """Of several languages in one script the detector knows more."""
    heard = detectors.first().opinion(cleaned)
    told = [each for each in heard if each not in LANGUAGES]
    return Evidence(OTHER, 1.0, None, "script", told[0] if told else code)


def _heard(cleaned: str, context: Mapping[str, float]) -> Evidence:
    telling_words = telling.points(cleaned)
    known = _sum(context, telling_words)
    heard = detectors.first().opinion(cleaned, [code for code, points in known.items() if points > 0])
    evidence = _evidence(*_weighed(cleaned, heard, known))
    if context and _decided_by_context(evidence, cleaned, heard, known, telling_words):
        evidence = replace(evidence, source="context")
    return _with_second_language(cleaned, heard, evidence)


def _sum(context: Mapping[str, float], more: Mapping[str, float]) -> Mapping[str, float]:
    if not more:
        return context
    return {code: context.get(code, 0.0) + more.get(code, 0.0) for code in {**context, **more}}


def _decided_by_context(
    evidence: Evidence,
    cleaned: str,
    heard: Mapping[str, float],
    known: Mapping[str, float],
    without: Mapping[str, float],
) -> bool:
    """Whether the text alone would have been taken for something else."""
    if evidence.language == UNDETERMINED:
        return False
    if weighing.log_odds(evidence.confidence) >= weighing.reach(known):
        return False
    return _likeliest(_weighed(cleaned, heard, without)[0])[0] != evidence.language


def _weighed(
    cleaned: str, heard: Mapping[str, float], context: Mapping[str, float]
) -> tuple[dict[str, float], str]:
    """The probabilities, and whether one detector was asked or two."""
    first, second = detectors.first(), detectors.second()
    length = weighing.decades(len(cleaned))
    alone = weighing.weights_for(first, both=False)
    told = weighing.weigh(heard, {}, length, alone, first.knows, context)
    if second is None or _is_clear(told):
        return told, "detector"
    together = weighing.weights_for(first, both=True)
    also = second.opinion(cleaned)
    return weighing.weigh(heard, also, length, together, first.knows, context), "detectors"


def _is_clear(told: Mapping[str, float]) -> bool:
    """Whether a second opinion is not worth its time."""
    best = max(told, key=told.__getitem__)
    language, sure = (best, told[best]) if best in LANGUAGES else _likeliest(told)
    return sure >= _SURE_OF.get(language, _SURE)


def _with_second_language(cleaned: str, heard: Mapping[str, float], evidence: Evidence) -> Evidence:
    if evidence.language in LANGUAGES and scripts.has_japanese_sentence(cleaned):
        return _beside_japanese(cleaned, evidence)
    if not mixing.may_be_mixed(heard):
        return evidence
    others = mixing.languages_in(cleaned, detectors.first())
    if evidence.language not in others or len(others) < 2:
        return evidence
    others.remove(evidence.language)
    return replace(evidence, runner_up=max(others, key=lambda code: heard.get(code, 0.0)), mixed=True)


def _likeliest(told: Mapping[str, float]) -> tuple[str, float]:
    """One of the thirteen or `other`, with its probability."""
    ours = weighing.of_the_desk(told)
    language = max(ours, key=ours.__getitem__)
    return language, ours[language]


def _evidence(told: Mapping[str, float], source: str) -> Evidence:
    language, confidence = _likeliest(told)
    code = _best(told, but=LANGUAGES.keys()) if language == OTHER else language
    following = _best(told, but={code})
    if confidence < _LEAST or code is None:
        return replace(NOTHING_TO_GO_BY, runner_up=code or following)
    return Evidence(language, round(confidence, 4), following, source, code)


def _best(told: Mapping[str, float], *, but: Collection[str | None]) -> str | None:
    named = {code: share for code, share in told.items() if code not in but and code not in _NOT_LANGUAGES}
    return max(named, key=named.__getitem__) if named else None
