"""The reply templates in `replies/`: read once, checked, and rendered with plain values."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from socialdesk import fitting
from socialdesk.errors import NotFound, TemplateError

LARGEST_SOURCE = 2_048  # bytes
LONGEST_OUTPUT = 10_000  # characters, X's limit for a direct message
LONGEST_SIGN_OFF = " ^ABCD"  # the desk adds the agent's initials to a public reply

Channel = Literal["public", "private"]
Topic = Literal[
    "orders_and_delivery",
    "returns_and_refunds",
    "digital_and_devices",
    "membership",
    "payment",
    "account",
    "suspicious_activity",
    "gift_cards",
    "other",
]
# Two words at least: Jinja's own names (`self`, `loop`, `super`) are single ones.
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)+$")]

_GRAMMAR = (nodes.Output, nodes.TemplateData, nodes.Name, nodes.If)
_UNWELCOME_IN_PUBLIC = re.compile(r"[@＠]\w|https?://|www\.", re.IGNORECASE)
_AUTOLINKED = re.compile(r"[@＠#＃$](?=\w)|:(?=//)|(?<=\S)[.。．｡](?=[^\s.])")
_EMOJI_JOINTS = re.compile("[\u200c\u200d\U000e0020-\U000e007f]")


class _Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Variable(_Declaration):
    """`longest` is what lengths are measured with; the languages in `without` do not use the variable."""

    example: str
    longest: str = Field(max_length=80)
    without: frozenset[str] = frozenset()


class TemplateEntry(_Declaration):
    id: str = Field(pattern=r"^[a-z]+(_[a-z]+)*$")
    topic: Topic
    title: str
    channels: tuple[Channel, ...] = Field(min_length=1)
    variables: frozenset[str] = frozenset()


class Catalog(_Declaration):
    languages: tuple[str, ...]
    variables: dict[VariableName, Variable]
    templates: tuple[TemplateEntry, ...]

    @model_validator(mode="after")
    def _must_be_consistent(self) -> Catalog:
        seen: set[str] = set()
        for entry in self.templates:
            if entry.id in seen:
                raise ValueError(f"{entry.id} is declared twice")
            if unknown := sorted(entry.variables - self.variables.keys()):
                raise ValueError(f"{entry.id} uses {unknown[0]}, which has no [variables.{unknown[0]}]")
            seen.add(entry.id)
        return self


class Key(NamedTuple):
    template: str
    language: str
    visibility: str

    @property
    def file(self) -> str:
        return f"{self.language}/{self.template}.{self.visibility}.txt.j2"


@dataclass(frozen=True)
class Problem:
    """What is wrong with one text; language and visibility are empty when it is the catalog that is wrong."""

    template: str
    language: str
    visibility: str
    text: str


@dataclass(frozen=True)
class _Text:
    compiled: Template
    variables: frozenset[str]


@dataclass(frozen=True)
class Library:
    """Never changes once loaded, so any number of threads may render from it.

    A text that is missing or unsafe does not keep the desk from starting: it is not offered,
    and `problems` names it.
    """

    catalog: Catalog
    _texts: Mapping[Key, _Text]
    _refused: Mapping[Key, str]
    _strays: tuple[Problem, ...]

    @classmethod
    def load(cls, folder: Path) -> Library:
        """Raises TemplateError when there is no catalog or it cannot be understood."""
        catalog = _read_catalog(folder / "catalog.toml")
        texts: dict[Key, _Text] = {}
        refused: dict[Key, str] = {}
        environment = _sandbox()
        for entry, key in _expected(catalog):
            path = folder / key.file
            if not path.is_file():
                continue
            try:
                texts[key] = _compile(environment, path, entry)
            except TemplateError as error:
                refused[key] = str(error)
        return cls(catalog, texts, refused, tuple(_strays(folder, catalog)))

    @property
    def templates(self) -> list[TemplateEntry]:
        return list(self.catalog.templates)

    def find(self, template: str) -> TemplateEntry:
        """Raises NotFound for an id that is not in the catalog."""
        for entry in self.catalog.templates:
            if entry.id == template:
                return entry
        raise NotFound(f"There is no reply template {template!r}; see replies/catalog.toml.")

    def offers(self, language: str, visibility: str) -> list[TemplateEntry]:
        """What can be sent in this language and visibility, in catalog order."""
        return [each for each in self.catalog.templates if Key(each.id, language, visibility) in self._texts]

    def render(self, template: str, language: str, visibility: str, values: Mapping[str, str]) -> str:
        """The finished text. Values are plain text (see `harmless`); those it does not use are ignored.

        Raises NotFound for a template or a text that does not exist, TemplateError for an unsafe one,
        for a missing value, and for more than 10,000 characters.
        """
        text = self._text(Key(self.find(template).id, language, str(visibility)))
        if missing := sorted(text.variables - values.keys()):
            raise TemplateError(f"The reply template {template!r} needs a value for {', '.join(missing)}.")
        used = {name: values[name] for name in text.variables}
        if any(len(value) > LONGEST_OUTPUT for value in used.values()):
            raise TemplateError(f"A value for the reply template {template!r} is far too long.")
        rendered = text.compiled.render({name: harmless(value) for name, value in used.items()}).strip()
        if len(rendered) > LONGEST_OUTPUT:
            raise TemplateError(f"The reply template {template!r} comes out longer than {LONGEST_OUTPUT}.")
        return rendered

    def problems(self) -> list[Problem]:
        """Everything that should be mended, empty when the library is whole and in step."""
        found = chain(self._absent(), self._unused(), self._out_of_step(), self._unfit_for_public())
        return [*found, *self._strays]

    def _text(self, key: Key) -> _Text:
        if key in self._refused:
            raise TemplateError(self._refused[key])
        if key not in self._texts:
            raise NotFound(f"There is no reply template {key.file}.")
        return self._texts[key]

    def _absent(self) -> Iterator[Problem]:
        for _, key in _expected(self.catalog):
            if key in self._refused:
                yield Problem(*key, self._refused[key])
            elif key not in self._texts:
                yield Problem(*key, f"{key.file} is missing.")

    def _unused(self) -> Iterator[Problem]:
        for entry in self.catalog.templates:
            used = {
                name for key in self._texts if key.template == entry.id for name in self._texts[key].variables
            }
            for name in sorted(entry.variables - used):
                yield Problem(entry.id, "", "", f"catalog.toml gives {entry.id} {name}, but no text uses it.")

    def _out_of_step(self) -> Iterator[Problem]:
        """A variable that one language's text uses is used by all, save those declared to do without it."""
        for key, text in self._texts.items():
            spared = {n for n, variable in self.catalog.variables.items() if key.language in variable.without}
            for name in sorted(self._used_anywhere(key) - text.variables - spared):
                yield Problem(*key, f"{key.file} does not use {name}, as the other languages do.")
            for name in sorted(text.variables & spared):
                yield Problem(*key, f"{key.file} uses {name}, which catalog.toml says it does without.")

    def _used_anywhere(self, key: Key) -> frozenset[str]:
        siblings = (Key(key.template, language, key.visibility) for language in self.catalog.languages)
        return frozenset().union(*(self._texts[each].variables for each in siblings if each in self._texts))

    def _unfit_for_public(self) -> Iterator[Problem]:
        """X charges much more for a post with a link, and does not welcome mentions nobody asked for."""
        longest = {name: variable.longest for name, variable in self.catalog.variables.items()}
        for key in self._texts:
            if key.visibility != "public":
                continue
            text = self.render(*key, longest)
            length = fitting.weighted_length(text + LONGEST_SIGN_OFF)
            if length > fitting.LIMIT:
                yield Problem(*key, f"{key.file} can come to {length} of {fitting.LIMIT} with its sign-off.")
            if found := _UNWELCOME_IN_PUBLIC.search(text):
                yield Problem(*key, f"{key.file} has a link or a mention in public: {found.group()!r}.")


def harmless(value: str) -> str:
    """A customer's words as plain text on one line that X will not turn into a mention, hashtag or link.

    X links `@name`, `#tag`, `$TAG` and any word with a dot before a known ending. A word joiner (U+2060)
    after the sign breaks that and cannot be seen; the name still looks as its owner wrote it. Controls and
    marks that turn the writing direction go; the joiners inside emoji stay.
    """
    kept = "".join(_without_control(character) for character in value)
    return _AUTOLINKED.sub("\\g<0>\u2060", " ".join(kept.split()))


def _without_control(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    noncharacter = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
    if noncharacter or category == "Cs" or (category == "Cf" and not _EMOJI_JOINTS.match(character)):
        return ""
    return character


def _read_catalog(path: Path) -> Catalog:
    try:
        return Catalog.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise TemplateError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise TemplateError(f"{path} is wrong at {place or 'the top'}: {first['msg']}.") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise TemplateError(f"{path} cannot be understood: {error}.") from error


def _expected(catalog: Catalog) -> Iterator[tuple[TemplateEntry, Key]]:
    for entry in catalog.templates:
        for language in catalog.languages:
            for channel in entry.channels:
                yield entry, Key(entry.id, language, channel)


def _strays(folder: Path, catalog: Catalog) -> Iterator[Problem]:
    expected = {key.file for _, key in _expected(catalog)}
    for path in sorted(folder.rglob("*.j2")):
        file = path.relative_to(folder).as_posix()
        if file not in expected:
            yield Problem(path.name.split(".")[0], path.parent.name, "", f"{file} is not in catalog.toml.")


def _sandbox() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    return environment


def _compile(environment: ImmutableSandboxedEnvironment, path: Path, entry: TemplateEntry) -> _Text:
    tree = _parse(environment, path)
    _keep_to_grammar(tree, path)
    names = list(tree.find_all(nodes.Name))
    for each in names:
        if each.name not in entry.variables:
            raise TemplateError(f"{path}:{each.lineno}: catalog.toml does not give {entry.id} {each.name}.")
    return _Text(environment.from_string(tree), frozenset(each.name for each in names))


def _parse(environment: ImmutableSandboxedEnvironment, path: Path) -> nodes.Template:
    source = path.read_bytes()
    if len(source) > LARGEST_SOURCE:
        raise TemplateError(f"{path}:1: a reply template has at most {LARGEST_SOURCE} bytes.")
    if not source.strip():
        raise TemplateError(f"{path}:1: the reply template is empty.")
    try:
        return environment.parse(source.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path}:1: the file is not UTF-8; save it as UTF-8.") from error
    except TemplateSyntaxError as error:
        reason = (error.message or "wrong syntax").rstrip(".")
        raise TemplateError(f"{path}:{error.lineno}: {reason}.") from error
    except RecursionError as error:
        raise TemplateError(f"{path}:1: the brackets are nested too deeply.") from error


def _keep_to_grammar(tree: nodes.Template, path: Path) -> None:
    """Checked before compiling: the compiler already works out constants such as `'a' * 10**8`."""
    for node in tree.find_all(nodes.Node):
        nested = isinstance(node, nodes.If) and next(node.find_all(nodes.If), None)
        if nested or not isinstance(node, _GRAMMAR):
            word = "an if within an if" if nested else f"{type(node).__name__.lower()!r}"
            raise TemplateError(
                f"{path}:{node.lineno}: {word} is not allowed;"
                " a reply template holds text, {{ variable }} and {% if variable %} only."
            )
