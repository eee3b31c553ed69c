"""Words near a number that say what it is: some numbers are too plain to be told by themselves."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

import regex

from socialdesk.personal.reading import NOTHING, Number

_BEFORE, _AFTER = 40, 16  # characters

# Beginnings of words, in the thirteen languages; Japanese and Arabic anywhere.
_WORDS = {
    "order": "order|bestell|auftrag|pedido|encomenda|ordine|commande|sipariş|zamówieni|objedn|beställning"
    "|注文|طلب",
    "parcel": "tracking|track|trace|parcel|package|shipment|sendung|paket|pakk|pacco|spedizione|colis|suivi|"
    "envío|seguimiento|paquete|rastre|encomenda|kargo|takip|przesył|paczk|śledz|zásilk|balík|zending|"
    "försändelse|kolli|ups|dhl|fedex|isbn|asin|ean|serial|serien|追跡|伝票|荷物|شحن|تتبع|طرد",
    "phone": "phone|tel|call|mobile|cell|whatsapp|text me|handy|ruf|anruf|numéro|numero|número|cell|chiam|"
    "llam|móvil|celular|ligue|ligar|telemóvel|appel|portable|joindre|gsm|cep|ara|numara|bel|nummer|mobiel|"
    "zadzwoń|komórk|numer|vol|zavol|mobil|ring|電話|携帯|番号|هاتف|جوال|اتصل|رقم|موبايل",
    "card": "card|visa|master|amex|maestro|kart|tarjeta|carta|carte|cartão|kort|kaart|カード|بطاقة",
    "de": "steuer|idnr|identifikations|tin",
    "nl": "bsn|burgerservice|sofi",
    "pt": "nif|contribuinte|cpf",
    "pl": "pesel",
    "cs": "rodné|rodne|rč",
    "sv": "personnummer|person|pnr|samordning",
    "tr": "kimlik|tc|tckn",
    "br": "cpf",
    "us": "ssn|social",
    "ca": "sin|social",
    "gb": "nino|insurance|nhs",
    "in": "aadhaar|aadhar|adhar|pan",
    "jp": "マイナンバー|個人番号|my number",
    "es": "dni|nie|nif|documento|identidad",
    "fr": "sécu|secu|nir|insee|vitale",
    "be": "registre|rijksregister|national",
    "cl": "rut|run",
    "ar": "هوية|الهويه|اقامة|إقامة|قومي|iqama|national",
    "it": "codice|fiscale|cf",
}


class Surroundings(str):
    """A text that remembers where its telling words stand, however many numbers ask."""

    def __init__(self, _: str) -> None:
        self._places: dict[str, list[int]] = {}

    def places(self, kind: str) -> list[int]:
        if kind not in self._places:
            self._places[kind] = [match.start() for match in _pattern(kind).finditer(self)]
        return self._places[kind]


def near(kind: str, text: Surroundings, number: Number) -> bool:
    """Whether such a word stands shortly before or after."""
    if before(kind, text, number):
        return True
    places = text.places(kind)
    following = bisect_left(places, number.end)
    if following == len(places) or places[following] >= number.end + _AFTER:
        return False
    return NOTHING not in text[number.end : places[following]]


def before(kind: str, text: Surroundings, number: Number) -> bool:
    """Whether such a word stands shortly before, with nothing masked, skipped or found in between."""
    places = text.places(kind)
    preceding = bisect_left(places, number.start) - 1
    if preceding < 0 or places[preceding] < max(number.since, number.start - _BEFORE):
        return False
    return NOTHING not in text[places[preceding] : number.start]


@cache
def _pattern(kind: str) -> regex.Pattern[str]:
    words = _WORDS[kind].split("|")
    latin = "|".join(word for word in words if word[0] < "\u0600")
    other = "|".join(word for word in words if word[0] >= "\u0600")
    beginning = rf"(?<!\p{{L}})(?:{latin})"
    return regex.compile("|".join(filter(None, [beginning if latin else "", other])), regex.IGNORECASE)
