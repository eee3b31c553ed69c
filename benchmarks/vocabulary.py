"""Texts with words as frequent as words are: a few in nearly every text, most in hardly any.

By Zipf's law the word of rank r is met 1/r times as often as the first. A language's first words are those
of its phrases; the others are made of its syllables, so that every script and accent is among them.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import accumulate

from benchmarks.phrases import PHRASES

WORDS = 20_000  # of each language
SHORTEST, LONGEST = 3, 28  # words of a text
WITHOUT_SPACES = {
    "ja": (
        "です ます まだ した 荷物 注文 商品 ません から 届いて 返金 ログイン 確認"
        " 配送 ください 箱 靴 アプリ 引き落とされ"
    )
}
_SYLLABLES = {
    "en": "al ber con der en fir gra ing lo men nor pre sta ten un ver wil yor ough ship",
    "es": "ca ción da el ño gar ña lle mo na pre que ría sa ta vé za ía ien cho",
    "ja": (
        "配送品物到着確認返金注文箱壊届荷商店客話電池靴皿服色青赤白時間日曜週月"
        "カメラスマホテレビイヤをがはにでもとのかさたてなるいま"
    ),
    "de": "ab ber schaft den er füh ge heit ich kö lung mit nach öff pro rück stel ung ver zeug",
    "fr": "au ble çon dé eur fran ge hô ier l'on ment né oir pré qui ré sé tion vou ê",
    "tr": "ak be cı da eği fı gö ğan ış iz kar lü mış ne ör para sın şi tü yor",
    "it": "al bel che della ess fi già in lo mente né ore per quan ri sso tà una ven zione",
    "pt": "as bem ção dês em fal gu ho im jó lhe mãe não ou pre qui ré são tão vel",
    "nl": "aan be den ee f ge heid ij ken lijk moe ng oo pak ren sch tje uit ver zaak",
    "pl": "ać bę cie dło eń fa gó ha ił ję kła łow mię nie ość prze rzy ską trze wża",
    "cs": "at bě cí dně eš fa hou chy ím je kou ly mě ně ov pří řek ště tů výr",
    "sv": "an bå de en för går het ing jag kö lig må nä or på rätt skap till vä åt",
    "ar": "ال طر مو بي ست عل قد من ها ون ين ات كت لم سا را حم شك",
}


class Vocabulary:
    """One language's words, the most frequent first."""

    def __init__(self, language: str) -> None:
        chance = random.Random(language)
        made = (_word(chance, _parts(language)) for _ in range(WORDS))
        self.words = list(dict.fromkeys((*_first(language), *made)))
        self._between = "" if language in WITHOUT_SPACES else " "
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))

    def text(self, chance: random.Random) -> str:
        number = min(LONGEST, SHORTEST + int(chance.expovariate(1 / 10)))
        return self._between.join(chance.choices(self.words, cum_weights=self._weights, k=number))


def _first(language: str) -> list[str]:
    if language in WITHOUT_SPACES:
        return WITHOUT_SPACES[language].split()
    phrases = PHRASES[language]
    told = " ".join((*phrases.openings, *phrases.troubles, *phrases.wishes)).split()
    known = Counter(word.strip(".,:;!?¿¡،؟") for word in told)
    return [word for word, _ in known.most_common() if word]


def _parts(language: str) -> list[str]:
    syllables = _SYLLABLES[language]
    return list(syllables) if language in WITHOUT_SPACES else syllables.split()


def _word(chance: random.Random, parts: list[str]) -> str:
    return "".join(chance.choices(parts, k=chance.choice((2, 3, 3, 4, 4))))
