"""What a command loads before it does anything: its help, and every other command, waits for it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from socialdesk import demo, messages
from socialdesk.cli import words
from socialdesk.people import agents, tokens
from tests.test_cli import all_commands

HEAVY = (
    "alembic",
    "apscheduler",
    "babel",
    "cryptography",
    "fastapi",
    "jinja2",
    "phonenumbers",
    "rich.console",
    "sqlalchemy",
    "starlette",
    "tweepy",
    "socialdesk.settings",
    "socialdesk.database",
    "socialdesk.languages",
    "socialdesk.personal",
)

LOADED = """
import json, sys
from socialdesk.cli import main
told = []
for arguments in json.load(sys.stdin):
    sys.argv = ["socialdesk", *arguments]
    try:
        main()
    except SystemExit as ended:
        told.append([ended.code, [name for name in HEAVY if name in sys.modules]])
print("\\n" + json.dumps(told))
"""


def loaded(*commands: list[str]) -> list[tuple[int, list[str]]]:
    """How each command ended, and what of the heavy modules is loaded since; one after the other."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"HEAVY = {HEAVY}\n{LOADED}"],
        input=json.dumps(commands),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    return [(code, names) for code, names in json.loads(done.stdout.splitlines()[-1])]


def test_no_help_loads_what_only_the_work_needs() -> None:
    commands = [[], *all_commands()]
    for command, ended in zip(commands, loaded(*([*each, "--help"] for each in commands)), strict=True):
        assert (command, *ended) == (command, 0, [])


def test_what_is_called_heavy_is_loaded_by_some_command_and_so_would_be_found() -> None:
    assert demo
    assert [name for name in HEAVY if name not in sys.modules] == []


def test_what_needs_neither_settings_nor_a_database_loads_none(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("said") / "posts.txt"
    file.write_text("Guten Tag, wo ist mein Paket?\n", encoding="utf-8")
    for _, names in loaded(["fit", str(file)], ["detect", str(file)]):
        assert {"sqlalchemy", "fastapi", "tweepy", "socialdesk.settings"}.isdisjoint(names)


@pytest.mark.parametrize("command", ["cases", "doctor"])
def test_who_looks_at_the_desk_loads_no_console(command: str) -> None:
    ((code, names),) = loaded([command, "--settings", "nowhere.toml"])
    assert code in (1, 2)
    assert {"fastapi", "apscheduler"}.isdisjoint(names)


def test_the_words_of_the_options_are_the_desks() -> None:
    for told, meant in (
        (words.Role, agents.Role),
        (words.Scope, tokens.Scope),
        (words.Visibility, messages.Visibility),
    ):
        assert [(each.name, each.value) for each in told] == [(each.name, each.value) for each in meant]
