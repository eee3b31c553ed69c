"""Postal addresses: the word for a street, its name and a house's number, as each language puts them.

A number is always wanted, and of words that mean other things as well (via, way, Platz) the code of a town
behind it. Street and number are found together with the code and the town when these follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regex

from socialdesk.personal.findings import Finding
from socialdesk.personal.streets import (
    CAPITAL,
    ENGLISH_TOWN,
    HOUSE,
    MARK,
    NAME,
    NEAR_TOWN,
    SMALL_NAME,
    TOWN,
    UK_CODE,
    UNITS,
    WHOLE,
    either,
)

_START = r"(?<![\p{L}\p{M}\d_\x00])"
_ALONE = rf"(?:{TOWN}|{WHOLE})"
_GAP = rf"(?:[ ]?,[ ]?|[ ])(?:{MARK}[ ]?)?"
_MARKED = rf"(?:[ ]?,[ ]?|[ ]){MARK}[ ]?"
_ENDS = r"(?:[ ]|(?<=[./]))"  # a street's word, with a blank behind it or a sign that it is cut short

# The word, the name, the number: Calle Mayor 12. The second ones mean much else.
_CLEAR = (
    either(
        r"viale v\.le piazza p\.zza p\.za vicolo lungomare calle c/ avenida avda\.? av\. plaza paseo travesía"
        r" rua travessa praça alameda avenue rue boulevard bd\. impasse chaussée chemin faubourg"
        r" ul\. ulica ulicy ulicę (?<!et\x20)al\. aleja alei aleje plac placu osiedle ulice ulici náměstí"
        r" nám\. třída tř\. nábřeží"
    )
    + _ENDS
)
_UNCLEAR = (
    either(
        r"via corso largo strada contrada av bd carrera camino carretera ronda estrada rodovia beco"
        r" place route cours square quai passage allée"
    )
    + _ENDS
)
_GRID = either("calle cll carrera cra kr avenida av diagonal transversal")  # of Colombia: Calle 45 # 12-34
_CROSSING = r"\d{1,3}[a-z]?"

# The number, the name, the word: 10 Downing Street, 12 rue de la Paix.
_CLEAR_EN = either(r"street st\.? road rd\.? avenue ave\.? boulevard blvd\.? lane") + r"(?!\p{L})"
_ANY_EN = (
    either(
        r"street st\.? road rd\.? avenue ave\.? boulevard blvd\.? lane drive dr\.? way place court close"
        r" crescent square terrace gardens parkway highway circle row grove hill park walk"
    )
    + r"(?!\p{L})"
)
_CLEAR_FR = (
    either(r"rue avenue av\.(?!\x20?J) boulevard bd\. impasse chaussée chemin faubourg quai allée") + _ENDS
)
_UNCLEAR_FR = either("bd place route cours square passage") + _ENDS
_SMALL_FR = r"(?:(?:(?:de|du|des|la|le|les)[ ]|[dl]['’]){1,3}\p{L}{2,24}+)"
_NO_NAME = r"(?!(?i:the|my|our|your|on|in|of|to|for|and|this)[ ])"
_WORDS_EN = (
    rf"{_NO_NAME}(?:[NSEW]{{1,2}}\.?[ ])?(?:\d{{1,3}}(?:st|nd|rd|th)|{CAPITAL})(?:[ ]{CAPITAL}){{0,2}}?[ ]"
)
_SMALL_EN = r"(?:[\p{L}\d'’.-]{1,20}+[ ]){1,3}?"
_NUMBER_FIRST = (
    r"(?<![\p{L}\d_\x00.,:/€£$#-])\d{1,5}(?:[ ]?(?:bis|ter)|[a-zA-Z])?(?![\p{L}\d]),?[ ]"
    rf"(?!{UNITS}(?!\p{{L}}))"
)

# The word grown together with the name: Hauptstraße, Drottninggatan, Herengracht.
_NO_HOMES = r"(?!(?i:bundesstr|schnellstr|wasserstr|produktionsstr|fertigungsstr))"
_GROWN = rf"{_NO_HOMES}\p{{L}}{{2,24}}?(?i:straße|strasse|str\.|gatan|gränd|straat|gracht)"
_GROWN_CAPITAL = r"\p{Lu}\p{L}{2,24}?(?:gasse|chaussee|allee|vägen|laan|plein|singel)"
_GROWN_ENDS = (
    "weg|platz|ring|damm|park|markt|hof|torget|plan|backen|väg|gata|laan|plein|kade|dijk|vägen|allee|stigen"
    "|gasse|str|singel|ufer"
)
_GROWN_UNCLEAR = rf"\p{{L}}{{2,24}}?(?:{_GROWN_ENDS})"
_WORD = r"\p{Lu}\p{L}{2,24}+"
_BARE_CODE = (
    r"\s?,\s?(?:\d{3}[ ]\d{2}|\d{2}-\d{3}|\d{5}-\d{3})[ ]"  # no word for a street: Dlouhá 8, 110 00 Praha
)

_TURKISH = either(r"mah\. mahallesi mahalle sokak sokağı sok\. sk\. cadde caddesi cad\. cd\. bulvarı blv\.")
_TURKISH_NAMED = (
    rf"(?:{CAPITAL}[ ]|\d{{1,5}}\.?[ ]){{1,3}}"
    r"(?:Sokak|Sokağı|Sok\.|Sk\.|Caddesi|Cadde|Cad\.|Cd\.|Bulvarı|Blv\.)"
)
_TURKISH_NO = r"(?:(?i:no|numara)[ ]?[.:]?[ ]?)"

_ARABIC = r"(?!(?:منذ|من|في|قبل|بعد|لمدة|خلال|اكثر|أكثر)[ ])\p{Arabic}{2,20}"
_ARABIC_HOUSE = r"(?:رقم|مبنى|بناية|عمارة|منزل|فيلا|بيت)"

_WORD_FIRST = (
    rf"{_CLEAR}{NAME}{_GAP}{HOUSE}{_ALONE}",
    rf"(?:{_CLEAR}|{_UNCLEAR}){SMALL_NAME}{_MARKED}{HOUSE}{_ALONE}",
    rf"(?:{_CLEAR}|{_UNCLEAR}){SMALL_NAME}{_GAP}{HOUSE}{NEAR_TOWN}",
    rf"(?i:ul\.)[ ]?{SMALL_NAME}[ ]{HOUSE}{_ALONE}",
    rf"(?i:os\.|pl\.)[ ]?{NAME}[ ]{HOUSE}(?=[\s,]{{1,3}}\d\d-\d{{3}}){NEAR_TOWN}",
    rf"{_GRID}\.?[ ]{_CROSSING}[ ]?(?:\#|(?i:n[o°º]\.?))[ ]?{_CROSSING}[ ]?-[ ]?\d{{1,3}}(?![\d\x00])",
    rf"{_GROWN}[ ]?{HOUSE}{_ALONE}",
    rf"{_GROWN_CAPITAL}[ ]{HOUSE}{_ALONE}",
    rf"{_GROWN_UNCLEAR}[ ]{HOUSE}{NEAR_TOWN}",
    rf"{_WORD}[ ](?:Straße|Strasse|Str\.|Gasse|Allee|náměstí|nám\.|třída)[ ]{HOUSE}{_ALONE}",
    rf"(?:Am|An der|An den|Auf der|Auf dem|Im|In der|Zum|Zur|Unter den)[ ]{CAPITAL}[ ]{HOUSE}{NEAR_TOWN}",
    rf"(?:Straße|Allee|Platz)[ ](?:de[rs]|am)[ ](?:\d\d?\.[ ])?{CAPITAL}[ ]{HOUSE}{_ALONE}",
    rf"{_WORD}(?:[ ]\p{{L}}{{2,24}}+){{0,2}}?[ ]{HOUSE}{_BARE_CODE}{CAPITAL}",
    rf"{_TURKISH_NAMED}[ ,]{{0,2}}{_TURKISH_NO}?{HOUSE}{_ALONE}",
    rf"{_TURKISH}(?!\p{{L}})[ ,]{{0,2}}(?:{SMALL_NAME}[ ,]{{1,2}})?{_TURKISH_NO}{HOUSE}{_ALONE}",
    rf"شارع[ ]{_ARABIC}(?:[ ]{_ARABIC}){{0,3}}?[ ]?[،,]?[ ](?:{_ARABIC_HOUSE}[ ](?:رقم[ ])?)?{HOUSE}{_ALONE}",
    rf"{_ARABIC_HOUSE}[ ]{HOUSE}[ ]?[،,]?[ ]شارع[ ]{_ARABIC}",
)
_NUMBER_THEN = (
    rf"{_WORDS_EN}{_CLEAR_EN}(?!\x00)(?:{ENGLISH_TOWN})?",
    rf"{_WORDS_EN}{_ANY_EN}{ENGLISH_TOWN}",
    rf"{_SMALL_EN}{_ANY_EN}{ENGLISH_TOWN}",
    rf"(?:\p{{L}}[\p{{L}}'’.-]{{0,20}}+[ ,]{{1,2}}){{0,5}}?{UK_CODE}(?![\w\x00])",
    rf"{_CLEAR_FR}(?:{NAME}|{_SMALL_FR})(?:{TOWN})?",
    rf"{_UNCLEAR_FR}{SMALL_NAME}{TOWN}",
)
_ALONE_WORDS = rf"(?:{_GRID}|{_ANY_EN}|{_TURKISH}|Am|An|Auf|Im|In|Zum|Zur|Unter)(?!\p{{L}})"
_TELLING = regex.compile(
    rf"(?<!\p{{L}})(?:{_CLEAR}|{_UNCLEAR}|{_ALONE_WORDS}|(?i:os|pl)\.)|شارع"
    r"|(?:Straße|Allee|Platz)[ ](?:de[rs]|am)[ ]"
    r"|(?i:straße|strasse|str\.|allee|náměstí|třída|gasse|chaussee|gatan|gränd|straat|gracht)[ ]?\d"
    rf"|\p{{L}}(?:{_GROWN_ENDS})[ ]\d|\d[A-Z]{{2}}(?!\w)|{_BARE_CODE}"
)
"""What is in all that `_latin()` finds: the rest is not worth the time."""
# “Via” is a street in Italian alone, and there too it is the way by which things come.
_WAYS = either(
    r"amazon\w* dhl ups gls brt bartolini sda fedex tnt poste\w* mail e-?mail pec sms dm twitter facebook"
    r" whatsapp messenger telegram instagram chat app web internet paypal visa mastercard bonifico alexa fax"
    r" tel\w*"
)
_ITALIAN = regex.compile(
    rf"{_START}(?i:via|corso|largo|strada|contrada)[ ](?!{_WAYS}(?!\p{{L}})){NAME}{_GAP}{HOUSE}"
    r"(?![\w])(?=\s*(?:[,;.!?)\"»\n\x00](?!\d)|$)|[ ](?:a|in|int|interno|scala|piano|presso)[ .])"
)

_JA_CODE = r"〒[ ]?\d{3}[-ー]?\d{4}(?!\d)(?:[ ]?[\p{Han}\p{Katakana}ヶ々ーの\d-]{2,40}+)?"
_JA_CHOME = (
    r"[\d一二三四五六七八九十]{1,3}+丁目"
    r"(?:[ ]?\d{1,4}(?:番地?の?|[-ー])?(?:\d{1,4}号?)?|[\p{Han}\d]{1,10}号)"
)
_JA_NUMBER = (
    r"(?<![\d\x00.-])\d{1,4}(?:番地(?:の?\d{1,3})?|番\d{1,4}号?|[-ー]\d{1,4}(?:[-ー]\d{1,4})?)"
    r"(?![\d\x00日時月回個週年分人件番階歳円%-])"
)
_JAPANESE = regex.compile(rf"(?P<code>{_JA_CODE})|(?P<chome>{_JA_CHOME})|(?P<number>{_JA_NUMBER})")
_JA_PLACE = regex.compile(r"[\p{Han}\p{Katakana}ヶ々ー]{1,30}", regex.REVERSE)
_JA_TOWN = regex.compile(r"[\p{Han}\p{Katakana}ヶ々ー]{2}[市区町村郡][\p{Han}\p{Katakana}ヶ々ー]")


@cache
def _latin() -> regex.Pattern[str]:
    """It takes half a second to compile, which no command need wait for that reads no messages."""
    return regex.compile(rf"{_START}(?:{'|'.join(_WORD_FIRST)})|{_NUMBER_FIRST}(?:{'|'.join(_NUMBER_THEN)})")


def addresses(text: str, language: str) -> Iterator[Finding]:
    """At least a street with a number, or a Japanese town's code; in the text's order, none overlapping."""
    spans = [match.span() for match in _latin().finditer(text)] if _TELLING.search(text) else []
    if language == "it":
        spans += [match.span() for match in _ITALIAN.finditer(text)]
    if "〒" in text or "丁目" in text or _JA_TOWN.search(text):
        spans += _japanese(text)
    done = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= done:
            done = end
            yield Finding("address", start, end)


def _japanese(text: str) -> Iterator[tuple[int, int]]:
    done = 0
    for match in _JAPANESE.finditer(text):
        start, end = match.span()
        if not match["code"]:
            place = _JA_PLACE.match(text, done, start)
            if place is None or (match["number"] and not _JA_TOWN.search(place[0])):
                continue
            start = place.start()
        yield start, end
        done = end
