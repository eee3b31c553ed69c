"""Whether somebody only says thank you: short, grateful, and asking for nothing."""

from __future__ import annotations

import regex

_LONGEST = 200  # characters; who writes more has more to say
_THANKS = regex.compile(
    r"(?<!\p{L})(?:"
    r"grazie|ringrazi\p{L}*|thanks|thank you|thankyou|thx|cheers|danke\p{L}*|dank|gracias|agradec\p{L}*"
    r"|obrigad[oa]|valeu|merci|teşekkür\p{L}*|sağ ?ol\p{L}*|bedankt|dank je\p{L}*|dank u|dankjewel"
    r"|dzięk\p{L}*|dziękuj\p{L}*|děkuj\p{L}*|díky|dík|tack|tackar|شكرا|شكرًا|شكراً|أشكر\p{L}*"
    r")(?!\p{L})|ありがと|感謝",
    regex.IGNORECASE,
)
# A question, a complaint that begins politely, and thanks for what is only hoped for.
_MORE = regex.compile(
    r"[?？؟]|(?<!\p{L})(?:"
    r"but|still|however|nothing|not|no thanks|in advance|ma|però|ancora|niente|non|in anticipo"
    r"|aber|immer noch|leider|nicht|kein\p{L}*|nichts|im voraus|pero|todavía|nada|no|de antemano"
    r"|mas|ainda|não|desde já|mais|toujours|rien|pas|d['’]avance"
    r"|ama|fakat|hâlâ|hala|hiç|değil|yok|şimdiden|maar|nog steeds|helaas|niet|geen|niets|alvast"
    r"|ale|niestety|nadal|nie|nic|z góry|bohužel|stále|pořád|ne|není|předem"
    r"|men|fortfarande|tyvärr|inte|ingen|inget|på förhand|لكن|مازال|ما زال|لا|لم|ليس|مقدما|مقدمًا"
    r")(?!\p{L})|まだ|けど|ない|ません|のに",
    regex.IGNORECASE,
)


def says_thanks(text: str) -> bool:
    """In any of the thirteen languages; when in doubt, it says more than that."""
    if len(text) > _LONGEST or not _THANKS.search(text):
        return False
    return not _MORE.search(text)
