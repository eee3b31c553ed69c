"""National ids of the countries where the thirteen languages are spoken.

Each says how much proof it needs. An id with a shape of its own is told anywhere; one whose check digits
leave few chances is told in a text of its country's language; and one that any parcel's number could
pass for needs a word that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

import regex
from stdnum import luhn
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar, pan
from stdnum.it import codicefiscale
from stdnum.jp import in_ as my_number
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.pt import cc, nif
from stdnum.se import personnummer
from stdnum.tr import tckimlik
from stdnum.us import ssn

from socialdesk.personal import context
from socialdesk.personal.context import Surroundings
from socialdesk.personal.findings import Finding
from socialdesk.personal.reading import Number


class Proof(Enum):
    SHAPE = "its shape is enough"
    LANGUAGE = "in its country's language; elsewhere with a word that names it"
    WORD = "always with a word that names it"


@dataclass(frozen=True)
class NationalId:
    """`shape` is what it looks like, separators and all."""

    shape: regex.Pattern[str]
    is_valid: Callable[[str], bool]
    proof: Proof
    languages: tuple[str, ...]
    word: str

    def is_proven(self, text: Surroundings, number: Number, language: str) -> bool:
        if self.proof is Proof.SHAPE or (self.proof is Proof.LANGUAGE and language in self.languages):
            return True
        return context.near(self.word, text, number)


def _id(shape: str, check: Callable[[str], bool], proof: Proof, languages: str, word: str) -> NationalId:
    return NationalId(regex.compile(shape, regex.IGNORECASE), check, proof, tuple(languages.split()), word)


NUMBERS = (
    _id(r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid, Proof.SHAPE, "pt", "br"),
    _id(r"\d{11}", cpf.is_valid, Proof.LANGUAGE, "pt", "br"),
    _id(r"\d{9}|\d{3} \d{3} \d{3}", nif.is_valid, Proof.WORD, "pt", "pt"),
    _id(r"[12](?: ?\d){2}(?: ?\d){12}", nir.is_valid, Proof.LANGUAGE, "fr", "fr"),
    _id(r"\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}", idnr.is_valid, Proof.WORD, "de", "de"),
    _id(r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}", bsn.is_valid, Proof.WORD, "nl", "nl"),
    _id(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", nn.is_valid, Proof.SHAPE, "nl fr", "be"),
    _id(r"\d{11}", nn.is_valid, Proof.WORD, "nl fr", "be"),
    _id(r"\d{11}", pesel.is_valid, Proof.LANGUAGE, "pl", "pl"),
    _id(r"\d{6}/\d{3,4}", rc.is_valid, Proof.LANGUAGE, "cs", "cs"),
    _id(r"\d{9,10}", rc.is_valid, Proof.WORD, "cs", "cs"),
    _id(r"(?:\d{2})?\d{6}-\d{4}", personnummer.is_valid, Proof.LANGUAGE, "sv", "sv"),
    _id(r"(?:\d{2})?\d{10}", lambda s: personnummer.is_valid(f"{s[:-4]}-{s[-4:]}"), Proof.WORD, "sv", "sv"),
    _id(r"[1-9]\d{10}", tckimlik.is_valid, Proof.LANGUAGE, "tr", "tr"),
    _id(r"\d{3}-\d{2}-\d{4}", ssn.is_valid, Proof.LANGUAGE, "en es", "us"),
    _id(r"\d{9}|\d{3} \d{2} \d{4}", ssn.is_valid, Proof.WORD, "en es", "us"),
    _id(r"\d{3}[ -]?\d{3}[ -]?\d{3}", sin.is_valid, Proof.WORD, "en fr", "ca"),
    _id(r"\d{3}[ -]?\d{3}[ -]?\d{4}", nhs.is_valid, Proof.WORD, "en", "gb"),
    _id(r"\d{4}[ -]?\d{4}[ -]?\d{4}", aadhaar.is_valid, Proof.WORD, "en", "in"),
    _id(r"\d{12}|\d{4}[ -]\d{4}[ -]\d{4}", my_number.is_valid, Proof.WORD, "ja", "jp"),
    _id(r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", ahv.is_valid, Proof.SHAPE, "de fr it", "de"),
    _id(
        r"784-\d{4}-\d{7}-\d", lambda s: luhn.is_valid(s.replace("-", "")), Proof.SHAPE, "ar", "ar"
    ),  # Emirates
    _id(r"784\d{12}|[12]\d{9}", luhn.is_valid, Proof.WORD, "ar", "ar"),  # Emirates, Saudi Arabia
    _id(
        r"[23]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{7}", str.isdigit, Proof.WORD, "ar", "ar"
    ),  # Egypt
)

CODES = (
    _id(r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]", codicefiscale.is_valid, Proof.SHAPE, "it", "it"),
    _id(r"[A-Z]{4}\d{6}[A-Z]{6}[0-9A-Z]\d", curp.is_valid, Proof.SHAPE, "es", "es"),
    _id(r"[XYZ][- ]?\d{7}[- ]?[A-Z]", nie.is_valid, Proof.LANGUAGE, "es", "es"),
    _id(r"\d{8}[- ]?[A-Z]", dni.is_valid, Proof.LANGUAGE, "es", "es"),
    _id(r"\d{1,2}\.\d{3}\.\d{3}-[0-9K]", rut.is_valid, Proof.LANGUAGE, "es", "cl"),
    _id(r"\d{8} ?\d ?[A-Z]{2}\d", cc.is_valid, Proof.LANGUAGE, "pt", "pt"),
    _id(r"[12]\d{4}[0-9AB]{2}\d{8}", nir.is_valid, Proof.LANGUAGE, "fr", "fr"),
    _id(r"[A-CEGHJ-PR-TW-Z]{2} ?(?:\d{2} ?){3}[A-D]", bool, Proof.WORD, "en", "gb"),  # has no check digit
    _id(r"[A-Z]{5}\d{4}[A-Z]", pan.is_valid, Proof.WORD, "en", "in"),
)
_CODE = regex.compile(
    rf"(?<![\w\x00])(?:{'|'.join(f'(?:{code.shape.pattern})' for code in CODES)})(?![\w\x00])",
    regex.IGNORECASE,
)
_NUMBER = regex.compile("|".join(f"(?:{number.shape.pattern})" for number in NUMBERS))


def in_number(text: Surroundings, number: Number, language: str) -> bool:
    """Whether a stretch of digits is one of the numbers, as proven as that one has to be."""
    if not _NUMBER.fullmatch(text, number.start, number.end):
        return False
    written = text[number.start : number.end]
    return any(
        each.shape.fullmatch(written) and each.is_valid(written) and each.is_proven(text, number, language)
        for each in NUMBERS
    )


def codes(text: Surroundings, language: str) -> Iterator[Finding]:
    """Ids with letters in them."""
    for match in _CODE.finditer(text):
        if any(
            code.shape.fullmatch(match[0])
            and code.is_valid(match[0].replace(" ", "").upper())
            and code.is_proven(text, Number(*match.span(), match[0]), language)
            for code in CODES
        ):
            yield Finding("national_id", *match.span())
