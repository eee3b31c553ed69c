"""The reply templates in `replies/`: read once, and rendered with plain values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from socialdesk.errors import NotFound, TemplateError
from socialdesk.measures import count
from socialdesk.phrases import gettext as _
from socialdesk.templating import stamps, titles
from socialdesk.templating.catalog import Catalog, Key, TemplateEntry
from socialdesk.templating.stamps import Stamps
from socialdesk.templating.wording import Unsound, Wording, harmless


@dataclass(frozen=True, slots=True)
class Edit:
    """Words that take the place of a file's, or none where those stand.

    `written_from` is the version of the source text they follow, `file_version` that of the file at the time.
    """

    text: str | None
    written_from: str | None
    file_version: str


@dataclass(frozen=True)
class Library:
    """Never changes once loaded, so any number of threads may render from it.

    A text that is missing or unsafe does not keep the desk from starting: it is not offered,
    and `parity.problems` names it. `sources` are the texts as they were written, those refused too;
    `written_from` is None when nobody keeps track of versions.
    """

    catalog: Catalog
    sources: Mapping[Key, str]
    texts: Mapping[Key, Wording]
    refused: Mapping[Key, Unsound]
    written_from: Stamps | None
    strays: tuple[str, ...]
    """Files that the catalog does not know, relative to the folder."""
    rewritten: frozenset[Key] = frozenset()
    """Those with other words than the file's."""
    overtaken: frozenset[Key] = frozenset()
    """Those of which the file has changed since they were rewritten."""

    @classmethod
    def load(cls, folder: Path) -> Library:
        """Raises TemplateError when there is no catalog or it cannot be understood."""
        catalog = Catalog.read(folder / "catalog.toml")
        sources: dict[Key, str] = {}
        texts: dict[Key, Wording] = {}
        refused: dict[Key, Unsound] = {}
        for entry, key in catalog.expected():
            path = folder / key.file
            if not path.is_file():
                continue
            found = path.read_bytes()
            sources[key] = found.decode("utf-8", errors="replace")
            try:
                texts[key] = Wording.parse(found, str(path), entry, catalog.links)
            except Unsound as error:
                refused[key] = error.with_traceback(None)
        return cls(catalog, sources, texts, refused, stamps.read(folder), tuple(_strays(folder, catalog)))

    @property
    def templates(self) -> list[TemplateEntry]:
        return list(self.catalog.templates)

    def find(self, template: str) -> TemplateEntry:
        """Raises NotFound for an id that is not in the catalog."""
        for entry in self.catalog.templates:
            if entry.id == template:
                return entry
        raise NotFound(_("There is no reply template “%(template)s”.", template=template))

    def key(self, template: str, language: str, visibility: str) -> Key:
        """Raises NotFound for a text that the catalog does not ask for."""
        key = Key(template, language, str(visibility))
        if language not in self.catalog.languages or key.visibility not in self.find(template).channels:
            raise self._no_text(key)
        return key

    def offers(self, language: str, visibility: str) -> list[TemplateEntry]:
        """What can be sent in this language and visibility, in catalog order."""
        return [each for each in self.catalog.templates if Key(each.id, language, visibility) in self.texts]

    def render(self, template: str, language: str, visibility: str, values: Mapping[str, str]) -> str:
        """The finished text. Values are plain text (see `harmless`); those it does not use are ignored.

        Raises NotFound for a template or a text that does not exist, TemplateError for an unsafe one,
        for a missing value, and for more than 10,000 characters.
        """
        return self._text(Key(self.find(template).id, language, str(visibility))).render(values)

    def edited(self, edits: Mapping[Key, Edit]) -> Library:
        """This library with other words in some places; those that the catalog does not know are left out."""
        known = {key: (entry, edits[key]) for entry, key in self.catalog.expected() if key in edits}
        rewritten = {key: edit.text for key, (_, edit) in known.items() if edit.text is not None}
        texts = {key: text for key, text in self.texts.items() if key not in rewritten}
        refused = {key: why for key, why in self.refused.items() if key not in rewritten}
        for key, text in rewritten.items():
            try:
                texts[key] = Wording.parse(
                    text.encode(errors="surrogatepass"), key.file, known[key][0], self.catalog.links
                )
            except Unsound as error:
                refused[key] = error.with_traceback(None)
        changed = {key for key, (_, edit) in known.items() if edit.file_version != self.version(key)}
        followed = {key: edit.written_from for key, (_, edit) in known.items() if edit.written_from}
        return replace(
            self,
            sources={**self.sources, **rewritten},
            texts=texts,
            refused=refused,
            written_from=self._following(followed, but=changed - rewritten.keys()),
            rewritten=frozenset(rewritten),
            overtaken=frozenset(changed & rewritten.keys()),
        )

    def _following(self, followed: Stamps, *, but: Collection[Key]) -> Stamps | None:
        """What was said of a file's words holds until the file changes."""
        if self.written_from is None:
            return None
        return {**self.written_from, **{key: version for key, version in followed.items() if key not in but}}

    def version(self, key: Key) -> str:
        """Which version of that text there is; an empty one's where there is none."""
        return stamps.version(self.sources.get(key, ""))

    def source_version(self, key: Key) -> str:
        """Which version of the source text there is now for this one to follow; empty when there is none."""
        source = key._replace(language=self.catalog.source)
        return self.version(source) if source in self.sources else ""

    def translations(self) -> Iterator[Key]:
        """The texts there are that were written from others there are."""
        for key in self.sources:
            if key.language != self.catalog.source and self.source_version(key):
                yield key

    def _text(self, key: Key) -> Wording:
        if key in self.refused:
            raise TemplateError(self.why_refused(key))
        if key not in self.texts:
            raise self._no_text(key)
        return self.texts[key]

    def why_refused(self, key: Key) -> str:
        """In the reader's language, for one of those that are."""
        refused = self.refused[key]
        told = {"text": titles.of_text(self.catalog, key), "line": count(refused.line), "why": refused.why}
        # To translate: %(text)s is a text such as “Thanks” in German, %(why)s a sentence that begins small.
        return _("%(text)s, line %(line)s: %(why)s", **told)

    def _no_text(self, key: Key) -> NotFound:
        named = titles.of_text(self.catalog, key)
        return NotFound(_("There is no reply template %(template)s.", template=named))


def _strays(folder: Path, catalog: Catalog) -> Iterator[str]:
    expected = {key.file for _, key in catalog.expected()}
    files = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.j2")))
    return (file for file in files if file not in expected)


__all__ = ["Edit", "Library", "TemplateEntry", "harmless"]
