"""The command: measure, then print what was found beside what was wanted."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import engines, intake, pages, replying, search, tables
from benchmarks.engines import ENGINES, NewUrl
from benchmarks.intake import Throughput
from benchmarks.pages import Sized
from benchmarks.replying import Replying
from benchmarks.traffic import HANDLE
from socialdesk.settings import AccountSettings

ROUNDS = 5
ACCOUNT = AccountSettings(handle=HANDLE, credentials="NORTHWIND")


class Engine(StrEnum):
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Part(StrEnum):
    INTAKE = "intake"
    PAGES = "pages"
    REPLYING = "replying"
    SEARCH = "search"


progress = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: messages a round of the intake, cases stored, rounds of all pages and requests a
    page in each, replies made, messages to be searched."""

    messages: int = 2_000
    rounds: int = 3
    sizes: tuple[int, ...] = (10_000, 100_000)
    page_rounds: int = ROUNDS
    requests: int = 60
    replies: int = 1_000
    searchable: int = 1_000_000


QUICK = Plan(messages=200, sizes=(2_000, 4_000), page_rounds=1, requests=10, replies=100, searchable=20_000)


def run(
    quick: Annotated[
        bool, typer.Option("--quick", help="2,000 cases and few requests: whether it works, not how fast.")
    ] = False,
    only: Annotated[Part | None, typer.Option("--only", help="One part instead of all.")] = None,
    engine: Annotated[Engine | None, typer.Option("--engine", help="One database instead of both.")] = None,
    cases: Annotated[int, typer.Option(min=0, help="Pages with so many cases too, five messages each.")] = 0,
    rounds: Annotated[int, typer.Option(min=1, help="So many rounds of all pages.")] = ROUNDS,
) -> None:
    """How fast the desk is on this machine: its intake, its pages, and the making of replies."""
    plan = QUICK if quick else Plan()
    plan = replace(plan, sizes=(*plan.sizes, cases)) if cases else plan
    plan = plan if quick else replace(plan, page_rounds=rounds)
    tables.introduce()
    took_in: dict[str, Throughput] = {}
    answered: dict[str, Sequence[Sized]] = {}
    replied: dict[str, Mapping[str, Replying]] = {}
    with _temporary_folder() as folder:
        for name in [engine.value] if engine else ENGINES:
            with engines.started(name, folder) as new_url:
                if only in (None, Part.INTAKE):
                    took_in[name] = _intake(name, new_url, plan)
                if only in (None, Part.PAGES):
                    answered[name] = _pages(name, new_url, plan)
                if only in (None, Part.REPLYING):
                    replied[name] = _replying(name, new_url, plan)
                if only == Part.SEARCH:
                    _search(name, new_url, plan)
    tables.show(took_in, answered, replied)
    if not all(size.filled.counts_right for sizes in answered.values() for size in sizes):
        sys.exit("The kept counts were wrong.")


def _intake(engine: str, new_url: NewUrl, plan: Plan) -> Throughput:
    progress.print(f"{ENGINES[engine]}: {plan.rounds} rounds of {plan.messages:,} messages …")
    with engines.opened(new_url("intake"), ACCOUNT) as (database, account_id):
        return intake.measure(database, account_id, messages=plan.messages, rounds=plan.rounds)


def _pages(engine: str, new_url: NewUrl, plan: Plan) -> Sequence[Sized]:
    progress.print(f"{ENGINES[engine]}: pages with {', '.join(f'{size:,}' for size in plan.sizes)} cases …")
    return [_sized(new_url(f"pages{cases}"), cases, plan) for cases in plan.sizes]


def _sized(url: str, cases: int, plan: Plan) -> Sized:
    with engines.opened(url, ACCOUNT) as (database, _):
        return pages.measure(database, url, ACCOUNT, cases, requests=plan.requests, rounds=plan.page_rounds)


def _replying(engine: str, new_url: NewUrl, plan: Plan) -> Mapping[str, Replying]:
    progress.print(f"{ENGINES[engine]}: twice {plan.replies:,} replies …")
    with engines.opened(new_url("replying"), ACCOUNT) as (database, account_id):
        return replying.measure(database, account_id, ACCOUNT, replies=plan.replies)


def _search(engine: str, new_url: NewUrl, plan: Plan) -> None:
    """Minutes of filling for each database: only when asked for."""
    progress.print(f"{ENGINES[engine]}: {plan.searchable:,} messages to search …")
    with engines.opened(new_url("search"), ACCOUNT) as (database, _):
        searched = search.measure(database, plan.searchable, searches=min(plan.requests, 60))
        search.show(engine, plan.searchable, searched)


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Everything that is written lies in it, the PostgreSQL server's files too, and goes with it."""
    with tempfile.TemporaryDirectory(prefix="socialdesk-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else and has to get through
        usual, tempfile.tempdir = tempfile.tempdir, name
        try:
            yield folder
        finally:
            tempfile.tempdir = usual


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(run)
    app()
