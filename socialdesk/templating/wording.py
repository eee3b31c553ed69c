"""One text of a reply template: what it may be made of, and how it is filled with plain values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from socialdesk.errors import TemplateError
from socialdesk.measures import count
from socialdesk.phrases import gettext, mark
from socialdesk.templating import leftovers
from socialdesk.templating.catalog import TemplateEntry

LARGEST_SOURCE = 2_048  # bytes
LONGEST_OUTPUT = 10_000  # characters, X's limit for a direct message

_GRAMMAR = (nodes.Output, nodes.TemplateData, nodes.Name, nodes.If)
# To translate: %(what)s says what else somebody wrote there, such as "square brackets are more than a name".
_ALLOWED = mark("a template may hold plain {{ names }} and {%% if name %%}, and nothing else: %(what)s.")
_BROKEN = mark("some braces here do not close, or hold more than a name")
_NESTED = mark("one {%% if %%} stands within another")
_ELIF = mark("instead of {%% elif %%}, write {%% endif %%} and begin another {%% if name %%}")
_TAG = mark("{%% %(name)s %%} is neither")
_ANYTHING = mark("something in braces is more than a name")
_TOO_MUCH: Mapping[type[nodes.Node], str] = {
    nodes.For: mark("{%% for %%} repeats something"),
    nodes.Assign: mark("{%% set %%} makes up a name of its own"),
    nodes.AssignBlock: mark("{%% set %%} makes up a name of its own"),
    nodes.Include: mark("{%% include %%} brings in another file"),
    nodes.FromImport: mark("{%% import %%} brings in another file"),
    nodes.Import: mark("{%% import %%} brings in another file"),
    nodes.Extends: mark("{%% extends %%} brings in another file"),
    nodes.Macro: mark("{%% macro %%} makes up a name of its own"),
    nodes.Getitem: mark("square brackets after a name are more than a name"),
    nodes.CondExpr: mark("an if within {{ }} is more than a name"),
}
_TAGS: Mapping[type[nodes.Node], str] = {
    nodes.Block: "block",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.Scope: "autoescape",
    nodes.With: "with",
}
_AUTOLINKED = re.compile(r"[@＠#＃$](?=\w)|:(?=//)|(?<=\S)[.。．｡](?=[^\s.])")
_ADDRESS = re.compile(r"https?://[!-~]+")
_EMOJI_JOINTS = re.compile("[\u200c\u200d\U000e0020-\U000e007f]")


class Unsound(TemplateError):
    """What the grammar does not allow, and in which line: its text names the file, for whoever edits that.

    `sentence` is marked; where it says what is `beyond` names and conditions, it is only part of one.
    """

    def __init__(
        self, file: str, line: int, sentence: str, *, told: str = "", beyond: bool = False, **values: object
    ) -> None:
        self.line, self._sentence, self._beyond, self._values = line, sentence, beyond, values
        super().__init__(f"{file}:{line}: {told or self.why}")

    @property
    def why(self) -> str:
        """In the reader's language, without the file."""
        values = {name: count(told) if isinstance(told, int) else told for name, told in self._values.items()}
        told = gettext(self._sentence, **values)
        return gettext(_ALLOWED, what=told) if self._beyond else told


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
        """Raises Unsound, with the file and the line, for what the grammar does not allow.

        `links` are the variables whose value is an address that X is to turn into a link.
        """
        tree = _parse(source, file)
        _keep_to_grammar(tree, file)
        _leave_nothing_over(tree, file, entry)
        names = list(tree.find_all(nodes.Name))
        for each in names:
            if each.name not in entry.variables:
                told = f"catalog.toml does not give {entry.id} {each.name}."
                sentence = mark("%(name)s is none of the names that this template may hold.")
                raise Unsound(file, each.lineno, sentence, told=told, name=each.name)
        used = frozenset(each.name for each in names)
        return cls(entry.id, used, used.intersection(links), _sandbox().from_string(tree))

    def render(self, values: Mapping[str, str]) -> str:
        """Values it does not use are ignored. Raises TemplateError for a missing value or too much text."""
        if missing := sorted(self.variables - values.keys()):
            told = {"template": repr(self.template), "names": ", ".join(missing)}
            raise TemplateError(
                gettext("The reply template %(template)s needs a value for %(names)s.", **told)
            )
        used = {variable: values[variable] for variable in self.variables}
        if any(len(value) > LONGEST_OUTPUT for value in used.values()):
            told = {"template": repr(self.template)}
            raise TemplateError(
                gettext("A value for the reply template %(template)s is far too long.", **told)
            )
        plain = {variable: self._plain(variable, value) for variable, value in used.items()}
        rendered = self._compiled.render(plain).strip()
        if len(rendered) > LONGEST_OUTPUT:
            told = {"template": repr(self.template), "most": count(LONGEST_OUTPUT)}
            sentence = mark("The reply template %(template)s comes out longer than %(most)s characters.")
            raise TemplateError(gettext(sentence, **told))
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
        sentence = mark("a reply template has at most %(most)s bytes.")
        raise Unsound(file, 1, sentence, most=LARGEST_SOURCE)
    if not source.strip():
        raise Unsound(file, 1, mark("the reply template is empty."))
    try:
        text = source.decode("utf-8")
        tree = _sandbox().parse(text)
        _leave_out_what_leaves_no_trace(text, file)
        return tree
    except UnicodeDecodeError as error:
        raise Unsound(file, 1, mark("the file is not UTF-8; save it as UTF-8.")) from error
    except TemplateSyntaxError as error:
        raise Unsound(file, error.lineno, _BROKEN, beyond=True) from error
    except RecursionError as error:
        raise Unsound(file, 1, mark("the brackets are nested too deeply.")) from error


def _leave_out_what_leaves_no_trace(text: str, file: str) -> None:
    """These tags are not in the tree: an open `{% raw %}` at the end would go without a word, and so would
    an empty `{% print %}`."""
    begun = False
    for line, kind, value in _sandbox().lex(text):
        if kind == "raw_begin" or (begun and value == "print"):
            raise Unsound(file, line, _TAG, beyond=True, name="print" if begun else "raw")
        begun = kind == "block_begin" or (begun and kind == "whitespace")


def _keep_to_grammar(tree: nodes.Template, file: str) -> None:
    """Checked before compiling: the compiler already works out constants such as `'a' * 10**8`."""
    for node in tree.find_all(nodes.Node):
        nested = isinstance(node, nodes.If) and next(node.find_all(nodes.If), None)
        if nested or not isinstance(node, _GRAMMAR):
            what, name = _too_much(node)
            raise Unsound(file, _line(node), what, beyond=True, name=name)


def _line(node: nodes.Node) -> int:
    """Some nodes have none of their own (`{% autoescape %}`), but what stands within them has."""
    lines = (each.lineno for each in chain([node], node.find_all(nodes.Node)))
    return next((line for line in lines if line), 1)


def _leave_nothing_over(tree: nodes.Template, file: str, entry: TemplateEntry) -> None:
    """What stands between the variables would go out as it is written, braces and all."""
    for output in tree.find_all(nodes.Output):
        for before, node, after in _with_neighbours(output.nodes):
            if not isinstance(node, nodes.TemplateData):
                continue
            if (found := leftovers.find(node.data, entry.variables)) is not None:
                line = node.lineno + node.data[: found.start()].count("\n")
                sentence = mark("“%(name)s” is no variable: write {{ name }}.")
                raise Unsound(file, line, sentence, name=found.group())
            stray = (before and node.data.startswith("}")) or (after and node.data.endswith("{"))
            if stray:
                raise Unsound(file, node.lineno, mark("there is a brace too many beside a variable."))


def _with_neighbours(
    found: Sequence[nodes.Node],
) -> Iterator[tuple[nodes.Node | None, nodes.Node, nodes.Node | None]]:
    yield from zip([None, *found[:-1]], found, [*found[1:], None], strict=False)


def _too_much(node: nodes.Node) -> tuple[str, str]:
    """What somebody wrote who knows templates from elsewhere, and his own words where they can be told."""
    if isinstance(node, nodes.If):
        return _ELIF if node.elif_ else _NESTED, ""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return mark("`%(name)s` is more than a name"), f"{node.node.name}.{node.attr}"
    if isinstance(node, nodes.Filter):
        return mark("`%(name)s` changes what a name stands for"), f"|{node.name}"
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        return mark("`%(name)s` is more than a name"), f"{node.node.name}(…)"
    if isinstance(node, nodes.Const):
        return mark("`%(name)s` in braces is no name"), str(node.value)
    if type(node) in _TAGS:
        return _TAG, _TAGS[type(node)]
    return _TOO_MUCH.get(type(node), _ANYTHING), ""
