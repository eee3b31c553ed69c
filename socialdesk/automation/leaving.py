"""The words by which a customer asks to hear nothing more, in thirteen languages: `replies/optout.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import regex
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from socialdesk.errors import BadInput
from socialdesk.folding import fold
from socialdesk.languages import LANGUAGES
from socialdesk.settings import CHECKOUT, Settings

NAME = "optout.toml"
LONGEST = 280  # characters; who writes more asks for more than that
_BESIDE = regex.compile(r"(?:https?://|www\.)\S+|[@＠]\w+")
_QUOTED = regex.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"]*\"|「[^」]*」|『[^』]*』|‘[^’]*’")
_BY_ANOTHER = regex.compile(r"^\s*RT\s+[@＠]\w+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")


class _Words(BaseModel):
    """`alone` are the whole message, `within` may stand in a longer one."""

    model_config = ConfigDict(extra="forbid")

    alone: tuple[str, ...] = Field(min_length=1)
    within: tuple[str, ...] = Field(min_length=1)


_FILE = TypeAdapter(dict[str, _Words])


@dataclass(frozen=True, slots=True)
class LeavingWords:
    """All folded; those without spaces between words are compared without any.

    `spaced` and `unspaced` find any of the phrases that may stand in a longer text: one pass each, since the
    newest messages are looked through again and again.
    """

    alone: frozenset[str]
    spaced: regex.Pattern[str]
    unspaced: regex.Pattern[str]

    def asked_in(self, text: str) -> bool:
        """Whether these are a customer's own words, of any language, for it; what he quotes is another's."""
        if len(text) > LONGEST or _BY_ANOTHER.match(text):
            return False
        folded = fold(_BESIDE.sub(" ", text))
        if folded in self.alone or _joined(folded) in self.alone:
            return True
        own = f" {fold(_QUOTED.sub(' ', _BESIDE.sub(' ', text)))} "
        return bool(self.spaced.search(own) or self.unspaced.search(own.replace(" ", "")))


def words(settings: Settings) -> LeavingWords:
    """Those of the library, or the shipped ones where it has none. Raises BadInput."""
    own = settings.paths.replies / NAME
    return read(own if own.is_file() else CHECKOUT / "replies" / NAME)


@lru_cache(maxsize=8)
def read(path: Path) -> LeavingWords:
    """Raises BadInput for a file that lacks a language or cannot be understood."""
    try:
        found = _FILE.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path} is wrong at {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    except ValueError as error:
        raise BadInput(f"{path} cannot be understood: {error}.") from error
    if missing := LANGUAGES.keys() - found.keys():
        raise BadInput(f"{path} has no words in {', '.join(sorted(missing))}.")
    alone = {_joined(fold(each)) for of in found.values() for each in of.alone}
    within = {_joined(fold(each)) for of in found.values() for each in of.within}
    unspaced = {each for each in within if _UNSPACED.search(each)}
    return LeavingWords(
        frozenset(alone),
        regex.compile(r" \L<phrases> ", phrases=within - unspaced),
        regex.compile(r"\L<phrases>", phrases=unspaced),
    )


def _joined(folded: str) -> str:
    return folded.replace(" ", "") if _UNSPACED.search(folded) else folded
