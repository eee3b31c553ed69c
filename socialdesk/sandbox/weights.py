"""How long X finds a text: an independent judge of what the desk has measured for itself.

The numbers are X's (docs.x.com, fundamentals/counting-characters): code points in four ranges weigh
one, all others two, an emoji sequence two however long it is, an address 23; the text is first composed.
"""

from __future__ import annotations

import unicodedata

import regex

LONGEST_POST = 280
LONGEST_PREMIUM_POST = 25_000
ADDRESS_WEIGHT = 23
LIGHT_RANGES = (range(4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))
FORBIDDEN = frozenset("\ufffe\ufeff\uffff")

GENERIC_DOMAINS = (
    "com|org|net|info|biz|edu|gov|mil|int|app|dev|shop|store|online|site|blog|help|support|page|link|xyz|top|cloud|"
    "club|live|news|email|world|today|tech|name|mobi|jobs|travel|museum|cat|asia|amazon|google"
)
COUNTRY_DOMAINS = (
    "ac|ad|ae|af|ag|ai|al|am|ao|ar|at|au|az|ba|bd|be|bg|bh|bo|br|by|bz|ca|cc|ch|ci|cl|cn|co|cr|cu|cy|cz|de|dk|do|dz|"
    "ec|ee|eg|es|eu|fi|fm|fr|ga|ge|gg|gh|gl|gr|gt|hk|hn|hr|hu|id|ie|il|im|in|io|iq|ir|is|it|je|jo|jp|ke|kr|kw|kz|lb|li|"
    "lk|lt|lu|lv|ly|ma|mc|md|me|mk|mn|mt|mx|my|ng|ni|nl|no|np|nz|om|pa|pe|ph|pk|pl|pr|ps|pt|py|qa|ro|rs|ru|sa|se|sg|si|"
    "sk|sn|so|sv|sy|tc|th|tn|to|tr|tv|tw|tz|ua|ug|uk|us|uy|uz|va|ve|vn|ws|ye|za|zm|zw"
)
DOMAIN = rf"(?:[a-z0-9\-]++\.)+(?:{GENERIC_DOMAINS}|{COUNTRY_DOMAINS})(?![a-z0-9\-@])(?:\:\d+)?"
PATH = r"(?:[/?#](?:[^\s<>\"'“”«»]*[^\s<>\"'“”«».,;:!?)\]…])?)?"
ADDRESS = regex.compile(
    rf"(?<![\p{{Latin}}\d@$#._\-/])(?:https?://)?{DOMAIN}{PATH}|(?<![\p{{Latin}}\d@])https?://[^\s/]+\.\p{{L}}+{PATH}",
    regex.IGNORECASE,
)

_PICTURE = r"(?:[©®™♟]\uFE0F|(?![©®™♟])\p{Extended_Pictographic})"
_ELEMENT = rf"{_PICTURE}[\uFE0F\p{{Emoji_Modifier}}]?[\U000E0020-\U000E007F]*+"
EMOJI = regex.compile(
    rf"\p{{Regional_Indicator}}{{2}}|[0-9#*]\uFE0F?\u20E3|{_ELEMENT}(?:\u200D(?:{_ELEMENT}|[♀♂⚕⚖✈]\uFE0F?))*+"
)


def weighted_length(text: str) -> int:
    composed = unicodedata.normalize("NFC", text)
    plain, addresses = ADDRESS.subn("", composed)
    words, emoji = EMOJI.subn("", plain)
    length: int = ADDRESS_WEIGHT * addresses + 2 * emoji + sum(map(_weight, words))
    return length


def has_forbidden_characters(text: str) -> bool:
    return not FORBIDDEN.isdisjoint(text)


def _weight(character: str) -> int:
    return 1 if any(ord(character) in light for light in LIGHT_RANGES) else 2
