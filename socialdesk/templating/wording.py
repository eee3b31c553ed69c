"""One text of a reply template: what it may be made of, and how it is filled with plain values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from socialdesk.errors import TemplateError
from socialdesk.templating import leftovers
from socialdesk.templating.catalog import TemplateEntry

LARGEST_SOURCE = 2_048  # bytes
LONGEST_OUTPUT = 10_000  # characters, X's limit for a direct message

_GRAMMAR = (nodes.Output, nodes.TemplateData, nodes.Name, nodes.If)
_ALLOWED = "a template may hold plain {{ names }} and {% if name %}, and nothing else"
_BROKEN = "some braces here do not close, or hold more than a name"
_TOO_MUCH: Mapping[type[nodes.Node], str] = {
    nodes.For: "{% for %} repeats something",
    nodes.Assign: "{% set %} makes up a name of its own",
    nodes.Include: "{% include %} brings in another file",
    nodes.Import: "{% import %} brings in another file",
    nodes.Extends: "{% extends %} brings in another file",
    nodes.Macro: "{% macro %} makes up a name of its own",
    nodes.Getitem: "square brackets after a name are more than a name",
    nodes.CondExpr: "an if within {{ }} is more than a name",
}
_AUTOLINKED = re.compile(r"[@＠#＃$](?=\w)|:(?=//)|(?<=\S)[.。．｡](?=[^\s.])")
_ADDRESS = re.compile(r"https?://[!-~]+")
_EMOJI_JOINTS = re.compile("[\u200c\u200d\U000e0020-\U000e007f]")


@dataclass(frozen=True)
class Wording:
    """Never changes, so any number of threads may render it."""

    template: str
    variables: frozenset[str]
    """Those this text uses; the catalog may give its template more."""
    _links: frozenset[str]
    _compiled: Template

    @classmethod
    def parse(
        cls, source: bytes, file: str, entry: TemplateEntry, links: Collection[str] = frozenset()
    ) -> Wording:
        """Raises TemplateError, with the file and the line, for what the grammar does not allow.

        `links` are the variables whose value is an address that X is to turn into a link.
        """
        tree = _parse(source, file)
        _keep_to_grammar(tree, file)
        _leave_nothing_over(tree, file, entry)
        names = list(tree.find_all(nodes.Name))
        for each in names:
            if each.name not in entry.variables:
                raise TemplateError(
                    f"{file}:{each.lineno}: catalog.toml does not give {entry.id} {each.name}."
                )
        used = frozenset(each.name for each in names)
        return cls(entry.id, used, used.intersection(links), _sandbox().from_string(tree))

    def render(self, values: Mapping[str, str]) -> str:
        """Values it does not use are ignored. Raises TemplateError for a missing value or too much text."""
        name = f"The reply template {self.template!r}"
        if missing := sorted(self.variables - values.keys()):
            raise TemplateError(f"{name} needs a value for {', '.join(missing)}.")
        used = {variable: values[variable] for variable in self.variables}
        if any(len(value) > LONGEST_OUTPUT for value in used.values()):
            raise TemplateError(f"A value for the reply template {self.template!r} is far too long.")
        plain = {variable: self._plain(variable, value) for variable, value in used.items()}
        rendered = self._compiled.render(plain).strip()
        if len(rendered) > LONGEST_OUTPUT:
            raise TemplateError(f"{name} comes out longer than {LONGEST_OUTPUT}.")
        return rendered

    def _plain(self, variable: str, value: str) -> str:
        if variable not in self._links:
            return harmless(value)
        if value and not _ADDRESS.fullmatch(value):
            raise TemplateError(f"The reply template {self.template!r} needs a web address for {variable}.")
        return value


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


@cache
def _sandbox() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    return environment


def _parse(source: bytes, file: str) -> nodes.Template:
    if len(source) > LARGEST_SOURCE:
        raise TemplateError(f"{file}:1: a reply template has at most {LARGEST_SOURCE} bytes.")
    if not source.strip():
        raise TemplateError(f"{file}:1: the reply template is empty.")
    try:
        return _sandbox().parse(source.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise TemplateError(f"{file}:1: the file is not UTF-8; save it as UTF-8.") from error
    except TemplateSyntaxError as error:
        raise TemplateError(f"{file}:{error.lineno}: {_ALLOWED}: {_BROKEN}.") from error
    except RecursionError as error:
        raise TemplateError(f"{file}:1: the brackets are nested too deeply.") from error


def _keep_to_grammar(tree: nodes.Template, file: str) -> None:
    """Checked before compiling: the compiler already works out constants such as `'a' * 10**8`."""
    for node in tree.find_all(nodes.Node):
        nested = isinstance(node, nodes.If) and next(node.find_all(nodes.If), None)
        if nested or not isinstance(node, _GRAMMAR):
            what = "one {% if %} stands within another" if nested else _too_much(node)
            raise TemplateError(f"{file}:{node.lineno}: {_ALLOWED}: {what}.")


def _leave_nothing_over(tree: nodes.Template, file: str, entry: TemplateEntry) -> None:
    """What stands between the variables would go out as it is written, braces and all."""
    for output in tree.find_all(nodes.Output):
        for before, node, after in _with_neighbours(output.nodes):
            if not isinstance(node, nodes.TemplateData):
                continue
            if (found := leftovers.find(node.data, entry.variables)) is not None:
                line = node.lineno + node.data[: found.start()].count("\n")
                raise TemplateError(f"{file}:{line}: “{found.group()}” is no variable: write {{{{ name }}}}.")
            stray = (before and node.data.startswith("}")) or (after and node.data.endswith("{"))
            if stray:
                raise TemplateError(f"{file}:{node.lineno}: there is a brace too many beside a variable.")


def _with_neighbours(
    found: Sequence[nodes.Node],
) -> Iterator[tuple[nodes.Node | None, nodes.Node, nodes.Node | None]]:
    yield from zip([None, *found[:-1]], found, [*found[1:], None], strict=True)


def _too_much(node: nodes.Node) -> str:
    """What somebody wrote who knows templates from elsewhere, in his own words where they can be told."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"`{node.node.name}.{node.attr}` is more than a name"
    if isinstance(node, nodes.Filter):
        return f"`|{node.name}` changes what a name stands for"
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        return f"`{node.node.name}(…)` is more than a name"
    if isinstance(node, nodes.Const):
        return f"`{node.value}` in braces is no name"
    return _TOO_MUCH.get(type(node), "something in braces is more than a name")
