"""Reading pages as a browser does: what a form would send if its button were pressed."""

from __future__ import annotations

from html.parser import HTMLParser

from httpx2 import Response


class _Form(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._wanted = form_id
        self._inside = False
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = got.get("id") == self._wanted
        if not self._inside:
            return
        if tag == "textarea":
            self._area = got["name"]
            self.fields[self._area] = ""
        if (
            tag == "input"
            and "name" in got
            and (got.get("type") not in ("radio", "checkbox") or "checked" in got)
        ):
            self.fields[got["name"]] = got.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "form":
            self._inside = False


def composer(page: Response) -> dict[str, str]:
    """The fields of the composer as the page was delivered."""
    form = _Form("composer")
    form.feed(page.text)
    return form.fields
