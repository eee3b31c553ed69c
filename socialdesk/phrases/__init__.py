"""The desk's own sentences, in the language of whoever reads them.

English is the source: what stands in the code and in the pages is the sentence itself, and what has no
translation stays English. The translations are gettext's files, one a language, beside this module; values
stand in them as %(name)s, and a sentence with a number in it has as many forms as its language wants.

Who reads is known for the time of a request; commands and workers speak English.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

SOURCE = "en"
_SPOKEN_IN = {"pt": "pt_PT"}  # alone it would be Brazil's, and the sentences are not
FOLDER = Path(__file__).parent
_reader: ContextVar[str] = ContextVar("reader", default=SOURCE)


@cache
def offered() -> tuple[str, ...]:
    """The languages the desk speaks, English among them."""
    return tuple(sorted({SOURCE, *(file.stem for file in FOLDER.glob("*.po"))}))


@contextmanager
def read_in(language: str) -> Iterator[None]:
    """Who is told something inside the block reads that language; English if the desk does not speak it."""
    before = _reader.set(language if language in offered() else SOURCE)
    try:
        yield
    finally:
        _reader.reset(before)


def reader() -> str:
    """The language of whoever is told something now."""
    return _reader.get()


def locale() -> Locale:
    return _locale(reader())


def gettext(sentence: str, /, **values: object) -> str:
    """The sentence as the reader reads it, with its values put in."""
    return bare(sentence) % values


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """The form of the sentence that goes with the number, which stands in it as %(number)s: 12,000."""
    return bare_number(one, many, number) % {"number": numeral(number), **values}


def numeral(number: int) -> str:
    """As the reader writes it. English needs no asking, and is read most."""
    return f"{number:,}" if reader() == SOURCE else str(format_decimal(number, locale=locale()))


def bare(sentence: str, /) -> str:
    """Translated, with the places of its values still in it: pages put those in, and escape them."""
    language = reader()
    return sentence if language == SOURCE else str(_translations(language).ugettext(sentence))


def bare_number(one: str, many: str, number: int, /) -> str:
    return str(_translations(reader()).ungettext(one, many, number))


def mark(sentence: str, /) -> str:
    """The sentence itself: found for translation where it stands, and translated where it is told."""
    return sentence


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_SPOKEN_IN.get(language, language))


@cache
def _translations(language: str) -> Any:
    if language == SOURCE:
        return NullTranslations()
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
