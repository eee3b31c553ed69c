"""How long a text is for X, and how a long reply is cut into posts that fit."""

import unicodedata

import regex

LIMIT = 280
URL_WEIGHT = 23

_LINK = regex.compile(r"https?://\S+|(?<![@$#\w./-])(?:[a-z0-9-]+\.)+(?:com|org|net|de|it|co|io|jp|uk)(?:/\S*)?\b", regex.I)
_EMOJI = regex.compile(r"\p{RI}{2}|[0-9#*]\uFE0F?\u20E3|\p{Emoji_Presentation}\p{M}*(?:\p{EMod}|\u200D\p{ExtPict}\uFE0F?)*")
_LIGHT = regex.compile(r"[\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]")


def weighted_length(text: str) -> int:
    """The length X counts against its limit of 280."""
    text = unicodedata.normalize("NFC", text)
    text, links = _LINK.subn("", text)
    text, emoji = _EMOJI.subn("", text)
    light = len(_LIGHT.findall(text))
    return links * URL_WEIGHT + emoji * 2 + light + 2 * (len(text) - light)


def fits(text: str, limit: int = LIMIT) -> bool:
    """Whether X would take the text as one post."""
    return weighted_length(text) <= limit
