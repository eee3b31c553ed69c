"""`replies/written_from.toml`: which version of the source text each translation was written from."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from socialdesk.errors import TemplateError
from socialdesk.templating.catalog import Key

FILE = "written_from.toml"
_HEAD = """\
# The version of the source text that each translation was written from.
# Written by `socialdesk replies stamp`.
"""

Stamps = Mapping[Key, str]


def version(text: str) -> str:
    """A short name for these words, the same whatever blank space stands around them."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:12]


def read(folder: Path) -> dict[Key, str] | None:
    """None when nobody keeps track. Raises TemplateError for a file that cannot be understood."""
    path = folder / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return {_key(code, name): str(told) for code in content for name, told in content[code].items()}
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TemplateError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, AttributeError) as error:
        told = "cannot be understood: delete it and run `socialdesk replies stamp`"
        raise TemplateError(f"{path} {told}.") from error


def write(folder: Path, stamps: Stamps) -> None:
    """Raises TemplateError when the folder cannot be written."""
    lines = [_HEAD]
    for language, keys in groupby(sorted(stamps, key=_place), key=lambda key: key.language):
        lines.append(f"\n[{language}]\n")
        lines += [f'"{key.template}.{key.visibility}" = "{stamps[key]}"\n' for key in keys]
    try:
        (folder / FILE).write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise TemplateError(f"{folder / FILE} cannot be written: {error.strerror}.") from error


def _key(language: str, name: str) -> Key:
    template, _, visibility = name.rpartition(".")
    return Key(template, language, visibility)


def _place(key: Key) -> tuple[str, str, str]:
    return key.language, key.template, key.visibility
