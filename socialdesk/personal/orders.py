"""Order numbers: Amazon's own shape anywhere, other shops' after a word that says so."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from socialdesk.personal.findings import Finding

_OWN = r"(?:\d{3}|[A-Z]\d{2})[ -]{1,3}+\d{7}[ -]{1,3}+\d{7}"
_ORDER = (
    "order|bestell|bestel|auftrag|pedido|encomenda|ordine|commande|sipari[sş]|zam[oó]wieni|objedn[aá]v"
    "|best[aä]llning"
)
_NUMBER = (
    "number|no|nº|n°|num|nr|n|nummer|numero|número|numéro|id|numara|numarası|numer|číslo|cislo|番号|رقم"
    "|is|ist|é|es|est"
)
_SPOKEN = (
    rf"(?:(?<!\p{{L}})(?:{_ORDER})\p{{L}}{{0,12}}+|注文(?:番号)?+|(?:رقم )?+الطلب|طلب(?:ي)?+)"
    rf"(?:[\s:#.,º°\-–はがの]{{1,4}}+(?:(?:{_NUMBER})(?![\p{{L}}\p{{N}}]))?+){{0,3}}+[\s:#.º°はがの]{{0,4}}+"
    rf"(?:(?P<own>{_OWN})|(?P<code>[A-Z0-9]{{1,24}}+(?:-[A-Z0-9]{{1,24}}+){{0,4}}+))"
)
_PATTERN = regex.compile(
    rf"(?<![A-Z0-9_\x00-])(?P<own>{_OWN})(?![A-Z0-9_\x00]|-\d)|{_SPOKEN}(?![A-Z0-9_\x00])", regex.IGNORECASE
)
_FEWEST_DIGITS = 6  # fewer are as often a quantity, a price or a year


def order_numbers(text: str) -> Iterator[Finding]:
    for match in _PATTERN.finditer(text):
        if match["own"]:
            yield Finding("order_number", *match.span("own"))
        elif sum(c.isdigit() for c in match["code"]) >= _FEWEST_DIGITS:
            yield Finding("order_number", *match.span("code"))
