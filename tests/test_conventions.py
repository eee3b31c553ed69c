"""The house rules that a machine can hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from socialdesk import cli
from socialdesk.languages import LANGUAGES
from socialdesk.settings import CHECKOUT, Settings
from socialdesk.templating.library import Library

PRODUCT = sorted((CHECKOUT / "socialdesk").rglob("*.py"))
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def calls(module: Path, name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
            yield f"{module.relative_to(CHECKOUT)}:{node.lineno}"


def test_nobody_commits_outside_the_one_transaction() -> None:
    found = [place for module in PRODUCT if module.name != "database.py" for place in calls(module, "commit")]
    assert found == []


def test_the_clock_is_read_in_one_place() -> None:
    allowed = {"clock.py"}
    found = [
        f"{module.relative_to(CHECKOUT)}"
        for module in PRODUCT
        if "sandbox" not in module.parts and module.name not in allowed
        if re.search(r"datetime\.now\(|datetime\.utcnow\(|time\.time\(", module.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(module.relative_to(CHECKOUT))
        for module in PRODUCT
        if not ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_modules_stay_small_enough_to_be_read_at_a_sitting() -> None:
    long = {
        str(module.relative_to(CHECKOUT)): lines
        for module in PRODUCT
        if "migrations" not in module.parts
        if (lines := module.read_text(encoding="utf-8").count("\n")) > 300
    }
    assert long == {}


def test_modules_with_tables_do_not_postpone_annotations() -> None:
    """Relationships and column types are read from them at once."""
    found = [
        str(module.relative_to(CHECKOUT))
        for module in PRODUCT
        if "table=True" in (text := module.read_text(encoding="utf-8"))
        if "from __future__ import annotations" in text
    ]
    assert found == []


def keys_of_settings() -> list[str]:
    sections = Settings.model_fields
    return [
        f"{section}.{key}"
        for section, field in sections.items()
        if hasattr(field.annotation, "model_fields")
        for key in field.annotation.model_fields  # type: ignore[union-attr]
    ] + ["accounts.handle", "accounts.credentials"]


@pytest.mark.parametrize("key", keys_of_settings())
def test_every_setting_is_in_the_readme(key: str) -> None:
    assert f"`{key}`" in README


def commands() -> list[str]:
    found = []
    for name, command in cli.app.commands.items():
        within = getattr(command, "commands", None)
        found += [f"{name} {each}" for each in within] if within else [name]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`socialdesk {command}" in README


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_there_in_every_language(language: str) -> None:
    library = Library.load(CHECKOUT / "replies")
    for template in library.templates:
        for visibility in template.channels:
            assert template in library.offers(language, visibility)


@pytest.mark.parametrize("name", ["constraints.txt", "pyproject.toml", "Makefile"])
def test_packages_are_named_by_version_and_never_by_address(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in text
