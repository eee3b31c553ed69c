"""Whether messages that belong together are in one case: `python -m benchmarks.placement FILE HANDLE…`.

The file, in the twcs layout, is replayed into a temporary database by the desk's own command, and its cases
are compared with the reply links of the file: two messages of one customer belong together when the links
join them. A second line counts our answers in, each with the message that it answers.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated

import typer

WANTED = 0.99
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Post:
    x_id: str
    author: str
    inbound: bool
    parent: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many pairs the links join, the cases join, and both."""

    linked: int
    placed: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.placed if self.placed else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.linked if self.linked else 1.0


def run(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    handles: Annotated[list[str], typer.Argument(metavar="HANDLE...", help="Which authors are ours.")],
    differences: Annotated[int, typer.Option(help="How many pairs to name that differ.")] = 10,
) -> None:
    """Precision and recall of "these two messages belong together", in the cases of a replayed history."""
    posts = _posts(file, handles)
    cases = _cases(file, handles)
    of_customers = _within_authors(_threads(posts), posts), _within_authors(cases, posts)
    answered = _answers(posts), _answers_placed(cases, posts)
    good = _show("messages of one customer", *of_customers, differences)
    _show("our answers and what they answer", *answered, differences)
    if not good:
        sys.exit(1)


def _posts(file: Path, handles: Iterable[str]) -> dict[str, Post]:
    ours = {handle.lower() for handle in handles}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        found = [
            Post(
                row["tweet_id"],
                row["author_id"],
                row["inbound"] == "True",
                row["in_response_to_tweet_id"].removesuffix(".0") or None,
            )
            for row in csv.DictReader(lines)
        ]
    return {each.x_id: each for each in found if each.inbound or each.author.lower() in ours}


def _cases(file: Path, handles: Iterable[str]) -> list[list[str]]:
    with tempfile.TemporaryDirectory(prefix="socialdesk-") as folder:
        settings = Path(folder) / "settings.toml"
        settings.write_text('[database]\nurl = "sqlite:///desk.db"\n', encoding="utf-8")
        named = [part for handle in handles for part in ("--handle", handle)]
        _desk("db", "upgrade", settings=settings)
        _desk("replay", str(file), *named, "--quiet", settings=settings)
        told = _desk("cases", "--json", settings=settings)
    return [json.loads(line)["message_ids"] for line in told.splitlines()]


def _desk(*command: str, settings: Path) -> str:
    full = [sys.executable, "-m", "socialdesk", *command, "--settings", str(settings)]
    return subprocess.run(full, check=True, capture_output=True, text=True).stdout


def _threads(posts: Mapping[str, Post]) -> list[list[str]]:
    """What hangs together by the links, also by way of a post that is not in the file."""
    above: dict[str, str] = {}

    def top(x_id: str) -> str:
        while (up := above.get(x_id, x_id)) != x_id:
            above[x_id] = above.get(up, up)
            x_id = up
        return x_id

    for post in posts.values():
        if post.parent:
            above[top(post.x_id)] = top(post.parent)
    threads: dict[str, list[str]] = defaultdict(list)
    for x_id in posts:
        threads[top(x_id)].append(x_id)
    return list(threads.values())


def _within_authors(groups: Iterable[Iterable[str]], posts: Mapping[str, Post]) -> set[Pair]:
    """All pairs of messages by one customer in one group."""
    return {pair for group in groups for some in _by_author(group, posts) for pair in combinations(some, 2)}


def _by_author(group: Iterable[str], posts: Mapping[str, Post]) -> Iterator[list[str]]:
    by_author: dict[str, list[str]] = defaultdict(list)
    for x_id in sorted(group):
        if posts[x_id].inbound:
            by_author[posts[x_id].author].append(x_id)
    yield from by_author.values()


def _answers(posts: Mapping[str, Post]) -> set[Pair]:
    """Each answer of ours with the customer's message that it answers."""
    return {
        (post.x_id, post.parent)
        for post in posts.values()
        if post.parent and not post.inbound and post.parent in posts and posts[post.parent].inbound
    }


def _answers_placed(cases: Iterable[Iterable[str]], posts: Mapping[str, Post]) -> set[Pair]:
    case_of = {x_id: number for number, case in enumerate(cases) for x_id in case}
    return {
        (ours, theirs)
        for ours, theirs in _answers(posts)
        if ours in case_of and case_of[ours] == case_of.get(theirs)
    }


def _show(what: str, linked: set[Pair], placed: set[Pair], differences: int) -> bool:
    found = Agreement(len(linked), len(placed), len(linked & placed))
    print(
        f"{what}: precision {found.precision:.4f}, recall {found.recall:.4f}"
        f" ({found.linked:,} pairs linked, {found.placed:,} in one case, {found.both:,} both)"
    )
    for pair in sorted(linked ^ placed)[:differences]:
        print(f"  {'linked, not in one case' if pair in linked else 'in one case, not linked'}: {pair}")
    return min(found.precision, found.recall) >= WANTED


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(run)
    app()
